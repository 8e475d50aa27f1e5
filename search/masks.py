"""Masks: many matches counted as one row of bits against the rows of entities, sources and times.

An entity, a source or a month is a row of bits in the generation's layout; AND with the matches and a count of bits
say how many it has, whatever their number. Entities come from the most mentioned on, until no other can come among
the first. What has no row is counted as few matches are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from search import rows
from search.counting import Matches, Numbers, Shared
from search.filtering import Selection
from search.generation import Generation
from search.layout import Bits, Mask, count_shared
from search.opened import KINDS
from search.ranking import top
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

    def leaders(self, kind: str, size: int) -> dict[int, int]:
        """From the most mentioned entity on; an entity has no more matches than mentions."""
        of_kind = self.generation.of_kind[kind]
        mentions = self.generation.entity_mentions
        counts = np.empty(0, np.int64)
        for start in range(0, len(of_kind) if size else 0, rows.CHUNK):
            last = len(counts) - size          # where the last of the first `size` stands when sorted
            if last >= 0 and np.partition(counts, last)[last] > mentions[of_kind[start]]:
                break
            if start >= self._ranks_with_rows:
                return super().leaders(kind, size)
            counts = np.concatenate((counts, count_shared(rows.entities(self.generation, kind, start), self._bits)))
        best = top(counts, size)
        return {of_kind[place]: count for place, count in zip(best.tolist(), counts[best].tolist(), strict=True)}

    @property
    def _are_few(self) -> bool:
        return False

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
        counts = count_shared(rows.kinds(self.generation), self._bits)
        return dict(zip(KINDS, counts.tolist(), strict=True))

    def shared(self, entities: Sequence[int]) -> Shared:
        """By rows; what has none is counted as few matches are."""
        layout, chosen = self.generation.layout, np.asarray(entities, np.intp)
        repeated, covered = np.zeros(len(entities), np.int64), {}
        with_row: list[int] = []
        found: list[Bits] = []                          # their rows
        for number, (kind, of_kind) in enumerate(self.generation.of_kind.items()):
            own = np.flatnonzero(self.generation.entity_kind[chosen] == number)
            has_row = chosen[own] - of_kind.start < self._ranks_with_rows
            bits = self._of(chosen[own[~has_row]].tolist())
            chunks: dict[int, Bits] = {}
            for rank in (chosen[own[has_row]] - of_kind.start).tolist():
                chunk, place = divmod(rank, rows.CHUNK)
                if chunk not in chunks:
                    chunks[chunk] = rows.entities(self.generation, kind, chunk * rows.CHUNK)
                row = chunks[chunk][place]
                np.bitwise_or(bits, row, out=bits)
                found.append(row[layout.own :])
            with_row += own[has_row].tolist()
            covered[kind] = int(count_shared(bits[np.newaxis], self._bits)[0])
        if with_row:
            shared = np.concatenate(found).reshape(len(found), -1)
            repeated[with_row] = layout.repeats(shared & self._shared)
        others = np.delete(np.arange(len(entities)), with_row)
        if len(others):
            repeated[others] = super().shared(chosen[others].tolist()).repeats
        return Shared(repeated, covered)

    def _of(self, entities: Sequence[int]) -> Bits:
        """The articles that mention some of these entities."""
        layout = self.generation.layout
        if not entities:
            return np.zeros(layout.words, np.uint64)
        return layout.bits(layout.mask(part for entity in entities for part in self.generation.mentioning(entity)))
