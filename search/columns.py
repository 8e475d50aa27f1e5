"""Columns: what articles have, as ordinals: one an article, or a list of them.

Compiled loops take an ordinal for a place in an array without looking, so those of a segment are checked once, when it
is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ordinals = NDArray[np.unsignedinteger[Any]]
"""Of 1, 2 or 4 bytes."""
Chosen = NDArray[np.int64] | None
"""Which articles of a column are meant, in any order; None: all, in their order."""


@dataclass(frozen=True, slots=True)
class Column:
    """One ordinal below `size` for each article: those at `chosen` in `values`."""

    values: Ordinals
    size: int
    chosen: Chosen = None

    def __len__(self) -> int:
        return len(self.values if self.chosen is None else self.chosen)

    def of(self, articles: NDArray[np.int64]) -> Column:
        """That of some articles."""
        return Column(self.values, self.size, articles)

    def take(self, some: NDArray[np.int64]) -> Column:
        """That of some of these articles (indices)."""
        return self.of(some if self.chosen is None else self.chosen[some])

    def gathered(self) -> Column:
        """The same in an array of its own."""
        return self if self.chosen is None else Column(self.values[self.chosen], self.size)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + 200


@dataclass(frozen=True, slots=True)
class Lists:
    """Ordinals below `size` for each article: for number `a` in `chosen` those in `values[start[a]:start[a + 1]]`."""

    start: NDArray[np.uint32]
    values: Ordinals
    size: int
    chosen: Chosen = None

    def __len__(self) -> int:
        return len(self.start) - 1 if self.chosen is None else len(self.chosen)

    def of(self, articles: NDArray[np.int64]) -> Lists:
        """Those of some articles."""
        return Lists(self.start, self.values, self.size, articles)

    def take(self, some: NDArray[np.int64]) -> Lists:
        """Those of some of these articles (indices)."""
        return self.of(some if self.chosen is None else self.chosen[some])

    def gathered(self) -> Lists:
        """The same in arrays of their own, one list after the other."""
        if self.chosen is None:
            return self
        begin = self.start[self.chosen].astype(np.int64)
        many = self.start[self.chosen + 1] - begin
        start = np.append(0, np.cumsum(many)).astype(np.uint32)
        return Lists(start, self.values[expand(begin, many)], self.size)

    @property
    def nbytes(self) -> int:
        return self.start.nbytes + self.values.nbytes + 300


def expand(starts: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """starts[0], starts[0] + 1 … (counts[0] of them), then those of starts[1] and so on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    expanded: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return expanded


def checked(column: Column) -> Column:
    """The same column. Raises ValueError when an ordinal is not below its size."""
    if len(column.values) and int(column.values.max()) >= column.size:
        raise ValueError(f"a column has the value {column.values.max()}, of {column.size} that there are")
    return column


def checked_lists(lists: Lists) -> Lists:
    """The same lists. Raises ValueError when an ordinal is not below their size, or they do not follow each other from
    the first ordinal to the last."""
    start = lists.start
    if not len(start) or start[0] or start[-1] != len(lists.values) or (start[1:] < start[:-1]).any():
        raise ValueError(f"lists do not follow each other from 0 to {len(lists.values)}")
    checked(Column(lists.values, lists.size))
    return lists
