"""The order of values by their labels, in which buckets of equal counts are shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from operator import itemgetter

import numpy as np

from search.columns import Column
from search.response import Named

Order = tuple[str, str, str, int]
"""What buckets of equal counts are ordered by: folded label, value; then label and ordinal."""
NOT_MET: Named = "", ""
PAYS = 100
"""To rank so many values takes as long as to put the buckets of one search in order without ranks."""


class LabelOrder:
    """Sources, languages or entities of a generation, put in order by their labels as they are met, since to make the
    labels of all would take as long as a thousand searches. Safe for threads."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values
        self._orders: list[Order | None] = [None] * len(values)
        self._named = [NOT_MET] * len(values)
        self._ranked: list[Order] = []               # in their order
        self._met: list[Order] = []                  # since then
        self._missed = 0
        self._lock = threading.Lock()
        self.ranks = Column(np.zeros(len(values), np.uint32), len(values) + 1)
        """Of each value, from 1 on; 0: not known yet. The array is never changed, but there may be another one."""

    def named(self, ordinals: Sequence[int]) -> Sequence[Named]:
        """Some values, all of which have been met, with their labels."""
        if len(ordinals) < 2:                        # of one, itemgetter would not make a sequence
            return [self._named[ordinal] for ordinal in ordinals]
        those: tuple[Named, ...] = itemgetter(*ordinals)(self._named)
        return those

    def of(self, ordinals: Sequence[int], label: Callable[[str], str] = str) -> list[Order]:
        """What some values are ordered by. `label`: of a value that is met for the first time."""
        orders = self._orders
        return [orders[ordinal] or self._meet(ordinal, label) for ordinal in ordinals]

    def _meet(self, ordinal: int, label: Callable[[str], str]) -> Order:
        value = self._values[ordinal]
        its = label(value)
        with self._lock:
            met = self._orders[ordinal]
            if met is None:
                self._named[ordinal] = value, its
                met = self._orders[ordinal] = its.casefold(), value, its, ordinal
                self._met.append(met)
        return met

    def missed(self) -> None:
        """Say that a search would have been quicker with ranks: as soon as that pays, what has been met gets some."""
        self._missed += 1
        if self._missed * PAYS >= len(self._ranked) + len(self._met):
            self.rank()

    def rank(self) -> None:
        """Give ranks to all that have been met."""
        with self._lock:
            self._ranked += sorted(self._met)
            self._ranked.sort()                      # two lists in order, which is soon done
            self._met.clear()
            ranks = np.zeros(len(self._values), np.uint32)
            ranks[[ordinal for _, _, _, ordinal in self._ranked]] = np.arange(1, len(self._ranked) + 1, dtype=np.uint32)
            self.ranks, self._missed = Column(ranks, len(ranks) + 1), 0
