"""Repeats: how often a story has what it had before, which is what to take from articles to have stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.columns import Column, Lists, Pairs, placed
from search.spare import Spare


@dataclass(slots=True)
class OfColumn:
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

    def of(self, stories: NDArray[np.uint32]) -> OfColumn:
        """Those of some stories."""
        some = _which(self.pairs, stories)
        column = self.column.take(some).gathered() if self.is_gathered else self.column
        return replace(self, pairs=Pairs(self.pairs.values[some]), column=column)

    def placed(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Story and place of all that have a place."""
        column = self.column if self.is_gathered else self.column.of(self.pairs.articles).gathered()
        its = placed(self.place, self.below)[self.table.values[column.values]]
        counted = np.flatnonzero(its)
        return self.pairs.stories[counted], its[counted]


@dataclass(slots=True)
class OfLists:
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

    def of(self, stories: NDArray[np.uint32]) -> OfLists:
        """Those of some stories."""
        some = _which(self.pairs, stories)
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


Placed = OfColumn | OfLists


def _which(pairs: Pairs, stories: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Which pairs are of some stories (indices)."""
    every = pairs.stories
    some = np.zeros(int(every[-1]) + 1 if len(every) else 0, np.bool_)
    some[stories[stories < len(some)]] = True
    return np.flatnonzero(some[every])


def repeats_of(parts: Sequence[Placed], places: int) -> NDArray[np.uint32]:
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
        shared = largest.of(np.concatenate([part.pairs.stories for part in others]))
        found += _together([shared, *others], places) - shared.repeats(places)
    return found


def _together(parts: Sequence[Placed], places: int) -> NDArray[np.uint32]:
    """The same, all views as one."""
    story, its = (np.concatenate(column) for column in zip(*(part.placed() for part in parts), strict=True))
    every = np.sort(story.astype(np.uint64) << np.uint64(32) | its)
    each = Column(np.arange(places + 1, dtype=np.uint32), places + 1)
    return OfColumn(Pairs(every), each, False, each, each, 0).repeats(places)
