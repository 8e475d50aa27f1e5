"""Watching folders: every file once, when it has settled; again when it changed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.readers import ReadError, Watch
from service.importing import Counts, progress_line


def test_all_files_are_given_first_and_then_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    watch = Watch([str(tmp_path)])
    assert [watch.look(), watch.look(), watch.look()] == [[str(tmp_path / "a.txt")], [], []]


def test_a_new_file_is_given_once_when_two_looks_found_it_the_same(tmp_path: Path) -> None:
    watch, path = Watch([str(tmp_path)]), tmp_path / "deep" / "b.txt"
    watch.look()
    path.parent.mkdir()
    path.write_text("half")
    assert watch.look() == []
    path.write_text("half and half")            # still being written
    assert watch.look() == []
    assert watch.look() == [str(path)]
    assert watch.look() == []


def test_a_changed_file_is_given_again_and_one_that_comes_back_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    watch = Watch([str(path)])
    assert watch.look() == [str(path)]
    path.write_text("changed")
    assert [watch.look(), watch.look()] == [[], [str(path)]]
    path.unlink()
    assert watch.look() == []
    path.write_text("changed")
    assert [watch.look(), watch.look()] == [[], [str(path)]]


@pytest.mark.parametrize("path", ["-", "https://example.org/feed", "/no/such/folder"])
def test_what_cannot_be_watched_is_refused(path: str) -> None:
    with pytest.raises(ReadError, match=path):
        Watch([path])


def test_the_command_reads_what_comes_until_it_is_interrupted(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.jsonl").write_text(json.dumps({"id": "a", "title": "Trams in Kiev"}))
    # Whoever runs the tests in the background may have interrupts ignored, which a process inherits.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    exonym = [sys.executable, "-c", f"{heeding}; from service.cli import main; main()"]
    command = [*exonym, "index", "--watch", "--json", "--data", tmp_path / "data", inbox]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["added"] == 1
            (inbox / "b.jsonl").write_text(json.dumps({"id": "b", "title": "Trams in Kyiv"}))
            second = json.loads(process.stdout.readline())
            assert (second["read"], second["added"]) == (1, 1)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.parametrize(("done", "total", "words"), [
    pytest.param(0, None, "1,200 records read, 3 rejected, 300 a second", id="nobody knows how many"),
    pytest.param(25, 100, "1,200 records read, 3 rejected, 300 a second, 25%, about 0:00:12 left", id="a quarter"),
    pytest.param(100, 100, "1,200 records read, 3 rejected, 300 a second", id="all")])
def test_progress_tells_rate_and_what_is_left(done: int, total: int | None, words: str) -> None:
    assert progress_line(Counts(read=1200, rejected=3), 4.0, done, total) == words
