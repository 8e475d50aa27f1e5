"""Spare: arrays over all entities that one search after another uses.

Made anew for each search, page after page of zeros, they would take longer than to count the articles of most words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from index.compiled_library import address

T = TypeVar("T")


class Spare(Generic[T]):
    """Things that are used by one search at a time. Whoever takes one gives it back as it was. Safe for threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._free = make, list[T]()

    def take(self) -> T:
        """One as it is made, that nobody else has."""
        try:
            return self._free.pop()
        except IndexError:
            return self._make()

    def give(self, thing: T) -> None:
        """For others to take."""
        self._free.append(thing)


class Tally:
    """How often each ordinal below `size` was met: not at all, when it is taken and when it is given back. Room for
    those that were, in any order, and for some of them with their counts."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.counts = np.zeros(size, np.uint32)
        self.met, self.heap, self.found = (np.empty(shape, np.uint32) for shape in (size + 1, size, (2, size + 1)))
        self.addresses = tuple(map(address, (self.counts, self.met, self.heap, *self.found)))
