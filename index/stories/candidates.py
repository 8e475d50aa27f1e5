"""Candidates: which pairs are compared. The answer depends on the set of articles, not on the order of arrival.

A pair is compared if the two share keys of which one of them is an anchor (see `holders`): one key of words, or two
of names, or eight common keys of words. So an article is
compared with no more than `COMMON` others a key; 10,000 copies of one text, whose keys are all common and have
the same anchors, cost 16 comparisons each. That an article becomes an anchor of a common key, and is compared
with all its holders, happens to one in (holders / 16): 16 comparisons each, on the average.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.stories.found import COMMON, Found, Lists
from index.stories.holders import ANCHORS, Entries, Holders
from index.stories.likeness import REWRITE_RUNS, Weighed
from index.stories.prints import Prints
from index.stories.sketch import FULL, RARE_KEYS, WORD_KEY_SHARE, WORD_KEYS, Fingerprint

NEEDED = 8
"""What the shared keys of a pair must weigh together; see `weight_of`."""
AT_ONCE = 1 << 19
"""Rows of articles with a holder of one of their keys that are looked at together (about 50 bytes each)."""
HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)

Codes = NDArray[np.uint64]
"""Pairs of articles: the number of the one in the high half, of the other in the low one."""


def entries(prints: Prints) -> Entries:
    """The keys of these articles, article after article."""
    # with fewer names than that an article is a rewrite of nothing
    keys, counts = _keys(prints, np.where(prints.rare.runs < REWRITE_RUNS, 0, RARE_KEYS))
    ranks, counts = prints.digests.astype(np.uint32), counts.sum(axis=1)
    return Entries(keys, np.repeat(prints.numbers.astype(np.uint32), counts), np.repeat(ranks, counts))


def lots(found: Found, numbers: NDArray[np.uint32]) -> Iterator[slice]:
    """The rows of entries, so many articles at a time that `pairs` needs little memory.

    `numbers` are those of the entries, article after article; `found` was asked for their keys.
    """
    if len(numbers):
        ends = np.flatnonzero(np.append(numbers[1:] != numbers[:-1], True)) + 1     # of each article
        lot = np.cumsum(np.minimum(found.sizes, COMMON)[found.places])[ends - 1] // AT_ONCE
        yield from starmap(slice, pairwise([0, *ends[np.append(lot[1:] != lot[:-1], True)].tolist()]))


def pairs(found: Found, numbers: NDArray[np.uint32], places: NDArray[np.intp]) -> Codes:
    """All pairs (article, anchor) with one end or both among some articles.

    `numbers` and `places`: of each of their entries the article, and where in `found` the key is.
    """
    weight = weight_of(found.keys, found.sizes)
    useful, own = (found.sizes > 1) & (weight > 0), np.unique(numbers)
    codes, weights = _among_few(found, numbers, places, np.where(useful & ~found.common, weight, 0))
    back = ~np.isin(codes & LOW, own)               # such a key's holders are all anchors: the articles of the others
    rows = [(codes, weights), (codes[back] << HALF | codes[back] >> HALF, weights[back])]
    rows += _among_many(found, numbers, places, useful & found.common)
    codes, weights = _summed(*(np.concatenate(columns) for columns in zip(*rows, strict=True)))
    return codes[weights >= NEEDED]


def _among_few(found: Found, numbers: NDArray[np.uint32], places: NDArray[np.intp], weight: NDArray[np.int64]
               ) -> tuple[Codes, NDArray[np.int64]]:
    """Articles with all other holders of their keys that weigh something, and what those of each pair weigh."""
    held = np.flatnonzero(weight[places])
    keys, rows = _distinct(places[held], len(weight))
    codes, row = _crossed(numbers[held], rows, found.holders(keys))
    return _summed(codes, weight[keys[row]])


def _among_many(found: Found, numbers: NDArray[np.uint32], places: NDArray[np.intp], useful: NDArray[np.bool_]
                ) -> list[tuple[Codes, NDArray[np.int64]]]:
    """Articles with the anchors of their common keys; where one of them is an anchor, all holders with it."""
    held = np.flatnonzero(useful[places])
    if not len(held):
        return []
    keys, rows = _distinct(places[held], len(useful))
    anchors = found.first(keys, np.full(len(keys), ANCHORS))
    codes, _ = _crossed(numbers[held], rows, anchors)
    mine = np.flatnonzero(np.isin(anchors.numbers, numbers))
    led, rows = _distinct(np.repeat(np.arange(len(keys)), anchors.sizes)[mine], len(keys))
    followed, _ = _crossed(anchors.numbers[mine], rows, found.holders(keys[led]))
    followed = followed[~np.isin(followed & LOW, numbers)]      # the rest is there already
    return [(own, np.ones(len(own), np.int64)) for own in (codes, followed << HALF | followed >> HALF)]


def weight_of(keys: NDArray[np.uint32], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each key weighs, held by so many: of words (even) 8, of names (odd) 4; if it is common, 1 and 0."""
    names, common = (keys & np.uint32(1)) != 0, sizes > COMMON
    return np.where(common, np.where(names, 0, 1), np.where(names, NEEDED // 2, NEEDED))


def unsettled(found: Found, moving: Entries) -> tuple[set[int], set[int]]:
    """What changes for other articles between the holders with the moving articles and without them.

    Returns those that become, or cease to be, an anchor of a common key; and the holders of keys that become, or cease
    to be, common. `found` was asked for the keys of the moving articles, while these were among the holders: after
    adding, before removing.
    """
    if not found.common.any():
        return set(), set()
    moved = np.bincount(found.places, minlength=len(found.keys))
    is_new = found.common & (found.sizes - moved <= COMMON)
    doubted = found.holders(np.flatnonzero(is_new)).numbers
    staying = np.flatnonzero(found.common & ~is_new)
    lists = found.first(staying, ANCHORS + moved[staying])
    gone = np.isin(lists.numbers, moving.numbers)
    starts = np.repeat(lists.offsets[:-1], lists.sizes)
    place = np.arange(len(gone))
    earlier = np.concatenate(([0], np.cumsum(gone)))
    with_them, without = place - starts < ANCHORS, place - starts - (earlier[place] - earlier[starts]) < ANCHORS
    swapped = lists.numbers[~gone & (with_them != without)]
    leaving = set(moving.numbers.tolist())
    return set(swapped.tolist()) - leaving, set(doubted.tolist()) - leaving


def weigh(holders: Holders, prints: Prints) -> dict[int, Weighed]:
    """The fingerprints, by number, with the common ones among their keys."""
    keys, counts = _keys(prints, np.full(len(prints), RARE_KEYS))
    found = holders.find(keys)
    common = found.common[found.places]
    edges = np.concatenate(([0], np.cumsum(counts))).tolist()
    ends = list(zip(edges[:-1:2], edges[1::2], edges[2::2], strict=True))
    return {number: Weighed(Fingerprint.from_bytes(one), keys[first:middle], keys[middle:last], common[first:middle],
                            common[middle:last])
            for number, one, (first, middle, last) in zip(prints.numbers.tolist(), prints.packed, ends, strict=True)}


def _keys(prints: Prints, rare: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Of each article the keys of words, which are even, then those of names, which are odd: no more than `rare` of
    these; and how many of both there are, shape (articles, 2)."""
    words = prints.words.below(np.arange(len(prints)), np.full(len(prints), FULL // WORD_KEY_SHARE))
    words = np.minimum(np.maximum(words, WORD_KEYS), prints.words.sizes)
    rare = np.minimum(rare, prints.rare.sizes)
    counts = np.column_stack((words, rare))
    keys = np.empty(int(counts.sum()), np.uint32)
    ends = np.cumsum(counts).reshape(counts.shape)
    keys[expand(ends[:, 0] - words, words)] = prints.words.values[expand(prints.words.starts, words)] & ~np.uint32(1)
    keys[expand(ends[:, 1] - rare, rare)] = prints.rare.values[expand(prints.rare.starts, rare)] | np.uint32(1)
    return keys, counts


def _distinct(places: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct ones of some places below `size`, ascending, and for each place where it stands among these."""
    there = np.zeros(size, np.bool_)
    there[places] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[places]


def _crossed(numbers: NDArray[np.uint32], rows: NDArray[np.intp], lists: Lists) -> tuple[Codes, NDArray[np.intp]]:
    """Each number with every holder in the list of its row, but with itself; and the rows."""
    first = lists.offsets[rows]
    counts = lists.offsets[rows + 1] - first
    ones, others = np.repeat(numbers, counts), lists.numbers[expand(first, counts)]
    different = np.flatnonzero(ones != others)
    return (ones[different].astype(np.uint64) << HALF) | others[different], np.repeat(rows, counts)[different]


def _summed(codes: Codes, weights: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """Each code once, ascending, and the sum of its weights."""
    order = np.argsort(codes)
    codes = codes[order]
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[:len(codes)])
    return codes[starts], np.add.reduceat(weights[order], starts) if len(starts) else weights
