"""A generation is published whole or not at all; what is damaged is made anew from the archive."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.analysis.analyzer import AT_ONCE
from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.manifest import (
    FILE,
    Manifest,
    ManifestError,
    SegmentEntry,
    live_column,
    publish,
    read_manifest,
    sweep,
    write_column,
)
from index.names.registry import Names
from index.segment import Segment, SegmentError
from index.workers import Built, Run, build_all
from index.writer import Indexer, IndexReport, WriterBusyError, writer_lock
from search.request import SearchRequest
from search.searcher import Searcher


@pytest.fixture
def data(tmp_path: Path, all_names: Names) -> Path:
    """A data folder with three articles in two segments, one of them deleted."""
    archive, indexer = Archive(tmp_path / "archive.sqlite"), Indexer(tmp_path, names=all_names)
    archive.put([Article("a", "Kiev talks"), Article("b", "Kyiv bridge")])
    indexer.catch_up()
    archive.put([Article("c", "Shells in Київ")])
    archive.delete(["b"])
    indexer.catch_up()
    archive.close()
    return tmp_path


def found(data: Path, names: Names, q: str = "Kyiv") -> set[str]:
    return {hit.id for hit in Searcher(data, names=names).search(SearchRequest(q)).hits}


def test_catching_up_says_what_it_did_and_twice_does_nothing(data: Path, all_names: Names) -> None:
    archive = Archive(data / "archive.sqlite")
    archive.put([Article("a", "Changed"), Article("d", "New")])
    indexer = Indexer(data, names=all_names)
    assert indexer.catch_up() == IndexReport(3, added=2, removed=1, rebuilt=False)
    assert indexer.catch_up() == IndexReport(3, added=0, removed=0, rebuilt=False)
    assert found(data, all_names) == {"c"}


def test_a_torn_part_file_does_no_harm(data: Path, all_names: Names) -> None:
    before = read_manifest(data / "index")
    (data / "index" / f"{FILE}.part").write_bytes(b'{"format": 1, "gener')
    assert read_manifest(data / "index") == before
    assert found(data, all_names) == {"a", "c"}
    Indexer(data, names=all_names).catch_up()
    assert not (data / "index" / f"{FILE}.part").exists()


def _cut_array(segment: Path) -> None:
    (segment / "positions.bin").write_bytes(b"")


def _lose_array(segment: Path) -> None:
    (segment / "lexicon.bin").unlink()


def _cut_header(segment: Path) -> None:
    (segment / "segment.json").write_text('{"format": 1, "docs"')


def _list_for_header(segment: Path) -> None:
    (segment / "segment.json").write_text("[]")


def _lose_values(segment: Path) -> None:
    header = json.loads((segment / "segment.json").read_text())
    del header["sources"]
    (segment / "segment.json").write_text(json.dumps(header))


def _other_format(segment: Path) -> None:
    header = json.loads((segment / "segment.json").read_text())
    (segment / "segment.json").write_text(json.dumps(header | {"format": 99}))


def _code_in_array(segment: Path) -> None:
    header = json.loads((segment / "segment.json").read_text())
    header["arrays"]["lexicon"] = ["O", 1]
    (segment / "segment.json").write_text(json.dumps(header))


@pytest.mark.parametrize("damage", [
    _cut_array, _lose_array, _cut_header, _list_for_header, _lose_values, _other_format, _code_in_array])
def test_a_damaged_segment_is_refused_and_the_index_made_anew(data: Path, all_names: Names,
                                                              damage: Callable[[Path], None]) -> None:
    name = read_manifest(data / "index").segments[0].name
    damage(data / "index" / name)
    with pytest.raises(SegmentError, match="exonym reindex"):
        Segment(data / "index" / name)
    archive = Archive(data / "archive.sqlite")
    archive.put([Article("d", "Kiev again")])
    archive.delete(["a"])
    report = Indexer(data, names=all_names).catch_up()
    assert (report.rebuilt, report.added) == (True, 2)
    assert found(data, all_names) == {"c", "d"}


def test_damage_is_mended_by_catching_up_though_no_article_changed(data: Path, all_names: Names) -> None:
    _cut_header(data / "index" / read_manifest(data / "index").segments[0].name)
    assert Indexer(data, names=all_names).catch_up().rebuilt
    assert found(data, all_names) == {"a", "c"}


@pytest.mark.parametrize("content", [
    pytest.param(b"", id="empty"), pytest.param(b"{", id="cut short"), pytest.param(b"[1]", id="a list"),
    pytest.param(b"null", id="nothing"), pytest.param(b'{"format": 99}', id="another format"),
    pytest.param(b'{"format": 1}', id="fields missing"),
    pytest.param(b"\xff\xfe", id="no text")])
def test_a_damaged_manifest_is_refused_and_the_index_made_anew(data: Path, all_names: Names, content: bytes) -> None:
    (data / "index" / FILE).write_bytes(content)
    with pytest.raises(ManifestError, match="exonym reindex"):
        read_manifest(data / "index")
    assert Indexer(data, names=all_names).catch_up().rebuilt
    assert found(data, all_names) == {"a", "c"}


@pytest.mark.parametrize("content", [None, b"", b"\x93NUMPY\x01\x00"], ids=["gone", "empty", "cut short"])
def test_a_damaged_column_makes_the_index_anew(data: Path, all_names: Names, content: bytes | None) -> None:
    entry = next(entry for entry in read_manifest(data / "index").segments if entry.live is not None)
    assert entry.live is not None
    (data / "index" / entry.live).unlink()
    if content is not None:
        (data / "index" / entry.live).write_bytes(content)
    Archive(data / "archive.sqlite").delete(["a"])
    assert Indexer(data, names=all_names).catch_up().rebuilt
    assert found(data, all_names) == {"c"}


def test_sweeping_removes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("seg-1", "seg-2", "seg-left", "mine"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "segment.json").touch()
    for file in ("live-1.npy", "live-left.npy", "stories-1.npy", "stories-left.npy", "stories.sqlite", f"{FILE}.part",
                 "names-abc.yml", "notes.txt"):
        (tmp_path / file).touch()
    kept = Manifest(2, segments=(SegmentEntry("seg-1", 3, 1, "live-1.npy", "stories-1.npy"),))
    publish(tmp_path, kept)
    removed = sweep(tmp_path, (kept, Manifest(1, segments=(SegmentEntry("seg-2", 1),))))
    assert sorted(removed) == ["live-left.npy", "names-abc.yml", "seg-left", "stories-left.npy"]
    assert {path.name for path in tmp_path.iterdir()} == {
        FILE, "seg-1", "seg-2", "mine", "live-1.npy", "stories-1.npy", "stories.sqlite", "notes.txt"}


def test_a_published_generation_is_read_back(tmp_path: Path) -> None:
    first, second = f"seg-{1:016x}", f"seg-{2:016x}"
    manifest = Manifest(3, 9, "0123456789abcdef", "1", segments=(
        SegmentEntry(first, 5), SegmentEntry(second, 4, 1, f"live-2-{second}.npy")))
    for folder in (first, second):
        (tmp_path / folder).mkdir()
    publish(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert manifest.articles == 8


def test_an_archive_older_than_its_index_is_indexed_anew(data: Path, all_names: Names) -> None:
    older = data / "older.sqlite"
    with closing(sqlite3.connect(older)) as copy:
        Archive(data / "archive.sqlite").copy_to(copy)
    archive = Archive(data / "archive.sqlite")
    archive.put([Article("d", "Kiev again")])
    Indexer(data, names=all_names).catch_up()
    archive.close()
    for left in ("archive.sqlite-wal", "archive.sqlite-shm"):
        (data / left).unlink(missing_ok=True)
    older.replace(data / "archive.sqlite")
    assert Indexer(data, names=all_names).catch_up().rebuilt
    assert found(data, all_names) == {"a", "c"}


def test_a_reader_of_the_generation_before_still_finds_its_texts(data: Path, all_names: Names) -> None:
    searcher = Searcher(data, names=all_names)
    old = searcher.snapshot()
    archive = Archive(data / "archive.sqlite")
    archive.put([Article("a", "Nothing left"), Article("c", "Nor here")])
    Indexer(data, names=all_names).catch_up()
    numbers = [int(number) for view in old.published.generation.views
               for number in view.segment["numbers"][view.everything]]
    assert {article.title for article in archive.versions(numbers).values()} == {"Kiev talks", "Shells in Київ"}
    assert searcher.search(SearchRequest("Kyiv")).total == 0


def test_what_the_first_generation_holds_is_gone_from_the_log(tmp_path: Path, all_names: Names) -> None:
    archive = Archive(tmp_path / "archive.sqlite")
    archive.put([Article("a", "Kiev talks"), Article("b", "Kyiv bridge")])
    old = min(archive.changes(0).added)
    archive.put([Article("a", "Changed")])
    assert (archive.waiting(0), len(archive.versions([old]))) == (3, 1)
    Indexer(tmp_path, names=all_names).catch_up()
    assert (archive.waiting(0), archive.versions([old])) == (1, {})
    assert Indexer(tmp_path, names=all_names).catch_up() == IndexReport(1, 0, 0, rebuilt=False)


def test_an_index_that_the_log_no_longer_reaches_back_to_is_made_anew(data: Path, all_names: Names) -> None:
    """Another engine has followed the log meanwhile, and what it had published was purged."""
    archive = Archive(data / "archive.sqlite")
    archive.put([Article("c", "Kiev once more")])
    archive.put([Article("d", "Kiev again")])
    archive.purge(archive.position())
    assert Indexer(data, names=all_names).catch_up().rebuilt
    assert {"c", "d"} <= found(data, all_names)


def _hold_the_lock(data: Path, held: multiprocessing.synchronize.Event, done: multiprocessing.synchronize.Event
                   ) -> None:
    with writer_lock(DataFolder(data)):
        held.set()
        done.wait(30)


def test_a_second_writer_is_told_to_wait(data: Path, all_names: Names) -> None:
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold_the_lock, args=(data, held, done))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(WriterBusyError, match="another process"):
            Indexer(data, names=all_names).catch_up()
    finally:
        done.set()
        other.join()
    Indexer(data, names=all_names).catch_up()


def test_indexing_opening_and_searching_never_unpickle(data: Path, all_names: Names, monkeypatch: pytest.MonkeyPatch
                                                       ) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    Archive(data / "archive.sqlite").put([Article("d", "Kiev")])
    Indexer(data, names=all_names).catch_up()
    assert found(data, all_names) == {"a", "c", "d"}


def test_a_column_of_python_objects_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(SegmentError, match="Python objects"):
        live_column(tmp_path, SegmentEntry("seg-1", 1, live="evil.npy"))
    with pytest.raises(ValueError, match="allow_pickle"):
        write_column(tmp_path, "live.npy", np.array([{}], object))


def test_a_process_that_builds_segments_holds_so_many_words_at_most(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.sqlite")
    archive.put([Article(f"a{i}", "Talks", "Officials spoke of the bridge.") for i in range(2 * AT_ONCE + 6)])
    (built,) = build_all(tmp_path, [Run(range(1, 2 * AT_ONCE + 7), tokens=40)], 1)
    assert [one.docs for one in built] == [AT_ONCE, AT_ONCE, 6]     # six words an article
    assert [number for one in built for number, _ in one.fingerprints] == list(range(1, 2 * AT_ONCE + 7))
    archive.close()


def test_segments_built_by_several_processes_answer_alike(tmp_path: Path, all_names: Names,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.writer.PARALLEL_FROM", 10)
    runs: list[int] = []

    def noted(data: Path, wanted: Sequence[Run], processes: int) -> Iterator[list[Built]]:
        runs.append(len(wanted))
        return build_all(data, wanted, processes)

    monkeypatch.setattr("index.writer.build_all", noted)
    articles = [Article(f"a{i}", f"Kiev talks {i}", f"Officials in Київ spoke of bridge {i % 7}.") for i in range(40)]
    answers = []
    for processes in (1, 2):
        data = tmp_path / str(processes)
        archive = Archive(data / "archive.sqlite")
        archive.put(articles)
        Indexer(data, names=all_names, processes=processes).catch_up()
        searcher = Searcher(data, names=all_names)
        answer = searcher.search(SearchRequest("Kyiv bridge", size=40))
        answers.append([(hit.id, hit.score, hit.story) for hit in answer.hits])
        assert len(searcher.snapshot().published.generation.views) == 1
        archive.close()
    assert runs == [4]                  # the second time, and one segment was made of them
    assert answers[0] == answers[1]
    assert len(answers[0]) == 40
