"""Opened: a segment, opened once for all generations that have it, with the tables that depend on it alone.

A segment never changes, and most of a generation is the segments of the one before: where articles arrive all the
time, opening everything anew would cost more than the searches.
"""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from index.manifest import SegmentEntry, open_segment
from index.segment import UNDATED, Segment, SegmentError
from search.bits import KeptBits, bits_of
from search.columns import Arrivals, Column, Lists, checked, checked_lists
from search.heads import Heads, heads_of

KINDS = ("person", "place", "organisation")
"""The types of entities, in the order of their numbers."""


UNKNOWN = np.int64(np.iinfo(np.int64).min + 1)
"""The moment of an article without a date."""


class Opened:
    """One open segment."""

    def __init__(self, segment: Segment) -> None:
        """Raises SegmentError if its columns do not fit its tables of values."""
        self.segment = segment
        try:
            start = segment["entity_start"].astype(np.uint32, copy=False)
            self.mentions = checked_lists(Lists(start, segment["entity"], len(segment.entities)))
            self._source = checked(Column(segment["source"], len(segment.sources)))
            self._language = checked(Column(segment["language"], len(segment.languages)))
        except ValueError as error:
            raise SegmentError(f"{segment.folder} is damaged ({error}): run `exonym reindex`") from error

    @cached_property
    def entity_ids(self) -> list[str]:
        """The ids of the segment's entities, by local ordinal."""
        return [id for id, _ in self.segment.entities]

    @cached_property
    def entity_labels(self) -> dict[str, str]:
        """Entity id → label as the segment has it."""
        return dict(self.segment.entities)

    @cached_property
    def entity_kinds(self) -> NDArray[np.int8]:
        """The type of each entity by its number in KINDS, -1 for any other, shape (entities,)."""
        numbers = {kind: number for number, kind in enumerate(KINDS)}
        return np.array([numbers.get(id.partition("/")[0], -1) for id in self.entity_ids], np.int8)

    @cached_property
    def kind_bits(self) -> NDArray[np.uint8]:
        """For each entity bit n, if its type has number n, shape (entities,)."""
        return np.where(self.entity_kinds < 0, 0, 1 << np.maximum(self.entity_kinds, 0)).astype(np.uint8)

    @cached_property
    def mentioning_kinds(self) -> list[KeptBits]:
        """For each of KINDS the articles that mention an entity of this type."""
        start, values = self.mentions.start, self.mentions.values
        its, some = np.zeros(len(start) - 1, np.uint8), np.flatnonzero(np.diff(start))
        if len(some):
            its[some] = np.bitwise_or.reduceat(self.kind_bits[values], start[some])
        return [KeptBits(bits_of((its & (1 << number)) != 0)) for number in range(len(KINDS))]

    @cached_property
    def heads(self) -> Heads:
        """The most mentioned entities, and which of them each article mentions."""
        return heads_of(self.mentions, self.entity_kinds, len(KINDS))

    @cached_property
    def moments(self) -> NDArray[np.int64]:
        """When each article appeared, as it is ordered by: undated ones before all others, shape (docs,)."""
        return np.where(self.segment["days"] == UNDATED, UNKNOWN, self.segment["moments"])

    @cached_property
    def arrivals(self) -> Arrivals:
        """What articles of the same value are ordered by."""
        return Arrivals(self.moments, self.segment["keys"])

    @cached_property
    def _days(self) -> tuple[NDArray[np.int32], Column]:
        days, ordinals = np.unique(self.segment["days"], return_inverse=True)
        return days, Column(ordinals.astype(np.uint16 if len(days) < 1 << 16 else np.uint32), len(days))

    @property
    def days(self) -> NDArray[np.int32]:
        """The days of the segment's articles, ascending, each once; UNDATED, if there is any, first."""
        return self._days[0]

    def column(self, name: str) -> Column:
        """The source, language or day of each article."""
        return self._source if name == "source" else self._language if name == "language" else self._days[1]


class OpenSegments:
    """The segments that some generation in use has. Safe for threads."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[Path, Opened] = WeakValueDictionary()
        self._lock = threading.Lock()

    def get(self, folder: Path, entry: SegmentEntry) -> Opened:
        """The segment of an entry, opened if it is not. Raises SegmentError."""
        path = folder / entry.name
        with self._lock:
            opened = self._known.get(path)
            if opened is None:
                opened = self._known[path] = Opened(open_segment(folder, entry))
            return opened
