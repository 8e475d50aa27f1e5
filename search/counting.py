"""Counting: the matches of all views together, for all facets of a request. The loops are kernels'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import add

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Sharing
from search.columns import SHOWN, Column, Lists, Pairs, expand, placed
from search.filtering import Selection
from search.generation import Generation
from search.opened import KINDS
from search.spare import Spare, Tally


class Matches:
    """The matches that pass all groups of filters but one, view after view; `total` of them."""

    def __init__(self, generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> None:
        self.generation = generation
        every = [selection.articles(leaving_out) for selection in selections]
        self._parts = [articles for articles in every if len(articles)]
        self.total = sum(map(len, self._parts))

    # -- what an article has one of: a source, a language, a day ------------

    def value_counts(self, name: str) -> NDArray[np.uint32]:
        """How many matches each source (language, day) of the generation has, shape (values,)."""
        generation = self.generation
        return kernels.KERNELS.count(
            [(articles.column(name), generation.table(name, articles.view)) for articles in self._parts],
            len(generation.values(name)))

    def value_repeats(self, name: str, place: Column, below: int, places: int) -> NDArray[np.uint32]:
        """For each of some places its articles less its stories, shape (places,).

        `place`: that of each source (language, day) of the generation, the first one above `below`, up to it none.
        """
        return _repeats([_OfColumn(sharing.pairs, *sharing.column(name), self.generation.table(name, sharing.view),
                                   place, below) for sharing in self._sharing], places)

    @cached_property
    def _sharing(self) -> list[Sharing]:
        """The matches of each view that share their story; none where they are too few for a story to come again."""
        some = [sharing for articles in self._parts if len(sharing := articles.sharing)]
        return some if sum(map(len, some)) > 1 else []

    # -- entities -----------------------------------------------------------

    @property
    def _mentions(self) -> list[tuple[Lists, Column]]:
        return [(articles.mentions, self.generation.table("entity", articles.view)) for articles in self._parts]

    def entity_counts(self) -> NDArray[np.uint32]:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        tally = Tally(len(self.generation.entities))
        kernels.KERNELS.count_lists(self._mentions, tally)
        return tally.counts

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]
                ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        """Of each kind the first `size` entities and any that have as many matches as the last, and the counts of
        these; the counts of some other entities."""
        tally = self.generation.tallies.take()
        met = kernels.KERNELS.count_lists(self._mentions, tally)
        leaders = kernels.KERNELS.most(tally, met, self.generation.kind_edges(kinds), size)
        of_others = tally.counts[others].tolist() if others else []
        kernels.KERNELS.clear(tally, met)
        self.generation.tallies.give(tally)
        return leaders, of_others

    def shown(self, entities: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        """For each of some entities its articles less its stories; for each of KINDS how many matches mention any
        entity of it, and how many one of these."""
        some, kinds = np.array(entities, np.intp), range(len(KINDS))
        local = {articles.view: articles.view.local_entity[some] for articles in self._parts}
        having = [0] * (2 * SHOWN)
        for articles in self._parts:
            bits = articles.view.kind_bits.take()
            its = kernels.KERNELS.count_sets(articles.mentions, bits, local[articles.view]).tolist()
            having = list(map(add, having, its))
            articles.view.kind_bits.give(bits)
        repeats = _repeats([_OfLists(sharing.pairs, *sharing.mentions, local[sharing.view], sharing.view.room)
                            for sharing in self._sharing], len(entities))
        return repeats.tolist(), [having[kind] for kind in kinds], [having[kind + SHOWN] for kind in kinds]


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    sharing = [selection.articles().sharing for selection in selections if selection.count()]
    story = np.concatenate([np.empty(0, np.uint32), *(some.pairs.stories for some in sharing)])
    seen = np.zeros(int(story.max(initial=0)) + 1, np.bool_)
    seen[story] = True
    return sum(selection.count() for selection in selections) - len(story) + int(np.count_nonzero(seen))


@dataclass(slots=True)
class _OfColumn:
    """Articles of a view that share their story; what each article of the view, or (`is_gathered`) each of these, has
    one of, and the places of these."""

    pairs: Pairs
    column: Column
    is_gathered: bool
    table: Column
    place: Column
    below: int

    def repeats(self, places: int) -> NDArray[np.uint32]:
        return kernels.KERNELS.column_repeats(self.pairs, self.column, self.is_gathered, self.table, self.place,
                                              self.below, places)

    def of(self, stories: NDArray[np.uint32]) -> _OfColumn:
        """Those of some stories (ascending, each once)."""
        some = _articles_of(self.pairs, stories)
        column = self.column.take(some).gathered() if self.is_gathered else self.column
        return replace(self, pairs=Pairs(self.pairs.values[some]), column=column)

    def placed(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Story and place of all that have a place."""
        column = self.column if self.is_gathered else self.column.of(self.pairs.articles).gathered()
        its = placed(self.place, self.below)[self.table.values[column.values]]
        counted = np.flatnonzero(its)
        return self.pairs.stories[counted], its[counted]


@dataclass(slots=True)
class _OfLists:
    """The same of what each has several of."""

    pairs: Pairs
    lists: Lists
    is_gathered: bool
    shown: NDArray[np.int32]                 # the ordinal that has the first place and so on; -1: none
    room: Spare[Column]

    def repeats(self, places: int) -> NDArray[np.uint32]:
        room = self.room.take()
        repeats = kernels.KERNELS.list_repeats(self.pairs, self.lists, self.is_gathered, self.shown, room)
        self.room.give(room)
        return repeats

    def of(self, stories: NDArray[np.uint32]) -> _OfLists:
        """Those of some stories (ascending, each once)."""
        some = _articles_of(self.pairs, stories)
        lists = self.lists.take(some).gathered() if self.is_gathered else self.lists
        return replace(self, pairs=Pairs(self.pairs.values[some]), lists=lists)

    def placed(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Story and place of all that have a place."""
        lists = self.lists if self.is_gathered else self.lists.of(self.pairs.articles).gathered()
        place, here = np.zeros(lists.size, np.uint32), np.flatnonzero(self.shown >= 0)
        place[self.shown[here]] = here + 1
        its = place[lists.values]
        counted = np.flatnonzero(its)
        return np.repeat(self.pairs.stories, np.diff(lists.start))[counted], its[counted]


_Placed = _OfColumn | _OfLists


def _articles_of(pairs: Pairs, stories: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Which pairs are of some stories (indices)."""
    every = pairs.stories
    begin, end = every.searchsorted(stories), every.searchsorted(stories, "right")
    return expand(begin, end - begin)


def _repeats(parts: Sequence[_Placed], places: int) -> NDArray[np.uint32]:
    """For each of some places how often a story came again, in several views.

    Most stories are in one view, and most articles in the largest: it is counted alone, then the stories that are in
    others too are counted in all of them instead.
    """
    if not parts:
        return np.zeros(places, np.uint32)
    largest = max(parts, key=lambda part: len(part.pairs)) if len(parts) > 1 else parts[0]
    found = largest.repeats(places)
    if len(parts) > 1:
        others = [part for part in parts if part is not largest]
        shared = largest.of(np.unique(np.concatenate([part.pairs.stories for part in others])))
        found += _together([shared, *others], places) - shared.repeats(places)
    return found


def _together(parts: Sequence[_Placed], places: int) -> NDArray[np.uint32]:
    """The same, all views as one."""
    story, its = (np.concatenate(column) for column in zip(*(part.placed() for part in parts), strict=True))
    every = np.sort(story.astype(np.uint64) << np.uint64(32) | its)
    each = Column(np.arange(places + 1, dtype=np.uint32), places + 1)
    return _OfColumn(Pairs(every), each, False, each, each, 0).repeats(places)
