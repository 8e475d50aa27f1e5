"""Counting: the matches of all views as one list, each column gathered once, for all facets of a request together.

This is the way for few matches; `masks.py` has the one for many, which gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.buckets import numbers
from search.filtering import Selection
from search.generation import Generation
from search.opened import KINDS
from search.postings import contains, expand
from search.ranking import top
from search.request import Interval

Numbers = NDArray[Any]
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Leaders:
    """Entities of one kind: any that may be among the first, with their counts (ordinals of the generation)."""

    entities: Numbers
    counts: Numbers
    are_all: bool
    """Whether no other is mentioned at all."""

    def first(self, size: int) -> Leaders:
        """Those that may be among the first `size`: the greatest counts, ties included."""
        if len(self.entities) <= size:
            return self
        best = top(self.counts, size)
        return Leaders(self.entities[best], self.counts[best], self.are_all and len(best) == len(self.entities))


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
        return _joined([selection.view.segment["days"][documents] for selection, documents in self._parts])

    def values(self, name: str) -> Numbers:
        """The source or language of each match, as an ordinal of the generation."""
        parts = []
        for selection, documents in self._parts:
            table = selection.view.sources if name == "source" else selection.view.languages
            local = selection.view.segment[name][documents]
            parts.append(local if selection.view.is_first else table[local])
        return _joined(parts)

    def value_counts(self, name: str) -> Numbers:
        """How many matches each source (or language) of the generation has, shape (values,)."""
        values = self.generation.sources if name == "source" else self.generation.languages
        return np.bincount(self.values(name), minlength=len(values))

    # -- stories ------------------------------------------------------------

    @cached_property
    def _stories(self) -> tuple[Numbers, Numbers]:
        """Which matches share their story with another match (indices), and their stories."""
        if not any(selection.view.has_stories for selection, _ in self._parts):
            return _NONE, _NONE
        story = _joined([selection.stories(self.leaving_out) for selection, _ in self._parts])
        several = np.flatnonzero(story)
        story = story[several]
        shared = _shared(story, len(self.generation.story_keys))
        return several[shared], story[shared]

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
        bucket = numbers(self.days[several], interval) - first
        dated = bucket >= 0
        return repeats(bucket[dated], story[dated], last - first + 1)

    # -- entities -----------------------------------------------------------

    @cached_property
    def _mentions(self) -> tuple[Numbers, Numbers]:
        """How many entities each match mentions, and all of them (ordinals of the generation)."""
        each, entities = [], []
        for selection, documents in self._parts:
            many, mentioned = _mentioned(selection, documents)
            each.append(many)
            entities.append(mentioned)
        return _joined(each), _joined(entities)

    @cached_property
    def _counted(self) -> Leaders:
        """All entities of the matches."""
        entities = self._mentions[1]
        if len(entities) * 16 > len(self.generation.entities):
            counts = np.bincount(entities)
            found = np.flatnonzero(counts)
            return Leaders(found, counts[found], True)
        ordered = np.sort(entities)
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else _NONE
        return Leaders(ordered[last], np.diff(last, prepend=-1), True)

    @cached_property
    def _kinds_counted(self) -> Numbers:
        """The type of each of `_counted`."""
        return self.generation.entity_kind[self._counted.entities]

    @cached_property
    def every_count(self) -> Numbers:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        counts = np.zeros(len(self.generation.entities), np.int64)
        counts[self._counted.entities] = self._counted.counts
        return counts

    def leaders(self, kind: str, size: int) -> Leaders:
        """Entities of a kind: at least all that have as many matches as the last of the first `size`."""
        of_kind = np.flatnonzero(self._kinds_counted == self.generation.kind_number[kind])
        return Leaders(self._counted.entities[of_kind], self._counted.counts[of_kind], True)

    def count(self, entity: int) -> int:
        """In how many matches an entity is mentioned."""
        at = np.searchsorted(self._counted.entities, entity)
        known = at < len(self._counted.entities) and self._counted.entities[at] == entity
        return int(self._counted.counts[at]) if known else 0

    @cached_property
    def having(self) -> Mapping[str, int]:
        """For each kind how many matches mention an entity of it."""
        flags = _joined([selection.view.opened.entity_flags[documents] for selection, documents in self._parts])
        return _of_flags(flags)

    def covered(self, entities: Sequence[int]) -> Mapping[str, int]:
        """For each kind how many matches mention some of these entities that is of the kind."""
        flag = np.zeros(len(self.generation.entities), np.uint8)
        chosen = np.asarray(entities, np.intp)
        flag[chosen] = 1 << self.generation.entity_kind[chosen]
        each, mentioned = self._mentions
        each = each[each > 0]
        starts = np.cumsum(each) - each
        return _of_flags(np.bitwise_or.reduceat(flag[mentioned], starts) if len(starts) else flag[:0])

    def story_repeats(self, entities: Sequence[int]) -> Numbers:
        """For each of these entities its articles less its stories."""
        several, stories = self._stories
        if not len(several) or not len(entities):
            return np.zeros(len(entities), np.int64)
        number: Numbers = np.full(len(self.generation.entities), -1, np.int16 if len(entities) < 1 << 15 else np.int64)
        number[np.asarray(entities, np.intp)] = np.arange(len(entities))
        each, mentioned = self._mentions_of(several)
        bucket: NDArray[np.integer[Any]] = number[mentioned]
        kept = np.flatnonzero(bucket >= 0)
        return repeats(bucket[kept], stories.repeat(each)[kept], len(entities))

    def _mentions_of(self, indices: Numbers) -> tuple[Numbers, Numbers]:
        """The same as `_mentions` for some of the matches."""
        each, entities, base = [], [], 0
        for selection, documents in self._parts:
            if len(self._parts) == 1:
                some = documents[indices]
            else:
                low, high = np.searchsorted(indices, (base, base + len(documents)))
                some, base = documents[indices[low:high] - base], base + len(documents)
            many, mentioned = _mentioned(selection, some)
            each.append(many)
            entities.append(mentioned)
        return _joined(each), _joined(entities)


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
    pairs = np.sort(buckets.astype(np.int64) << np.int64(32) | stories)
    again = pairs[1:][pairs[1:] == pairs[:-1]]
    return np.bincount(again >> np.int64(32), minlength=count)


def _shared(story: Numbers, stories: int) -> Numbers:
    """Where a story stands that stands at another place too."""
    if len(story) * 16 > stories:
        return np.flatnonzero(np.bincount(story, minlength=stories)[story] > 1)
    ordered = np.sort(story)
    return np.flatnonzero(contains(ordered[1:][ordered[1:] == ordered[:-1]], story))


def _mentioned(selection: Selection, documents: Numbers) -> tuple[Numbers, Numbers]:
    """How many entities some articles of a view mention, and all of these."""
    view = selection.view
    start = view.segment["entity_start"]
    begin = start[documents].astype(np.int64)
    each = start[documents + 1].astype(np.int64) - begin
    local = view.segment["entity"][expand(begin, each)]
    return each, local if view.is_first else view.entities[local]


def _of_flags(flags: Numbers) -> dict[str, int]:
    """For each kind in how many of some flags its bit is set."""
    each = np.bincount(flags, minlength=1 << len(KINDS)).tolist()
    return {kind: sum(count for value, count in enumerate(each) if value >> number & 1)
            for number, kind in enumerate(KINDS)}


def _joined(parts: Sequence[Numbers]) -> Numbers:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else _NONE
