"""KeyRecords: what the SQLite file of a set of stories notes of their keys: which are in which files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np

from index.stories.holders import Entries

_AT_ONCE = 512
"""Articles whose keys are read at a time."""


class KeyRecords:
    """The tables `key_run`, `unfiled` and `gone` (see `records`)."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """`db`: where they are; every change belongs into `Records.change`."""
        self._db = db

    def runs(self) -> list[tuple[str, int]]:
        """The files of keys, with their lengths."""
        return self._db.execute("SELECT name, entries FROM key_run ORDER BY place").fetchall()

    def change_runs(self, runs: Iterable[tuple[str, int]]) -> None:
        """Put other files of keys in the place of those noted."""
        self._db.execute("DELETE FROM key_run")
        self._db.executemany("INSERT INTO key_run (name, entries) VALUES (?, ?)", runs)

    def unfiled(self) -> list[int]:
        """The articles whose keys are in no file."""
        return [number for number, in self._db.execute("SELECT number FROM unfiled ORDER BY number")]

    def note_unfiled(self, numbers: Iterable[int]) -> None:
        """Note that the keys of these are in no file."""
        self._db.executemany("INSERT INTO unfiled VALUES (?)", ((number,) for number in numbers))

    def note_filed(self) -> None:
        """Note that the keys of all are in files."""
        self._db.execute("DELETE FROM unfiled")

    def gone(self) -> Iterator[Entries]:
        """The keys in files of articles that were removed, many articles at a time."""
        found = self._db.execute("SELECT number, keys, rank FROM gone")
        while rows := found.fetchmany(_AT_ONCE):
            keys = [np.frombuffer(data, "<u4") for _, data, _ in rows]
            sizes = [len(own) for own in keys]
            numbers, ranks = (np.repeat(np.array([row[at] for row in rows], np.uint32), sizes) for at in (0, 2))
            yield Entries(np.concatenate(keys), numbers, ranks)

    def note_gone(self, some: Entries, numbers: Iterable[int]) -> None:
        """Note these articles' entries among some as gone, though they are in files."""
        for number in numbers:
            own = some.numbers == number
            self._db.execute("INSERT INTO gone VALUES (?, ?, ?)", (
                number, some.keys[own].astype("<u4").tobytes(), int(some.ranks[own][0])))

    def forget_gone(self) -> None:
        """Nothing is in files any more of articles that were removed."""
        self._db.execute("DELETE FROM gone")
