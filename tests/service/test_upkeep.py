"""exonym check, backup and restore as commands; a machine with only the backup file serves again with one command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.manifest import read_manifest
from index.names.registry import Names
from index.writer import Indexer
from tests.index.test_inspection import flip
from tests.service.test_cli import Run, run  # noqa: F401 (a fixture)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Path:
    """A data folder with two articles. Not to be changed."""
    folder = tmp_path_factory.mktemp("indexed")
    archive, indexer = Archive(folder / "archive.sqlite"), Indexer(folder, names=all_names)
    archive.put([Article("a", "Trams in Kiev"), Article("b", "Ferry")])
    indexer.catch_up()
    indexer.close()
    archive.close()
    return folder


@pytest.fixture
def data(indexed: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(indexed, tmp_path / "data")
    return DataFolder(tmp_path / "data")


def test_check_says_what_is_wrong_and_what_to_do(run: Run, data: DataFolder) -> None:  # noqa: F811
    good = run("check", "--data", data.path)
    assert (good.exit_code, good.stdout.splitlines()[-1]) == (0, "all is well")
    flip(data.index / read_manifest(data.index).segments[0].name / "positions.bin")
    data.keys.write_text("{")
    bad = run("check", "--data", data.path)
    assert bad.exit_code == 1
    assert "positions does not match the checksum" in bad.stdout
    assert "what to do: `exonym reindex`" in bad.stdout
    found = json.loads(run("check", "--data", data.path, "--json").stdout)
    assert {finding["part"] for finding in found["findings"]} == {"index", "keys"}
    assert (found["articles"], found["indexed"], found["generation"], found["waiting"]) == (2, 2, 1, 0)
    assert run("reindex", "--data", data.path).exit_code == 0
    data.keys.unlink()
    assert run("check", "--data", data.path).exit_code == 0


def test_a_backup_comes_back(run: Run, data: DataFolder, tmp_path: Path) -> None:  # noqa: F811
    file, new = tmp_path / "news.backup", tmp_path / "new"
    made = json.loads(run("backup", file, "--data", data.path, "--json").stdout)
    assert made == {"articles": 2, "files": [], "bytes": file.stat().st_size}
    refused = run("restore", file, "--data", data.path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--force" in refused.stderr
    assert "2 articles restored and indexed" in run("restore", file, "--data", new).stdout
    assert json.loads(run("search", "Kyiv", "--data", new, "--json").stdout)["total"] == 1
    run("delete", "a", "--data", new)
    assert json.loads(run("restore", file, "--force", "--data", new, "--json").stdout)["articles"] == 2
    assert run("check", "--data", new).exit_code == 0


def test_what_cannot_be_backed_up_or_restored_is_said_in_a_line(run: Run, tmp_path: Path) -> None:  # noqa: F811
    for arguments, words in ((("backup", tmp_path / "x"), "there is no archive"),
                             (("restore", tmp_path / "none"), "there is no file")):
        result = run(*arguments, "--data", tmp_path / "data")
        assert result.exit_code == 2
        assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_a_machine_with_only_the_backup_serves_again_with_one_command(
        run: Run, data: DataFolder, tmp_path: Path) -> None:  # noqa: F811
    file, port_file = tmp_path / "news.backup", tmp_path / "log"
    run("backup", file, "--data", data.path)
    command = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--restore", str(file), "--data",
               str(tmp_path / "fresh"), "--port", "0", "--workers", "1"]
    with port_file.open("wb") as log:
        for _ in range(2):          # the same command again finds what it restored, and leaves it alone
            with subprocess.Popen(command, cwd=ROOT, stderr=log, env=os.environ) as process:
                try:
                    assert _total(process, port_file) == 1
                finally:
                    process.send_signal(signal.SIGTERM)
            assert process.returncode == 0
            port_file.write_bytes(b"")


def _total(process: subprocess.Popen[bytes], log: Path) -> int:
    """The hits of a search, once the service answers at the port that its log tells."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        words = log.read_text("utf-8", "replace").partition("Listening at: ")[2].split()
        if words:
            try:
                with urllib.request.urlopen(f"{words[0]}/api/v1/search?q=Kyiv", timeout=60) as answer:
                    return int(json.load(answer)["total"])
            except urllib.error.URLError:
                pass                # it does not listen yet
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))
