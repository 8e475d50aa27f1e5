"""The kernels in NumPy: plain, a few passes each. What each does stands in kernels.py."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

from search.bits import Bits, KeptBits, Ranks, bits_of, bits_of_numbers, count_set, held
from search.columns import SHOWN, Arrivals, Column, Lists, Ordinals, Pairs, Part, placed
from search.spare import Tally
from search.top import in_order, top


class ArrayKernels:
    """Kernels (see there) of NumPy alone."""

    is_compiled, library = False, None

    def ones(self, words: Bits) -> NDArray[np.int64]:
        return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(np.bool_))

    def ones_in_all(self, sets: Sequence[Bits], first: int) -> NDArray[np.int64]:
        return self.ones(reduce(and_, (bits[: len(sets[0])] for bits in sets)))

    def bits(self, numbers: Ordinals, limit: int) -> Bits:
        return bits_of_numbers(numbers, limit)

    def count_in_each(self, bits: Bits, groups: Sequence[Sequence[KeptBits]]) -> list[int]:
        return [count_set(bits & reduce(or_, (its.bits[: len(bits)] for its in sets))) if sets else 0
                for sets in groups]

    def places(self, articles: NDArray[np.int64], marked: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        which = np.flatnonzero(held(marked.bits, articles))
        return which, marked.rank(articles[which])

    def top(self, values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        return top(values, count)

    def first(self, values: NDArray[np.float32] | NDArray[np.int64], articles: NDArray[np.int64],
              arrivals: Arrivals, count: int, stand: int = 0) -> NDArray[np.int64]:
        return in_order(values, articles, arrivals, top(values, count))[:count]

    def add_scores(self, totals: NDArray[np.float32], articles: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        totals[articles] += scores

    def unite(self, parts: Sequence[Part], docs: int) -> tuple[NDArray[np.int64], NDArray[np.float32], Bits]:
        totals, mask = np.zeros(docs, np.float32), np.zeros(docs, np.bool_)
        for articles, scores in parts:
            mask[articles] = True
            if scores is not None:
                totals[articles] += scores
        found = np.flatnonzero(mask)
        return found, totals[found], bits_of(mask)

    def by_story(self, story: Column) -> Pairs:
        assert story.chosen is not None
        its = story.gathered().values
        some = np.flatnonzero(its)
        return Pairs(np.sort(its[some].astype(np.uint64) << np.uint64(32) | story.chosen[some].astype(np.uint64)))

    def marked_pairs(self, pairs: Pairs, bits: Bits, *, numbered: bool) -> Pairs:
        articles = pairs.articles
        marked = np.flatnonzero(bits[articles >> 6] >> (articles & 63).astype(np.uint64) & np.uint64(1))
        return Pairs(pairs.stories[marked].astype(np.uint64) << np.uint64(32) | marked.astype(np.uint64) if numbered
                     else pairs.values[marked])

    def gather(self, lists: Lists) -> Lists:
        return lists.gathered()

    def count(self, parts: Sequence[tuple[Column, Column]], size: int) -> NDArray[np.uint32]:
        counts = np.zeros(size, np.uint32)
        for column, table in parts:
            counts[table.values] += _counts(column)
        return counts

    def span(self, counts: NDArray[np.uint32], begin: int) -> tuple[int, int] | None:
        counted = np.flatnonzero(counts[begin:]) + begin
        return (int(counted[0]), int(counted[-1])) if len(counted) else None

    def add(self, counts: NDArray[np.uint32], span: tuple[int, int], place: Column, below: int, places: int
            ) -> NDArray[np.uint32]:
        added, some = np.zeros(places + 1, np.uint32), slice(span[0], span[1] + 1)
        np.add.at(added, placed(place, below)[some], counts[some])
        return added[1:]

    def count_lists(self, parts: Sequence[tuple[Lists, Column]], tally: Tally) -> None:
        for lists, table in parts:
            tally.counts[table.values] += _counts(Column(lists.gathered().values, lists.size))

    def most(self, tally: Tally, met: int | None, edges: NDArray[np.uint32], size: int
             ) -> list[tuple[list[int], list[int]]]:
        found = []
        for first, end in edges.tolist():
            counted = np.flatnonzero(tally.counts[first:end]) + first if size else np.empty(0, np.int64)
            best = counted[top(tally.counts[counted].astype(np.int64), size)]
            found.append((best.tolist(), tally.counts[best].tolist()))
        return found

    def clear(self, tally: Tally, met: int | None) -> None:
        tally.counts.fill(0)

    def count_sets(self, lists: Lists, group: Column, shown: NDArray[np.int32]) -> list[int]:
        bits, shown = group.values.copy(), shown[shown >= 0]
        bits[shown] |= bits[shown] << SHOWN
        lists = lists.gathered()
        together = np.zeros(len(lists), np.uint8)
        some = np.flatnonzero(np.diff(lists.start))
        if len(some):
            together[some] = np.bitwise_or.reduceat(bits[lists.values], lists.start[some])
        return [int(np.count_nonzero(together & (1 << bit))) for bit in range(2 * SHOWN)]

    def column_repeats(self, pairs: Pairs, column: Column, is_gathered: bool, table: Column, place: Column, below: int,
                       places: int) -> NDArray[np.uint32]:
        column = column if is_gathered else column.of(pairs.articles).gathered()
        return _again(pairs.stories, placed(place, below)[table.values[column.values]], places)

    def list_repeats(self, pairs: Pairs, lists: Lists, is_gathered: bool, shown: NDArray[np.int32], room: Column
                     ) -> NDArray[np.uint32]:
        lists = lists if is_gathered else lists.of(pairs.articles).gathered()
        its, here = np.zeros(lists.size, np.uint32), np.flatnonzero(shown >= 0)
        its[shown[here]] = here + 1
        return _again(np.repeat(pairs.stories, np.diff(lists.start)), its[lists.values], len(shown))


def _counts(column: Column) -> NDArray[np.uint32]:
    return np.bincount(column.gathered().values, minlength=column.size).astype(np.uint32)


def _again(story: NDArray[np.uint32], place: NDArray[np.uint32], places: int) -> NDArray[np.uint32]:
    """For each place from 1 on how many pairs of a story and the place there are but the first of each."""
    counted = np.flatnonzero(place)
    pairs = np.sort(place[counted].astype(np.uint64) << np.uint64(32) | story[counted])
    again = pairs[1:][pairs[1:] == pairs[:-1]] >> np.uint64(32)
    return np.bincount(again.astype(np.int64), minlength=places + 1)[1:].astype(np.uint32)
