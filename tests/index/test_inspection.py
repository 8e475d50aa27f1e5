"""A check finds what is damaged in archive or index and where they disagree, and what to do mends it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.inspection import inspect
from index.manifest import FILE, read_manifest
from index.names.registry import Names
from index.writer import Indexer


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Path:
    """A data folder with four articles, one changed and one deleted. Not to be changed."""
    folder = tmp_path_factory.mktemp("indexed")
    archive, indexer = Archive(folder / "archive.sqlite"), Indexer(folder, names=all_names)
    archive.put([Article("a", "Kiev talks"), Article("b", "Kyiv bridge"), Article("c", "Ferry"), Article("e", "Fair")])
    indexer.catch_up()
    archive.put([Article("a", "Kyiv talks")])
    archive.delete(["b"])
    indexer.catch_up()
    indexer.close()
    archive.close()
    return folder


@pytest.fixture
def data(indexed: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(indexed, tmp_path / "data")
    return DataFolder(tmp_path / "data")


def segment(data: DataFolder, number: int = 0) -> Path:
    return data.index / read_manifest(data.index).segments[number].name


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _bit(data: DataFolder) -> None:
    flip(segment(data) / "positions.bin")


def _array_gone(data: DataFolder) -> None:
    (segment(data) / "lexicon.bin").unlink()


def _segment_gone(data: DataFolder) -> None:
    shutil.rmtree(segment(data))


def _manifest_cut(data: DataFolder) -> None:
    os.truncate(data.index / FILE, 20)


def _link_for_array(data: DataFolder) -> None:
    path = segment(data) / "keys.bin"
    path.unlink()
    path.symlink_to("/etc/hostname")


def _revived(data: DataFolder) -> None:
    column = next(data.index.glob("live-*.npy"))
    np.save(column, np.ones(4, np.bool_))


def _other_archive(data: DataFolder) -> None:
    for path in data.path.glob("archive.sqlite*"):
        path.unlink()
    archive = Archive(data.archive)
    archive.put([Article("x", "Another")])
    archive.close()


def _article_dropped(data: DataFolder) -> None:
    content = json.loads((data.index / FILE).read_text("utf-8"))
    del content["segments"][1]
    (data.index / FILE).write_text(json.dumps(content))


@pytest.mark.parametrize(("damage", "part"), [
    (_bit, "index"), (_array_gone, "index"), (_segment_gone, "index"), (_manifest_cut, "index"),
    (_link_for_array, "index"), (_revived, "agreement"), (_other_archive, "agreement"),
    (_article_dropped, "agreement")])
def test_damage_to_the_index_is_found_and_mended_from_the_archive(
        data: DataFolder, all_names: Names, damage: Callable[[DataFolder], None], part: str) -> None:
    assert inspect(data).findings == ()
    damage(data)
    found = inspect(data).findings
    assert {finding.part for finding in found} == {part}
    assert all("exonym reindex" in finding.do for finding in found)
    indexer = Indexer(data.path, names=all_names)
    assert indexer.verify()
    assert indexer.verify() == []
    after = inspect(data)
    assert (after.findings, after.articles) == ((), after.indexed)
    indexer.close()


def _record(data: DataFolder) -> None:
    with closing(sqlite3.connect(data.archive, isolation_level=None)) as archive:
        archive.execute("UPDATE version SET record = x'7b00' WHERE id = 'c'")


def _text(data: DataFolder) -> None:
    with closing(sqlite3.connect(data.archive, isolation_level=None)) as archive:
        archive.execute("UPDATE version SET record = replace(record, 'Ferry', 'Lorry') WHERE id = 'c'")


def _page(data: DataFolder) -> None:
    with closing(sqlite3.connect(data.archive)) as archive:
        archive.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(data.archive.read_bytes())
    content[4096:4296] = b"\xff" * 200
    data.archive.write_bytes(content)


def _header(data: DataFolder) -> None:
    for path in data.path.glob("archive.sqlite-*"):
        path.unlink()
    data.archive.write_bytes(b"nothing" * 2000)


@pytest.mark.parametrize("damage", [_record, _text, _page, _header])
def test_damage_to_the_archive_is_found_and_a_backup_advised(
        data: DataFolder, damage: Callable[[DataFolder], None]) -> None:
    damage(data)
    found = inspect(data).findings
    assert "archive" in {finding.part for finding in found}
    assert all("exonym restore" in finding.do for finding in found if finding.part == "archive")


def test_one_damaged_article_does_not_keep_the_others_from_being_found(data: DataFolder, all_names: Names) -> None:
    _record(data)
    indexer = Indexer(data.path, names=all_names)
    indexer.reindex()
    assert indexer.verify() == [], "it is not made anew again and again"
    assert read_manifest(data.index).articles == 2
    indexer.close()


def test_articles_that_wait_are_no_fault(data: DataFolder) -> None:
    archive = Archive(data.archive)
    archive.put([Article("a", "Changed again"), Article("d", "New")])
    archive.delete(["c"])
    archive.close()
    found = inspect(data)
    assert (found.findings, found.waiting, found.articles, found.indexed) == ((), 3, 3, 3)


def test_a_folder_without_an_archive_is_said_to_be_the_wrong_one(tmp_path: Path) -> None:
    (finding,) = inspect(DataFolder(tmp_path / "none")).findings
    assert "there is no archive" in finding.what
    assert not (tmp_path / "none").exists()
