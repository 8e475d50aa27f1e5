"""Entity blocks: the entities that articles mention, eight at a time, so that an article is one look into memory.

An article has as many blocks as its entities take, and one if it has none. What is left over in a block holds the
number of entities, which is no entity's. Once many articles of a segment are asked for, the blocks of all are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.generation import Generation, Key, View
from search.postings import expand

WIDTH = 8
KEPT = 1000
"""The blocks of a segment are made and kept when more than one of its articles of this many are first asked for."""
SHARE = 2
"""They may take the cache divided by this."""

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of some articles, one article after the other: ordinals of entities, shape (blocks, WIDTH).

    `first`: the first block of each article, and how many there are in all; None where every article has one block.
    """

    entities: Numbers
    first: NDArray[np.int64] | None

    @property
    def nbytes(self) -> int:
        return self.entities.nbytes + (0 if self.first is None else self.first.nbytes) + 300

    def of(self, articles: Numbers) -> Blocks:
        """The blocks of some of the articles (indices)."""
        if self.first is None:
            return Blocks(self.entities.take(articles, axis=0), None)
        begin = self.first[articles]
        many = self.first[articles + 1] - begin
        if not (many > 1).any():
            return Blocks(self.entities.take(begin, axis=0), None)
        return Blocks(self.entities.take(expand(begin, many), axis=0), np.append(0, np.cumsum(many)))

    def looked_up(self, table: Numbers) -> Blocks:
        """What a table, as long as there are entities and one more, has in place of each."""
        return Blocks(table.take(self.entities), self.first)

    def with_bits(self, bits: Sequence[int]) -> Iterator[NDArray[np.bool_]]:
        """For each of some bits: which articles have it set in any of their values."""
        lanes = self.entities.view(np.uint64)
        each = lanes[:, 0]
        for lane in range(1, lanes.shape[1]):
            each = each | lanes[:, lane]
        if self.first is not None:
            each = np.bitwise_or.reduceat(each, self.first[:-1]) if len(each) else each
        values = range(0, 64, self.entities.itemsize * 8)
        for bit in bits:
            yield each & np.uint64(sum(1 << start + bit for start in values)) != 0

    def articles(self) -> Numbers:
        """For each block which article it is of (its index)."""
        if self.first is None:
            return np.arange(len(self.entities))
        return np.arange(len(self.first) - 1).repeat(np.diff(self.first))


def mentions(generation: Generation, view: View, documents: Numbers) -> Blocks:
    """What some articles of a view mention, as ordinals of the view."""
    key: Key = "mentions", view.segment.name
    known: Blocks | None = generation.cache.find(key)
    start, entity, entities = view.segment["entity_start"], view.segment["entity"], len(view.entities)
    if known is None and (len(documents) * KEPT <= view.docs
                          or 4 * (len(entity) + view.docs * WIDTH) > generation.cache.limit // SHARE):
        begin = start[documents].astype(np.int64)
        each = start[documents + 1] - begin
        return blocks(each, entity[expand(begin, each)], entities)
    if known is None:
        known = blocks(np.diff(start.astype(np.int64)), entity, entities)
        generation.cache.put(key, known, known.nbytes)
    return known.of(documents)


def joined(parts: Sequence[Blocks]) -> Blocks:
    """The blocks of the articles of each part, part after part."""
    if len(parts) == 1:
        return parts[0]
    entities = np.concatenate([np.empty((0, WIDTH), np.int64), *(part.entities for part in parts)])
    if all(part.first is None for part in parts):
        return Blocks(entities, None)
    many = [np.diff(part.first) if part.first is not None else np.ones(len(part.entities), np.int64)
            for part in parts]
    return Blocks(entities, np.append(0, np.cumsum(np.concatenate(many))))


def blocks(each: Numbers, entity: Numbers, entities: int) -> Blocks:
    """Blocks of articles that mention so many entities each; `entity`: theirs, ordinals below `entities`."""
    many = np.maximum(-(-each // WIDTH), 1)
    first = np.append(0, np.cumsum(many))
    filled = np.full(int(first[-1]) * WIDTH, entities, np.uint16 if entities < 1 << 16 else np.uint32)
    filled[np.arange(len(entity)) + (first[:-1] * WIDTH - (np.cumsum(each) - each)).repeat(each)] = entity
    rows = filled.reshape(-1, WIDTH)
    return Blocks(rows, None if len(rows) == len(each) else first)
