"""Counting: the matches of all views together, for all facets of a request. The loops are kernels'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Sharing
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

    def value_counts(self, name: str) -> NDArray[np.int64]:
        """How many matches each source (language, day) of the generation has, shape (values,)."""
        counts = np.zeros(len(self.generation.values(name)), np.int64)
        for articles in self._parts:
            table = self.generation.table(name, articles.view)
            counts[table] += kernels.KERNELS.count(articles.column(name))
        return counts

    def value_repeats(self, name: str, place: NDArray[np.uint16], places: int) -> NDArray[np.int64]:
        """For each place from 1 to `places` its articles less its stories.

        `place`: for each source (language, day) of the generation where it is counted, 0: nowhere.
        """
        return _repeats([
            _Placed(sharing.stories, sharing.column(name), place[self.generation.table(name, sharing.view)])
            for sharing in self._sharing], places)

    @cached_property
    def _sharing(self) -> list[Sharing]:
        """The matches of each view that share their story; none where they are too few for a story to come again."""
        some = [sharing for articles in self._parts if len(sharing := articles.sharing)]
        return some if sum(map(len, some)) > 1 else []

    # -- entities -----------------------------------------------------------

    @cached_property
    def _mentioned(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32] | None]:
        """For each entity of the generation in how many matches it is mentioned; which are, where they are few."""
        return kernels.KERNELS.count_together([(articles.mentions, articles.view.entity_table)
                                               for articles in self._parts], len(self.generation.entities))

    @property
    def every_count(self) -> NDArray[np.uint32]:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        return self._mentioned[0]

    def leaders(self, kinds: Sequence[str], size: int) -> dict[str, dict[int, int]]:
        """Of each kind the first `size` entities and any that have as many matches as the last, with their counts."""
        counts, some = self._mentioned
        found = kernels.KERNELS.most(counts, some, [self.generation.of_kind[kind] for kind in kinds], size)
        return {kind: dict(zip(entities.tolist(), counts[entities].tolist(), strict=True))
                for kind, entities in zip(kinds, found, strict=True)}

    def entity_repeats(self, entities: Sequence[int]) -> NDArray[np.int64]:
        """For each of some entities its articles less its stories."""
        parts = []
        for sharing in self._sharing:
            local, here = _local(sharing.view, entities)
            place = np.zeros(len(sharing.view.entities), np.uint16)
            place[local] = here + 1
            parts.append(_Placed(sharing.stories, sharing.mentions, place))
        return _repeats(parts, len(entities))

    def mentioning(self, entities: Sequence[int]) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """For each kind how many matches mention any entity of it, and how many one of these."""
        sets = np.zeros(256, np.int64)
        for articles in self._parts:
            local, _ = _local(articles.view, entities)
            group = articles.view.opened.kind_bits.copy()
            group[local] |= group[local] << len(KINDS)
            sets += kernels.KERNELS.count_sets(articles.mentions, group)
        having = (_WITH_BIT @ sets).tolist()
        return dict(zip(KINDS, having, strict=False)), dict(zip(KINDS, having[len(KINDS) :], strict=True))


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    sharing = [selection.articles().sharing for selection in selections if selection.count()]
    story = np.concatenate([np.empty(0, np.uint32), *(some.stories for some in sharing)])
    seen = np.zeros(int(story.max(initial=0)) + 1, np.bool_)
    seen[story] = True
    return sum(selection.count() for selection in selections) - len(story) + int(np.count_nonzero(seen))


def _local(view: View, entities: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Those of some entities that a view has, as its ordinals, and which they are (indices)."""
    local = view.local_entity[np.asarray(entities, np.intp)]
    here = np.flatnonzero(local >= 0)
    return local[here], here


@dataclass(frozen=True, slots=True)
class _Placed:
    """Articles of a view that share their story, story by story; what each has, and the place of that."""

    stories: NDArray[np.uint32]
    values: Column | Lists
    place: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.stories)

    def repeats(self, places: int) -> NDArray[np.int64]:
        return kernels.KERNELS.count_repeats(self.stories, self.values, self.place, places + 1)[1:]

    def of(self, stories: NDArray[np.uint32]) -> _Placed:
        """Those of some stories (ascending, each once)."""
        begin, end = self.stories.searchsorted(stories), self.stories.searchsorted(stories, "right")
        some = expand(begin, end - begin)
        return _Placed(self.stories[some], self.values.take(some), self.place)

    def pairs(self) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """Story and place of all that has a place."""
        values, stories = self.values.gathered(), self.stories
        if isinstance(values, Lists):
            stories = np.repeat(stories, np.diff(values.start))
        its = self.place[values.values]
        counted = np.flatnonzero(its)
        return stories[counted], its[counted]


def _repeats(parts: Sequence[_Placed], places: int) -> NDArray[np.int64]:
    """For each place from 1 to `places` how often a story came again, in several views.

    Most stories are in one view, and most articles in the largest: it is counted alone, then the stories that are in
    others too are counted in all of them instead.
    """
    if not parts:
        return np.zeros(places, np.int64)
    largest = max(parts, key=len)
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
    every = _Placed(story[order], Column(its[order], places + 1), np.arange(places + 1, dtype=np.uint16))
    return every.repeats(places)
