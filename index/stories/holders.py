"""Holders: for each key (the hash of a run) the articles that hold it, in an order that no arrival changes.

A few sorted arrays, merged as they grow (O'Neil et al., "The log-structured merge-tree", 1996): 12 bytes an entry, the
large ones files that are mapped into memory (see `key_files`). What is removed is only noted, and left out of answers,
until a run is written anew. The holders of a key stand by *rank*, a hash of the article's id. A key held by more than
`COMMON` articles is *common*. The *anchors* of a key are its holders, of a common key the first `ANCHORS` of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.stories.key_files import KeyFiles, KeyRun, merged

COMMON = 50
"""A run in more articles than this is a phrase of the trade or boilerplate, or else a text printed everywhere."""
ANCHORS = 16
FILED = 1 << 18
"""So many entries are held in memory before they go into a file (3 MB)."""
_HALF = np.uint64(32)
_GROWTH = 4
_STEPS = 4
"""Entries of a key that are passed one by one; where there are more, the last is looked for."""
_LARGEST = 1 << 24
"""Runs are not merged into more entries than this, so that no single merge takes long."""
_GONE_SHARE = 8
"""Runs are written anew when more than one in so many of their entries is of an article that was removed."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys and the articles that hold them, one row an entry."""

    keys: NDArray[np.uint32]
    numbers: NDArray[np.uint32]
    ranks: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Lists:
    """Holders of several keys: those of key i are `numbers[offsets[i]:offsets[i + 1]]`, by rank."""

    offsets: NDArray[np.int64]
    numbers: NDArray[np.uint32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Holders of each key, shape (keys,)."""
        return np.diff(self.offsets)


class Holders:
    """Entries (key, rank, number), the newest in memory, the others in files.

    Whoever keeps this across restarts notes which articles are in no file, what is gone from the files, and the files'
    names (`KeyFiles.names`), whenever `filings` has risen; and `KeyFiles.drop` what no longer counts after that.
    """

    def __init__(self, files: KeyFiles) -> None:
        """`files` may hold runs already."""
        self._files = files
        self._runs: list[KeyRun] = []               # in memory
        self._gone = KeyRun.empty()                 # entries in files that no longer count
        self._gone_numbers = np.zeros(0, np.uint32)     # sorted: their articles
        self.filings = 0
        """How many times what was in memory has gone into a file."""

    @property
    def has_unfiled(self) -> bool:
        """Whether entries are in memory alone."""
        return bool(self._runs)

    @property
    def has_gone(self) -> bool:
        """Whether entries in files no longer count."""
        return bool(len(self._gone_numbers))

    def __len__(self) -> int:
        return sum(len(run.codes) for run in self._every()) - len(self._gone.codes)

    def _every(self) -> list[KeyRun]:
        return [*self._files.runs, *self._runs]

    def add(self, new: Entries) -> None:
        """Take in entries of articles that are not there."""
        if len(self._gone_numbers) and np.isin(new.numbers, self._gone_numbers).any():
            self.file()                             # an article has come back: what is gone of it must not hide it
            self._rewrite()
        if len(new.keys):
            self._runs.append(_sorted(new))
        while len(self._runs) > 1 and len(self._runs[-1].codes) * _GROWTH >= len(self._runs[-2].codes):
            self._runs.append(merged(self._runs.pop(-2), self._runs.pop()))
        if sum(len(run.codes) for run in self._runs) >= FILED:
            self.file()

    def file(self) -> None:
        """Put what is in memory into a file, and merge files."""
        self.filings += 1
        while len(self._runs) > 1:
            self._runs.append(merged(self._runs.pop(-2), self._runs.pop()))
        if self._runs:
            self._files.append(self._runs.pop())
        while len(self._files.runs) > 1:
            before, last = (len(run.codes) for run in self._files.runs[-2:])
            if last * _GROWTH < before or last + before > _LARGEST:
                break
            self._files.merge_last()

    def remove(self, some: Entries) -> NDArray[np.uint32]:
        """Drop the entries of articles, all of each. Returns the articles of which some stay in files, unseen."""
        here = [np.isin(run.numbers, some.numbers) for run in self._runs]
        found = [np.zeros(0, np.uint32), *(np.unique(run.numbers[mask])
                                           for run, mask in zip(self._runs, here, strict=True))]
        self._runs = [KeyRun(run.codes[~mask], run.numbers[~mask])
                      for run, mask in zip(self._runs, here, strict=True) if not mask.all()]
        filed = ~np.isin(some.numbers, np.concatenate(found))
        self.note_gone(Entries(some.keys[filed], some.numbers[filed], some.ranks[filed]))
        if len(self._gone.codes) > max(FILED, sum(len(run.codes) for run in self._files.runs) // _GONE_SHARE):
            self.file()
            self._rewrite()
            return np.zeros(0, np.uint32)
        return np.unique(some.numbers[filed])

    def note_gone(self, some: Entries) -> None:
        """Leave out of every answer these entries, which are in files."""
        if len(some.keys):
            self._gone = merged(self._gone, _sorted(some))
            self._gone_numbers = np.union1d(self._gone_numbers, some.numbers)

    def _rewrite(self) -> None:
        """Write the files anew, without what is gone."""
        self._files.rewrite(self._gone_numbers)
        self._gone, self._gone_numbers = KeyRun.empty(), np.zeros(0, np.uint32)

    def sizes(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        """How many articles hold each key, shape of `keys`."""
        total = np.zeros(len(keys), np.int64)
        for run in self._every():
            first, last = _range(run, keys)
            total += last - first
        return total - self._gone_sizes(keys)

    def _gone_sizes(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        if not len(self._gone.codes):
            return np.zeros(len(keys), np.int64)
        first, last = _range(self._gone, keys)
        return last - first

    def anchors(self, keys: NDArray[np.uint32], sizes: NDArray[np.int64]) -> Lists:
        """The anchors of each key, by rank; `sizes`: what is told of the keys."""
        return self.lists(keys, np.where(sizes > COMMON, ANCHORS, sizes))

    def lists(self, keys: NDArray[np.uint32], limits: NDArray[np.int64] | None = None) -> Lists:
        """The holders of each key by rank, no more than the first limits[i] of key i."""
        more = None if limits is None else limits + self._gone_sizes(keys)
        parts = [_listed(run, keys, more) for run in self._every()]
        if not parts:
            return Lists(np.zeros(len(keys) + 1, np.int64), np.zeros(0, np.uint32))
        codes, number, row = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        if len(self._gone_numbers):
            kept = ~np.isin(number, self._gone_numbers)
            codes, number, row = codes[kept], number[kept], row[kept]
        order = np.lexsort((codes & np.uint64(0xFFFFFFFF), row))
        row, number = row[order], number[order]
        starts = np.searchsorted(row, np.arange(len(keys) + 1))
        if limits is not None:
            number = number[np.arange(len(row)) - starts[row] < limits[row]]
            starts = np.concatenate(([0], np.cumsum(np.minimum(np.diff(starts), limits))))
        return Lists(starts.astype(np.int64), number)


def joined(parts: Sequence[Entries]) -> Entries:
    """Several lots of entries as one."""
    none = np.zeros(0, np.uint32)
    return Entries(np.concatenate([none, *(part.keys for part in parts)]),
                   np.concatenate([none, *(part.numbers for part in parts)]),
                   np.concatenate([none, *(part.ranks for part in parts)]))


def _listed(run: KeyRun, keys: NDArray[np.uint32], limits: NDArray[np.int64] | None
            ) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64]]:
    """Codes and numbers of the first entries of each key in a run, and the place of the key."""
    first, last = _range(run, keys)
    if limits is not None:
        last = np.minimum(last, first + limits)
    counts = last - first
    places = expand(first, counts)
    return run.codes[places], run.numbers[places], np.repeat(np.arange(len(keys)), counts)


def _sorted(some: Entries) -> KeyRun:
    codes = (some.keys.astype(np.uint64) << _HALF) | some.ranks.astype(np.uint64)
    order = np.argsort(codes, kind="stable")
    return KeyRun(codes[order], some.numbers[order])


def _range(run: KeyRun, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the entries of each key begin and end. Most keys have few: their end is found step by step."""
    low = keys.astype(np.uint64) << _HALF
    first = run.places(low)
    last = first.copy()
    there, steps = np.arange(len(keys)), 0
    while len(run.codes) and len(there):
        if steps == _STEPS:
            last[there] = run.codes.searchsorted(low[there] | np.uint64(0xFFFFFFFF), "right")
            break
        there = there[run.codes.take(last[there], mode="clip") >> _HALF == keys[there]]
        there = there[last[there] < len(run.codes)]
        last[there] += 1
        steps += 1
    return first, last
