"""The kernels in NumPy: plain, a few passes each. What each does stands in kernels.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.bits import Bits, Ranks, held
from search.columns import Column, Lists
from search.top import top


class ArrayKernels:
    """Kernels (see there) of NumPy alone."""

    is_compiled = False

    def ones(self, words: Bits) -> NDArray[np.int64]:
        return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(np.bool_))

    def places(self, articles: NDArray[np.int64], marked: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        which = np.flatnonzero(held(marked.bits, articles))
        return which, marked.rank(articles[which])

    def top(self, values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        return top(values, count)

    def add_scores(self, totals: NDArray[np.float32], articles: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        totals[articles] += scores

    def by_story(self, articles: NDArray[np.int64], story: NDArray[np.uint32]
                 ) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        several = articles[story[articles] != 0]
        several = several[np.argsort(story[several], kind="stable")]
        return several, story[several]

    def gather(self, lists: Lists) -> Lists:
        return lists.gathered()

    def count(self, parts: Sequence[tuple[Column, Column]], size: int) -> NDArray[np.uint32]:
        counts = np.zeros(size, np.uint32)
        for column, table in parts:
            counts[table.values] += _counts(column)
        return counts

    def add(self, counts: NDArray[np.uint32], table: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
        added = np.zeros(size, np.uint32)
        np.add.at(added, table, counts)
        return added

    def count_lists(self, parts: Sequence[tuple[Lists, Column]], counts: NDArray[np.uint32]) -> None:
        for lists, table in parts:
            counts[table.values] += _counts(Column(lists.gathered().values, lists.size))

    def clear(self, counts: NDArray[np.uint32], some: NDArray[np.uint32] | None) -> None:
        counts[:] = 0

    def most(self, counts: NDArray[np.uint32], some: NDArray[np.uint32] | None, ranges: Sequence[range], size: int
             ) -> list[NDArray[np.uint32]]:
        found = []
        for ordinals in ranges:
            its = counts[ordinals.start : ordinals.stop].astype(np.int64)
            counted = np.flatnonzero(its) if size else np.empty(0, np.int64)
            found.append((counted[top(its[counted], size)] + ordinals.start).astype(np.uint32))
        return found

    def count_sets(self, lists: Lists, group: NDArray[np.uint8]) -> NDArray[np.int64]:
        lists = lists.gathered()
        together = np.zeros(len(lists), np.uint8)
        some = np.flatnonzero(np.diff(lists.start))
        if len(some):
            together[some] = np.bitwise_or.reduceat(group[lists.values], lists.start[some])
        return np.bincount(together, minlength=256)

    def column_repeats(self, story: NDArray[np.uint32], column: Column, table: Column, place: NDArray[np.uint32],
                       places: int) -> NDArray[np.int64]:
        return _again(story, place[table.values[column.gathered().values]], places)

    def list_repeats(self, story: NDArray[np.uint32], lists: Lists, place: NDArray[np.uint16], places: int
                     ) -> NDArray[np.int64]:
        lists = lists.gathered()
        return _again(np.repeat(story, np.diff(lists.start)), place[lists.values], places)


def _counts(column: Column) -> NDArray[np.uint32]:
    return np.bincount(column.gathered().values, minlength=column.size).astype(np.uint32)


def _again(story: NDArray[np.uint32], place: NDArray[np.unsignedinteger[Any]], places: int) -> NDArray[np.int64]:
    """For each place how many pairs of a story and the place there are but the first of each."""
    counted = np.flatnonzero(place)
    pairs = np.sort(place[counted].astype(np.uint64) << np.uint64(32) | story[counted])
    again = pairs[1:][pairs[1:] == pairs[:-1]] >> np.uint64(32)
    return np.bincount(again.astype(np.int64), minlength=places)
