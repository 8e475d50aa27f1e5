"""Found: where the holders of some keys stand, looked up once for all that is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.stories.key_files import KeyRun

COMMON = 50
"""A run in more articles than this is a phrase of the trade or boilerplate, or else a text printed everywhere."""
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_STEPS = 4
"""Entries of a key that are passed one by one; where there are more, the last is looked for."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Holders of several keys: those of key i are `numbers[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]
    numbers: NDArray[np.uint32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Holders of each key, shape (keys,)."""
        return np.diff(self.offsets)


class Found:
    """The holders of some keys, until entries are added or removed."""

    def __init__(self, asked: NDArray[np.uint32], runs: Sequence[KeyRun], gone: KeyRun,
                 gone_numbers: NDArray[np.uint32]) -> None:
        """`gone`: entries of the runs that do not count, `gone_numbers`: their articles, sorted. All runs' entries of
        these articles are gone."""
        keys, places = np.unique(asked, return_inverse=True)    # in order they are found several times faster
        self.keys = keys
        """The distinct ones of the keys that were asked for, ascending."""
        self.places = places
        """Where in `keys` each key stands that was asked for."""
        self._gone_numbers = gone_numbers
        self._gone = _ranges(gone, keys)[1]
        self._ranges = [(run, *_ranges(run, keys)) for run in runs]
        self.sizes: NDArray[np.int64] = sum((counts for _, _, counts in self._ranges), -self._gone)
        """How many articles hold each key, shape of `keys`."""
        self.common: NDArray[np.bool_] = self.sizes > COMMON
        """Which keys are common, shape of `keys`."""

    def holders(self, places: NDArray[np.intp]) -> Lists:
        """All holders of the keys at some places, in any order."""
        every = [(run, first[places], counts[places]) for run, first, counts in self._ranges]
        offsets = np.concatenate(([0], np.cumsum(self.sizes[places] + self._gone[places])))
        free, numbers = offsets[:-1].copy(), np.empty(offsets[-1], np.uint32)
        for run, first, counts in every:
            numbers[expand(free, counts)] = run.numbers[expand(first, counts)]
            free += counts
        kept = self._kept(numbers)
        return Lists(offsets, numbers) if kept is None else Lists(_left(offsets, kept), numbers[kept])

    def first(self, places: NDArray[np.intp], limits: NDArray[np.int64]) -> Lists:
        """The first holders by rank of the keys at some places, no more than limits[i] of the key at places[i]."""
        more = limits + self._gone[places]
        every = [(run, first[places], np.minimum(counts[places], more)) for run, first, counts in self._ranges]
        spots = [expand(first, counts) for _, first, counts in every]
        none = np.zeros(0, np.uint32)
        ranks = np.concatenate([none, *(run.codes[at] & _LOW for (run, _, _), at in zip(every, spots, strict=True))])
        numbers = np.concatenate([none, *(run.numbers[at] for (run, _, _), at in zip(every, spots, strict=True))])
        own = np.concatenate([np.zeros(0, np.intp), *(np.repeat(np.arange(len(places)), counts)
                                                      for _, _, counts in every)])
        kept = self._kept(numbers)
        if kept is not None:
            ranks, numbers, own = ranks[kept], numbers[kept], own[kept]
        order = np.lexsort((ranks, own))
        own, numbers = own[order], numbers[order]
        offsets = np.searchsorted(own, np.arange(len(places) + 1))
        kept = np.arange(len(own)) - offsets[own] < limits[own]
        return Lists(_left(offsets, kept), numbers[kept])

    def _kept(self, numbers: NDArray[np.uint32]) -> NDArray[np.bool_] | None:
        """Which of these articles are there; None: all."""
        return ~np.isin(numbers, self._gone_numbers) if len(self._gone_numbers) else None


def _left(offsets: NDArray[np.int64], kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The offsets of lists of which some items are left out."""
    left: NDArray[np.int64] = np.concatenate(([0], np.cumsum(kept)))[offsets]
    return left


def _ranges(run: KeyRun, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the entries of each key begin, and how many there are. Most keys have few: they are passed one by one."""
    low = keys.astype(np.uint64) << _HALF
    first = run.places(low)
    last = first.copy()
    there, steps = np.arange(len(keys)), 0
    while len(run.codes) and len(there):
        if steps == _STEPS:
            last[there] = run.codes.searchsorted(low[there] | _LOW, "right")
            break
        there = there[run.codes.take(last[there], mode="clip") >> _HALF == keys[there]]
        there = there[last[there] < len(run.codes)]
        last[there] += 1
        steps += 1
    return first, last - first
