"""Columns: what articles have, as ordinals: one an article, or a list of them.

Compiled loops take an ordinal for a place in an array without looking, so those of a segment are checked once, when it
is opened. To ask an array where it stands takes longer than to count a hundred articles, so that is asked once too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address
from index.ranges import expand

Ordinals = NDArray[np.unsignedinteger[Any]]
"""Of 1, 2 or 4 bytes."""
Chosen = NDArray[np.int64] | None
"""Which articles of a column are meant, in any order; None: all, in their order."""
SHOWN = 3
"""Bits that an ordinal may have; if it is shown, the same again above these. As in kernels.c."""


@dataclass(slots=True)         # not frozen: each search makes several, and a frozen one takes four times as long
class Column:
    """One ordinal below `size` for each article: those at `chosen` in `values`."""

    values: Ordinals
    size: int
    chosen: Chosen = None
    chosen_address: int = field(default=0, repr=False, compare=False)    # where `chosen` stands, if that is known
    _address: int = field(default=0, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.values if self.chosen is None else self.chosen)

    @property
    def address(self) -> int:
        """Where `values` stand. Raises TypeError if they are not in one piece."""
        if not self._address:
            self._address = address(self.values)
        return self._address

    def of(self, articles: NDArray[np.int64], stand: int = 0) -> Column:
        """That of some articles. `stand`: where their numbers do, if that is known."""
        some = Column(self.values, self.size, articles, stand)
        some._address = self.address
        return some

    def take(self, some: NDArray[np.int64]) -> Column:
        """That of some of these articles (indices)."""
        return self.of(some if self.chosen is None else self.chosen[some])

    def gathered(self) -> Column:
        """The same in an array of its own."""
        return self if self.chosen is None else Column(self.values[self.chosen], self.size)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + 200


@dataclass(slots=True)
class Lists:
    """Ordinals below `size` for each article: for number `a` in `chosen` those in `values[start[a]:start[a + 1]]`."""

    start: NDArray[np.uint32]
    values: Ordinals
    size: int
    chosen: Chosen = None
    chosen_address: int = field(default=0, repr=False, compare=False)
    _addresses: tuple[int, int] | None = field(default=None, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.start) - 1 if self.chosen is None else len(self.chosen)

    @property
    def addresses(self) -> tuple[int, int]:
        """Where `start` and `values` stand. Raises TypeError if they are not in one piece or `start` not of 32 bits."""
        if self._addresses is None:
            self._addresses = address(self.start, np.uint32), address(self.values)
        return self._addresses

    def of(self, articles: NDArray[np.int64], stand: int = 0) -> Lists:
        """Those of some articles. `stand`: where their numbers do, if that is known."""
        some = Lists(self.start, self.values, self.size, articles, stand)
        some._addresses = self.addresses
        return some

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


@dataclass(slots=True)
class Pairs:
    """Articles that share their story, story by story, in 64 bits each: the story above, not 0, the article below."""

    values: NDArray[np.uint64]
    _address: int = field(default=0, init=False, repr=False, compare=False)
    _last: int | None = field(default=None, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def last(self) -> int:
        """The highest article; -1: there is none."""
        if self._last is None:
            self._last = int(self.articles.max(initial=-1))
        return self._last

    @property
    def address(self) -> int:
        """Where `values` stand."""
        if not self._address:
            self._address = address(self.values, np.uint64)
        return self._address

    @property
    def articles(self) -> NDArray[np.int64]:
        """The article of each pair."""
        return self.values.astype(np.uint32).astype(np.int64)

    @property
    def stories(self) -> NDArray[np.uint32]:
        """The story of each pair."""
        return (self.values >> np.uint64(32)).astype(np.uint32)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + 200


NO_PAIRS = Pairs(np.empty(0, np.uint64))


Part = tuple[NDArray[np.int64], NDArray[np.float32] | None]
"""Articles, ascending, each once, and their scores; None: they have none."""


@dataclass(slots=True)
class Arrivals:
    """When each article appeared, and the key of its id: what articles of the same value are ordered by."""

    moments: NDArray[np.int64]
    keys: NDArray[np.uint64]
    _addresses: tuple[int, int] | None = field(default=None, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return min(len(self.moments), len(self.keys))

    @property
    def addresses(self) -> tuple[int, int]:
        """Where they stand. Raises TypeError if they are not in one piece and of 64 bits."""
        if self._addresses is None:
            self._addresses = address(self.moments, np.int64), address(self.keys, np.uint64)
        return self._addresses

    def of(self, articles: NDArray[np.int64]) -> Arrivals:
        """Those of some articles."""
        return Arrivals(self.moments[articles], self.keys[articles])

    @staticmethod
    def together(parts: Sequence[Arrivals]) -> Arrivals:
        """Those of several views, one after the other."""
        return Arrivals(np.concatenate([part.moments for part in parts]), np.concatenate([part.keys for part in parts]))


def placed(place: Column, below: int) -> NDArray[np.uint32]:
    """Places by ordinal, as many lower as there are `below`; 0 where there is none above."""
    return np.where(place.values > below, place.values - np.uint32(below), 0)


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
