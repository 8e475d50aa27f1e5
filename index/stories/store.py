"""Stories: fingerprints in, stories out; kept in a SQLite file that can always be rebuilt from the archive.

What takes room stays on the disk, and what is looked up there is little, so that neither memory nor the time for a few
new articles grows with all there are: fingerprints, ids and days are in the SQLite file, the keys in files beside it
(see `holders`). In memory stand the links between articles and the keys of the newest.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.stories.candidates import entries, pairs, unsettled, weigh
from index.stories.components import Components
from index.stories.holders import Entries, Holders
from index.stories.key_files import KeyFiles
from index.stories.likeness import alike
from index.stories.sketch import Fingerprint

_Row = TypeVar("_Row")
StoryId = str
"""Sixteen hexadecimal digits made from the id of the story's first printed article."""

VERSION = 2
"""Raised whenever fingerprints, keys or likeness change. A file of another version must be deleted and refilled."""
CHUNK = 512
"""Articles compared, or asked of the file, at a time; bounds the memory that pairs take."""
CACHED = 4096
"""Fingerprints kept in memory (about 1 KB each)."""
LARGEST_NUMBER = (1 << 32) - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (number INTEGER PRIMARY KEY, key INTEGER NOT NULL, day INTEGER, id TEXT NOT NULL,
                                    told INTEGER NOT NULL DEFAULT 0, fingerprint BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS article_key ON article (key);
CREATE INDEX IF NOT EXISTS article_told ON article (number) WHERE told <> 0;
CREATE TABLE IF NOT EXISTS link (source INTEGER, target INTEGER, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS touched (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS key_run (place INTEGER PRIMARY KEY, name TEXT, entries INTEGER);
CREATE TABLE IF NOT EXISTS unfiled (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS gone (number INTEGER PRIMARY KEY, keys BLOB, rank INTEGER);
CREATE TABLE IF NOT EXISTS publication (generation INTEGER);
"""
"""told: the number of the story that the article was published with, 0: alone. unfiled: articles whose keys are in no
file; gone: keys in files of articles that were removed. publication: empty once something has changed since."""
_FINGERPRINTS = "SELECT number, fingerprint FROM article WHERE number IN (SELECT value FROM json_each(?))"
_TOLD = "SELECT number, told FROM article WHERE number IN (SELECT value FROM json_each(?))"
_ORDER = """SELECT day IS NULL, coalesce(day, 0), id, number FROM article
            WHERE number IN (SELECT value FROM json_each(?))"""
_TAKEN = ("SELECT number, key, id FROM article WHERE number IN (SELECT value FROM json_each(?)) LIMIT 1",
          "SELECT number, key, id FROM article WHERE key IN (SELECT value FROM json_each(?)) LIMIT 1")


class StoriesError(ValueError):
    """The call or the file does not fit; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Articles whose story differs from what was published last, or all that have company, by number."""

    numbers: NDArray[np.int64]       # ascending
    stories: NDArray[np.uint64]      # the number of the story's id, same shape; 0: the article is alone in its story
    is_all: bool                     # True: what was published is not known, and every article not listed is alone

    def __len__(self) -> int:
        return len(self.numbers)


class Stories:
    """All articles and their stories. One writer; after an exception open the file again.

    Numbers are the archive's version numbers (0 to 2^32 - 1). An article id stands under one number at a time:
    to change an article remove the old number and add the new one.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the file, or make it. Raises StoriesError when it was made by another version of this module."""
        self._db = sqlite3.connect(path)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            self._db.close()
            raise StoriesError(f"{path} holds stories of version {version}, not {VERSION}: delete it and index again")
        self._db.execute("PRAGMA page_size = 8192")       # of smaller pages a fifth is left over by rows of this size
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")   # derived data: a lost batch is added again
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._links = Components()
        self._cache: dict[int, Fingerprint] = {}
        self._is_told = True                # False: what was published is not known
        runs = self._db.execute("SELECT name, entries FROM key_run ORDER BY place").fetchall()
        try:
            self._files = KeyFiles(None if path == ":memory:" else Path(f"{path}-keys-"), runs)
        except (FileNotFoundError, ValueError) as error:
            self._db.close()
            raise StoriesError(f"{error}: delete {path} and index again") from error
        self._holders = Holders(self._files)
        self._load()

    def __enter__(self) -> Stories:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM article").fetchone()
        return int(count)

    def __contains__(self, number: int) -> bool:
        return self._db.execute("SELECT 1 FROM article WHERE number = ?", (number,)).fetchone() is not None

    def numbers(self) -> NDArray[np.int64]:
        """The numbers of all articles, ascending."""
        rows = self._db.execute("SELECT number FROM article ORDER BY number")
        return np.fromiter((number for number, in rows), np.int64)

    def add(self, batch: Sequence[tuple[int, Fingerprint]]) -> None:
        """Take in articles, one transaction. Raises StoriesError for a number or an article id already there."""
        self._check(batch)
        with self._change():
            self._db.executemany(
                "INSERT INTO article (number, key, day, id, fingerprint) VALUES (?, ?, ?, ?, ?)",
                [(number, _signed(story_number(one.article)), one.day, one.article, one.to_bytes())
                 for number, one in batch])
            for start in range(0, len(batch), CHUNK):
                self._enter(dict(batch[start:start + CHUNK]))

    def remove(self, numbers: Iterable[int]) -> None:
        """Drop articles, one transaction. Numbers not there are passed over."""
        asked = list(numbers)
        if asked:
            with self._change():
                for start in range(0, len(asked), CHUNK):
                    gone = self._fetch(asked[start:start + CHUNK])
                    if gone:
                        self._leave(gone)

    def story_of(self, number: int) -> StoryId:
        """The story of an article. Raises KeyError for a number not there."""
        members = self._links.members(number)
        return f"{story_number(self._ordered(members)[0][2]):016x}"

    def article(self, number: int) -> str:
        """The id of the article with this number. Raises KeyError for a number not there."""
        return self._ordered([number])[0][2]

    def members(self, story: StoryId) -> list[int]:
        """The articles of a story, first printed first. Raises KeyError if there is no such story (now)."""
        found = self._db.execute("SELECT number FROM article WHERE key = ?", (_signed(int(story, 16)),)).fetchone()
        if found is None or self.story_of(found[0]) != story:
            raise KeyError(story)
        return [number for *_, number in self._ordered(self._links.members(found[0]))]

    def changed(self) -> Changed:
        """The articles whose story is not what it was at the last `publish`; alone they began."""
        now: dict[int, int] = {}
        touched = (number for number, in self._db.execute("SELECT number FROM touched").fetchall())
        for number in touched if self._is_told else self._links.linked():
            if number not in now:
                members = self._links.members(number)
                story = story_number(self._ordered(members)[0][2]) if len(members) > 1 else 0
                now.update(dict.fromkeys(members, story))
        numbers = np.array(sorted(now), np.int64)
        told = dict[int, int]()
        for some in _parts(numbers.tolist()) if self._is_told else ():
            told |= self._db.execute(_TOLD, (json.dumps(some),)).fetchall()
        before = np.array([told.get(number, 0) for number in numbers.tolist()], np.int64).astype(np.uint64)
        stories = np.array([now[number] for number in numbers.tolist()], np.uint64)
        differing = stories != before
        return Changed(numbers[differing], stories[differing], not self._is_told)

    def publish(self, generation: int = 0, changed: Changed | None = None) -> None:
        """Note the stories as published, by this generation: what `changed` told (None: asked anew) is taken over."""
        if changed is None:
            changed = self.changed()
        with self._db:
            if changed.is_all:
                self._db.execute("UPDATE article SET told = 0 WHERE told <> 0")
            self._db.executemany("UPDATE article SET told = ? WHERE number = ?",
                                 zip(changed.stories.astype(np.int64).tolist(), changed.numbers.tolist(), strict=True))
            self._db.execute("DELETE FROM touched")
            self._db.execute("DELETE FROM publication")
            self._db.execute("INSERT INTO publication VALUES (?)", (generation,))
        self._is_told = True

    def believe(self, generation: int) -> bool:
        """Whether this is exactly what the generation was published with.

        Where another was noted last, or something has changed since, as after a crash, nothing counts as published.
        """
        self._is_told = self._db.execute("SELECT generation FROM publication").fetchone() == (generation,)
        return self._is_told

    @contextmanager
    def _change(self) -> Iterator[None]:
        """All of it, or after an exception nothing; files of keys that are replaced go when it is on the disk."""
        filings = self._holders.filings
        with self._db:
            self._db.execute("DELETE FROM publication")
            yield
            self._save_links()
            if self._holders.filings > filings:
                self._save_files()
        if self._holders.filings > filings:
            self._db.execute("PRAGMA wal_checkpoint")
            self._files.remove_dropped()

    def _check(self, batch: Sequence[tuple[int, Fingerprint]]) -> None:
        keys, seen = dict[int, int](), set[int]()
        for number, one in batch:
            if not 0 <= number <= LARGEST_NUMBER:
                raise StoriesError(f"number {number} of article {one.article!r} is not in 0 to {LARGEST_NUMBER}")
            key = _signed(story_number(one.article))
            if key in keys or number in seen:
                raise _there_already(one.article, number, keys.get(key, number))
            keys[key] = number
            seen.add(number)
        for some in _parts(batch):
            asked = {_signed(story_number(one.article)): (number, one.article) for number, one in some}
            for query, values in zip(_TAKEN, ([number for number, _ in some], list(asked)), strict=True):
                row = self._db.execute(query, (json.dumps(values),)).fetchone()
                if row is not None:
                    number, article = asked.get(row[1], (row[0], row[2]))
                    raise _there_already(article, number, row[0])

    def _ordered(self, numbers: Collection[int]) -> list[tuple[bool, int, str, int]]:
        """Articles as what orders the members of a story (undated, day, id) and their numbers, in that order."""
        found = self._db.execute(_ORDER, (json.dumps(list(numbers)),)).fetchall()
        if len(found) < len(numbers):
            raise KeyError(*numbers)
        return sorted(found)

    def _enter(self, prints: dict[int, Fingerprint]) -> None:
        self._remember(prints)
        new, filings = entries(prints), self._holders.filings
        self._holders.add(new)
        self._note_filed(filings)
        if self._holders.has_unfiled:
            self._db.executemany("INSERT INTO unfiled VALUES (?)", _rows(prints))
        swapped, doubted = unsettled(self._holders, new)
        self._judge(swapped | doubted | prints.keys(), doubted)

    def _leave(self, gone: Mapping[int, Fingerprint]) -> None:
        keys, filings = entries(gone), self._holders.filings
        swapped, doubted = unsettled(self._holders, keys)
        unseen = self._holders.remove(keys)
        self._note_filed(filings)
        self._touch(self._links.remove(gone))
        for table in ("article", "touched", "unfiled"):
            self._db.executemany(f"DELETE FROM {table} WHERE number = ?", _rows(gone))  # noqa: S608 (fixed names)
        for number in unseen.tolist():
            own = keys.numbers == number
            self._db.execute("INSERT INTO gone VALUES (?, ?, ?)", (
                number, keys.keys[own].astype("<u4").tobytes(), int(keys.ranks[own][0])))
        for number in gone:
            self._cache.pop(number, None)
        self._judge(swapped | doubted, doubted)

    def _judge(self, numbers: Iterable[int], doubted: Collection[int]) -> None:
        """Compute every link of these articles again. Links hold without a look unless an end is doubted."""
        for some in _parts(sorted(numbers)):
            found = self._alike(pairs(self._holders, entries(self._fetch(some))), doubted)
            self._touch(self._links.replace(some, found))

    def _alike(self, candidates: Sequence[tuple[int, int]], doubted: Collection[int]) -> list[tuple[int, int]]:
        targets = self._links.targets
        verdicts: dict[tuple[int, int], bool] = {}
        for one, other in candidates:
            pair = (one, other) if one < other else (other, one)
            known = other in targets.get(one, ()) or one in targets.get(other, ())
            if known and one not in doubted and other not in doubted:
                verdicts[pair] = True
            else:
                verdicts.setdefault(pair, False)
        open_pairs = [pair for pair, known in verdicts.items() if not known]
        weighed = weigh(self._holders, self._fetch({number for pair in open_pairs for number in pair}))
        for one, other in open_pairs:
            verdicts[one, other] = alike(weighed[one], weighed[other])
        return [(one, other) for one, other in candidates if verdicts[min(one, other), max(one, other)]]

    def _touch(self, numbers: Iterable[int]) -> None:
        """Note that these may have another story since the last publication."""
        self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", _rows(numbers))

    def _fetch(self, numbers: Collection[int]) -> dict[int, Fingerprint]:
        """The fingerprints of these articles, in order of number; those that are not there are left out."""
        missing = [number for number in numbers if number not in self._cache]
        read = {number: Fingerprint.from_bytes(data)
                for number, data in self._db.execute(_FINGERPRINTS, (json.dumps(missing),))} if missing else {}
        found = {number: one for number in sorted(numbers)
                 if (one := self._cache.get(number) or read.get(number)) is not None}
        self._remember(read)
        return found

    def _remember(self, prints: Mapping[int, Fingerprint]) -> None:
        self._cache.update(prints)
        for number in list(islice(self._cache, max(len(self._cache) - CACHED, 0))):
            del self._cache[number]

    # -- what is in memory, and the file --------------------------------------

    def _note_filed(self, filings: int) -> None:
        """Where keys have gone into files since there were so many filings: they are in memory no longer."""
        if self._holders.filings > filings:
            self._db.execute("DELETE FROM unfiled")
            if not self._holders.has_gone:
                self._db.execute("DELETE FROM gone")

    def _save_links(self) -> None:
        self._db.executemany("DELETE FROM link WHERE source = ? AND target = ?", self._links.dropped)
        self._db.executemany("INSERT INTO link VALUES (?, ?)", self._links.made)
        self._links.dropped.clear()
        self._links.made.clear()

    def _save_files(self) -> None:
        self._db.execute("DELETE FROM key_run")
        self._db.executemany("INSERT INTO key_run (name, entries) VALUES (?, ?)", self._files.names())

    def _load(self) -> None:
        self._links.replace((), self._db.execute("SELECT source, target FROM link"))
        self._links.made.clear()
        unfiled = self._db.execute("SELECT number FROM unfiled ORDER BY number").fetchall()
        for some in _parts([number for number, in unfiled]):
            self._holders.add(entries(self._fetch(some)))
        for rows in _parts(self._db.execute("SELECT number, keys, rank FROM gone").fetchall()):
            keys = [np.frombuffer(data, "<u4") for _, data, _ in rows]
            sizes = [len(own) for own in keys]
            self._holders.note_gone(Entries(
                np.concatenate(keys), *(np.repeat(np.array([row[at] for row in rows], np.uint32), sizes)
                                        for at in (0, 2))))


def story_id(article: str) -> StoryId:
    """The id of a story whose first printed article has this id."""
    return hashlib.blake2b(article.encode(), digest_size=8).hexdigest()


def story_number(article: str) -> int:
    """The same as a number of 64 bits."""
    return int.from_bytes(hashlib.blake2b(article.encode(), digest_size=8).digest(), "big")


def _signed(number: int) -> int:
    """A number of 64 bits as SQLite keeps it."""
    return number - (1 << 64) if number >> 63 else number


def _there_already(article: str, number: int, there: int) -> StoriesError:
    return StoriesError(f"article {article!r} (number {number}): number {there} is there already; remove it first")


def _parts(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[start:start + CHUNK] for start in range(0, len(rows), CHUNK))


def _rows(numbers: Iterable[int]) -> Iterator[tuple[int]]:
    return ((number,) for number in numbers)
