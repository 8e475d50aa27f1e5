"""Counting: the matches of all views together, for all facets of a request. The loops are kernels'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Articles, Sharing
from search.columns import Column, Lists, expand
from search.filtering import Selection
from search.generation import Generation, View
from search.opened import KINDS

_WITH_BIT = (np.arange(256) >> np.arange(2 * len(KINDS))[:, None] & 1).astype(np.int64)
"""For each bit the sets that have it: row n for bit n, shape (bits, 256)."""


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

    def value_repeats(self, name: str, place: NDArray[np.uint32], places: int) -> NDArray[np.int64]:
        """For each place from 1 to `places` its articles less its stories.

        `place`: for each source (language, day) of the generation where it is counted, 0: nowhere.
        """
        return _repeats([_OfColumn(sharing.stories, sharing.column(name), self.generation.table(name, sharing.view),
                                   place) for sharing in self._sharing], places)

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
        counts = np.zeros(len(self.generation.entities), np.uint32)
        kernels.KERNELS.count_lists(self._mentions, counts)
        return counts

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]) -> tuple[list[dict[int, int]], list[int]]:
        """Of each kind the first `size` entities and any that have as many matches as the last, with their counts; the
        counts of some other entities."""
        counts = self.generation.no_counts.take()
        some = kernels.KERNELS.count_lists(self._mentions, counts)
        found = kernels.KERNELS.most(counts, some, [self.generation.of_kind[kind] for kind in kinds], size)
        leaders = [dict(zip(entities.tolist(), counts[entities].tolist(), strict=True)) for entities in found]
        of_others = counts[others].tolist() if others else []
        kernels.KERNELS.clear(counts, some)
        self.generation.no_counts.give(counts)
        return leaders, of_others

    def shown(self, entities: Sequence[int]) -> tuple[NDArray[np.int64], Mapping[str, int], Mapping[str, int]]:
        """For each of some entities its articles less its stories; for each kind how many matches mention any entity of
        it, and how many one of these."""
        local = {articles.view: _local(articles.view, entities) for articles in self._parts}
        having = (_WITH_BIT @ sum((_sets(articles, local[articles.view][0]) for articles in self._parts),
                                  np.zeros(256, np.int64))).tolist()
        return (self._entity_repeats(len(entities), local), dict(zip(KINDS, having, strict=False)),
                dict(zip(KINDS, having[len(KINDS) :], strict=True)))

    def _entity_repeats(self, count: int, local: Mapping[View, _Local]) -> NDArray[np.int64]:
        parts = []
        for sharing in self._sharing:
            place = sharing.view.no_places.take()
            ordinals, here = local[sharing.view]
            place[ordinals] = here + 1
            parts.append(_OfLists(sharing.stories, sharing.mentions, place))
        repeated = _repeats(parts, count)
        for sharing, part in zip(self._sharing, parts, strict=True):
            part.place[local[sharing.view][0]] = 0
            sharing.view.no_places.give(part.place)
        return repeated


def _sets(articles: Articles, shown: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many articles have each set of bits: bit n, if they mention an entity whose type has number n, and bit n +
    len(KINDS), if it is shown."""
    group = articles.view.kind_bits.take()
    kinds = group[shown]
    group[shown] = kinds | kinds << len(KINDS)
    sets = kernels.KERNELS.count_sets(articles.mentions, group)
    group[shown] = kinds
    articles.view.kind_bits.give(group)
    return sets


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    sharing = [selection.articles().sharing for selection in selections if selection.count()]
    story = np.concatenate([np.empty(0, np.uint32), *(some.stories for some in sharing)])
    seen = np.zeros(int(story.max(initial=0)) + 1, np.bool_)
    seen[story] = True
    return sum(selection.count() for selection in selections) - len(story) + int(np.count_nonzero(seen))


_Local = tuple[NDArray[np.int32], NDArray[np.int64]]


def _local(view: View, entities: Sequence[int]) -> _Local:
    """Those of some entities that a view has, as its ordinals, and which they are (indices)."""
    local = view.local_entity[np.array(entities, np.intp)]
    here = (local >= 0).nonzero()[0]
    return local[here], here


@dataclass(slots=True)
class _OfColumn:
    """Articles of a view that share their story, story by story; what each has one of, and the places of these."""

    stories: NDArray[np.uint32]
    column: Column
    table: Column
    place: NDArray[np.uint32]

    def repeats(self, places: int) -> NDArray[np.int64]:
        return kernels.KERNELS.column_repeats(self.stories, self.column, self.table, self.place, places + 1)[1:]

    def of(self, stories: NDArray[np.uint32]) -> _OfColumn:
        """Those of some stories (ascending, each once)."""
        some = _articles_of(self.stories, stories)
        return _OfColumn(self.stories[some], self.column.take(some), self.table, self.place)

    def pairs(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Story and place of all that have a place."""
        its = self.place[self.table.values[self.column.gathered().values]]
        counted = np.flatnonzero(its)
        return self.stories[counted], its[counted]


@dataclass(slots=True)
class _OfLists:
    """The same of what each has several of."""

    stories: NDArray[np.uint32]
    lists: Lists
    place: NDArray[np.uint16]

    def repeats(self, places: int) -> NDArray[np.int64]:
        return kernels.KERNELS.list_repeats(self.stories, self.lists, self.place, places + 1)[1:]

    def of(self, stories: NDArray[np.uint32]) -> _OfLists:
        """Those of some stories (ascending, each once)."""
        some = _articles_of(self.stories, stories)
        return _OfLists(self.stories[some], self.lists.take(some), self.place)

    def pairs(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Story and place of all that have a place."""
        lists = self.lists.gathered()
        its = self.place[lists.values].astype(np.uint32)
        counted = np.flatnonzero(its)
        return np.repeat(self.stories, np.diff(lists.start))[counted], its[counted]


_Placed = _OfColumn | _OfLists


def _articles_of(every: NDArray[np.uint32], stories: NDArray[np.uint32]) -> NDArray[np.int64]:
    begin, end = every.searchsorted(stories), every.searchsorted(stories, "right")
    return expand(begin, end - begin)


def _repeats(parts: Sequence[_Placed], places: int) -> NDArray[np.int64]:
    """For each place from 1 to `places` how often a story came again, in several views.

    Most stories are in one view, and most articles in the largest: it is counted alone, then the stories that are in
    others too are counted in all of them instead.
    """
    if not parts:
        return np.zeros(places, np.int64)
    largest = max(parts, key=lambda part: len(part.stories))
    found = largest.repeats(places)
    if len(parts) > 1:
        others = [part for part in parts if part is not largest]
        shared = largest.of(np.unique(np.concatenate([part.stories for part in others])))
        found += _together([shared, *others], places) - shared.repeats(places)
    return found


def _together(parts: Sequence[_Placed], places: int) -> NDArray[np.int64]:
    """The same, all views as one."""
    story, its = (np.concatenate(column) for column in zip(*(part.pairs() for part in parts), strict=True))
    order = np.argsort(story, kind="stable")
    each = np.arange(places + 1, dtype=np.uint32)
    return _OfColumn(story[order], Column(its[order], places + 1), Column(each, places + 1), each).repeats(places)
