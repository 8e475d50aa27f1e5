"""Indexer: follows the archive's log and publishes generations of the index. One at a time per data folder."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import Analyzer
from index.archive import Archive
from index.article import Article
from index.builder import Builder
from index.folder import DataFolder
from index.manifest import (
    Manifest,
    ManifestError,
    SegmentEntry,
    publish,
    read_column,
    read_manifest,
    sweep,
    write_column,
)
from index.merge import Part, merge
from index.names.registry import Names
from index.segment import Segment, SegmentError

ANALYSIS = "1"
"""Raised whenever the same articles would be analysed differently; an index of another version is made anew."""
RUN_TOKENS = 6_000_000
"""A segment is written at the latest when this many words are held (about 600 MB at the peak)."""
MERGE_FACTOR = 8
"""Segments of about the same size are merged when there are this many of them."""

Progress = Callable[[int, int], None]


class WriterBusyError(Exception):
    """Another process is writing to this data folder."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a catch-up did."""

    generation: int
    added: int
    removed: int
    rebuilt: bool


class Indexer:
    """Brings the index of a data folder up to its archive."""

    def __init__(self, data: Path, run_tokens: int = RUN_TOKENS, merge_factor: int = MERGE_FACTOR,
                 names: Names | None = None) -> None:
        """`names`: those of this folder, where they are loaded already (loading takes seconds)."""
        self._data, self._run_tokens, self._merge_factor = DataFolder(data), run_tokens, merge_factor
        self._data.index.mkdir(parents=True, exist_ok=True)
        self._archive = Archive(self._data.archive)
        self._analyzer = Analyzer(names) if names is not None else None
        self._names_stamp = self._stamp()

    def catch_up(self, progress: Progress | None = None) -> IndexReport:
        """Index what the archive's log holds beyond the published generation, and publish.

        An index that is damaged, or made with other names or another analysis, is made anew from the archive
        while the old generation keeps serving. Raises WriterBusyError.
        """
        with self._lock():
            try:
                current = read_manifest(self._data.index)
                self._sweep(current)
                names = self._names()
                if current.generation and (current.names, current.analysis) != (names.digest, ANALYSIS):
                    return self._rebuild(current.generation, progress)
                return self._follow(current, progress)
            except (ManifestError, SegmentError):
                return self._rebuild(self._last_generation(), progress)

    def reindex(self, progress: Progress | None = None) -> IndexReport:
        """Make the whole index anew from the archive; the old generation serves until the new one is published."""
        with self._lock():
            return self._rebuild(self._last_generation(), progress)

    def _last_generation(self) -> int:
        try:
            return read_manifest(self._data.index).generation
        except ManifestError:
            return 0

    def _names(self) -> Names:
        if self._analyzer is None or self._names_changed():
            names = Names.load(self._data.names)
            self._analyzer = Analyzer(names)
            self._names_stamp = self._stamp()
        return self._analyzer.names

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._data.names.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size

    def _names_changed(self) -> bool:
        return self._stamp() != self._names_stamp

    def _follow(self, current: Manifest, progress: Progress | None) -> IndexReport:
        changes = self._archive.changes(current.position)
        if not changes.added and not changes.removed and current.generation:
            return IndexReport(current.generation, 0, 0, rebuilt=False)
        entries = self._drop(current, changes.removed)
        entries += self._build(self._numbered(changes.added), len(changes.added), progress)
        entries = self._merge(entries)
        self._publish(replace(current, generation=current.generation + 1, position=changes.upto,
                              segments=tuple(entries)))
        return IndexReport(current.generation + 1, len(changes.added), len(changes.removed), rebuilt=False)

    def _rebuild(self, last: int, progress: Progress | None) -> IndexReport:
        position, numbers = self._archive.snapshot()
        total = len(numbers)
        self._names()
        entries = self._merge(self._build(self._numbered(numbers), total, progress))
        self._publish(Manifest(last + 1, position, segments=tuple(entries)))
        return IndexReport(last + 1, total, 0, rebuilt=True)

    def _numbered(self, numbers: Sequence[int]) -> Iterator[tuple[int, Article]]:
        waiting = iter(numbers)
        while part := list(islice(waiting, 500)):
            found = self._archive.versions(part)
            yield from ((number, found[number]) for number in part if number in found)

    def _build(self, articles: Iterator[tuple[int, Article]], total: int, progress: Progress | None
               ) -> list[SegmentEntry]:
        entries = []
        assert self._analyzer is not None
        builder = Builder(self._analyzer)
        for done, (number, article) in enumerate(articles, 1):
            builder.add(number, article)
            if progress is not None:
                progress(done, total)
            if builder.tokens >= self._run_tokens:
                entries.append(self._write(builder))
                self._analyzer = Analyzer(self._analyzer.names)
                builder = Builder(self._analyzer)
        if len(builder):
            entries.append(self._write(builder))
        return entries

    def _write(self, builder: Builder) -> SegmentEntry:
        name = _segment_name()
        builder.write(self._data.index / name)
        return SegmentEntry(name, len(builder))

    def _drop(self, current: Manifest, removed: Sequence[int]) -> list[SegmentEntry]:
        """The entries of a generation with some versions no longer live."""
        gone = np.array(sorted(removed), np.int64)
        entries = []
        for entry in current.segments:
            hit = np.isin(Segment(self._data.index / entry.name)["numbers"], gone) if len(gone) else np.zeros(0, bool)
            if hit.any():
                live = self._live(entry) & ~hit
                name = write_column(self._data.index, f"live-{current.generation + 1}-{entry.name}.npy", live)
                entry = replace(entry, live=name, deleted=int(len(live) - live.sum()))
            if entry.deleted < entry.docs:
                entries.append(entry)
        return entries

    def _live(self, entry: SegmentEntry) -> NDArray[np.bool_]:
        if entry.live is None:
            return np.ones(entry.docs, np.bool_)
        return read_column(self._data.index, entry.live)

    def _merge(self, entries: list[SegmentEntry]) -> list[SegmentEntry]:
        """Merge while `merge_factor` neighbours in size are of one tier, or a segment is mostly deleted."""
        while (chosen := _to_merge(entries, self._merge_factor)) is not None:
            name = _segment_name()
            merge([Part(Segment(self._data.index / entry.name), self._live(entry)) for entry in chosen],
                  self._data.index / name)
            at = entries.index(chosen[0])
            entries = [entry for entry in entries if entry not in chosen]
            entries.insert(at, SegmentEntry(name, sum(entry.docs - entry.deleted for entry in chosen)))
        return entries

    def _publish(self, manifest: Manifest) -> None:
        names = self._names()
        kept = self._data.names_of_index(names.digest)
        if self._data.names.exists() and not kept.exists():
            shutil.copyfile(self._data.names, kept)
        before = self._last_manifest()
        manifest = replace(manifest, names=names.digest, analysis=ANALYSIS)
        publish(self._data.index, manifest)
        sweep(self._data.index, (manifest, before))
        self._archive.purge(before.position)

    def _last_manifest(self) -> Manifest:
        try:
            return read_manifest(self._data.index)
        except ManifestError:
            return Manifest()

    def _sweep(self, current: Manifest) -> None:
        sweep(self._data.index, (current,))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the data folder's writer lock; it goes with the process, however that ends."""
        descriptor = os.open(self._data.writer_lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise WriterBusyError(f"another process is indexing into {self._data.path}; try again later") from error
            yield
        finally:
            os.close(descriptor)


def _segment_name() -> str:
    return f"seg-{secrets.token_hex(8)}"


def _to_merge(entries: Sequence[SegmentEntry], factor: int) -> list[SegmentEntry] | None:
    for entry in entries:
        if entry.deleted * 2 > entry.docs:
            return [entry]
    tiers: dict[int, list[SegmentEntry]] = {}
    for entry in entries:
        size = max(entry.docs - entry.deleted, 1)
        tier = 0
        while size >= 1000 * factor**tier:
            tier += 1
        tiers.setdefault(tier, []).append(entry)
    for tier in sorted(tiers):
        if len(tiers[tier]) >= factor:
            return tiers[tier][:]
    return None
