"""Rows: which articles have a value, a row of bits for each or a list; made when first asked for, kept in the cache.

Rows over the articles of a segment outlive its generation. Rows over the articles that share their story, in the order
of the generation's layout, are made anew when a story or an article has changed; there are far fewer of these articles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.bits import Bits, Mask, bits_of, bits_of_numbers, count_shared
from search.buckets import numbers
from search.generation import Generation, Key, View
from search.opened import KINDS
from search.request import Interval

CHUNK = 32
"""Entities of a segment whose rows are made together."""
SHARED_CHUNK = 8
"""Entities whose rows of shared stories are made together."""
MOST = 512
"""Values of one column that have rows at most; more of them would be larger than what they save."""
LISTED = 64
"""Entities in fewer than one article of this many are kept as lists: a list's article costs as much as a row's word."""
_NONE = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True)
class Times:
    """The rows of the buckets of an interval, the first of them number `first`."""

    first: int
    rows: Bits


@dataclass(frozen=True, slots=True)
class Mentioning:
    """The articles of a view that mention each of some entities, the deleted ones too.

    They are rows of bits, shape (entities, words), or, where that is less to go through, lists, one after the other,
    with the edges of each.
    """

    rows: Bits | None
    documents: NDArray[np.int64]
    edges: Sequence[int]

    @property
    def nbytes(self) -> int:
        return self.documents.nbytes + 100 * len(self.edges) + (0 if self.rows is None else self.rows.nbytes) + 300

    def add_to(self, bits: Bits, mask: Mask, place: int) -> None:
        """Add the articles of one of the entities to some bits or to a mask."""
        if self.rows is not None:
            np.bitwise_or(bits, self.rows[place], out=bits)
        else:
            mask[self.documents[self.edges[place] : self.edges[place + 1]]] = True

    def count(self, bits: Bits, mask: Mask) -> NDArray[np.int64]:
        """How many of some articles, given as bits and as a mask, mention each of the entities."""
        if self.rows is not None:
            return count_shared(self.rows, bits)
        passed = mask.take(self.documents)
        return np.array([np.count_nonzero(passed[start:end]) for start, end in pairwise(self.edges)], np.int64)


def entities(generation: Generation, view: View, chunk: range) -> Mentioning:
    """Who mentions some entities."""
    local = view.local_entity[chunk.start : chunk.stop]

    def make() -> Mentioning:
        lists = [view.segment.entity_documents(entity) if entity >= 0 else _NONE for entity in local.tolist()]
        edges = [0, *accumulate(map(len, lists))]
        if edges[-1] * LISTED <= len(lists) * view.docs:
            return Mentioning(None, np.concatenate(lists).astype(np.int64), edges)
        return Mentioning(np.stack([bits_of_numbers(each, view.docs) for each in lists]), np.empty(0, np.int64), ())
    return generation.cache.get(("entities", view.segment.name, local.tobytes()), make, lambda some: some.nbytes)


def kinds(generation: Generation, view: View) -> Bits:
    """The articles of a view that mention an entity of each type, the deleted ones too, shape (types, words)."""
    flags = view.opened.entity_flags
    return _kept(generation, ("type rows", view.segment.name), lambda: np.stack(
        [bits_of(flags & np.uint8(1 << number) != 0) for number in range(len(KINDS))]))


def shared_entities(generation: Generation, chunk: range) -> Bits:
    """The articles with shared stories that mention each of some entities, shape (entities, words)."""
    layout = generation.layout
    return _kept(generation, ("shared rows", generation.state, chunk.start, chunk.stop), lambda: np.stack(
        [layout.of_lists(generation.mentioning(entity)) for entity in chunk]))


def shared_values(generation: Generation, name: str) -> Bits | None:
    """The articles with shared stories of each source (or language); None if there are too many."""
    count = len(generation.sources if name == "source" else generation.languages)
    if count > MOST:
        return None
    return _kept(generation, ("value rows", generation.state, name), lambda: generation.layout.of_values(
        [(view.sources if name == "source" else view.languages)[view.segment[name]] for view in generation.views],
        count))


def shared_times(generation: Generation, interval: Interval) -> Times | None:
    """The articles with shared stories of each bucket of time; None if there are too many."""
    if generation.days is None:
        return None
    first, last = numbers(np.array(generation.days), interval).tolist()
    if last - first >= MOST:
        return None
    days = [view.segment["days"] for view in generation.views]
    found = _kept(generation, ("time rows", generation.state, interval), lambda: generation.layout.of_values(
        [np.where(each == UNDATED, -1, numbers(each, interval) - first) for each in days], last - first + 1))
    return Times(first, found)


def _kept(generation: Generation, key: Key, make: Callable[[], Bits]) -> Bits:
    return generation.cache.get(key, make, lambda rows: rows.nbytes + 200)
