"""Indexing goes on by itself: after a full disk, a folder that could not be written to, a damaged index, bad names."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.manifest import read_manifest
from index.names.registry import Names
from index.writer import Indexer, writer_lock
from search.request import SearchRequest
from search.searcher import Searcher
from service.app import create_app
from service.context import EXTENSION, Context
from service.indexing import Follower
from service.observing import problems
from service.settings import Settings
from tests.index.test_inspection import flip
from tests.service.conftest import KEY, WRITE, problem_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Path:
    """A data folder with one article. Not to be changed."""
    folder = tmp_path_factory.mktemp("indexed")
    put(folder, Article("a", "Trams in Kiev"))
    indexer = Indexer(folder, names=all_names)
    indexer.catch_up()
    indexer.close()
    return folder


@pytest.fixture
def data(indexed: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(indexed, tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.fixture
def app(data: DataFolder) -> Flask:
    """An app whose indexing is done by the test."""
    return create_app(Settings(data.path, api_key=KEY))


@pytest.fixture
def follower(data: DataFolder) -> Follower:
    return Follower(data, threading.Event())


def put(data: Path, *articles: Article) -> None:
    archive = Archive(DataFolder(data).archive)
    archive.put(articles)
    archive.close()


def told(app: Flask) -> list[str]:
    """The problems that /health/ready tells; it answers 200 as long as searches are answered."""
    answer = app.test_client().get("/health/ready")
    assert answer.status_code == 200
    return [problem["detail"] for problem in answer.json["problems"]]


def totals(app: Flask, q: str) -> int:
    answer = app.test_client().get("/api/v1/search", query_string={"q": q})
    assert answer.status_code == 200
    return int(answer.json["total"])


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file can grow beyond 2000 bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_searching_goes_on_the_reason_is_told_and_indexing_resumes(
        data: DataFolder, app: Flask, follower: Follower, request: pytest.FixtureRequest) -> None:
    assert follower.work()
    put(data.path, Article("b", "Ferry to Odessa", "The ferry was late. " * 400))
    request.getfixturevalue("no_room")
    assert not follower.work()
    (problem,) = told(app)
    assert "New articles cannot be found yet" in problem
    assert "disk" in problem
    assert (totals(app, "Kyiv"), totals(app, "Odesa")) == (1, 0)
    answer = app.test_client().post("/api/v1/articles", json={"title": "x", "text": "y" * 9000}, headers=WRITE)
    problem_of(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert follower.work()
    assert told(app) == []
    assert (totals(app, "Kyiv"), totals(app, "Odesa")) == (1, 1)
    left = {path.name for path in data.index.glob("seg-*")}
    assert left == {entry.name for entry in read_manifest(data.index).segments}


def test_bad_names_are_told_and_indexing_resumes_when_they_are_mended(
        data: DataFolder, app: Flask, follower: Follower) -> None:
    data.names.write_text("- id: skerry\n", "utf-8")
    put(data.path, Article("b", "Ferry"))
    assert not follower.work()
    assert "names.yml" in told(app)[0]
    assert totals(app, "Kyiv") == 1
    data.names.unlink()
    assert follower.work()
    assert (told(app), totals(app, "ferry")) == ([], 1)


def test_another_process_at_work_is_no_fault(data: DataFolder, follower: Follower, app: Flask) -> None:
    with writer_lock(data):
        assert follower.work()
    assert told(app) == []


def test_a_damaged_segment_is_mended_without_anybody_asking(data: DataFolder, follower: Follower) -> None:
    flip(data.index / read_manifest(data.index).segments[0].name / "positions.bin")
    assert follower.work(), "the whole index is read after the first round"
    assert read_manifest(data.index).generation == 2
    assert {hit.id for hit in Searcher(data.path).search(SearchRequest("Kyiv")).hits} == {"a"}


def test_damage_that_a_search_meets_is_mended(data: DataFolder, app: Flask, follower: Follower) -> None:
    assert follower.work()
    segment = data.index / read_manifest(data.index).segments[0].name
    content = bytearray((segment / "term_text.bin").read_bytes())
    (segment / "term_text.bin").write_bytes(b"\xff" * len(content))     # the same file, mapped by the searcher
    assert app.test_client().get("/api/v1/search?q=talks+Kiev").status_code in (200, 500)
    about: Context = app.extensions[EXTENSION]
    about.indexing.suspect()
    while read_manifest(data.index).generation == 1:        # it waits a little before it reads the index again
        assert follower.work()
    assert totals(app, "Kyiv") == 1
    assert not data.suspect.exists()


def test_a_service_over_an_unreadable_index_says_so_and_answers_once_it_is_mended(
        data: DataFolder, follower: Follower) -> None:
    (data.index / read_manifest(data.index).segments[0].name / "segment.json").write_text("{")
    app = create_app(Settings(data.path, api_key=KEY))
    client = app.test_client()
    problem_of(client.get("/api/v1/search?q=Kyiv"), 503)
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json["status"]) == (503, "unavailable")
    assert "segment.json" in str(ready.json["problems"]) or "is damaged" in str(ready.json["problems"])
    assert client.get("/health/live").status_code == 200
    assert client.post("/api/v1/articles", json={"id": "b", "title": "Ferry"}, headers=WRITE).status_code == 201
    assert follower.work()
    assert client.get("/health/ready").json["status"] == "ok"
    assert totals(app, "ferry") == 1


def test_writes_are_sent_away_while_too_much_waits(data: DataFolder) -> None:
    app = create_app(Settings(data.path, api_key=KEY, max_waiting=2))
    client = app.test_client()
    for number in range(3):
        assert client.put(f"/api/v1/articles/{number}", json={"title": "x"}, headers=WRITE).status_code == 201
    answer = client.put("/api/v1/articles/more", json={"title": "x"}, headers=WRITE)
    assert "3 changes wait" in problem_of(answer, 503)["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    indexer = Indexer(data.path)
    indexer.catch_up()
    indexer.close()
    assert client.put("/api/v1/articles/more", json={"title": "x"}, headers=WRITE).status_code == 201


READER = """
import ctypes, json, sys, threading, pathlib
header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert ctypes.CDLL(None).capset(header, none) == 0          # root loses its right to write in spite of modes
from service.app import create_app
from service.indexing import Follower
from index.folder import DataFolder
from service.settings import Settings
data = pathlib.Path(sys.argv[1])
app = create_app(Settings(data, api_key="k"))
follower, client = Follower(DataFolder(data), threading.Event()), app.test_client()
def state():
    ready = client.get("/health/ready")
    return [client.get("/api/v1/search?q=Kyiv").json["total"], ready.status_code,
            [problem["part"] for problem in ready.json["problems"]],
            client.post("/api/v1/articles", json={"id": "b", "title": "Kyiv"},
                        headers={"Authorization": "Bearer k"}).status_code]
follower.work()
print(json.dumps(state()), flush=True)
sys.stdin.readline()
print(json.dumps([*state(), follower.work(), client.get("/api/v1/search?q=Kyiv").json["total"]]), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="rights are given up by a call of Linux")
def test_over_a_folder_that_cannot_be_written_to_searching_goes_on(data: DataFolder) -> None:
    for path in (data.path, data.index):
        path.chmod(0o555)
    with subprocess.Popen([sys.executable, "-c", READER, str(data.path)], text=True, cwd=ROOT,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        before = process.stdout.readline()
        for path in (data.path, data.index):
            path.chmod(0o755)
        process.stdin.write("\n")
        process.stdin.flush()
        after = process.stdout.readline()
    total, status, parts, written = json.loads(before)
    assert (total, status, written) == (1, 200, 503)
    assert "writing" in parts
    assert json.loads(after) == [1, 200, [], 201, True, 2]


def test_problems_name_the_part_that_suffers(app: Flask, data: DataFolder) -> None:
    data.indexing_fault.write_text("the disk is full")
    with app.app_context():
        found = problems(app.extensions[EXTENSION])
    assert [problem["part"] for problem in found] == ["indexing"]
