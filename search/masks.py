"""Masks: many matches counted as one row of bits against the rows of entities, sources and times.

AND with the row of an entity and a count of bits say how many matches it has, whatever their number. Entities are
counted from the most mentioned on, until no other can come among the first; of entities in few articles these are gone
through. Small segments, and what has no row, are counted as few matches are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from search import handful, rows
from search.bits import Bits, bits_of, count_shared
from search.counting import Matches, Numbers, Shared
from search.filtering import Selection
from search.generation import Generation
from search.handful import Handful
from search.opened import KINDS
from search.request import Interval
from search.top import top

DENSE = 12
"""Matches in more than one article of this many are counted as masks."""
WORDS_A_MENTION = 3
"""Rows take so many words at most for each mention of the large segments; beyond, the mentions of matches are
gone through."""


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one, to be counted in the cheapest way."""
    total = sum(len(selection.documents(leaving_out)) for selection in selections)
    many = total * DENSE > sum(view.docs for view in generation.views)
    way = Handful if total <= handful.MOST else ManyMatches if many else Matches
    return way(generation, selections, leaving_out)


class ManyMatches(Matches):
    """Matches that are a good part of all articles."""

    @cached_property
    def _large(self) -> list[tuple[Selection, Bits]]:
        """The matches of each large segment, a bit each."""
        return [(selection, selection.bits(self.leaving_out)) for selection, _ in self._parts
                if selection.view.is_large]

    @cached_property
    def _small(self) -> Matches:
        """The matches of all others."""
        return Matches(self.generation, [selection for selection, _ in self._parts if not selection.view.is_large],
                       self.leaving_out)

    @cached_property
    def _shared(self) -> Bits:
        """The matches that share their story with other articles, whether these match or not."""
        return self.generation.layout.of_masks((selection.number, selection.mask(self.leaving_out))
                                               for selection, _ in self._parts)

    def value_repeats(self, name: str, ordinals: Sequence[int]) -> Numbers:
        found = rows.shared_values(self.generation, name)
        if found is None:
            return super().value_repeats(name, ordinals)
        return self.generation.layout.repeats(found[np.asarray(ordinals, np.intp)] & self._shared)

    def time_repeats(self, interval: Interval, first: int, last: int) -> Numbers:
        found = rows.shared_times(self.generation, interval)
        if found is None:
            return super().time_repeats(interval, first, last)
        return self.generation.layout.repeats(found.rows[first - found.first : last + 1 - found.first] & self._shared)

    # -- entities -----------------------------------------------------------

    def leaders(self, kind: str, size: int) -> dict[int, int]:
        """From the most mentioned entity on; an entity has no more matches than mentions."""
        of_kind = self.generation.of_kind[kind]
        counts = np.empty(0, np.int64)
        for start in range(0, len(of_kind) if size else 0, rows.CHUNK):
            last = len(counts) - size          # where the last of the first `size` stands when sorted
            if last >= 0 and np.partition(counts, last)[last] > self.generation.most_mentions[of_kind[start]]:
                break
            if start >= self._with_rows:
                return super().leaders(kind, size)
            counts = np.concatenate((counts, self._counts(of_kind[start : start + rows.CHUNK])))
        best = top(counts, size)
        return {of_kind[place]: count for place, count in zip(best.tolist(), counts[best].tolist(), strict=True)}

    def _counts(self, chunk: range) -> Numbers:
        """In how many matches each of some entities is mentioned."""
        counts = self._small.every_count[chunk.start : chunk.stop]
        for selection, bits in self._large:
            some = rows.entities(self.generation, selection.view, chunk)
            counts = counts + some.count(bits, selection.mask(self.leaving_out))
        return counts

    @cached_property
    def _with_rows(self) -> int:
        """So many entities of each type have rows at most."""
        mentions = sum(len(selection.view.segment["entity"]) for selection, _ in self._large)
        words = sum(len(bits) for _, bits in self._large) * len(KINDS)
        return max(1, mentions * WORDS_A_MENTION // max(1, rows.CHUNK * words)) * rows.CHUNK

    def count(self, entity: int) -> int:
        return self._small.count(entity) + sum(
            int(np.count_nonzero(selection.mask(self.leaving_out)[selection.view.segment.entity_documents(local)]))
            for selection, _ in self._large if (local := int(selection.view.local_entity[entity])) >= 0)

    @cached_property
    def having(self) -> Mapping[str, int]:
        counts = np.array(list(self._small.having.values()))
        for selection, bits in self._large:
            counts += count_shared(rows.kinds(self.generation, selection.view), bits)
        return dict(zip(KINDS, counts.tolist(), strict=True))

    def shared(self, entities: Sequence[int]) -> Shared:
        """By rows; what has none is counted as few matches are."""
        covered = dict(self._small.shared(entities).covered)
        for kind, of_kind in self.generation.of_kind.items():
            ranks = [entity - of_kind.start for entity in entities if entity in of_kind]
            for selection, bits in self._large:
                covered[kind] += self._covered(selection, bits, of_kind, ranks)
        return Shared(self._story_repeats(np.asarray(entities, np.intp)), covered)

    def _covered(self, selection: Selection, bits: Bits, of_kind: range, ranks: Sequence[int]) -> int:
        """How many matches of a large segment mention some entities of a type."""
        found, others = np.zeros_like(bits), np.zeros(selection.view.docs, np.bool_)
        chunks: dict[int, rows.Mentioning] = {}
        for rank in ranks:
            chunk, place = divmod(rank, rows.CHUNK)
            if rank < self._with_rows:
                if chunk not in chunks:
                    chunks[chunk] = rows.entities(self.generation, selection.view,
                                                  of_kind[chunk * rows.CHUNK : (chunk + 1) * rows.CHUNK])
                chunks[chunk].add_to(found, others, place)
            elif (local := int(selection.view.local_entity[of_kind[rank]])) >= 0:
                others[selection.view.segment.entity_documents(local)] = True
        if others.any():
            found |= bits_of(others)
        return int(count_shared(found[np.newaxis], bits)[0])

    def _story_repeats(self, entities: Numbers) -> Numbers:
        """For each of some entities its articles less its stories."""
        repeated = np.zeros(len(entities), np.int64)
        with_row: list[int] = []
        chunks: dict[int, Bits] = {}
        found: list[Bits] = []
        for of_kind in self.generation.of_kind.values():
            ranks = entities - of_kind.start
            own = np.flatnonzero((ranks >= 0) & (ranks < min(len(of_kind), self._with_rows))).tolist()
            for rank in ranks[own].tolist():
                chunk, place = divmod(rank, rows.SHARED_CHUNK)
                start = of_kind.start + chunk * rows.SHARED_CHUNK
                if start not in chunks:
                    chunks[start] = rows.shared_entities(self.generation, of_kind[
                        chunk * rows.SHARED_CHUNK : (chunk + 1) * rows.SHARED_CHUNK])
                found.append(chunks[start][place])
            with_row += own
        if with_row:
            shared = np.concatenate(found).reshape(len(found), -1) & self._shared
            repeated[with_row] = self.generation.layout.repeats(shared)
        others = np.delete(np.arange(len(entities)), with_row)
        if len(others):
            repeated[others] = super().shared(entities[others].tolist()).repeats
        return repeated
