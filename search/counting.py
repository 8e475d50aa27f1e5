"""Counting: the matches of all views together, for all facets of a request. The loops are kernels'."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import add

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Articles, Sharing
from search.columns import SHOWN, Column
from search.filtering import Selection
from search.generation import Generation, View
from search.mentioning import by_bits, having_by_bits
from search.nearly_all import NearlyAll, nearly_all
from search.opened import KINDS
from search.repeats import OfColumn, OfLists, repeats_of
from search.spare import Tally

Shown = tuple[list[int], list[int], list[int]]
"""Ordinals in the order in which they are shown, and how many articles and how many stories each has."""
ShownEntities = tuple[list[int], Shown, list[int], list[int]]
"""How many entities of each type are shown, and which, type after type; for each of KINDS how many articles mention any
entity of it, and how many one that is shown."""


class Matches:
    """The matches that pass all groups of filters but one, view after view; `total` of them."""

    def __init__(self, generation: Generation, parts: Sequence[Articles]) -> None:
        """`parts`: those of each view that has any."""
        self.generation, self._parts = generation, parts
        self.total = sum(map(len, parts))

    # -- what an article has one of: a source, a language, a day ------------

    def values(self, name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """For each source (or language) of the generation how many matches it has, and that less its stories."""
        generation = self.generation
        many = len(generation.values(name))
        return self._counts(name), self._repeats_of(name, generation.each_value, 0, many)

    def first_values(self, name: str, size: int) -> tuple[int, Shown] | None:
        """How many matches have no source (or language), and the first `size` of all others; None: they are not
        put in order here."""
        return None

    def days(self) -> tuple[int, tuple[int, int] | None]:
        """How many matches are undated, and which days of the generation are the first and the last of the others."""
        first = self.generation.first_day
        return int(self._days[:first].sum()), kernels.KERNELS.span(self._days, first)

    def buckets(self, span: tuple[int, int], place: Column, below: int, places: int) -> tuple[list[int], list[int]]:
        """How many articles and how many stories have each place. `span`: of their days.

        `place`: that of each day of the generation, the first one above `below`, up to it none.
        """
        counts = kernels.KERNELS.add(self._days, span, place, below, places)
        return counts.tolist(), (counts - self._repeats_of("day", place, below, places)).tolist()

    @cached_property
    def _days(self) -> NDArray[np.uint32]:
        return self._counts("day")

    def _counts(self, name: str) -> NDArray[np.uint32]:
        generation = self.generation
        return kernels.KERNELS.count(
            [(articles.column(name), generation.table(name, articles.view)) for articles in self._parts],
            len(generation.values(name)))

    def _repeats_of(self, name: str, place: Column, below: int, places: int) -> NDArray[np.uint32]:
        return repeats_of([OfColumn(sharing.pairs, *sharing.column(name), self.generation.table(name, sharing.view),
                                   place, below) for sharing in self._sharing], places)

    @cached_property
    def _sharing(self) -> list[Sharing]:
        """The matches of each view that share their story; none where they are too few for a story to come again."""
        some = [sharing for articles in self._parts if len(sharing := articles.sharing)]
        return some if sum(map(len, some)) > 1 else []

    # -- entities -----------------------------------------------------------

    @cached_property
    def _by_bits(self) -> set[View]:
        return {articles.view for articles in self._parts if by_bits(articles)}

    @cached_property
    def _nearly_all(self) -> dict[View, NearlyAll]:
        return {articles.view: found for articles in self._parts if (found := nearly_all(articles)) is not None}

    def _tally(self, tally: Tally, headed: Articles | None = None) -> int | None:
        """Tally the entities that matches mention (see Kernels.count_lists), of those `headed` the heads alone."""
        parts = [(articles.mentions, self.generation.table("entity", articles.view)) for articles in self._parts
                 if articles is not headed and articles.view not in self._nearly_all]
        if headed is not None:
            parts.append((headed.heads, headed.view.heads))
        met = kernels.KERNELS.count_lists(parts, tally)
        for view, nearly in self._nearly_all.items():
            tally.counts += nearly.tally(self.generation.table("entity", view))
        return None if self._nearly_all else met

    def entity_counts(self) -> NDArray[np.uint32]:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        tally = Tally(len(self.generation.entities))
        self._tally(tally)
        return tally.counts

    def first_entities(self, kinds: Sequence[str], size: int) -> ShownEntities | None:
        """The first `size` entities of each type; None: they are not put in order here, or cannot be yet."""
        return None

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]
                ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        """Of each kind the first `size` entities and any that have as many matches as the last, and the counts of
        these; the counts of some other entities."""
        headed = None if others else self._headed(kinds, size)
        leaders, of_others = self._leaders(kinds, size, others, headed)
        if headed is not None and not self._decided(headed, kinds, size, leaders):
            leaders, of_others = self._leaders(kinds, size, others, None)
        return leaders, of_others

    def _leaders(self, kinds: Sequence[str], size: int, others: Sequence[int], headed: Articles | None
                 ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        """The same, of those `headed` the heads alone."""
        tally = self.generation.tallies.take()
        met = self._tally(tally, headed)
        leaders = kernels.KERNELS.most(tally, met, self.generation.kind_edges(kinds).values.reshape(-1, 2), size)
        of_others = tally.counts[others].tolist() if others else []
        kernels.KERNELS.clear(tally, met)
        self.generation.tallies.give(tally)
        return leaders, of_others

    def _headed(self, kinds: Sequence[str], size: int) -> Articles | None:
        """The matches of the view that has most, if the first entities of each type are likely to be heads of it."""
        most = max(self._parts, key=len, default=None)
        if not size or most is None or most.view in self._nearly_all or most.view not in self._by_bits:
            return None
        heads, share, elsewhere = most.view.opened.heads, len(most) / most.view.docs, self.total - len(most)
        return most if all(heads.may_decide(KINDS.index(kind), size, share, elsewhere) for kind in kinds) else None

    def _decided(self, headed: Articles, kinds: Sequence[str], size: int,
                 leaders: Sequence[tuple[Sequence[int], Sequence[int]]]) -> bool:
        """Whether those that lead among the heads of these are the first of all."""
        heads, elsewhere = headed.view.opened.heads, self.total - len(headed)
        return all(heads.decide(KINDS.index(kind), size, counts, elsewhere)
                   for kind, (_, counts) in zip(kinds, leaders, strict=True))

    def shown(self, entities: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        """For each of some entities its articles less its stories; for each of KINDS how many matches mention any
        entity of it, and how many one of these."""
        some, kinds = np.array(entities, np.intp), range(len(KINDS))
        having = [0] * (2 * SHOWN)
        for articles in self._parts:
            having = list(map(add, having, self._having(articles, articles.view.local_entity[some])))
        repeats = repeats_of([self._repeats(sharing, some) for sharing in self._sharing], len(entities))
        return repeats.tolist(), [having[kind] for kind in kinds], [having[kind + SHOWN] for kind in kinds]

    def _having(self, articles: Articles, shown: NDArray[np.int32]) -> list[int]:
        nearly = self._nearly_all.get(articles.view)
        if articles.view in self._by_bits and (nearly is None or articles.are_many):
            return having_by_bits(articles, shown)
        bits = articles.view.kind_bits.take()
        its = (kernels.KERNELS.count_sets(articles.mentions, bits, shown) if nearly is None
               else nearly.sets(bits, shown))
        articles.view.kind_bits.give(bits)
        return its

    def _repeats(self, sharing: Sharing, some: NDArray[np.intp]) -> OfLists:
        view = sharing.view
        if view in self._nearly_all:
            return self._nearly_all[view].repeats(sharing, view.local_entity[some])
        local = view.local_entity[some]
        if view in self._by_bits and ((heads := view.head_of[some]) >= 0)[local >= 0].all():
            return OfLists(sharing.pairs, *sharing.heads, heads, view.head_room)
        return OfLists(sharing.pairs, *sharing.mentions, local, view.room)


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    sharing = [selection.articles().sharing for selection in selections if selection.count()]
    story = np.concatenate([np.empty(0, np.uint32), *(some.pairs.stories for some in sharing)])
    seen = np.zeros(int(story.max(initial=0)) + 1, np.bool_)
    seen[story] = True
    return sum(selection.count() for selection in selections) - len(story) + int(np.count_nonzero(seen))
