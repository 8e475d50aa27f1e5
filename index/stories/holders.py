"""Holders: for each key (the hash of a run) the articles that hold it, in an order that no arrival changes.

A few sorted arrays, merged as they grow (O'Neil et al., "The log-structured merge-tree", 1996): 12 bytes an entry.
The holders of a key stand by *rank*, a hash of the article's id. A key held by more than `COMMON` articles is
*common*. The *anchors* of a key are its holders, of a common key the first `ANCHORS` of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COMMON = 50
"""A run in more articles than this is a phrase of the trade or boilerplate, or else a text printed everywhere."""
ANCHORS = 16
_HALF = np.uint64(32)
_GROWTH = 4
_LARGEST = 1 << 24
"""Runs are not merged into more entries than this: the merge holds both and the answer (25 bytes an entry)."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Holders of several keys: those of key i are `numbers[offsets[i]:offsets[i + 1]]`, by rank."""

    offsets: NDArray[np.int64]
    numbers: NDArray[np.uint32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Holders of each key, shape (keys,)."""
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class _Run:
    codes: NDArray[np.uint64]     # key in the high half, rank in the low one; sorted
    numbers: NDArray[np.uint32]   # the article, same shape


class Holders:
    """Entries (key, rank, number). All arrays given have one row an entry."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.codes) for run in self._runs)

    def add(self, keys: NDArray[np.uint32], ranks: NDArray[np.uint32], numbers: NDArray[np.uint32]) -> None:
        """Take in new entries."""
        if len(keys):
            self._runs.append(_sorted(_codes(keys, ranks), numbers))
        while len(self._runs) > 1:
            last, before = len(self._runs[-1].codes), len(self._runs[-2].codes)
            if last * _GROWTH < before or last + before > _LARGEST:
                break
            self._runs.append(_merged(self._runs.pop(-2), self._runs.pop()))

    def remove(self, numbers: NDArray[np.uint32]) -> None:
        """Drop every entry of these articles. Costs a pass over all entries."""
        kept = [(run, ~np.isin(run.numbers, numbers)) for run in self._runs]
        self._runs = [_Run(run.codes[mask], run.numbers[mask]) for run, mask in kept if mask.any()]

    def sizes(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        """How many articles hold each key, shape of `keys`."""
        total = np.zeros(len(keys), np.int64)
        for run in self._runs:
            first, last = _range(run, keys)
            total += last - first
        return total

    def anchors(self, keys: NDArray[np.uint32]) -> Lists:
        """The anchors of each key, by rank."""
        sizes = self.sizes(keys)
        return self.lists(keys, np.where(sizes > COMMON, ANCHORS, sizes))

    def lists(self, keys: NDArray[np.uint32], limits: NDArray[np.int64] | None = None) -> Lists:
        """The holders of each key by rank, no more than the first limits[i] of key i."""
        codes, numbers, rows = [], [], []
        for run in self._runs:
            first, last = _range(run, keys)
            if limits is not None:
                last = np.minimum(last, first + limits)
            places = spread(first, last)
            codes.append(run.codes[places])
            numbers.append(run.numbers[places])
            rows.append(np.repeat(np.arange(len(keys)), last - first))
        if not codes:
            return Lists(np.zeros(len(keys) + 1, np.int64), np.zeros(0, np.uint32))
        row, number = np.concatenate(rows), np.concatenate(numbers)
        order = np.lexsort((np.concatenate(codes) & np.uint64(0xFFFFFFFF), row))
        row, number = row[order], number[order]
        starts = np.searchsorted(row, np.arange(len(keys) + 1))
        if limits is not None:
            number = number[np.arange(len(row)) - starts[row] < limits[row]]
            starts = np.concatenate(([0], np.cumsum(np.minimum(np.diff(starts), limits))))
        return Lists(starts.astype(np.int64), number)


def spread(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """The whole numbers of every range [first, last), one range after the other."""
    sizes = last - first
    ends = np.cumsum(sizes)
    places: NDArray[np.int64] = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - (ends - sizes), sizes)
    return places


def _codes(keys: NDArray[np.uint32], ranks: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return (keys.astype(np.uint64) << _HALF) | ranks.astype(np.uint64)


def _sorted(codes: NDArray[np.uint64], numbers: NDArray[np.uint32]) -> _Run:
    order = np.argsort(codes, kind="stable")
    return _Run(codes[order], numbers[order])


def _merged(before: _Run, last: _Run) -> _Run:
    """Two runs as one; of equal codes those of `before` first."""
    places = np.searchsorted(before.codes, last.codes, "right") + np.arange(len(last.codes))
    old = np.ones(len(before.codes) + len(places), np.bool_)
    old[places] = False
    codes, numbers = np.empty(len(old), np.uint64), np.empty(len(old), np.uint32)
    codes[places], codes[old] = last.codes, before.codes
    numbers[places], numbers[old] = last.numbers, before.numbers
    return _Run(codes, numbers)


def _range(run: _Run, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low = keys.astype(np.uint64) << _HALF
    first = np.searchsorted(run.codes, low, "left")
    last = np.searchsorted(run.codes, low | np.uint64(0xFFFFFFFF), "right")
    return first.astype(np.int64), last.astype(np.int64)
