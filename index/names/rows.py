"""Rows: what was found in the articles of a batch, as rows of numbers; who reads it one by one sees tuples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from index.names.batch import MARGIN, Batch

Found = TypeVar("Found")
Rows = NDArray[np.int32]
"""One row a thing found, by its start: start, end (exclusive), and numbers that say what it is."""


class Told(Sequence[Found]):
    """What was found in one article, by its own tokens. Equal to any sequence of the same."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @abstractmethod
    def __iter__(self) -> Iterator[Found]: ...

    @overload
    def __getitem__(self, place: int) -> Found: ...
    @overload
    def __getitem__(self, place: slice) -> list[Found]: ...
    def __getitem__(self, place: int | slice) -> Found | list[Found]:
        return list(self)[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


def of_articles(rows: Rows, batch: Batch) -> list[Rows]:
    """The rows of each article of a batch, by its own tokens; `rows` count the batch's."""
    places = batch.split(rows[:, 0])
    own = rows.copy()
    own[:, :2] -= np.repeat(batch.begins[:-1] + MARGIN, np.diff(places)).astype(np.int32)[:, None]
    return [own[first:last] for first, last in pairwise(places)]
