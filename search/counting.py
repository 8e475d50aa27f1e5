"""Counting: the matches of all views as one list, each column gathered once, for all facets of a request together.

This is the way for few matches; `masks.py` has the one for many, which gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.buckets import numbers
from search.entity_blocks import WIDTH, Blocks, joined, mentions
from search.filtering import Selection
from search.generation import Generation, View
from search.opened import KINDS
from search.request import Interval
from search.top import top

HEAD = 256
"""So many of the most mentioned entities are looked at first for how many matches the first of them have."""
FEW = 1
"""Mentions are sorted to be counted when there are fewer than one for so many entities."""

Numbers = NDArray[Any]
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Shared:
    """For each of some entities its articles less its stories; for each kind how many matches mention one of them."""

    repeats: Numbers
    covered: Mapping[str, int]


@dataclass
class Matches:
    """The matches that pass all groups of filters but one, view after view; `total` of them."""

    generation: Generation
    selections: Sequence[Selection]
    leaving_out: str | None = None
    total: int = field(init=False)

    def __post_init__(self) -> None:
        parts = [(selection, selection.documents(self.leaving_out)) for selection in self.selections]
        self._parts = [(selection, documents) for selection, documents in parts if len(documents)]
        self.total = sum(len(documents) for _, documents in self._parts)

    # -- columns of one value an article ------------------------------------

    @cached_property
    def days(self) -> Numbers:
        """The day of each match."""
        return _joined([selection.column("days", self.leaving_out) for selection, _ in self._parts])

    def values(self, name: str) -> Numbers:
        """The source or language of each match, as an ordinal of the generation."""
        parts = []
        for selection, _ in self._parts:
            table = selection.view.sources if name == "source" else selection.view.languages
            local = selection.column(name, self.leaving_out)
            parts.append(local if selection.view.is_first else table[local])
        return _joined(parts)

    def value_counts(self, name: str) -> Numbers:
        """How many matches each source (or language) of the generation has, shape (values,)."""
        values = self.generation.sources if name == "source" else self.generation.languages
        return np.bincount(self.values(name), minlength=len(values))

    # -- stories ------------------------------------------------------------

    @cached_property
    def _stories(self) -> tuple[Numbers, Numbers]:
        """Which matches share their story with other articles (indices), whether these match or not; their stories."""
        if not any(selection.view.has_stories for selection, _ in self._parts):
            return _NONE, _NONE
        story = _joined([selection.stories(self.leaving_out) for selection, _ in self._parts])
        several = np.flatnonzero(story != 0)
        return several, story[several]

    def value_repeats(self, name: str, ordinals: Sequence[int]) -> Numbers:
        """For each of these sources (or languages) its articles less its stories."""
        several, story = self._stories
        if not len(several):
            return np.zeros(len(ordinals), np.int64)
        bucket = self.values(name)[several]
        return repeats(bucket, story, int(bucket.max()) + 1 + max(ordinals, default=0))[list(ordinals)]

    def time_repeats(self, interval: Interval, first: int, last: int) -> Numbers:
        """For each bucket of time from number `first` to `last` its articles less its stories.

        No dated match may be in another.
        """
        several, story = self._stories
        if not len(several):
            return np.zeros(last - first + 1, np.int64)
        days = self.days[several]
        dated = days != UNDATED
        if not dated.all():
            days, story = days[dated], story[dated]
        return repeats(numbers(days, interval) - first, story, last - first + 1)

    # -- entities -----------------------------------------------------------

    @cached_property
    def _mentions(self) -> list[tuple[View, Blocks]]:
        """What the matches of each view mention, as ordinals of the view."""
        return [(selection.view, selection.gathered(("mentioned",), partial(mentions, self.generation, selection.view),
                                                    self.leaving_out)) for selection, _ in self._parts]

    @cached_property
    def every_count(self) -> Numbers:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        counts = np.zeros(len(self.generation.entities) + 1, np.int64)
        for view, some in self._mentions:
            counts[view.entity_table] += np.bincount(some.entities.ravel(), minlength=len(view.entity_table))
        return counts[:-1]

    @cached_property
    def _mentioned(self) -> tuple[Numbers, Numbers] | None:
        """The entities that are mentioned, ascending, and in how many matches; None if counting all is quicker."""
        if sum(some.entities.size for _, some in self._mentions) * FEW > len(self.generation.entities):
            return None
        every = np.concatenate([_NONE, *(view.entity_table.take(some.entities.ravel())
                                         for view, some in self._mentions)])
        return np.unique(every, return_counts=True)

    def leaders(self, kind: str, size: int) -> dict[int, int]:
        """The first `size` entities of a kind and any that have as many matches as the last, with their counts."""
        of_kind = self.generation.of_kind[kind]
        if self._mentioned is not None:
            every, each = self._mentioned
            first, end = every.searchsorted((of_kind.start, of_kind.stop)).tolist()
            entities, counts = every[first:end], each[first:end]
        else:
            entities = self._promising(kind, self.every_count[of_kind.start : of_kind.stop], size)
            counts = self.every_count[entities]
        best = top(counts, size) if size else _NONE
        return dict(zip(entities[best].tolist(), counts[best].tolist(), strict=True))

    def _promising(self, kind: str, counts: Numbers, size: int) -> Numbers:
        """Those of a kind whose counts may be among the first: the most mentioned say how much that takes at least."""
        head = counts[: max(HEAD, 2 * size)]
        least = max(1, int(np.partition(head, len(head) - size)[-size])) if 0 < size <= len(head) else 1
        end = len(counts) - int(self.generation.mentions_ascending[kind].searchsorted(least))
        return np.flatnonzero(counts[:end] >= least) + self.generation.of_kind[kind].start

    def count(self, entity: int) -> int:
        """In how many matches an entity is mentioned."""
        return int(self.every_count[entity])

    @cached_property
    def having(self) -> Mapping[str, int]:
        """For each kind how many matches mention an entity of it."""
        flags = _joined([selection.gathered(("flags",), selection.view.opened.entity_flags.__getitem__,
                                            self.leaving_out) for selection, _ in self._parts])
        each = np.bincount(flags, minlength=1 << len(KINDS)).tolist()
        return {kind: sum(count for value, count in enumerate(each) if value >> number & 1)
                for number, kind in enumerate(KINDS)}

    def shared(self, entities: Sequence[int]) -> Shared:
        """What some entities have in common: the stories of each, and the matches that mention one of a kind."""
        chosen = np.asarray(entities, np.intp)
        width = np.uint16 if len(chosen) < 1 << 13 else np.uint32
        flags = np.dtype(width).itemsize * 8 - len(KINDS)     # above the numbers, which begin at 1, a bit for each kind
        kinds = self.generation.entity_kind[chosen].astype(np.intp)
        numbers = (np.arange(1, len(chosen) + 1) | 1 << flags + kinds).astype(width)
        numbered = joined([some.looked_up(_table(view, chosen, numbers)) for view, some in self._mentions])
        covered = map(int, map(np.count_nonzero, numbered.with_bits(range(flags, flags + len(KINDS)))))
        several, stories = self._stories
        some = numbered.of(several)
        buckets = (some.entities & width((1 << flags) - 1)).ravel()
        at = np.flatnonzero(buckets != 0)
        repeated = repeats(buckets[at], stories[some.articles()[at // WIDTH]], len(chosen) + 1)[1:]
        return Shared(repeated, dict(zip(KINDS, covered, strict=True)))


def _table(view: View, entities: Numbers, values: Numbers) -> Numbers:
    """For each entity of a view, and what is left over in blocks, its value if it is among some, else 0."""
    table = np.zeros(len(view.entity_table), values.dtype)
    local = view.local_entity[entities]
    here = local >= 0
    table[local[here]] = values[here]
    return table


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    total = sum(len(selection.documents()) for selection in selections)
    parts = [selection.stories() for selection in selections if selection.view.has_stories]
    story = _joined([part[part != 0] for part in parts])
    if not len(story):
        return total
    seen = np.zeros(int(story.max()) + 1, np.bool_)
    seen[story] = True
    return total - len(story) + int(np.count_nonzero(seen))


def repeats(buckets: Numbers, stories: Numbers, count: int) -> NDArray[np.int64]:
    """For each of `count` buckets how often a story came again: what to take from its articles to have its stories.

    `buckets`, `stories`: those of each article that may share its story with others, shape (n,).
    """
    if not len(buckets):
        return np.zeros(count, np.int64)
    number = int(stories.max()) + 1
    width = np.uint32 if count * number < 1 << 32 else np.int64       # half as wide is sorted in half the time
    pairs = np.multiply(buckets, number, dtype=width, casting="unsafe") + stories.astype(width)
    pairs.sort()
    again = pairs[1:][pairs[1:] == pairs[:-1]]
    return np.bincount(again // number, minlength=count)


def _joined(parts: Sequence[Numbers]) -> Numbers:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else _NONE
