"""NearlyAll: matches that are most articles of a view, counted as all of these less the others.

What all articles have is kept, so a word that nearly every article prints takes hardly longer than the few that do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Articles, Sharing, sharing_of_all
from search.cache import Hashed
from search.columns import Column, Lists
from search.repeats import OfLists

FEW = 4
"""Matches are nearly all where the others are fewer than one in so many."""
Shown = NDArray[np.int32]
"""Entities as ordinals of a view, -1: it has not that one."""


def nearly_all(articles: Articles) -> NearlyAll | None:
    """The same matches, if they are nearly all."""
    docs = articles.view.docs
    if not articles.view.is_large or (docs - len(articles)) * FEW >= docs:
        return None
    return NearlyAll(articles)


@dataclass(frozen=True)
class NearlyAll:
    """Matches that are most articles of a view."""

    articles: Articles

    @cached_property
    def others(self) -> Articles:
        """The live articles that do not match."""
        articles = self.articles

        def find() -> NDArray[np.int64]:
            mask = np.ones(articles.view.docs, np.bool_) if articles.view.live is None else articles.view.live.copy()
            mask[articles.documents] = False
            return np.flatnonzero(mask)
        found = find() if articles.key is None else articles.generation.cache.get(
            ("others", *articles.key), find, lambda documents: documents.nbytes + 200)
        return Articles(articles.generation, articles.view, found, None)

    @cached_property
    def _every(self) -> Articles:
        view = self.articles.view
        return Articles(self.articles.generation, view, view.everything, (*view.key, "everything"))

    @property
    def _mentions(self) -> Lists:
        return self.articles.view.opened.mentions if self.articles.view.live is None else self._every.mentions

    def tally(self, table: Column) -> NDArray[np.uint32]:
        """How many matches mention each entity of the generation."""
        generation, view = self.articles.generation, self.articles.view

        def count(lists: Lists) -> NDArray[np.uint32]:
            tally = generation.tallies.take()
            met = kernels.KERNELS.count_lists([(lists, table)], tally)
            counts = tally.counts.copy()
            kernels.KERNELS.clear(tally, met)
            generation.tallies.give(tally)
            return counts
        every: NDArray[np.uint32] = generation.cache.get(
            ("mentioned", generation.key, view.key), lambda: count(self._mentions), lambda counts: counts.nbytes + 200)
        return every - count(self.others.mentions)

    def sets(self, bits: Column, shown: Shown) -> list[int]:
        """As `count_sets`, of the matches."""
        view = self.articles.view
        every: list[int] = self.articles.generation.cache.get(
            ("sets", *view.key, Hashed(shown.tobytes())),
            lambda: kernels.KERNELS.count_sets(self._mentions, bits, shown), lambda having: 400 + shown.nbytes)
        others = kernels.KERNELS.count_sets(self.others.mentions, bits, shown)
        return [of_all - of_others for of_all, of_others in zip(every, others, strict=True)]

    def repeats(self, sharing: Sharing, shown: Shown) -> OfLists:
        """The repeats of some entities in the matches. `sharing`: those that share their story."""
        return _OfNearlyAll(sharing.pairs, *sharing.mentions, shown, sharing.view.room, self)

    def in_all(self, shown: Shown) -> OfLists:
        """The same in all articles."""
        view = self.articles.view
        return OfLists(sharing_of_all(self.articles.generation, view), view.opened.mentions, False, shown, view.room)

    def kept_repeats(self, places: int, shown: Shown) -> NDArray[np.uint32]:
        """These counted."""
        generation = self.articles.generation
        return generation.cache.get(
            ("repeats", generation.state, self.articles.view.key, Hashed(shown.tobytes())),
            lambda: self.in_all(shown).repeats(places), lambda found: found.nbytes + 200 + shown.nbytes)


@dataclass(slots=True)
class _OfNearlyAll(OfLists):
    nearly: NearlyAll

    def of(self, stories: NDArray[np.uint32]) -> OfLists:
        return OfLists(self.pairs, self.lists, self.is_gathered, self.shown, self.room).of(stories)

    def repeats(self, places: int) -> NDArray[np.uint32]:
        """Those in all articles, but of the stories that others share those in the matches alone."""
        found, stories = self.nearly.kept_repeats(places, self.shown), self.nearly.others.pairs.stories
        if not len(stories):
            return found.copy()
        return found - self.nearly.in_all(self.shown).of(stories).repeats(places) + self.of(stories).repeats(places)
