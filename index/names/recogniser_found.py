"""Found: the mentions of names in a batch of articles, as columns, so that array operations serve all of them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from index.names.model import EntityType

TYPES = (EntityType.PERSON, EntityType.PLACE, EntityType.ORGANISATION)
"""In the order of Scores."""
PERSON, PLACE, ORGANISATION, NONE = 0, 1, 2, -1
"""Places in TYPES, and what stands for no type."""
COUNT = 6
"""Bits of a run's code that hold the number of its names; a run has 40 tokens at most."""
COLUMNS = 7


class Strings(dict[str, int]):
    """Names in normal form and ids of entities, as numbers: `text` has the string of each, `lengths` how many words."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.lengths = array("i")

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self.text)
        self.text.append(text)
        self.lengths.append(text.count(" ") + 1)
        return number


@dataclass(slots=True)
class Found:
    """Mentions by position, of all articles of a batch; none overlaps another. One row a mention.

    `start` and `end` (exclusive) count the tokens of the batch. `name` is the number of its normal form, `entity` that
    of the id of the entity of the names files that it is, or -1. `scores`, float64, shape (n, 3): what its own words
    say of its type. `fixed`: they decide, whatever stands around it.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    name: NDArray[np.intp]
    entity: NDArray[np.intp]
    scores: NDArray[np.float64]
    fixed: NDArray[np.bool_]

    def kept(self, mask: NDArray[np.bool_], *more: Found) -> Found:
        """The mentions of a mask and `more` of them, by position."""
        parts = (self, *more)
        columns = [np.concatenate([getattr(part, field.name)[mask] if part is self else getattr(part, field.name)
                                   for part in parts]) for field in fields(self)]
        order = np.argsort(columns[0], kind="stable")
        return Found(*(column[order] for column in columns))


def of_codes(codes: NDArray[np.intp], starts: NDArray[np.intp], rows: array[float]) -> Found:
    """The mentions of runs that begin at `starts`, from their codes and the rows of all runs (see `Analysed`)."""
    counts = codes & ((1 << COUNT) - 1)
    places = np.arange(counts.sum()) + np.repeat((codes >> COUNT) - np.cumsum(counts) + counts, counts)
    table = np.frombuffer(rows, np.float64).reshape(-1, COLUMNS).take(places, 0)
    begin = np.repeat(starts, counts)
    return Found(begin + table[:, 0].astype(np.intp), begin + table[:, 1].astype(np.intp), table[:, 2].astype(np.intp),
                 np.full(len(begin), -1, np.intp), table[:, 3:6].copy(), table[:, 6] != 0)
