"""A process killed at a named step leaves what the next one goes on from, and no process of its own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from index import crash
from index.archive import Archive
from index.article import Article
from index.names.registry import Names
from index.writer import Indexer
from search.request import SearchRequest
from search.searcher import Searcher

ROOT = Path(__file__).parents[2]
LONG = "Officials spoke of the bridge over the river, of the ferry that was late, and of the old market. " * 6


def run_until(step: str, data: Path) -> int:
    """Have a process catch up that ends at a step; its status."""
    code = "import sys, pathlib; from index.writer import Indexer; Indexer(pathlib.Path(sys.argv[1])).catch_up()"
    return subprocess.run([sys.executable, "-c", code, str(data)], cwd=ROOT, check=False,
                          env=os.environ | {crash.VARIABLE: step}).returncode


def test_the_steps_listed_are_the_steps_there_are() -> None:
    found = set()
    for path in (ROOT / "index").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            word = next((one.value for one in node.args if isinstance(one, ast.Constant)), None)
            if name == "step" and isinstance(word, str):
                found.add(word)
            elif name == "_transaction":
                found |= {f"archive-{word}:before-commit", f"archive-{word}:after-commit"}
            elif name == "write_durably":
                found |= {f"{word}:before-rename", f"{word}:after-rename"}
    assert found == set(crash.STEPS)
    assert all(re.fullmatch(r"[a-z-]+:[a-z-]+", step) for step in crash.STEPS)


@pytest.mark.parametrize("step", ["publish:before-rename", "publish:after-rename"])
def test_stories_are_right_though_a_publication_was_killed(tmp_path: Path, all_names: Names, step: str) -> None:
    archive = Archive(tmp_path / "archive.sqlite")
    archive.put([Article("second", "The ferry", LONG, "2023-05-18"), Article("third", "The ferry", LONG, "2023-05-19")])
    Indexer(tmp_path, names=all_names).catch_up()
    before = {hit.id: hit.story for hit in Searcher(tmp_path, names=all_names).search(SearchRequest()).hits}
    assert before["second"] == before["third"]
    archive.put([Article("first", "The ferry", LONG, "2023-05-17")])
    assert run_until(step, tmp_path) == -9
    archive.delete(["first"])
    Indexer(tmp_path, names=all_names).catch_up()
    after = {hit.id: hit.story for hit in Searcher(tmp_path, names=all_names).search(SearchRequest()).hits}
    assert after == before
    archive.close()


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.sqlite")
    archive.put([Article(f"a{number}", "The ferry", LONG) for number in range(30)])
    archive.close()
    code = ("import os, pathlib, signal, sys; from index.workers import Run, build_all\n"
            "if __name__ == '__main__':\n"
            "    runs = [Run(range(1, 31), 1_000_000) for n in range(2)]\n"
            "    for built in build_all(pathlib.Path(sys.argv[1]), runs, 2):\n"
            "        os.kill(os.getpid(), signal.SIGKILL)\n")
    (tmp_path / "parent.py").write_text(code)
    reading, writing = os.pipe()                # as long as one of its processes lives, the pipe stays open
    parent = subprocess.Popen([sys.executable, str(tmp_path / "parent.py"), str(tmp_path)], pass_fds=[writing],
                              env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=writing, stderr=writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        pipe.read()
    assert parent.wait(60) == -9
