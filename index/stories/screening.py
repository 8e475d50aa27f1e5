"""Screening: of many pairs at once, those that may be alike: what `likeness` asks, but for which runs are common.

Nearly all pairs that share a key fall here, for a few array operations; only of the others is it looked up which of
their runs are common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.stories.likeness import (
    COPY,
    COPY_LINE,
    DAYS,
    LINE,
    REWRITE_FEWER,
    REWRITE_MORE,
    REWRITE_RUNS,
    REWRITE_RUNS_UNDATED,
)
from index.stories.sketch import FULL, Fingerprint, Sketch

AT_ONCE = 4096
"""Pairs looked at together (about 10 KB each)."""
_HALF = np.uint64(32)
_UNDATED = -(1 << 40)

Pair = tuple[int, int]


def may_be_alike(prints: Mapping[int, Fingerprint], pairs: Sequence[Pair]) -> Iterator[Pair]:
    """The pairs of articles, given by number, for which `alike` may be true: all others it would refuse."""
    place = {number: at for at, number in enumerate(prints)}
    words = Sketches([one.words for one in prints.values()])
    rare = Sketches([one.rare for one in prints.values()])
    days = np.array([_UNDATED if one.day is None else one.day for one in prints.values()], np.int64)
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        ones, others = np.array([(place[one], place[other]) for one, other in some], np.intp).T
        left = _may_be_copies(words, ones, others)
        asked = np.flatnonzero(~left)
        left[asked] = _may_be_rewrites(rare, days, ones[asked], others[asked])
        yield from (some[at] for at in np.flatnonzero(left).tolist())


class Sketches:
    """Several sketches as arrays, to be compared by their places."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        sizes = np.array([len(one.values) for one in sketches], np.int64)
        self.runs = np.array([one.runs for one in sketches], np.int64)
        self._limits = np.array([one.limit for one in sketches], np.int64)
        self._starts = np.cumsum(sizes) - sizes
        self._values = np.concatenate([np.zeros(0, np.uint32), *(one.values for one in sketches)])
        self._codes = np.repeat(np.arange(len(sizes), dtype=np.uint64) << _HALF, sizes) | self._values    # ascending

    def overlaps(self, ones: NDArray[np.intp], others: NDArray[np.intp]
                 ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """What `likeness.overlap` gives, of each pair of sketches."""
        swapped = self.runs[others] < self.runs[ones]
        ones, others = np.where(swapped, others, ones), np.where(swapped, ones, others)
        limits = np.minimum(self._limits[ones], self._limits[others])
        fewer, more = self._below(ones, limits), self._below(others, limits)
        few_is_one = fewer <= more
        few, many = np.where(few_is_one, ones, others), np.where(few_is_one, others, ones)
        counts = np.minimum(fewer, more)
        at = expand(self._starts[few], counts)
        wanted = np.repeat(many.astype(np.uint64) << _HALF, counts) | self._values[at]
        held = self._codes.take(self._codes.searchsorted(wanted), mode="clip") == wanted
        shared = np.diff(np.concatenate([[0], np.cumsum(held)])[np.concatenate([[0], np.cumsum(counts)])])
        same = self.runs[ones] == self.runs[others]
        return shared, np.where(same, counts, fewer), np.where(same, np.maximum(fewer, more), more), limits / FULL

    def _below(self, places: NDArray[np.intp], limits: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many values of each sketch are below a limit."""
        ends = (places.astype(np.uint64) << _HALF) + limits.astype(np.uint64)
        counts: NDArray[np.int64] = self._codes.searchsorted(ends) - self._starts[places]
        return counts


def _may_be_copies(words: Sketches, ones: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.bool_]:
    shared, fewer, _, _ = words.overlaps(ones, others)
    need = np.where(np.minimum(words.runs[ones], words.runs[others]) >= LINE, COPY, COPY_LINE) * fewer
    left: NDArray[np.bool_] = (shared > 0) & (shared >= need)
    return left


def _may_be_rewrites(rare: Sketches, days: NDArray[np.int64], ones: NDArray[np.intp], others: NDArray[np.intp]
                     ) -> NDArray[np.bool_]:
    undated = (days[ones] == _UNDATED) | (days[others] == _UNDATED)
    least = np.where(undated, REWRITE_RUNS_UNDATED, REWRITE_RUNS)
    left: NDArray[np.bool_] = ((undated | (np.abs(days[ones] - days[others]) <= DAYS))
                               & (np.minimum(rare.runs[ones], rare.runs[others]) >= least))
    asked = np.flatnonzero(left)
    shared, fewer, more, share = rare.overlaps(ones[asked], others[asked])
    need = np.maximum(least[asked] * share, np.maximum(REWRITE_FEWER * fewer, REWRITE_MORE * more))
    left[asked] = shared >= need
    return left
