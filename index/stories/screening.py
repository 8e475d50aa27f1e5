"""Screening: of many pairs at once, which are or may be alike: what `likeness` asks, but for which runs are common.

Nearly all pairs that share a key are told here, in a few array operations; only of the others is it looked up which of
their runs are common. To count what two sketches share, every value is looked for; that they share too little shows in
*signs*, as bits: a bit for each value, which several values may have.
"""

from __future__ import annotations

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
    WHOLE,
)
from index.stories.prints import Prints, Sketches
from index.stories.sketch import FULL, UNDATED

SIGNS = 2048
"""Bits of a sketch's signs, a power of two."""
AT_ONCE = 1024
"""Sketches whose signs are made together (2 KB each)."""
_HALF = np.uint64(32)

Places = NDArray[np.intp]


def screened(prints: Prints, ones: Places, others: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of pairs of articles, given by their places, which `alike` accepts whatever is common, and for which others it
    has to be asked; all the rest it would refuse."""
    sure, asked = _copies(prints.words, ones, others)
    rest = np.flatnonzero(~(sure | asked))
    asked[rest] = _may_be_rewrites(prints.rare, prints.days, ones[rest], others[rest])
    return sure, asked


def overlaps(sketches: Sketches, ones: Places, others: Places
             ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """What `likeness.overlap` gives, of each pair of sketches."""
    fewer, more, limits = _compared(sketches, ones, others)
    counts = np.minimum(fewer, more)
    few_is_one = sketches.below(ones, limits) == counts
    few, many = np.where(few_is_one, ones, others), np.where(few_is_one, others, ones)
    there, rows = np.unique(many, return_inverse=True)
    codes = _coded(sketches, np.arange(len(there)), there, sketches.sizes[there])     # ascending
    wanted = _coded(sketches, rows, few, counts)
    held = codes.take(codes.searchsorted(wanted), mode="clip") == wanted
    shared = np.diff(np.concatenate([[0], np.cumsum(held)])[np.concatenate([[0], np.cumsum(counts)])])
    return shared, fewer, more, limits / FULL


def _coded(sketches: Sketches, rows: Places, places: Places, counts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The first values of some sketches, each below the number of a row."""
    values = sketches.values[expand(sketches.starts[places], counts)]
    return np.repeat(rows.astype(np.uint64) << _HALF, counts) | values


def _compared(sketches: Sketches, ones: Places, others: Places
              ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each pair how many values are compared of the sketch with fewer runs, how many of the other, and the limit."""
    limits = np.minimum(sketches.limits[ones], sketches.limits[others])
    one, other = sketches.below(ones, limits), sketches.below(others, limits)
    order = np.sign(sketches.runs[ones] - sketches.runs[others])
    one_has_fewer = (order < 0) | ((order == 0) & (one < other))
    return np.where(one_has_fewer, one, other), np.where(one_has_fewer, other, one), limits


def _most_shared(sketches: Sketches, ones: Places, others: Places) -> NDArray[np.int64]:
    """As many values as two sketches have in common, or more, of each pair."""
    signs = np.empty((len(sketches.sizes), SIGNS // 64), np.uint64)
    for start in range(0, len(signs), AT_ONCE):
        sizes = sketches.sizes[start:start + AT_ONCE]
        first = int(sketches.starts[start])
        marks = np.zeros((len(sizes), SIGNS), np.bool_)
        marks.ravel()[np.repeat(np.arange(len(sizes)) * SIGNS, sizes)
                      + (sketches.values[first:first + int(sizes.sum())] & np.uint32(SIGNS - 1))] = True
        signs[start:start + AT_ONCE] = np.packbits(marks, axis=1).view(np.uint64)
    hidden = sketches.sizes - _count(signs)         # values whose sign is another's too
    most: NDArray[np.int64] = _count(signs[ones] & signs[others]) + np.minimum(hidden[ones], hidden[others])
    return most


def _count(signs: NDArray[np.uint64]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.sum(np.bitwise_count(signs), axis=1, dtype=np.int64)
    return counts


def _copies(words: Sketches, ones: Places, others: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of which pairs one is a copy of the other, or the larger part of it; of which it is if no run is common."""
    lines = np.minimum(words.runs[ones], words.runs[others]) < LINE
    need = np.where(lines, COPY_LINE, COPY) * _compared(words, ones, others)[0]
    asked: NDArray[np.bool_] = _most_shared(words, ones, others) >= np.maximum(need, 1)
    places = np.flatnonzero(asked)
    shared, fewer, more, _ = overlaps(words, ones[places], others[places])
    enough = (shared > 0) & (shared >= need[places])
    whole = enough & (shared >= WHOLE * np.maximum(fewer, more))
    sure = np.zeros_like(asked)
    sure[places], asked[places] = whole, enough & ~whole
    return sure, asked


def _may_be_rewrites(rare: Sketches, days: NDArray[np.int64], ones: Places, others: Places) -> NDArray[np.bool_]:
    undated = (days[ones] == UNDATED) | (days[others] == UNDATED)
    least = np.where(undated, REWRITE_RUNS_UNDATED, REWRITE_RUNS)
    left: NDArray[np.bool_] = ((undated | (np.abs(days[ones] - days[others]) <= DAYS))
                               & (np.minimum(rare.runs[ones], rare.runs[others]) >= least))
    asked = np.flatnonzero(left)
    shared, fewer, more, share = overlaps(rare, ones[asked], others[asked])
    need = np.maximum(least[asked] * share, np.maximum(REWRITE_FEWER * fewer, REWRITE_MORE * more))
    left[asked] = shared >= need
    return left
