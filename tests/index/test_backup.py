"""Everything that cannot be made again goes into one file and comes back from it, whatever else goes on."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index.archive import Archive, ArchiveError
from index.article import Article
from index.backup import Backup, BackupError, back_up, examine, restore
from index.folder import DataFolder
from index.inspection import inspect
from index.names.registry import Names
from index.writer import Indexer, WriterBusyError, writer_lock
from search.request import SearchRequest
from search.searcher import Searcher

NAMES = "- id: place/skerry\n  label: Skerry\n  names:\n    - {forms: [Skerry]}\n"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A data folder with two articles and a names file, indexed. Not to be changed."""
    folder = DataFolder(tmp_path_factory.mktemp("indexed"))
    folder.names.write_text(NAMES, "utf-8")
    folder.keys.write_text("[]", "utf-8")
    archive = Archive(folder.archive)
    archive.put([Article("a", "Talks in Skerry", "Long. " * 100), Article("b", "Trams in Kyiv")])
    archive.close()
    indexer = Indexer(folder.path)
    indexer.catch_up()
    indexer.close()
    return folder


@pytest.fixture
def data(indexed: DataFolder, tmp_path: Path) -> DataFolder:
    """A copy of it."""
    shutil.copytree(indexed.path, tmp_path / "data")
    return DataFolder(tmp_path / "data")


def held(data: DataFolder) -> set[str]:
    """The ids in an archive."""
    archive = Archive(data.archive)
    found = {article.id for article in archive.versions(archive.live_numbers()).values()}
    archive.close()
    return found


def test_a_backup_brings_articles_names_keys_and_settings_to_an_empty_folder(data: DataFolder, tmp_path: Path) -> None:
    file, settings = tmp_path / "news.backup", tmp_path / "elsewhere.toml"
    settings.write_text("port = 9000\n", "utf-8")
    made = back_up(data, file, settings)
    assert made == Backup(2, ("names.yml", "keys.json", "exonym.toml"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("news*")] == ["news.backup"]
    new = DataFolder(tmp_path / "new")
    assert restore(new, file) == made
    assert (new.names.read_text(), new.keys.read_text(), new.settings.read_text()) == (NAMES, "[]", "port = 9000\n")
    Indexer(new.path).catch_up()
    assert inspect(new).findings == ()
    assert {hit.id for hit in Searcher(new.path).search(SearchRequest("Skerry")).hits} == {"a"}
    assert new.leftovers() == []


def test_a_backup_is_of_one_moment_while_others_write(data: DataFolder, tmp_path: Path) -> None:
    ended, archive = threading.Event(), Archive(data.archive)

    def write() -> None:
        number = 0
        while not ended.is_set():
            archive.put([Article(f"left-{number}", "x"), Article(f"right-{number}", "y")])
            number += 1
        archive.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(data, tmp_path / "news.backup")
            new = DataFolder(tmp_path / str(number))
            restore(new, tmp_path / "news.backup")
            pairs = {id for id in held(new) if "-" in id}
            left = {id for id in pairs if id.startswith("left")}
            assert {id.replace("left", "right") for id in left} == pairs - left
    finally:
        ended.set()
        writer.join()


def test_a_folder_that_holds_something_is_not_overwritten_unless_forced(data: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "news.backup"
    back_up(data, file)
    archive = Archive(data.archive)
    archive.put([Article("c", "Later")])
    archive.delete(["a"])
    with pytest.raises(BackupError, match=r"holds articles already.*--force"):
        restore(data, file)
    data.feeds.write_text("{}", "utf-8")
    restore(data, file, force=True)
    assert held(data) == {"a", "b"}
    assert not data.feeds.exists(), "what a feed said after the backup would keep its articles out"
    archive.put([Article("d", "After")])
    archive.close()
    Indexer(data.path).catch_up()
    assert inspect(data).findings == ()


def test_a_searcher_at_work_sees_the_restored_articles(data: DataFolder, tmp_path: Path) -> None:
    searcher = Searcher(data.path)
    back_up(data, tmp_path / "news.backup")
    archive = Archive(data.archive)
    archive.put([Article("a", "Talks in Lviv"), Article("c", "Talks in Skerry")])
    archive.close()
    indexer = Indexer(data.path)
    indexer.catch_up()
    assert {hit.id for hit in searcher.search(SearchRequest("Skerry")).hits} == {"c"}
    restore(data, tmp_path / "news.backup", force=True)
    assert searcher.search(SearchRequest("Skerry")).total == 0, "the old index is never joined with the new archive"
    indexer.catch_up()
    assert {hit.id for hit in searcher.search(SearchRequest("Skerry")).hits} == {"a"}
    for opened in (searcher, indexer):
        opened.close()


def test_an_archive_beyond_opening_is_set_aside_for_a_backup(data: DataFolder, tmp_path: Path) -> None:
    back_up(data, tmp_path / "news.backup")
    data.archive.write_bytes(b"no archive" * 1000)
    with pytest.raises(ArchiveError, match="restore --force"):
        Archive(data.archive)
    restore(data, tmp_path / "news.backup", force=True)
    Indexer(data.path).catch_up()
    assert inspect(data).findings == ()
    assert (data.path / "archive.sqlite.damaged").exists()


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _no_database(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04" * 500)


def _run(*statements: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
    return change


@pytest.mark.parametrize(("damage", "words"), [
    pytest.param(_cut, "damaged", id="cut short"),
    pytest.param(_no_database, "no backup", id="no database"),
    pytest.param(Path.unlink, "no file", id="gone"),
    pytest.param(_run("UPDATE version SET record = x'7a00' WHERE number = 1"), "article 'a'", id="an article changed"),
    pytest.param(_run("UPDATE kept SET content = x'00'"), "names.yml", id="a file changed"),
    pytest.param(_run("UPDATE kept SET name = '../../evil' WHERE name = 'names.yml'"), "evil", id="a path as name"),
    pytest.param(_run("CREATE TRIGGER t AFTER INSERT ON change BEGIN DELETE FROM version; END"), "trigger 't'",
                 id="a trigger"),
    pytest.param(_run("PRAGMA user_version = 99"), "format 99", id="a later format"),
    pytest.param(_run("DROP TABLE version"), "no such table", id="no articles"),
])
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_touched(
        data: DataFolder, tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    file = tmp_path / "news.backup"
    back_up(data, file)
    damage(file)
    for work in (lambda: examine(file), lambda: restore(data, file, force=True)):
        with pytest.raises(BackupError, match=words):
            work()
    assert held(data) == {"a", "b"}
    assert inspect(data).findings == ()


def test_a_damaged_archive_does_not_take_the_place_of_a_good_backup(data: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "news.backup"
    back_up(data, file)
    before = file.read_bytes()
    _run("UPDATE version SET record = x'7a00' WHERE number = 1")(data.archive)
    with pytest.raises(BackupError, match="damaged"):
        back_up(data, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob("news*")] == ["news.backup"]


@pytest.mark.parametrize("name", ["archive.sqlite", "names.yml", "anything"])
def test_a_backup_does_not_overwrite_what_it_saves(data: DataFolder, name: str) -> None:
    with pytest.raises(BackupError, match="lies in the data folder"):
        back_up(data, data.path / name)
    assert held(data) == {"a", "b"}


def test_what_a_killed_backup_left_is_no_hindrance(data: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "news.backup.part").write_bytes(b"half" * 5000)
    (tmp_path / "news.backup.part-journal").write_bytes(b"half")
    back_up(data, tmp_path / "news.backup")
    assert examine(tmp_path / "news.backup").articles == 2
    assert [path.name for path in tmp_path.glob("news*")] == ["news.backup"]


def test_a_live_archive_is_no_backup(data: DataFolder, tmp_path: Path) -> None:
    archive = Archive(data.archive)
    archive.put([Article("c", "In the log alone")])
    with pytest.raises(BackupError, match="archive in use"):
        restore(DataFolder(tmp_path / "new"), data.archive)
    archive.close()


def test_nothing_is_restored_while_another_process_indexes(data: DataFolder, tmp_path: Path) -> None:
    back_up(data, tmp_path / "news.backup")
    with writer_lock(data), pytest.raises(WriterBusyError):
        restore(data, tmp_path / "news.backup", force=True)


def test_names_of_the_backup_are_those_of_the_index(data: DataFolder, tmp_path: Path, all_names: Names) -> None:
    back_up(data, tmp_path / "news.backup")
    new = DataFolder(tmp_path / "new")
    restore(new, tmp_path / "news.backup")
    Indexer(new.path).catch_up()
    entries = Searcher(new.path).names("Skerry")
    assert [entry.entity for entry in entries] == ["place/skerry"]
    assert all_names.digest != Names.load(new.names).digest
