"""Data of an older version is brought up to date by itself; of a newer one it is refused with what helps."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from index import stories, writer
from index.archive import FORMAT, Archive, ArchiveError
from index.article import Article
from index.backup import BackupError, restore
from index.folder import DataFolder
from index.inspection import inspect
from index.manifest import FILE, read_manifest
from index.names.registry import Names
from index.writer import Indexer
from search.request import SearchRequest
from search.searcher import Searcher

FORMAT_1 = """
CREATE TABLE version (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    digest BLOB NOT NULL,
    record BLOB NOT NULL,
    live INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX version_live ON version (id) WHERE live;
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    added INTEGER,
    removed INTEGER
);
PRAGMA user_version = 1;
"""
"""An archive as the first version made it."""


def old_archive(path: Path) -> None:
    """An archive of format 1, made by hand: one short article, one long and packed, one replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(FORMAT_1)
        for number, (id, title, live) in enumerate((("a", "Trams in Kiev", 0), ("a", "Trams in Kyiv", 1),
                                                    ("b", "Ferry " * 100, 1)), 1):
            raw = json.dumps([title, "", None, None, None, None, [], {}], separators=(",", ":")).encode()
            record = b"z" + zlib.compress(raw) if len(raw) >= 300 else b"j" + raw
            old.execute("INSERT INTO version (id, digest, record, live) VALUES (?, ?, ?, ?)",
                        (id, Article(id, title).digest(), record, live))
            old.execute("INSERT INTO change (added, removed) VALUES (?, ?)", (number, 1 if number == 2 else None))


def test_an_archive_of_the_first_format_is_migrated_and_indexed(tmp_path: Path, all_names: Names) -> None:
    data = DataFolder(tmp_path)
    old_archive(data.archive)
    archive = Archive(data.archive)
    assert archive.damage() == []
    assert archive.get("a") == Article("a", "Trams in Kyiv")
    assert archive.get("b") == Article("b", "Ferry " * 100)
    assert len(archive.identity()) == 32
    assert archive._format() == FORMAT
    Indexer(tmp_path, names=all_names).catch_up()
    assert inspect(data).findings == ()
    assert {hit.id for hit in Searcher(tmp_path, names=all_names).search(SearchRequest("Kiev")).hits} == {"a"}
    archive.close()


def test_a_copy_of_an_old_archive_is_restored_and_migrated_and_the_copy_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "old.backup"
    old_archive(file)
    before = hashlib.sha256(file.read_bytes()).digest()
    data = DataFolder(tmp_path / "data")
    assert restore(data, file).articles == 2
    archive = Archive(data.archive)
    assert archive.get("a") == Article("a", "Trams in Kyiv")
    archive.close()
    assert hashlib.sha256(file.read_bytes()).digest() == before


def test_data_of_a_later_version_is_refused_with_what_helps(tmp_path: Path) -> None:
    old_archive(tmp_path / "archive.sqlite")
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as later:
        later.execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveError, match=r"format 99.*install the newer one, or .*exonym restore --force"):
        Archive(tmp_path / "archive.sqlite")
    with pytest.raises(BackupError, match=r"format 99.*install the newer one"):
        restore(DataFolder(tmp_path / "new"), tmp_path / "archive.sqlite")


@pytest.fixture
def data(tmp_path: Path, all_names: Names) -> DataFolder:
    """A data folder with an article, indexed."""
    archive, indexer = Archive(tmp_path / "archive.sqlite"), Indexer(tmp_path, names=all_names)
    archive.put([Article("a", "Trams in Kiev")])
    indexer.catch_up()
    indexer.close()
    archive.close()
    return DataFolder(tmp_path)


@pytest.mark.parametrize("older", [1, 99])
@pytest.mark.parametrize("what", ["manifest", "segment"])
def test_an_index_of_another_format_is_made_anew(data: DataFolder, all_names: Names, what: str, older: int) -> None:
    segment = data.index / read_manifest(data.index).segments[0].name
    path = data.index / FILE if what == "manifest" else segment / "segment.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": older}))
    assert ["exonym reindex" in finding.do for finding in inspect(data).findings] == [True]
    assert Indexer(data.path, names=all_names).catch_up().rebuilt
    assert inspect(data).findings == ()


def test_an_index_of_another_analysis_is_made_anew_while_the_old_one_serves(
        data: DataFolder, all_names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ANALYSIS", "2")
    searcher = Searcher(data.path, names=all_names)
    assert searcher.search(SearchRequest("Kyiv")).total == 1
    assert Indexer(data.path, names=all_names).catch_up().rebuilt
    assert searcher.search(SearchRequest("Kyiv")).total == 1
    assert searcher.state().generation == 2
    searcher.close()


VERSION_1 = """
CREATE TABLE article (number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, links BLOB, published TEXT,
                      touched INTEGER NOT NULL DEFAULT 1);
CREATE INDEX touched ON article (number) WHERE touched;
CREATE TABLE publication (generation INTEGER);
INSERT INTO article (number, fingerprint) VALUES (1, x'00');
INSERT INTO publication VALUES (1);
PRAGMA user_version = 1
"""


@pytest.mark.parametrize("older", [True, False], ids=["older", "newer"])
def test_stories_of_another_version_are_made_anew(data: DataFolder, all_names: Names, older: bool) -> None:
    if older:
        for path in data.index.glob("stories.sqlite*"):
            path.unlink()
    with closing(sqlite3.connect(data.stories, isolation_level=None)) as kept:
        kept.executescript(VERSION_1 if older else f"PRAGMA user_version = {stories.records.VERSION + 1}")
    archive = Archive(data.archive)
    archive.put([Article("b", "Ferry")])
    archive.close()
    indexer = Indexer(data.path, names=all_names)
    indexer.catch_up()
    indexer.close()
    assert inspect(data).findings == ()
    assert read_manifest(data.index).articles == 2
