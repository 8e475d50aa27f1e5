"""Archive: the durable truth. SQLite, one row a version of an article, and a log that the indexer follows.

A version has a number that is never used again; the index refers to numbers, so a reader of an older
generation still finds the text it indexed. Versions that were replaced or deleted stay until `purge`.
The identity tells which archive an index was made from: a restored one has another.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.crash import step
from index.packed_article import packed, unpacked

FORMAT = 2
_ABOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO about VALUES ('identity', lower(hex(randomblob(16))));
INSERT INTO about VALUES ('generation', 0);
"""
_SCHEMA = """
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
""" + _ABOUT
_MIGRATIONS = {0: _SCHEMA, 1: _ABOUT}
"""What makes an archive of each older format (0: an empty file) one of the present format."""
BUSY_SECONDS = 60
"""How long a writer waits for others."""
CACHE_KB = 256
"""Pages that a connection keeps, in kilobytes. A service has a connection a thread, and the system keeps the file's
pages for all of them: with SQLite's 2,000 nothing was quicker, and 64 threads held 160 MB, not 43."""
_log = logging.getLogger("exonym.archive")


class ArchiveError(Exception):
    """The archive cannot be opened or is of another format; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The net effect of the log between two points: versions to index, versions to drop."""

    upto: int
    added: Sequence[int]
    removed: Sequence[int]


class Archive:
    """One archive file. Safe for many threads and processes; writers wait for each other."""

    def __init__(self, path: Path) -> None:
        """Open the archive, make it if there is none, or migrate one of an older format. Raises ArchiveError.

        On a disk that cannot be written to it is opened for reading alone.
        """
        self.path = path
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            found = self._format()
            if found < FORMAT:
                self._migrate()
            elif found > FORMAT:
                raise ArchiveError(f"{path} has format {found}; this version of Exonym reads formats up to {FORMAT}: "
                                   "install the newer one, or put a backup in its place with `exonym restore --force`")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and os.access(path.parent, os.W_OK):
                raise                               # locked, a full disk: not the archive's fault
            raise ArchiveError(f"{path} cannot be opened ({error}): "
                               "if it is damaged, `exonym restore --force` puts a backup in its place") from error

    def _format(self) -> int:
        (found,) = self._connection().execute("PRAGMA user_version").fetchone()
        return int(found)

    def _migrate(self) -> None:
        with self._transaction("migrate") as connection:
            found = self._format()                  # another process may just have done it
            if found < FORMAT:
                for statement in _MIGRATIONS[found].split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.read_only and os.access(self.path.parent, os.W_OK):
            connection.close()                      # the disk has been mended
            connection = None
        if connection is None:
            self._local.read_only = not os.access(self.path.parent, os.W_OK)
            connection = self._local.connection = self._connect(self._local.read_only)
        return connection

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        connection = _connect_read_only(self.path) if read_only else sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            if not read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _transaction(self, what: str) -> Iterator[sqlite3.Connection]:
        """A writing transaction: on the disk when it ends, undone by an exception."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            step(f"archive-{what}:before-commit")
            connection.execute("COMMIT")
            step(f"archive-{what}:after-commit")
        except BaseException:
            if connection.in_transaction:           # SQLite undoes some by itself, as on a full disk
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def put(self, articles: Iterable[Article]) -> list[str]:
        """Add or update articles in one transaction; durable when it returns.

        Returns "created", "updated" or "unchanged" for each, in order.
        """
        prepared = [(article.id, *packed(article)) for article in articles]
        with self._transaction("put") as connection:
            if self._are_new(connection, [id for id, *_ in prepared]):
                return self._put_new(connection, prepared)
            return [self._put_one(connection, *row) for row in prepared]

    def _are_new(self, connection: sqlite3.Connection, ids: Sequence[str]) -> bool:
        """Whether no article has one of these ids yet, and no two of them are the same."""
        return len(set(ids)) == len(ids) and all(
            connection.execute(f"SELECT 1 FROM version WHERE live AND id IN ({','.join('?' * len(part))}) "  # noqa: S608
                               "LIMIT 1", part).fetchone() is None
            for part in (ids[start : start + 500] for start in range(0, len(ids), 500)))

    def _put_new(self, connection: sqlite3.Connection, rows: Sequence[tuple[str, bytes, bytes]]) -> list[str]:
        """What `_put_one` does with each row that is new, in two thirds of the time."""
        (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM version").fetchone()
        connection.executemany("INSERT INTO version (id, digest, record) VALUES (?, ?, ?)", rows)
        connection.execute("INSERT INTO change (added) SELECT number FROM version WHERE number > ? ORDER BY number",
                           (last,))
        return ["created"] * len(rows)

    def _put_one(self, connection: sqlite3.Connection, id: str, digest: bytes, record: bytes) -> str:
        found = connection.execute("SELECT number, digest FROM version WHERE id = ? AND live", (id,)).fetchone()
        if found is not None and found[1] == digest:
            return "unchanged"
        if found is not None:
            connection.execute("UPDATE version SET live = 0 WHERE number = ?", (found[0],))
        row = connection.execute("INSERT INTO version (id, digest, record) VALUES (?, ?, ?)", (id, digest, record))
        connection.execute("INSERT INTO change (added, removed) VALUES (?, ?)",
                           (row.lastrowid, found[0] if found is not None else None))
        return "updated" if found is not None else "created"

    def delete(self, ids: Iterable[str]) -> list[bool]:
        """Delete articles in one transaction; for each id whether there was one."""
        with self._transaction("delete") as connection:
            return [self._delete_one(connection, id) for id in ids]

    def _delete_one(self, connection: sqlite3.Connection, id: str) -> bool:
        found = connection.execute("SELECT number FROM version WHERE id = ? AND live", (id,)).fetchone()
        if found is None:
            return False
        connection.execute("UPDATE version SET live = 0 WHERE number = ?", found)
        connection.execute("INSERT INTO change (removed) VALUES (?)", found)
        return True

    def get(self, id: str) -> Article | None:
        """The newest version of an article. Raises ArchiveError if it is damaged."""
        row = self._connection().execute("SELECT id, record FROM version WHERE id = ? AND live", (id,)).fetchone()
        return _whole(*row) if row is not None else None

    def versions(self, numbers: Sequence[int]) -> dict[int, Article]:
        """The versions with these numbers; one that was purged, or is damaged, is left out."""
        connection, found = self._connection(), {}
        for start in range(0, len(numbers), 500):
            part = [int(number) for number in numbers[start : start + 500]]
            marks = ",".join("?" * len(part))
            for number, id, record in connection.execute(
                f"SELECT number, id, record FROM version WHERE number IN ({marks})", part  # noqa: S608 (marks only)
            ):
                try:
                    found[number] = _whole(id, record)
                except ArchiveError as error:       # one bad article does not keep all others from being found
                    _log.error("%s", error)
        return found

    def numbered(self, numbers: Sequence[int]) -> Iterator[tuple[int, Article]]:
        """The versions with these numbers, in their order; those that `versions` leaves out are left out."""
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            found = self.versions(part)
            yield from ((number, found[number]) for number in part if number in found)

    def live_numbers(self) -> list[int]:
        """The numbers of all live versions, ascending."""
        return [row[0] for row in self._connection().execute("SELECT number FROM version WHERE live ORDER BY number")]

    def snapshot(self) -> tuple[int, list[int]]:
        """The end of the log and the live versions at that very moment."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            return self.position(), self.live_numbers()
        finally:
            connection.execute("COMMIT")

    def indexed(self, position: int) -> dict[int, str]:
        """What an index that has followed the log up to `position` holds: version number → article id."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            found = dict(connection.execute("SELECT number, id FROM version WHERE live").fetchall())
            later = self.changes(position)
            for number in later.added:
                found.pop(number, None)
            for number in later.removed:
                found.update(connection.execute("SELECT number, id FROM version WHERE number = ?", (number,)))
        finally:
            connection.execute("COMMIT")
        return dict(sorted(found.items()))

    def __len__(self) -> int:
        (count,) = self._connection().execute("SELECT count(*) FROM version WHERE live").fetchone()
        return int(count)

    def position(self) -> int:
        """The end of the log."""
        (seq,) = self._connection().execute("SELECT coalesce(max(seq), 0) FROM change").fetchone()
        return int(seq)

    def changes(self, since: int) -> Changes:
        """What the log says after position `since`, as versions to add and versions to drop."""
        added: dict[int, None] = {}
        removed: dict[int, None] = {}
        upto = since
        for seq, new, old in self._connection().execute(
                "SELECT seq, added, removed FROM change WHERE seq > ? ORDER BY seq", (since,)):
            upto = seq
            if old is not None:
                if old in added:
                    del added[old]
                else:
                    removed[old] = None
            if new is not None:
                added[new] = None
        return Changes(upto, list(added), list(removed))

    def purge(self, upto: int, generation: int = 0) -> None:
        """Drop versions that were replaced or deleted at or before log position `upto`.

        `generation`: the number of the generation just published, noted so that none is used again.
        """
        with self._transaction("purge") as connection:
            connection.execute("DELETE FROM version WHERE NOT live AND number IN "
                               "(SELECT removed FROM change WHERE seq <= ? AND removed IS NOT NULL)", (upto,))
            connection.execute("DELETE FROM change WHERE seq <= ? AND seq < (SELECT max(seq) FROM change)", (upto,))
            connection.execute("UPDATE about SET value = max(value, ?) WHERE name = 'generation'", (generation,))

    def identity(self) -> str:
        """32 hexadecimal digits that no other archive has."""
        (value,) = self._connection().execute("SELECT value FROM about WHERE name = 'identity'").fetchone()
        return str(value)

    def generation(self) -> int:
        """The last published generation that `purge` was told of."""
        (value,) = self._connection().execute("SELECT value FROM about WHERE name = 'generation'").fetchone()
        return int(value)

    def waiting(self, since: int) -> int:
        """How many changes the log holds after position `since`, at most."""
        (first, last) = self._connection().execute("SELECT min(seq), max(seq) FROM change").fetchone()
        return 0 if last is None else max(0, int(last) - max(since, int(first) - 1))

    def damage(self) -> list[str]:
        """What SQLite's own check and the digests find wrong; empty when all is well."""
        return damage_in(self._connection())

    def copy_to(self, copy: sqlite3.Connection) -> None:
        """Make `copy` the archive as it is at one moment, while others read and write."""
        self._connection().backup(copy)

    def replace_by(self, copy: sqlite3.Connection) -> None:
        """Put the content of a copy in the place of this archive's, in one transaction. The copy is changed:

        numbers, log positions and generations go on after both archives' last, so that none means two things.
        """
        before = dict(self._connection().execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        generation = self.generation()
        for name, last in before.items():
            copy.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last, name))
            copy.execute("INSERT INTO sqlite_sequence SELECT ?, ? WHERE NOT EXISTS "
                         "(SELECT 1 FROM sqlite_sequence WHERE name = ?)", (name, last, name))
        copy.execute("UPDATE about SET value = max(value, ?) WHERE name = 'generation'", (generation,))
        copy.execute("UPDATE about SET value = lower(hex(randomblob(16))) WHERE name = 'identity'")
        copy.backup(self._connection())


def damage_in(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the archive behind a connection. Raises sqlite3.DatabaseError when it is no archive at all."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"it holds the {kind} {name!r}, which no archive does" for kind, name in
              connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')")]
    for number, id, digest, record in connection.execute("SELECT number, id, digest, record FROM version WHERE live"):
        try:
            whole = unpacked(id, record).digest() == digest
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            found.append(f"version {number} of article {str(id)[:200]!r} does not match its digest")
    return found


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Where nothing can be written: without a log of its own (-wal) the file cannot change either."""
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                           check_same_thread=False)


def _whole(id: str, record: bytes) -> Article:
    try:
        return unpacked(id, record)
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"article {id!r} is damaged in the archive ({error}): `exonym check` says what to do"
                           ) from error
