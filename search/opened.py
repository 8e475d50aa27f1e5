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
from index.segment import UNDATED, Segment

KINDS = ("person", "place", "organisation")
"""The types of entities, in the order of their numbers."""


UNKNOWN = np.int64(np.iinfo(np.int64).min + 1)
"""The moment of an article without a date."""


class Opened:
    """One open segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment

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
    def moments(self) -> NDArray[np.int64]:
        """When each article appeared, as it is ordered by: undated ones before all others, shape (docs,)."""
        return np.where(self.segment["days"] == UNDATED, UNKNOWN, self.segment["moments"])

    @cached_property
    def entity_flags(self) -> NDArray[np.uint8]:
        """For each article the types of entities it mentions: bit n for the type with number n, shape (docs,)."""
        segment = self.segment
        document = np.repeat(np.arange(segment.docs), np.diff(segment["entity_start"].astype(np.int64)))
        flags = np.zeros(segment.docs, np.uint8)
        if len(self.entity_kinds):
            kinds = self.entity_kinds[segment["entity"]]
            for number in range(len(KINDS)):
                flags[document[kinds == number]] |= np.uint8(1 << number)
        return flags


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
