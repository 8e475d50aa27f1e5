"""Saved searches: named, with all their parameters as typed, and what each of their readers has seen of them.

Kept in SQLite beside the archive: service processes, commands and a watcher write at the same time, and a delivery
must be noted durably, one by one. A row is never judged when it is read: one that this version cannot make a search
of is given with its reason.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import marshmallow as ma
import numpy as np

from search.additions import NO_KEYS, Additions, Keys
from search.limits import QueryLimitError
from search.request import SearchRequest
from search.searcher import Searcher
from service import links

FORMAT = 1
NAME_LIMIT = 100            # characters
QUERY_LIMIT = 16_000
SEARCHES_LIMIT = 1_000
AT_SAVING, PAGE = "", "page"
"""Readers: what matched when the search was saved (where every reader begins), and who looks at the page."""
_SCHEMA = """
CREATE TABLE saved (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, query TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE seen (saved TEXT NOT NULL REFERENCES saved ON DELETE CASCADE, reader TEXT NOT NULL, keys BLOB NOT NULL,
                   at TEXT NOT NULL, PRIMARY KEY (saved, reader));
PRAGMA user_version = 1;
"""
_ROWS = "SELECT id, name, query, created, (SELECT at FROM seen WHERE saved = id AND reader = 'page') FROM saved"
_STORED = np.dtype("<u8")


class SavedError(ValueError):
    """A saved search that cannot be kept, found or made a search of; the message says why."""

    def __init__(self, message: str, field: str = "name") -> None:
        super().__init__(message)
        self.field = field


class SavedFileError(SavedError):
    """The file of the saved searches cannot be read."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved search. `query`: its parameters as in a URL, as typed; times are UTC, ISO 8601."""

    id: str                        # random: who knows it may read the feed
    name: str
    query: str
    created: str
    visited: str | None = None

    def request(self) -> SearchRequest:
        """The search. Raises SavedError with the reason if this version cannot make one of the parameters."""
        return request_of(self.query)


@dataclass(frozen=True, slots=True)
class Standing:
    """A saved search with how it stands: matches, new ones, or why it cannot be made."""

    saved: Saved
    total: int | None = None
    new: int | None = None
    problem: str | None = None


def request_of(query: str) -> SearchRequest:
    """The search that the parameters of a URL ask for. Raises SavedError with the reason, by parameter."""
    try:
        query.encode()                      # what JSON can say but no URL: half a surrogate pair
        return links.request_from(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except ma.ValidationError as error:
        from service.errors import as_problem  # which knows this module's errors

        reasons = [f"{name}: {' '.join(texts)}" for name, texts in as_problem(error).errors.items()]
        raise SavedError("; ".join(reasons), "query") from error
    except ValueError as error:
        raise SavedError(f"not parameters of a URL ({error})", "query") from error


class SavedSearches:
    """The saved searches of one data folder. Safe for threads and processes; the file is made with the first one."""

    def __init__(self, path: Path, limit: int = SEARCHES_LIMIT) -> None:
        """`limit`: how many searches may be saved."""
        self.path, self.limit = path, limit

    def all(self) -> list[Saved]:
        """Every saved search, by name."""
        if not self.path.is_file():
            return []
        with self._open() as connection:
            return sorted((Saved(*row) for row in connection.execute(_ROWS)), key=lambda one: one.name.casefold())

    def get(self, wanted: str) -> Saved:
        """The saved search with this id or, if there is none, this name. Raises SavedError."""
        known = self.all()
        found = [one for one in known if one.id == wanted] or [one for one in known if one.name == wanted]
        if not found:
            raise SavedError(f"there is no saved search {wanted!r}")
        return found[0]

    def add(self, name: str, query: str, matching: Keys = NO_KEYS) -> Saved:
        """Save a search. `matching`: what matches now and so is not new to anybody. Raises SavedError."""
        query = query.removeprefix("?")
        if len(query) > QUERY_LIMIT:
            raise SavedError(f"longer than {QUERY_LIMIT} characters", "query")
        request_of(query)
        saved = Saved(secrets.token_urlsafe(12), checked_name(name), query, _now())
        with self._open() as connection, _writing(connection), _unique(saved.name):
            (count,) = connection.execute("SELECT count(*) FROM saved").fetchone()
            if count >= self.limit:
                raise SavedError(f"there are {self.limit} saved searches already; delete some")
            connection.execute("INSERT INTO saved VALUES (?, ?, ?, ?)",
                               (saved.id, saved.name, saved.query, saved.created))
            _note(connection, saved.id, AT_SAVING, matching)
        return saved

    def rename(self, id: str, name: str) -> None:
        """Give a search another name. Raises SavedError."""
        name = checked_name(name)
        with self._open() as connection, _writing(connection), _unique(name):
            connection.execute("UPDATE saved SET name = ? WHERE id = ?", (name, id))

    def delete(self, id: str) -> None:
        """Forget a search and what was seen of it."""
        with self._open() as connection, _writing(connection):
            connection.execute("DELETE FROM saved WHERE id = ?", (id,))

    def seen(self, id: str, reader: str) -> Keys:
        """What a reader has seen of a search: at first what matched when it was saved."""
        with self._open() as connection:
            return _seen(connection, id, reader)

    def mark(self, id: str, reader: str, keys: Keys) -> None:
        """Note that a reader has seen these articles too; on the disk when it returns."""
        with self._open() as connection, _writing(connection):
            if connection.execute("SELECT 1 FROM saved WHERE id = ?", (id,)).fetchone() is not None:
                _note(connection, id, reader, np.union1d(_seen(connection, id, reader), keys))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                _make(connection)
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found != FORMAT:
                raise SavedFileError(f"{self.path} has format {found}; this version of Exonym reads format {FORMAT}: "
                                     "install the newer one, or move the file away")
            yield connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError | sqlite3.IntegrityError):
                raise
            raise SavedFileError(f"{self.path} is damaged ({error}); put a copy in its place, or move it away"
                                 ) from error
        finally:
            connection.close()


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: on the disk when it ends, undone by an exception."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


def _make(connection: sqlite3.Connection) -> None:
    with _writing(connection):
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:   # another process may just have made it
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)


def _seen(connection: sqlite3.Connection, id: str, reader: str) -> Keys:
    rows = dict(connection.execute("SELECT reader, keys FROM seen WHERE saved = ? AND reader IN (?, ?)",
                                   (id, AT_SAVING, reader)))
    return np.frombuffer(rows.get(reader, rows.get(AT_SAVING, b"")), _STORED).astype(np.uint64)


def _note(connection: sqlite3.Connection, id: str, reader: str, keys: Keys) -> None:
    connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)",
                       (id, reader, np.unique(keys).astype(_STORED).tobytes(), _now()))


@contextmanager
def _unique(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise SavedError(f"there is a saved search {name!r} already; choose another name") from None


def checked_name(name: str) -> str:
    """A name as it is kept: spaces at the ends cut off. Raises SavedError."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or re.search(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]", name):
        raise SavedError(f"a name has 1 to {NAME_LIMIT} characters on one line")
    return name


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def matching(searcher: Searcher, query: str) -> Keys:
    """What a search that is to be saved matches now. Raises SavedError."""
    with within_limits():
        return searcher.keys(request_of(query.removeprefix("?")))


def standing(searcher: Searcher, store: SavedSearches, wanted: Sequence[Saved]) -> list[Standing]:
    """How searches stand for who looks at the page; one that cannot be made has its reason."""
    return [_standing(searcher, store, saved) for saved in wanted]


def _standing(searcher: Searcher, store: SavedSearches, saved: Saved) -> Standing:
    try:
        found = unseen(searcher, store, saved, 0)
    except SavedError as error:
        return Standing(saved, problem=str(error))
    return Standing(saved, found.total, found.new)


def unseen(searcher: Searcher, store: SavedSearches, saved: Saved, count: int) -> Additions:
    """What is new since the last visit, the latest to arrive first. Raises SavedError."""
    with within_limits():
        return searcher.additions(saved.request(), store.seen(saved.id, PAGE), count, latest_first=True)


@contextmanager
def within_limits() -> Iterator[None]:
    """Have a query that is larger than it may be now told as any other that no search can be made of (SavedError)."""
    try:
        yield
    except QueryLimitError as error:
        raise SavedError(f"q: {error}", "query") from error
