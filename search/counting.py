"""Counting: the matches of all views as one list, each column gathered once, for all facets of a request together.

Few matches are counted from what is gathered; many are counted as masks over all articles, entities from the most
mentioned on, until no other can come among the first. Both ways give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segment import Segment
from search.filtering import Selection, bitmap
from search.generation import Generation
from search.postings import contains, expand

DENSE = 8
"""Matches in more than one article of this many are counted by masks over all articles, not one by one."""
CHUNK = 32
"""Entities counted by masks at a time, the most mentioned first."""
FREQUENT = 64
"""An entity in more than one article of this many is counted by its bitmap."""
WORDS_A_MENTION = 3
"""Going through a mention costs as much as so many words of a chunk; when chunks would cost more, all are counted."""

KEPT_MENTIONS = 1 << 20
"""So many mentions of a segment at most are kept as indices."""

Numbers = NDArray[Any]


@dataclass(slots=True)
class Leaders:
    """Entities of one kind: any that may be among the first, with their counts (ordinals of the generation)."""

    entities: Numbers
    counts: Numbers


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

    @property
    def is_dense(self) -> bool:
        """Whether masks are the cheaper way."""
        return self.total * DENSE > sum(selection.view.docs for selection in self.selections)

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

    @cached_property
    def stories(self) -> tuple[Numbers, Numbers]:
        """Which matches share their story with another match (indices), and their stories."""
        if not any(selection.view.has_stories for selection, _ in self._parts):
            return _NONE, _NONE
        story = _joined([selection.stories(self.leaving_out) for selection, _ in self._parts])
        several = np.flatnonzero(story)
        story = story[several]
        shared = _shared(story, len(self.generation.story_keys))
        return several[shared], story[shared]

    def repeats(self, buckets: Numbers, count: int) -> Numbers:
        """For each of `count` buckets its articles less its stories; `buckets`: that of each of `stories`."""
        return repeats(buckets, self.stories[1], count)

    @cached_property
    def _mentions(self) -> tuple[Numbers, Numbers]:
        """Match and entity (ordinal of the generation) of every mention in the matches."""
        places, entities, base = [], [], 0
        for selection, documents in self._parts:
            view = selection.view
            at, each = _mentioned(view.segment, documents)
            local = view.segment["entity"][at]
            entities.append(local if view.is_first else view.entities[local])
            places.append(np.repeat(np.arange(base, base + len(documents)), each))
            base += len(documents)
        return _joined(places), _joined(entities)

    @cached_property
    def _story_mentions(self) -> tuple[Numbers, Numbers]:
        """Index into `stories` and entity of every mention in those matches."""
        several = self.stories[0]
        if not len(several):
            return _NONE, _NONE
        places, entities, base, first = [], [], 0, 0
        for selection, documents in self._parts:
            low, high = np.searchsorted(several, (base, base + len(documents)))
            view, some = selection.view, documents[several[low:high] - base]
            at, each = _mentioned(view.segment, some)
            entities.append(view.entities[view.segment["entity"][at]])
            places.append(np.repeat(np.arange(first, first + len(some)), each))
            base, first = base + len(documents), first + len(some)
        return _joined(places), _joined(entities)

    @cached_property
    def _counted(self) -> Leaders:
        """All entities of the matches, counted by what is gathered."""
        entities = self._mentions[1]
        if len(entities) * 16 > len(self.generation.entities):
            counts = np.bincount(entities)
            return _some(np.arange(len(counts)), counts)
        ordered = np.sort(entities)
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else _NONE
        return Leaders(ordered[last], np.diff(last, prepend=-1))

    @cached_property
    def every_count(self) -> Numbers:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        counts = np.zeros(len(self.generation.entities), np.int64)
        if not self.is_dense:
            counts[self._counted.entities] = self._counted.counts
            return counts
        for selection, _ in self._parts:
            documents, edges = self._every_mention(selection.view.segment)
            passed = np.zeros(len(documents) + 1, np.int32)
            np.cumsum(selection.mask(self.leaving_out)[documents], out=passed[1:])
            counts[selection.view.entities] += np.diff(passed[edges])
        return counts

    def _every_mention(self, segment: Segment) -> tuple[Numbers, Numbers]:
        """The articles of all entities of a segment, list after list, and their edges; as indices, if they are few."""
        def make() -> tuple[Numbers, Numbers]:
            return segment["entity_document"].astype(np.int64), segment["entity_document_start"].astype(np.int64)
        if len(segment["entity_document"]) > KEPT_MENTIONS:
            return segment["entity_document"], segment["entity_document_start"]
        return self.generation.cache.get(("mentions", segment.name), make,
                                         lambda pair: pair[0].nbytes + pair[1].nbytes + 200)

    def leaders(self, kind: str, size: int) -> Leaders:
        """Entities of a kind: at least all that have as many matches as the last of the first `size`."""
        if self.is_dense:
            return self._leaders_of_many(kind, size)
        found = self._counted
        of_kind = np.flatnonzero(self.generation.entity_kind[found.entities] == self.generation.kind_number[kind])
        return Leaders(found.entities[of_kind], found.counts[of_kind])

    def _leaders_of_many(self, kind: str, size: int) -> Leaders:
        """From the most mentioned entity on; an entity has no more matches than mentions."""
        order, frequencies = self.generation.most_mentioned(kind)
        counts = np.empty(0, np.int64)
        for start in range(0, len(order), CHUNK):
            last = len(counts) - size          # where the last of the first `size` stands when sorted
            if last >= 0 and np.partition(counts, last)[last] > frequencies[start]:
                break
            if start >= CHUNK * self._affordable:
                return _some(order, self.every_count[order])
            counts = np.append(counts, sum(self._chunk(selection, kind, start) for selection, _ in self._parts))
        return _some(order[: len(counts)], counts)

    @cached_property
    def _affordable(self) -> int:
        """So many chunks of each kind of entity cost less than to go through all mentions."""
        mentions = sum(len(selection.view.segment["entity"]) for selection in self.selections)
        words = sum(-(-selection.view.docs // 64) for selection in self.selections)
        return max(1, mentions * WORDS_A_MENTION // (CHUNK * words * len(self.generation.kind_number)))

    def _chunk(self, selection: Selection, kind: str, start: int) -> Numbers:
        """In how many matches of a view each entity of a chunk is mentioned."""
        shared = self._rows(selection, kind, start) & selection.bits(self.leaving_out)
        counts: Numbers = np.bitwise_count(shared).sum(axis=1, dtype=np.int64)
        return counts

    def _rows(self, selection: Selection, kind: str, start: int) -> NDArray[np.uint64]:
        """The articles of a view that mention each entity of a chunk, a bit each, shape (entities, words)."""
        view, end = selection.view, start + CHUNK

        def make() -> NDArray[np.uint64]:
            chunk = self.generation.most_mentioned(kind)[0][start:end].tolist()
            rows = np.zeros((len(chunk), -(-view.docs // 64)), np.uint64)
            for row, entity in zip(rows, chunk, strict=True):
                local = view.local_entity.get(entity)
                if local is not None:
                    mask = np.zeros(view.docs, np.bool_)
                    mask[view.segment.entity_documents(local)] = True
                    row[:] = bitmap(mask)
            return rows
        return self.generation.cache.get(("entity rows", self.generation.key, selection.number, kind, start, end),
                                         make, lambda rows: rows.nbytes + 200)

    def _count(self, selection: Selection, entity: int) -> int:
        """In how many matches of a view an entity is mentioned, by masks."""
        view = selection.view
        local = view.local_entity.get(entity)
        if local is None:
            return 0
        documents = view.segment.entity_documents(local)
        if len(documents) * FREQUENT > view.docs:
            bits = self._entity_bits(selection, local, documents) & selection.bits(self.leaving_out)
            return int(np.bitwise_count(bits).sum(dtype=np.int64))
        return int(np.count_nonzero(selection.mask(self.leaving_out)[documents]))

    def _entity_bits(self, selection: Selection, local: int, documents: Numbers) -> NDArray[np.uint64]:
        """The articles of a view that mention an entity, a bit each."""
        def make() -> NDArray[np.uint64]:
            mask = np.zeros(selection.view.docs, np.bool_)
            mask[documents] = True
            return bitmap(mask)
        return self.generation.cache.get(("entity bits", selection.view.segment.name, local), make,
                                         lambda bits: bits.nbytes + 200)

    def count(self, entity: int) -> int:
        """In how many matches an entity is mentioned."""
        if not self.is_dense:
            at = np.searchsorted(self._counted.entities, entity)
            known = at < len(self._counted.entities) and self._counted.entities[at] == entity
            return int(self._counted.counts[at]) if known else 0
        return sum(self._count(selection, entity) for selection, _ in self._parts)

    def having(self, kind: str) -> int:
        """How many matches mention an entity of a kind."""
        if self.is_dense:
            return sum(int(np.count_nonzero(selection.view.entity_types[kind] & selection.mask(self.leaving_out)))
                       for selection, _ in self._parts)
        places, entities = self._mentions
        return _distinct(places[self.generation.entity_kind[entities] == self.generation.kind_number[kind]])

    def covered(self, kind: str, entities: Sequence[int]) -> int:
        """How many matches mention some of these entities of a kind."""
        if not self.is_dense:
            places, mentioned = self._mentions
            return _distinct(places[self._numbered(entities)[mentioned] >= 0])
        leading = self.generation.most_mentioned(kind)[0][:CHUNK]
        at = np.flatnonzero(np.isin(leading, entities))
        others = set(entities).difference(leading[at].tolist())
        count = 0
        for selection, _ in self._parts:
            view = selection.view
            bits = np.bitwise_or.reduce(self._rows(selection, kind, 0)[at], axis=0)
            for local in (view.local_entity[entity] for entity in others if entity in view.local_entity):
                bits |= self._entity_bits(selection, local, view.segment.entity_documents(local))
            count += int(np.bitwise_count(bits & selection.bits(self.leaving_out)).sum(dtype=np.int64))
        return count

    def story_repeats(self, entities: Sequence[int]) -> Numbers:
        """For each of these entities its articles less its stories."""
        places, mentioned = self._story_mentions
        if not len(places):
            return np.zeros(len(entities), np.int64)
        bucket = self._numbered(entities)[mentioned]
        kept = np.flatnonzero(bucket >= 0)
        return repeats(bucket[kept], self.stories[1][places[kept]], len(entities))

    def _numbered(self, entities: Sequence[int]) -> Numbers:
        """For each entity of the generation its place among `entities`, or -1."""
        number = np.full(len(self.generation.entities), -1, np.int16 if len(entities) < 1 << 15 else np.int64)
        number[list(entities)] = np.arange(len(entities))
        return number


_NONE = np.empty(0, np.int64)


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


def _shared(story: Numbers, stories: int) -> Numbers:
    """Where a story stands that stands at another place too."""
    if len(story) * 16 > stories:
        return np.flatnonzero(np.bincount(story, minlength=stories)[story] > 1)
    ordered = np.sort(story)
    return np.flatnonzero(contains(ordered[1:][ordered[1:] == ordered[:-1]], story))


def _some(entities: Numbers, counts: Numbers) -> Leaders:
    """Those that are counted at all."""
    some = np.flatnonzero(counts)
    return Leaders(entities[some], counts[some])


def repeats(buckets: Numbers, stories: Numbers, count: int) -> NDArray[np.int64]:
    """For each of `count` buckets the articles in it less their stories; articles alone in their story may lack."""
    if not len(buckets):
        return np.zeros(count, np.int64)
    pairs = np.sort(buckets.astype(np.int64) << np.int64(32) | stories)
    again = pairs[1:][pairs[1:] == pairs[:-1]]
    return np.bincount(again >> np.int64(32), minlength=count)


def _mentioned(segment: Any, documents: Numbers) -> tuple[Numbers, Numbers]:
    """Where in the column of entities those of some articles stand, and how many each article has."""
    start = segment["entity_start"]
    begin = start[documents].astype(np.int64)
    each = start[documents + 1].astype(np.int64) - begin
    return expand(begin, each), each


def _distinct(ascending: Numbers) -> int:
    """How many different values an ascending list has."""
    return int(np.count_nonzero(ascending[1:] != ascending[:-1])) + bool(len(ascending))


def _joined(parts: Sequence[Numbers]) -> Numbers:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else _NONE
