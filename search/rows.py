"""Rows: which articles have a value, a row of bits in the generation's layout for each; made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.buckets import numbers
from search.generation import Generation
from search.layout import Bits
from search.opened import KINDS
from search.request import Interval

CHUNK = 32
"""Entities whose rows are made together, the most mentioned first."""
MOST = 512
"""Values of one column that have rows at most; more of them would be larger than what they save."""


@dataclass(frozen=True, slots=True)
class Times:
    """The rows of the buckets of an interval, the first of them number `first`."""

    first: int
    rows: Bits


def entities(generation: Generation, kind: str, start: int) -> Bits:
    """The CHUNK entities of a type from the `start`th most mentioned on, shape (entities, words)."""
    layout, chunk = generation.layout, generation.of_kind[kind][start : start + CHUNK]

    def make() -> Bits:
        return _stacked([layout.bits(layout.mask(generation.mentioning(entity))) for entity in chunk], layout.words)
    return _kept(generation, ("entities", chunk.start, chunk.stop), make)


def kinds(generation: Generation) -> Bits:
    """The articles that mention an entity of each type, shape (types, words)."""
    layout = generation.layout

    def make() -> Bits:
        return _stacked([layout.bits(layout.mask(
            (number, np.flatnonzero(view.opened.entity_flags & np.uint8(1 << kind)))
            for number, view in enumerate(generation.views))) for kind in range(len(KINDS))], layout.words)
    return _kept(generation, ("kinds",), make)


def values(generation: Generation, name: str) -> Bits | None:
    """The articles of each source (or language) that share their story; None if there are too many sources."""
    count = len(generation.sources if name == "source" else generation.languages)
    if count > MOST:
        return None

    def make() -> Bits:
        columns = [(view.sources if name == "source" else view.languages)[view.segment[name]]
                   for view in generation.views]
        return _of_column(generation, columns, count)
    return _kept(generation, ("values", name), make)


def times(generation: Generation, interval: Interval) -> Times | None:
    """The articles of each bucket of time that share their story; None if there are too many buckets."""
    days = [view.segment["days"] for view in generation.views]
    dated = [column[column != UNDATED] for column in days]
    ends = [int(end) for column in dated if len(column)
            for end in numbers(np.array([column.min(), column.max()]), interval)]
    if not ends or max(ends) - min(ends) >= MOST:
        return None
    first = min(ends)

    def make() -> Bits:
        columns = [np.where(column == UNDATED, -1, numbers(column, interval) - first) for column in days]
        return _of_column(generation, columns, max(ends) - first + 1)
    return Times(first, _kept(generation, ("times", interval), make))


def _of_column(generation: Generation, columns: list[NDArray[np.int64]], count: int) -> Bits:
    """A row for each value of a column, over the places of those that share their story, shape (values, words)."""
    layout = generation.layout
    shared = layout.own * 64
    column = np.full(layout.nowhere - shared + 1, -1, np.int64)
    for places, part in zip(layout.places, columns, strict=True):
        here = np.flatnonzero(places >= shared)
        column[places[here] - shared] = part[here]
    return _stacked([np.packbits(column[:-1] == value).view(np.uint64) for value in range(count)],
                    layout.words - layout.own)


def _stacked(rows: list[Bits], words: int) -> Bits:
    return np.stack(rows) if rows else np.empty((0, words), np.uint64)


def _kept(generation: Generation, key: tuple[object, ...], make: Callable[[], Bits]) -> Bits:
    return generation.cache.get(("rows", generation.state, *key), make, lambda rows: rows.nbytes + 200)
