"""Records: the SQLite file of a set of stories.

Fingerprints, ids and days of the articles, the links between them, what was told of them, and which keys are in which
files. Nothing of it stays in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.stories.key_records import KeyRecords
from index.stories.prints import Prints
from index.stories.sketch import UNDATED

_Row = TypeVar("_Row")

VERSION = 2
"""Raised whenever fingerprints, keys or likeness change. A file of another version must be deleted and refilled."""
CHUNK = 4096
"""Articles asked of the file at a time."""
LARGEST_NUMBER = (1 << 32) - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (number INTEGER PRIMARY KEY, key INTEGER NOT NULL, day INTEGER, id TEXT NOT NULL,
                                    told INTEGER NOT NULL DEFAULT 0, fingerprint BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS article_key ON article (key);
CREATE INDEX IF NOT EXISTS article_told ON article (number) WHERE told <> 0;
CREATE TABLE IF NOT EXISTS link (source INTEGER, target INTEGER, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_target ON link (target);
CREATE TABLE IF NOT EXISTS touched (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS key_run (place INTEGER PRIMARY KEY, name TEXT, entries INTEGER);
CREATE TABLE IF NOT EXISTS unfiled (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS gone (number INTEGER PRIMARY KEY, keys BLOB, rank INTEGER);
CREATE TABLE IF NOT EXISTS publication (name TEXT);
"""
"""told: the number of the story that the article was published with, 0: alone. unfiled: articles whose keys are in no
file; gone: keys in files of articles that were removed. publication: empty once something has changed since."""
_KNOWN = "SELECT number FROM article WHERE number IN (SELECT value FROM json_each(?))"
_FINGERPRINTS = "SELECT number, fingerprint FROM article WHERE number IN (SELECT value FROM json_each(?))"
_TOLD = "SELECT number, told FROM article WHERE number IN (SELECT value FROM json_each(?))"
_ORDER = """SELECT day IS NULL, coalesce(day, 0), id, number FROM article
            WHERE number IN (SELECT value FROM json_each(?))"""
_LINKS = ("SELECT source, target FROM link WHERE source IN (SELECT value FROM json_each(?))",
          "SELECT source, target FROM link WHERE target IN (SELECT value FROM json_each(?))")
_TAKEN = ("SELECT number, key FROM article WHERE number IN (SELECT value FROM json_each(?)) LIMIT 1",
          "SELECT number, key FROM article WHERE key IN (SELECT value FROM json_each(?)) LIMIT 1")


class StoriesError(ValueError):
    """The call or the file does not fit; the message says what to do."""


class Records:
    """The file. Every change belongs into `change`, but for `note_told`, which is a transaction of its own."""

    def __init__(self, path: Path | str) -> None:
        """Open the file, or make it. Raises StoriesError when it was made by another version of this module."""
        self.path = path
        self._db = sqlite3.connect(path)
        self.keys = KeyRecords(self._db)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            self._db.close()
            raise StoriesError(f"{path} holds stories of version {version}, not {VERSION}: delete it and index again")
        self._db.execute("PRAGMA page_size = 8192")       # of smaller pages a fifth is left over by rows of this size
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")   # derived data: a lost batch is added again
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._inserted: dict[int, bytes] = {}       # fingerprints of the change that is being made

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: all of it, or after an exception nothing. What is published is no longer what is here."""
        try:
            with self._db:
                self._db.execute("DELETE FROM publication")
                yield
        finally:
            self._inserted.clear()

    def is_durable(self) -> bool:
        """Bring what was changed so far onto the disk; whether that could be done now."""
        (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint").fetchone()
        return not busy

    # -- articles ---------------------------------------------------------------

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM article").fetchone()
        return int(count)

    def __contains__(self, number: int) -> bool:
        return self._db.execute("SELECT 1 FROM article WHERE number = ?", (number,)).fetchone() is not None

    def known(self, numbers: Sequence[int]) -> set[int]:
        """Those of some numbers that are there."""
        return {number for some in parts(numbers) for number, in self._db.execute(_KNOWN, (json.dumps(some),))}

    def numbers(self) -> NDArray[np.int64]:
        """The numbers of all articles, ascending."""
        rows = self._db.execute("SELECT number FROM article ORDER BY number")
        return np.fromiter((number for number, in rows), np.int64)

    def of_key(self, key: int) -> int | None:
        """The number of the article whose id makes this story number; None: there is none."""
        found = self._db.execute("SELECT number FROM article WHERE key = ?", (_signed(key),)).fetchone()
        return None if found is None else int(found[0])

    def check_new(self, several: Iterable[Prints]) -> None:
        """Raises StoriesError for a number or an article id that is there already, or twice among these."""
        keys, seen = dict[int, int](), set[int]()
        for prints in several:
            asked = list(zip(prints.numbers.tolist(), _keys(prints), prints.articles, strict=True))
            for number, key, article in asked:
                if not 0 <= number <= LARGEST_NUMBER:
                    raise StoriesError(f"number {number} of article {article.decode()!r} is not in 0 to "
                                       f"{LARGEST_NUMBER}")
                if key in keys or number in seen:
                    raise _there_already(article, number, keys.get(key, number))
                keys[key] = number
                seen.add(number)
            for query, column in zip(_TAKEN, (0, 1), strict=True):
                row = self._db.execute(query, (json.dumps([one[column] for one in asked]),)).fetchone()
                if row is not None:
                    number, _, article = next(one for one in asked if one[column] == row[column])
                    raise _there_already(article, number, row[0])

    def insert(self, prints: Prints) -> None:
        """Take in articles that are not there."""
        numbers = prints.numbers.tolist()
        days = [None if day == UNDATED else day for day in prints.days.tolist()]
        self._db.executemany(
            "INSERT INTO article (number, key, day, id, fingerprint) VALUES (?, ?, ?, ?, ?)",
            zip(numbers, _keys(prints), days, (article.decode() for article in prints.articles), prints.packed,
                strict=True))
        self._inserted.update(zip(numbers, prints.packed, strict=True))

    def delete(self, numbers: Collection[int]) -> None:
        """Drop articles."""
        for table in ("article", "touched", "unfiled"):
            self._db.executemany(f"DELETE FROM {table} WHERE number = ?", _rows(numbers))  # noqa: S608 (fixed names)

    def fetch(self, numbers: Collection[int]) -> Prints:
        """The fingerprints of these articles, in order of number; those that are not there are left out."""
        found = {number: self._inserted[number] for number in numbers if number in self._inserted}
        missing = [number for number in numbers if number not in found]
        if missing:
            found |= self._db.execute(_FINGERPRINTS, (json.dumps(missing),)).fetchall()
        return Prints.of(sorted(found.items()))

    def ordered(self, numbers: Collection[int]) -> list[tuple[bool, int, str, int]]:
        """Articles as what orders the members of a story (undated, day, id) and their numbers, in that order.

        Raises KeyError when one is not there.
        """
        found = self._db.execute(_ORDER, (json.dumps(list(numbers)),)).fetchall()
        if len(found) < len(numbers):
            raise KeyError(*numbers)
        return sorted(found)

    # -- links, and what was told of the stories they make -------------------------

    def links_of(self, numbers: Collection[int]) -> Iterator[tuple[int, int]]:
        """The links, as (source, target), that begin or end at some numbers; some twice."""
        for some in parts(list(numbers)):
            asked = json.dumps(some)
            for query in _LINKS:
                yield from self._db.execute(query, (asked,))

    def linked(self) -> list[int]:
        """The numbers that have links."""
        return [number for number, in self._db.execute("SELECT source FROM link UNION SELECT target FROM link")]

    def change_links(self, dropped: Iterable[tuple[int, int]], made: Iterable[tuple[int, int]]) -> None:
        """Drop links and make others."""
        self._db.executemany("DELETE FROM link WHERE source = ? AND target = ?", dropped)
        self._db.executemany("INSERT INTO link VALUES (?, ?)", made)

    def touch(self, numbers: Iterable[int]) -> None:
        """Note that these may have another story since the last publication."""
        self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", _rows(numbers))

    def touched(self) -> list[int]:
        """What was touched since the last publication."""
        return [number for number, in self._db.execute("SELECT number FROM touched")]

    def told(self, numbers: Sequence[int]) -> list[int]:
        """The number of the story with which each article was published last; 0: alone, or not yet."""
        found = dict[int, int]()
        for some in parts(numbers):
            found |= self._db.execute(_TOLD, (json.dumps(some),)).fetchall()
        return [_unsigned(found.get(number, 0)) for number in numbers]

    def note_told(self, publication: str, stories: Iterable[tuple[int, int]], is_all: bool) -> None:
        """Note as published, under a name: article numbers with their stories' numbers. `is_all`: any other article is
        alone."""
        with self._db:
            if is_all:
                self._db.execute("UPDATE article SET told = 0 WHERE told <> 0")
            self._db.executemany("UPDATE article SET told = ? WHERE number = ?",
                                 ((_signed(story), number) for number, story in stories))
            self._db.execute("DELETE FROM touched")
            self._db.execute("DELETE FROM publication")
            self._db.execute("INSERT INTO publication VALUES (?)", (publication,))

    def publication(self) -> str | None:
        """What was published with exactly what is here; None: something has changed since."""
        found = self._db.execute("SELECT name FROM publication").fetchone()
        return None if found is None else str(found[0])


def parts(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """Rows, so many at a time that they may be asked of the file together."""
    return (rows[start:start + CHUNK] for start in range(0, len(rows), CHUNK))


def _rows(numbers: Iterable[int]) -> Iterator[tuple[int]]:
    return ((number,) for number in numbers)


def _keys(prints: Prints) -> list[int]:
    """The numbers of the stories that the articles' ids make, as SQLite keeps them."""
    keys: list[int] = prints.digests.view(">i8").tolist()
    return keys


def _signed(number: int) -> int:
    """A number of 64 bits as SQLite keeps it."""
    return number - (1 << 64) if number >> 63 else number


def _unsigned(number: int) -> int:
    return number + (1 << 64) if number < 0 else number


def _there_already(article: bytes, number: int, there: int) -> StoriesError:
    return StoriesError(f"article {article.decode()!r} (number {number}): number {there} is there already; "
                        "remove it first")
