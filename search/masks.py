"""Masks: many matches counted as one row of bits against the rows of entities, sources and times.

An entity, a source or a month is a row of bits in the generation's layout; AND with the matches and a count of bits
say how many it has, whatever their number. Entities come from the most mentioned on, until no other can come among
the first. What has no row is counted as few matches are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search import rows
from search.counting import Leaders, Matches, Numbers
from search.filtering import Selection
from search.generation import Generation
from search.layout import Bits, Mask, ones
from search.opened import KINDS
from search.request import Interval

DENSE = 8
"""Matches in more than one article of this many are counted as masks."""
WORDS_A_MENTION = 3
"""Going through a mention costs as much as so many words of a row; when rows would cost more, all are counted."""
KEPT_MENTIONS = 1 << 20
"""So many mentions of a segment at most are kept as indices."""


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one, to be counted in the cheaper way."""
    total = sum(len(selection.documents(leaving_out)) for selection in selections)
    few = total * DENSE <= sum(view.docs for view in generation.views)
    return (Matches if few else ManyMatches)(generation, selections, leaving_out)


class ManyMatches(Matches):
    """Matches that are a good part of all articles."""

    @cached_property
    def _mask(self) -> Mask:
        return self.generation.layout.mask((selection.number, documents) for selection, documents in self._parts)

    @cached_property
    def _bits(self) -> Bits:
        return self.generation.layout.bits(self._mask)

    @cached_property
    def _shared(self) -> Bits:
        """Those that share their story with other articles, whether these match or not."""
        return self._bits[self.generation.layout.own :]

    def value_repeats(self, name: str, ordinals: Sequence[int]) -> Numbers:
        found = rows.values(self.generation, name)
        if found is None:
            return super().value_repeats(name, ordinals)
        return self.generation.layout.repeats(found[np.asarray(ordinals, np.intp)] & self._shared)

    def time_repeats(self, interval: Interval, first: int, last: int) -> Numbers:
        found = rows.times(self.generation, interval)
        if found is None:
            return super().time_repeats(interval, first, last)
        return self.generation.layout.repeats(found.rows[first - found.first : last + 1 - found.first] & self._shared)

    @cached_property
    def every_count(self) -> Numbers:
        """For each entity of the generation in how many matches it is mentioned, shape (entities,)."""
        counts = np.zeros(len(self.generation.entities), np.int64)
        for selection, _ in self._parts:
            documents, edges = self._every_mention(selection)
            passed = np.zeros(len(documents) + 1, np.int32)
            np.cumsum(selection.mask(self.leaving_out)[documents], out=passed[1:])
            counts[selection.view.entities] += np.diff(passed[edges])
        return counts

    def _every_mention(self, selection: Selection) -> tuple[Numbers, Numbers]:
        """The articles of all entities of a segment, list after list, and their edges; as indices, if they are few."""
        segment = selection.view.segment

        def make() -> tuple[Numbers, Numbers]:
            return segment["entity_document"].astype(np.int64), segment["entity_document_start"].astype(np.int64)
        if len(segment["entity_document"]) > KEPT_MENTIONS:
            return segment["entity_document"], segment["entity_document_start"]
        return self.generation.cache.get(("mentions", segment.name), make,
                                         lambda pair: pair[0].nbytes + pair[1].nbytes + 200)

    def leaders(self, kind: str, size: int) -> Leaders:
        """From the most mentioned entity on; an entity has no more matches than mentions."""
        order, frequencies = self.generation.most_mentioned(kind)
        counts = np.empty(0, np.int64)
        for start in range(0, len(order), rows.CHUNK):
            last = len(counts) - size          # where the last of the first `size` stands when sorted
            if last >= 0 and np.partition(counts, last)[last] > frequencies[start]:
                break
            if start >= self._ranks_with_rows:
                return _some(order, self.every_count[order], True)
            counts = np.concatenate((counts, ones(rows.entities(self.generation, kind, start) & self._bits)))
        return _some(order[: len(counts)], counts, len(counts) == len(order))

    @cached_property
    def _ranks_with_rows(self) -> int:
        """So many of the most mentioned entities of each type cost less as rows than to go through all mentions."""
        mentions = sum(len(selection.view.segment["entity"]) for selection in self.selections)
        words = self.generation.layout.words * len(KINDS)
        return max(1, mentions * WORDS_A_MENTION // (rows.CHUNK * words)) * rows.CHUNK

    def count(self, entity: int) -> int:
        places = self.generation.layout.places
        return sum(int(np.count_nonzero(self._mask[places[view][documents]]))
                   for view, documents in self.generation.mentioning(entity))

    @cached_property
    def having(self) -> Mapping[str, int]:
        counts = ones(rows.kinds(self.generation) & self._bits)
        return dict(zip(KINDS, counts.tolist(), strict=True))

    def covered(self, entities: Sequence[int]) -> Mapping[str, int]:
        kinds = self.generation.entity_kind[np.asarray(entities, np.intp)]
        return {kind: self._covered([entity for entity, its in zip(entities, kinds, strict=True) if its == number])
                for number, kind in enumerate(KINDS)}

    def _covered(self, entities: Sequence[int]) -> int:
        """How many matches mention some of these entities."""
        with_rows, others = self._with_rows(entities)
        bits = np.bitwise_or.reduce(self._rows(with_rows), axis=0)
        if others:
            layout = self.generation.layout
            bits |= layout.bits(layout.mask(part for entity in others for part in self.generation.mentioning(entity)))
        return int(ones((bits & self._bits)[np.newaxis])[0])

    def story_repeats(self, entities: Sequence[int]) -> Numbers:
        with_rows, others = self._with_rows(entities)
        repeated = np.zeros(len(entities), np.int64)
        own = self.generation.layout.own
        place = {entity: number for number, entity in enumerate(entities)}
        if with_rows:
            found = self.generation.layout.repeats(self._rows(with_rows, own) & self._shared)
            repeated[[place[entity] for entity in with_rows]] = found
        if others:
            repeated[[place[entity] for entity in others]] = super().story_repeats(others)
        return repeated

    def _with_rows(self, entities: Sequence[int]) -> tuple[list[int], list[int]]:
        """Those of some entities that have rows, and the others."""
        ranks = self.generation.entity_rank[np.asarray(entities, np.intp)].tolist()
        has_row = [rank < self._ranks_with_rows for rank in ranks]
        return ([entity for entity, has in zip(entities, has_row, strict=True) if has],
                [entity for entity, has in zip(entities, has_row, strict=True) if not has])

    def _rows(self, entities: Sequence[int], start: int = 0) -> Bits:
        """The rows of some entities, from word `start` on, shape (entities, words)."""
        chosen = np.asarray(entities, np.intp)
        kinds = self.generation.entity_kind[chosen].tolist()
        ranks = self.generation.entity_rank[chosen].tolist()
        chunks: dict[tuple[int, int], list[int]] = {}
        for number, (kind, rank) in enumerate(zip(kinds, ranks, strict=True)):
            chunks.setdefault((kind, rank - rank % rows.CHUNK), []).append(number)
        found = np.empty((len(entities), self.generation.layout.words - start), np.uint64)
        for (kind, first), numbers in chunks.items():
            chunk = rows.entities(self.generation, KINDS[kind], first)
            found[numbers] = chunk[[ranks[number] - first for number in numbers], start:]
        return found


def _some(entities: NDArray[np.int64], counts: NDArray[np.int64], are_all: bool) -> Leaders:
    """Those that are counted at all."""
    some = np.flatnonzero(counts)
    return Leaders(entities[some], counts[some], are_all)
