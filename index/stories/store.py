"""Stories: fingerprints in, stories out; kept in a SQLite file that can always be rebuilt from the archive.

In memory stand the keys (12 bytes a key, about 50 keys an article), each article's id and day, and the links;
the fingerprints stay in the file and are read when a pair is compared.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType

import numpy as np

from index.stories.candidates import entries, pairs, unsettled, weigh
from index.stories.components import Components
from index.stories.holders import Holders
from index.stories.likeness import alike
from index.stories.sketch import Fingerprint

StoryId = str
"""Sixteen hexadecimal digits made from the id of the story's first printed article."""

VERSION = 1
"""Raised whenever fingerprints, keys or likeness change. A file of another version must be deleted and refilled."""
CHUNK = 512
"""Articles compared at a time; bounds the memory that pairs take."""
CACHED = 4096
"""Fingerprints kept in memory (about 1 KB each)."""
LARGEST_NUMBER = (1 << 32) - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, links BLOB,
                                    published TEXT, touched INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS touched ON article (number) WHERE touched;
CREATE TABLE IF NOT EXISTS publication (generation INTEGER);
"""
_PUBLISHED = "SELECT number, published FROM article WHERE number IN (SELECT value FROM json_each(?))"
_FINGERPRINTS = "SELECT number, fingerprint FROM article WHERE number IN (SELECT value FROM json_each(?))"


class StoriesError(ValueError):
    """The call or the file does not fit; the message says what to do."""


class Stories:
    """All articles and their stories. One writer; after an exception open the file again.

    Numbers are the archive's version numbers (0 to 2^32 - 1). An article id stands under one number at a time:
    to change an article remove the old number and add the new one.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the file, or make it. Raises StoriesError when it was made by another version of this module."""
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")   # derived data: a lost batch is added again
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            self._db.close()
            raise StoriesError(f"{path} holds stories of version {version}, not {VERSION}: delete it and index again")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._holders = Holders()
        self._links = Components()
        self._first: dict[int, tuple[bool, int, str]] = {}   # number → what orders members: undated, day, id
        self._of_story: dict[StoryId, int] = {}
        self._cache: dict[int, Fingerprint] = {}
        self._touched: set[int] = set()   # may have another story since the last publication
        self._unsaved: set[int] = set()   # links or touched differ from the file
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
        return len(self._first)

    def __contains__(self, number: int) -> bool:
        return number in self._first

    def numbers(self) -> set[int]:
        """The numbers of all articles."""
        return set(self._first)

    def add(self, batch: Sequence[tuple[int, Fingerprint]]) -> None:
        """Take in articles, one transaction. Raises StoriesError for a number or an article id already there."""
        self._check(batch)
        with self._db:
            self._db.executemany("INSERT INTO article (number, fingerprint) VALUES (?, ?)",
                                 [(number, one.to_bytes()) for number, one in batch])
            for start in range(0, len(batch), CHUNK):
                self._enter(dict(batch[start:start + CHUNK]))
            self._save()

    def remove(self, numbers: Collection[int]) -> None:
        """Drop articles, one transaction; costs a pass over all keys in memory. Numbers not there are passed over."""
        leaving = {number for number in numbers if number in self._first}
        if not leaving:
            return
        with self._db:
            gone = self._fetch(leaving)
            keys = entries(gone)
            swapped, doubted = unsettled(self._holders, keys)
            self._holders.remove(keys.numbers)
            self._touch(self._links.remove(leaving))
            for number in leaving:
                del self._first[number]
                self._cache.pop(number, None)
                del self._of_story[story_id(gone[number].article)]
            self._touched -= leaving
            self._unsaved -= leaving
            self._db.executemany("DELETE FROM article WHERE number = ?", [(number,) for number in leaving])
            self._judge(swapped | doubted, doubted)
            self._save()

    def story_of(self, number: int) -> StoryId:
        """The story of an article. Raises KeyError for a number not there."""
        if number not in self._first:
            raise KeyError(number)
        return self._story(self._links.members(number))

    def article(self, number: int) -> str:
        """The id of the article with this number. Raises KeyError for a number not there."""
        return self._first[number][2]

    def members(self, story: StoryId) -> list[int]:
        """The articles of a story, first printed first. Raises KeyError if there is no such story (now)."""
        members = self._links.members(self._of_story[story])
        if self._story(members) != story:
            raise KeyError(story)
        return sorted(members, key=self._first.__getitem__)

    def changed(self) -> dict[int, StoryId]:
        """Articles whose story is not what it was at the last `publish` (all, if there was none): number → story."""
        now: dict[int, StoryId] = {}
        for number in self._touched:
            if number not in now:
                members = self._links.members(number)
                now.update(dict.fromkeys(members, self._story(members)))
        before = dict(self._db.execute(_PUBLISHED, (json.dumps(list(now)),)))
        return {number: story for number, story in sorted(now.items()) if before[number] != story}

    def publish(self, generation: int = 0) -> None:
        """Note the stories as published, by this generation: what `changed` told has been taken over."""
        with self._db:
            self._db.execute("DELETE FROM publication")
            self._db.execute("INSERT INTO publication VALUES (?)", (generation,))
            self._db.executemany("UPDATE article SET published = ? WHERE number = ?",
                                 [(story, number) for number, story in self.changed().items()])
            self._db.execute("UPDATE article SET touched = 0 WHERE touched")
        self._touched.clear()

    def believe(self, generation: int) -> None:
        """Where the last publication noted is not this generation, as after a crash, nothing counts as published."""
        if self._db.execute("SELECT generation FROM publication").fetchone() != (generation,):
            with self._db:
                self._db.execute("UPDATE article SET published = NULL, touched = 1")
            self._touched = set(self._first)

    def _check(self, batch: Sequence[tuple[int, Fingerprint]]) -> None:
        seen: dict[StoryId, int] = {}
        for number, one in batch:
            if not 0 <= number <= LARGEST_NUMBER:
                raise StoriesError(f"number {number} of article {one.article!r} is not in 0 to {LARGEST_NUMBER}")
            story = story_id(one.article)
            other = seen.get(story, self._of_story.get(story))
            if number in self._first or other is not None or number in seen.values():
                there = number if other is None else other
                raise StoriesError(f"article {one.article!r} (number {number}): number {there} is there already; "
                                   "remove it first")
            seen[story] = number

    def _story(self, members: Iterable[int]) -> StoryId:
        return story_id(min(self._first[number] for number in members)[2])

    def _enter(self, prints: dict[int, Fingerprint]) -> None:
        self._note(prints)
        new = entries(prints)
        self._holders.add(new.keys, new.ranks, new.numbers)
        swapped, doubted = unsettled(self._holders, new)
        self._touch(prints)
        self._judge(swapped | doubted | prints.keys(), doubted)

    def _note(self, prints: Mapping[int, Fingerprint]) -> None:
        for number, one in prints.items():
            self._first[number] = (one.day is None, one.day or 0, one.article)
            self._of_story[story_id(one.article)] = number
        self._remember(prints)

    def _judge(self, numbers: Iterable[int], doubted: Collection[int]) -> None:
        """Compute every link of these articles again. Links hold without a look unless an end is doubted."""
        todo = sorted(numbers)
        for start in range(0, len(todo), CHUNK):
            some = todo[start:start + CHUNK]
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
        numbers = set(numbers)
        self._touched |= numbers
        self._unsaved |= numbers

    def _fetch(self, numbers: Collection[int]) -> dict[int, Fingerprint]:
        """The fingerprints of these articles, in order of number."""
        missing = [number for number in numbers if number not in self._cache]
        read = {number: Fingerprint.from_bytes(data)
                for number, data in self._db.execute(_FINGERPRINTS, (json.dumps(missing),))} if missing else {}
        found = {number: self._cache.get(number) or read[number] for number in sorted(numbers)}
        self._remember(read)
        return found

    def _remember(self, prints: Mapping[int, Fingerprint]) -> None:
        self._cache.update(prints)
        for number in list(islice(self._cache, max(len(self._cache) - CACHED, 0))):
            del self._cache[number]

    def _save(self) -> None:
        """Write links and marks that differ from the file. Inside the caller's transaction."""
        rows = []
        for number in self._unsaved:
            targets = self._links.targets.get(number)
            links = np.array(sorted(targets), "<u4").tobytes() if targets else None
            rows.append((links, number in self._touched, number))
        self._db.executemany("UPDATE article SET links = ?, touched = ? WHERE number = ?", rows)
        self._unsaved.clear()

    def _load(self) -> None:
        links: set[tuple[int, int]] = set()
        cursor = self._db.execute("SELECT number, fingerprint, links, touched FROM article ORDER BY number")
        while rows := cursor.fetchmany(CHUNK * 16):
            prints = {number: Fingerprint.from_bytes(data) for number, data, _, _ in rows}
            self._note(prints)
            keys = entries(prints)
            self._holders.add(keys.keys, keys.ranks, keys.numbers)
            self._touched.update(number for number, _, _, touched in rows if touched)
            links.update((number, target) for number, _, data, _ in rows if data
                         for target in np.frombuffer(data, "<u4").tolist())
        self._links.replace((), links)


def story_id(article: str) -> StoryId:
    """The id of a story whose first printed article has this id."""
    return hashlib.blake2b(article.encode(), digest_size=8).hexdigest()
