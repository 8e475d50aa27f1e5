"""Candidates: which pairs are compared. The answer depends on the set of articles, not on the order of arrival.

A pair is compared if the two share keys of which one of them is an anchor (see `holders`): one key of words, or two
of names, or eight common keys of words. So an article is
compared with no more than `COMMON` others a key; 10,000 copies of one text, whose keys are all common and have
the same anchors, cost 16 comparisons each. That an article becomes an anchor of a common key, and is compared
with all its holders, happens to one in (holders / 16): 16 comparisons each, on the average.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.stories.holders import ANCHORS, COMMON, Entries, Holders, Lists
from index.stories.likeness import REWRITE_RUNS, Weighed
from index.stories.sketch import Fingerprint, word_hash

NEEDED = 8
"""What the shared keys of a pair must weigh together; see `weight_of`."""


def entries(prints: Mapping[int, Fingerprint]) -> Entries:
    """The keys of these articles."""
    keys = [_keys(one) for one in prints.values()]
    sizes = [len(k) for k in keys]
    numbers = np.array(list(prints), np.uint32)
    ranks = np.array([word_hash(one.article) & 0xFFFFFFFF for one in prints.values()], np.uint32)
    return Entries(np.concatenate([np.zeros(0, np.uint32), *keys]), np.repeat(numbers, sizes), np.repeat(ranks, sizes))


def pairs(holders: Holders, some: Entries) -> list[tuple[int, int]]:
    """All pairs (article, anchor) with one end or both among some articles."""
    shared = np.unique(some.keys)
    sizes = holders.sizes(shared)
    weight = weight_of(shared, sizes)
    useful = (sizes > 1) & (weight > 0)
    shared, weight = shared[useful], weight[useful]
    if not len(shared):
        return []
    anchors = holders.anchors(shared, sizes[useful])
    places = np.searchsorted(shared, some.keys).clip(max=len(shared) - 1)
    held = shared[places] == some.keys
    article, its_anchor, row = _cross(some.numbers[held], places[held], anchors)
    mine = np.isin(anchors.numbers, some.numbers)
    rows = np.repeat(np.arange(len(shared)), anchors.sizes)[mine]
    led, places = np.unique(rows, return_inverse=True)
    anchor, follower, led_row = _cross(anchors.numbers[mine], places, holders.lists(shared[led]))
    others = ~np.isin(follower, some.numbers)   # the rest is among `article` already
    return _weighty(np.concatenate((article, follower[others])), np.concatenate((its_anchor, anchor[others])),
                    np.concatenate((weight[row], weight[led][led_row[others]])))


def weight_of(keys: NDArray[np.uint32], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each key weighs, held by so many: of words (even) 8, of names (odd) 4; if it is common, 1 and 0."""
    names, common = (keys & np.uint32(1)) != 0, sizes > COMMON
    return np.where(common, np.where(names, 0, 1), np.where(names, NEEDED // 2, NEEDED))


def unsettled(holders: Holders, moving: Entries) -> tuple[set[int], set[int]]:
    """What changes for other articles between `holders` with the moving articles and without them.

    Returns those that become, or cease to be, an anchor of a common key; and the holders of keys that
    become, or cease to be, common. `holders` must have the moving articles: ask after adding, before removing.
    """
    keys, moved = np.unique(moving.keys, return_counts=True)
    sizes = holders.sizes(keys)
    big = sizes > COMMON
    crossing, staying = big & (sizes - moved <= COMMON), big & (sizes - moved > COMMON)
    doubted = holders.lists(keys[crossing]).numbers
    lists = holders.lists(keys[staying], ANCHORS + moved[staying])
    gone = np.isin(lists.numbers, moving.numbers)
    starts = np.repeat(lists.offsets[:-1], lists.sizes)
    place = np.arange(len(gone))
    earlier = np.concatenate(([0], np.cumsum(gone)))
    with_them, without = place - starts < ANCHORS, place - starts - (earlier[place] - earlier[starts]) < ANCHORS
    swapped = lists.numbers[~gone & (with_them != without)]
    leaving = set(moving.numbers.tolist())
    return set(swapped.tolist()) - leaving, set(doubted.tolist()) - leaving


def weigh(holders: Holders, prints: Mapping[int, Fingerprint]) -> dict[int, Weighed]:
    """The fingerprints with the common ones among their keys."""
    words = {number: _of_words(one) for number, one in prints.items()}
    rare = {number: _of_names(one) for number, one in prints.items()}
    everything = [np.zeros(0, np.uint32), *words.values(), *rare.values()]
    keys = np.concatenate(everything)
    order = np.argsort(keys)   # in order they are found several times faster
    common = np.empty(len(keys), np.bool_)
    common[order] = holders.sizes(keys[order]) > COMMON
    ends = np.cumsum([len(one) for one in everything]).tolist()
    masks = [common[start:end] for start, end in pairwise(ends)]
    return {number: Weighed(one, words[number], rare[number], masks[i], masks[len(prints) + i])
            for i, (number, one) in enumerate(prints.items())}


def _keys(one: Fingerprint) -> NDArray[np.uint32]:
    if one.rare.runs < REWRITE_RUNS:   # too few to be a rewrite of anything
        return _of_words(one)
    return np.concatenate((_of_words(one), _of_names(one)))


def _of_words(one: Fingerprint) -> NDArray[np.uint32]:
    """Keys of words are even."""
    return one.word_keys() & ~np.uint32(1)


def _of_names(one: Fingerprint) -> NDArray[np.uint32]:
    """Keys of names are odd."""
    return one.rare_keys() | np.uint32(1)


def _cross(left: NDArray[np.uint32], rows: NDArray[np.int64], lists: Lists,
           ) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]:
    """Each left[i] with every holder in list rows[i]: left, holder, row."""
    first = lists.offsets[rows]
    counts = lists.offsets[rows + 1] - first
    return np.repeat(left, counts), lists.numbers[expand(first, counts)], np.repeat(rows, counts)


def _weighty(sources: NDArray[np.uint32], targets: NDArray[np.uint32], weights: NDArray[np.int64],
             ) -> list[tuple[int, int]]:
    """Each pair once whose weights add up to what is needed, none of an article with itself."""
    different = sources != targets
    codes, places = np.unique((sources[different].astype(np.uint64) << np.uint64(32)) | targets[different],
                              return_inverse=True)
    codes = codes[np.bincount(places, weights[different], len(codes)) >= NEEDED]
    return list(zip((codes >> np.uint64(32)).tolist(), (codes & np.uint64(0xFFFFFFFF)).tolist(), strict=True))
