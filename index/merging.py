"""Merging: segments of about one size become one, so that a search looks into few.

Small merges are done at once. One of millions of articles takes minutes, and what arrives meanwhile is not to wait:
where there is an executor, large ones are written aside, one at a time, in a folder of their own that is locked as long
as they are. When one is done, what has changed in its segments since then, articles deleted and stories, is taken over,
and it takes their place.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

from index.compaction import live, segment_name
from index.crash import step
from index.manifest import SegmentEntry, open_segment, story_column, write_column
from index.merge import Part, merge

MERGE_FACTOR = 8
"""Segments of about the same size are merged when there are this many of them."""
SMALLEST_TIER = 1000
"""Segments of fewer articles than this are of one tier; each further tier holds larger ones by the merge factor."""
ASIDE = 50_000
"""Merges of so many articles are written aside (they take two seconds or more)."""
_PREFIX = "merge-"


def to_merge(entries: Sequence[SegmentEntry], factor: int) -> list[SegmentEntry] | None:
    """The segments that are due to become one: `factor` of one tier, or one that is mostly deleted; None: none."""
    for entry in entries:
        if entry.deleted * 2 > entry.docs:
            return [entry]
    tiers: dict[int, list[SegmentEntry]] = {}
    for entry in entries:
        size = max(entry.docs - entry.deleted, 1)
        tier = 0
        while size >= SMALLEST_TIER * factor**tier:
            tier += 1
        tiers.setdefault(tier, []).append(entry)
    for tier in sorted(tiers):
        if len(tiers[tier]) >= factor:
            return tiers[tier][:]
    return None


def merged(folder: Path, chosen: Sequence[SegmentEntry]) -> SegmentEntry:
    """The live articles of several segments as one segment."""
    one = _Merge(folder, chosen)
    one.write(folder)
    return one.entry(chosen)


class Merger:
    """Merges the segments of one index folder."""

    def __init__(self, folder: Path, factor: int = MERGE_FACTOR, aside: Executor | None = None) -> None:
        """`aside`: where large merges are written while the index goes on changing; None: at once, like small ones."""
        self._folder, self._factor, self._executor = folder, factor, aside
        self._aside: _Aside | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a merge aside has ended, so that `compacted` would take it up."""
        return self._aside is not None and self._aside.written.done()

    def compacted(self, entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
        """The entries of a generation with everything merged that is due; what is merged aside stays until it is done.

        Raises what went wrong aside. The caller holds the writer lock.
        """
        now = self._with_aside(list(entries)) if self.is_ready else list(entries)
        left = set() if self._aside is None else {*self._aside.merge.names}
        while (chosen := to_merge([entry for entry in now if entry.name not in left], self._factor)) is not None:
            if self._executor is None or sum(entry.docs - entry.deleted for entry in chosen) < ASIDE:
                now = _replaced(now, chosen, merged(self._folder, chosen))
                continue
            left |= {entry.name for entry in chosen}
            if self._aside is None:
                self._aside = _Aside(self._folder, _Merge(self._folder, chosen), self._executor)
        return now

    def _with_aside(self, entries: list[SegmentEntry]) -> list[SegmentEntry]:
        """The entries with what was merged aside; without, if another writer has replaced its segments meanwhile."""
        assert self._aside is not None
        aside, self._aside = self._aside, None
        chosen = [entry for entry in entries if entry.name in aside.merge.names]
        try:
            if len(chosen) < len(aside.merge.names):
                return entries
            aside.take_up()
            return _replaced(entries, chosen, aside.merge.entry(chosen))
        finally:
            aside.remove()

    def abandon(self) -> None:
        """End what is being merged aside, and forget it."""
        if self._aside is not None:
            aside, self._aside = self._aside, None
            aside.end()
            aside.remove()


def sweep_merges(folder: Path) -> None:
    """Remove merges whose process has ended. The caller holds the writer lock."""
    for path in folder.glob(f"{_PREFIX}*"):
        descriptor = _locked(path)
        if descriptor is not None:
            shutil.rmtree(path)
            os.close(descriptor)


def _locked(path: Path) -> int | None:
    """A descriptor of a folder that is locked with it, until it is closed or the process ends; None: another has it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _replaced(entries: Sequence[SegmentEntry], chosen: Sequence[SegmentEntry], one: SegmentEntry) -> list[SegmentEntry]:
    at = entries.index(chosen[0])
    return [*(entry for entry in entries[:at]), one, *(entry for entry in entries[at:] if entry not in chosen)]


class _Ended(Exception):  # noqa: N818 (no error)
    """Nobody waits for the merge any more."""


class _Merge:
    """The articles of several segments that are live now, on their way into one segment."""

    def __init__(self, folder: Path, chosen: Sequence[SegmentEntry]) -> None:
        """Raises SegmentError."""
        self.name, self.names = segment_name(), [entry.name for entry in chosen]
        self._folder, self._ended = folder, threading.Event()
        self._parts = [Part(open_segment(folder, entry), live(folder, entry)) for entry in chosen]

    def write(self, folder: Path) -> None:
        """Write the segment into a folder."""
        merge(self._parts, folder / self.name, self._check)

    def _check(self) -> None:
        if self._ended.is_set():
            raise _Ended

    def end(self) -> None:
        """Have `write` end soon, in another thread."""
        self._ended.set()

    def entry(self, now: Sequence[SegmentEntry]) -> SegmentEntry:
        """What was written, as an entry for a generation in which these are the same segments."""
        its, lives = {entry.name: entry for entry in now}, [part.live for part in self._parts]
        kept, stories = (np.concatenate([column(self._folder, its[name])[was] for name, was in zip(
            self.names, lives, strict=True)]) for column in (live, story_column))
        gone = len(kept) - int(np.count_nonzero(kept))
        return SegmentEntry(
            self.name, len(kept), gone,
            live=write_column(self._folder, f"live-0-{self.name}.npy", kept) if gone else None,
            stories=write_column(self._folder, f"stories-{self.name}.npy", stories) if stories.any() else None)


class _Aside:
    """A merge that is written by an executor, in a folder of its own."""

    def __init__(self, folder: Path, merge: _Merge, executor: Executor) -> None:
        self.merge, self._index, self._folder = merge, folder, folder / f"{_PREFIX}{merge.name}"
        self._folder.mkdir()
        self._lock = _locked(self._folder)
        self.written: Future[None] = executor.submit(merge.write, self._folder)

    def take_up(self) -> None:
        """Put the segment among the others. Raises what went wrong while it was written."""
        self.written.result()
        os.replace(self._folder / self.merge.name, self._index / self.merge.name)
        step("merge:taken-up")

    def end(self) -> None:
        """Have it end, and wait for that."""
        self.merge.end()
        if not self.written.cancel():
            self.written.exception()

    def remove(self) -> None:
        """Remove what is left of the folder."""
        shutil.rmtree(self._folder)
        if self._lock is not None:
            os.close(self._lock)
