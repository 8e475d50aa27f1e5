"""Backup: everything of a data folder that cannot be made again, in one file; made and put back while others work.

The file is a SQLite file: the archive as it was at one moment, and a table `kept` with the small files beside it.
It is read before it gets its name, so that what bears the name is whole; the backup before is there until then.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from index.archive import FORMAT, Archive, ArchiveError, damage_in
from index.crash import step
from index.folder import KEPT, DataFolder
from index.segment_writer import sync_folder, write_durably
from index.writer import Indexer, writer_lock

PRIVATE = 0o600
T = TypeVar("T")


class BackupError(Exception):
    """A backup that cannot be made, read or put back; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the number of live articles, and the names of the small files."""

    articles: int
    files: tuple[str, ...]


def back_up(data: DataFolder, target: Path, settings: Path | None = None) -> Backup:
    """Write a backup to `target`, in place of one that is there. `settings`: kept as `exonym.toml`.

    Raises BackupError; ArchiveError, OSError and sqlite3.Error when there is nothing to copy or nowhere to put it.
    """
    if not data.archive.exists():
        raise BackupError(f"there is no archive in {data.path}: name the right folder with --data")
    if target.resolve().parent == data.path.resolve() and not target.name.endswith(".backup"):
        raise BackupError(f"{target} lies in the data folder: choose another folder, or a name that ends with .backup")
    with _part_of(target) as part:
        step("backup:begun")
        archive = Archive(data.archive)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            archive.copy_to(copy)
            step("backup:copied")
            copy.execute("PRAGMA journal_mode = DELETE")            # one file, whole by itself
            _keep(copy, data, settings)
        archive.close()
        made = examine(part)
        _sync(part)
        step("backup:before-rename")
        os.replace(part, target)
        sync_folder(target.parent)
        step("backup:after-rename")
    return made


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target` that nobody else writes to; gone at the end, whatever happens but a kill."""
    part = target.with_name(f"{target.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino != part.stat().st_ino:
                raise FileNotFoundError(part)                       # just renamed by another
        except (BlockingIOError, FileNotFoundError) as error:
            raise BackupError(f"another backup to {target} is being made; try again later") from error
        os.truncate(descriptor, 0)
        try:
            yield part
        finally:
            if part.exists() and os.fstat(descriptor).st_ino == part.stat().st_ino:
                part.unlink()
            part.with_name(f"{part.name}-journal").unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _keep(copy: sqlite3.Connection, data: DataFolder, settings: Path | None) -> None:
    """Put the small files into a copy of the archive."""
    copy.execute("CREATE TABLE kept (name TEXT PRIMARY KEY, content BLOB NOT NULL, digest BLOB NOT NULL)")
    for name in KEPT:
        path = settings if settings is not None and name == data.settings.name else data.path / name
        if not path.is_file():
            continue
        content = _image(path) if path.suffix == ".sqlite" else path.read_bytes()
        copy.execute("INSERT INTO kept VALUES (?, ?, ?)", (name, content, _digest(content)))


def _image(path: Path) -> bytes:
    """A SQLite file as it is between two transactions of those who write to it."""
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        return connection.serialize()


def examine(source: Path) -> Backup:
    """Read a whole backup. Raises BackupError when it is none, or damaged."""
    return _reading(source, _examine)


def _examine(copy: sqlite3.Connection) -> Backup:
    (found,) = copy.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise BackupError(f"it is of format {found}; this version of Exonym reads formats up to {FORMAT}: "
                          "install the newer one")
    damage = damage_in(copy)
    if damage:
        raise BackupError(f"it is damaged ({'; '.join(damage)[:300]}): use another backup")
    files = _kept(copy)
    (articles,) = copy.execute("SELECT count(*) FROM version WHERE live").fetchone()
    return Backup(articles, tuple(files))


def _kept(copy: sqlite3.Connection) -> dict[str, bytes]:
    """The small files in a backup; none in a bare copy of an archive."""
    if not copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kept'").fetchone():
        return {}
    rows = copy.execute("SELECT name, content, digest FROM kept").fetchall()
    for name, content, digest in rows:
        if name not in KEPT or not isinstance(content, bytes) or _digest(content) != digest:
            raise BackupError(f"the file {str(name)[:40]!r} in it is damaged: use another backup")
    return {name: content for name, content, _ in rows}


def _reading(source: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """Do some work with a backup that is opened for reading alone; every error says which file it is about."""
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    wal = source.with_name(f"{source.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise BackupError(f"{source} is an archive in use, not a backup: `exonym backup FILE` makes one")
    try:
        uri = f"{source.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as copy:
            copy.execute("PRAGMA trusted_schema = OFF")
            return work(copy)
    except BackupError as error:
        raise BackupError(f"{source}: {error}") from None
    except sqlite3.Error as error:
        raise BackupError(f"{source} is no backup, or is damaged ({error}): use another backup") from error


def restore(data: DataFolder, source: Path, force: bool = False) -> Backup:
    """Put a backup in the place of what a data folder holds; the index is then made anew by the next catch-up.

    A service may be running. Without `force` a folder that holds anything else is refused. What is killed half way
    is begun again by the same call. Raises BackupError, WriterBusyError.
    """
    found = examine(source)
    files = _reading(source, _kept)
    data.path.mkdir(parents=True, exist_ok=True)
    if not force:
        _refuse_to_overwrite(data, files)
    with writer_lock(data):
        for path in data.leftovers():
            path.unlink()
        _take(source, data.restoring)
        step("restore:copied")
        _set_aside_if_damaged(data)
        archive = Indexer(data.path).clear()
        step("restore:cleared")
        _put_files(data, files)
        step("restore:before-replace")
        with closing(sqlite3.connect(data.restoring, isolation_level=None)) as taken:
            archive.replace_by(taken)
        step("restore:replaced")
        for path in data.leftovers():
            path.unlink()
    archive.close()
    return found


def _take(source: Path, copy: Path) -> None:
    """Copy the archive in a backup, and bring it to the present format."""
    with closing(sqlite3.connect(copy)) as taken:
        _reading(source, lambda backup: backup.backup(taken))
        taken.execute("DROP TABLE IF EXISTS kept")
        taken.commit()
    Archive(copy).close()


def _refuse_to_overwrite(data: DataFolder, files: dict[str, bytes]) -> None:
    held = [name for name in KEPT
            if (data.path / name).exists() and (data.path / name).read_bytes() != files.get(name)]
    if data.archive.exists() and len(Archive(data.archive)):
        held.insert(0, "articles")
    if held:
        raise BackupError(f"{data.path} holds {', '.join(held)} already: restore into an empty folder, "
                          "or overwrite everything in it with --force")


def _set_aside_if_damaged(data: DataFolder) -> None:
    """Rename an archive that cannot even be opened, so that a new one can be made. A running service keeps the old
    one open until it is started again."""
    try:
        if data.archive.exists():
            archive = Archive(data.archive)
            _ = archive.identity(), archive.generation(), archive.position()
            archive.close()
    except (ArchiveError, sqlite3.DatabaseError):
        for path in data.path.glob(f"{data.archive.name}*"):
            if not path.name.startswith(f"{data.archive.name}.damaged"):
                path.replace(path.with_name(path.name.replace(data.archive.name, f"{data.archive.name}.damaged", 1)))


def _put_files(data: DataFolder, files: dict[str, bytes]) -> None:
    for name in KEPT:
        (data.path / f"{name}-journal").unlink(missing_ok=True)     # of what is replaced, should it be a SQLite file
        if name in files:
            write_durably(data.path / name, files[name], "restore-file", PRIVATE)
        else:
            (data.path / name).unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
