"""Indexer: follows the archive's log and publishes generations of the index. One at a time per data folder."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
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
from index.fingerprinting import Fingerprinter
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
from index.stories import Stories
from index.stories.store import StoriesError

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
        self._stories: Stories | None = None

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
                self._check(current)
                if current.generation and (current.names, current.analysis) != (names.digest, ANALYSIS):
                    return self._rebuild(current.generation, progress)
                return self._follow(current, progress)
            except (ManifestError, SegmentError):
                return self._rebuild(self._last_generation(), progress)

    def reindex(self, progress: Progress | None = None) -> IndexReport:
        """Make the whole index anew from the archive; the old generation serves until the new one is published."""
        with self._lock():
            return self._rebuild(self._last_generation(), progress)

    def _check(self, current: Manifest) -> None:
        """Open all that a generation is made of. Raises SegmentError or ManifestError where something is damaged."""
        for entry in current.segments:
            docs = Segment(self._data.index / entry.name).docs
            if not docs == entry.docs == len(self._live(entry)) == len(self._story_column(entry)):
                raise ManifestError(f"{entry.name} has {docs} articles, its generation knows {entry.docs}")
        if current.position > self._archive.position():
            raise ManifestError("the index knows more than the archive, which must be an older copy")

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
        stories = self._open_stories(current)
        entries = self._drop(current, changes.removed)
        stories.remove(changes.removed)
        entries += self._build(self._numbered(changes.added), len(changes.added), stories, progress)
        entries = self._merge(entries)
        self._publish(replace(current, generation=current.generation + 1, position=changes.upto,
                              segments=tuple(entries)))
        return IndexReport(current.generation + 1, len(changes.added), len(changes.removed), rebuilt=False)

    def _rebuild(self, last: int, progress: Progress | None) -> IndexReport:
        position, numbers = self._archive.snapshot()
        total = len(numbers)
        self._names()
        self._close_stories()
        for path in self._data.index.glob(f"{self._data.stories.name}*"):
            path.unlink()
        stories = self._open_stories(Manifest())
        entries = self._merge(self._build(self._numbered(numbers), total, stories, progress))
        self._publish(Manifest(last + 1, position, segments=tuple(entries)))
        return IndexReport(last + 1, total, 0, rebuilt=True)

    def _numbered(self, numbers: Sequence[int]) -> Iterator[tuple[int, Article]]:
        waiting = iter(numbers)
        while part := list(islice(waiting, 500)):
            found = self._archive.versions(part)
            yield from ((number, found[number]) for number in part if number in found)

    def _build(self, articles: Iterator[tuple[int, Article]], total: int, stories: Stories,
               progress: Progress | None) -> list[SegmentEntry]:
        entries = []
        assert self._analyzer is not None
        builder = Builder(self._analyzer)
        for done, (number, article) in enumerate(articles, 1):
            builder.add(number, article)
            if progress is not None:
                progress(done, total)
            if builder.tokens >= self._run_tokens:
                entries.append(self._write(builder, stories))
                self._analyzer = Analyzer(self._analyzer.names)
                builder = Builder(self._analyzer)
        if len(builder):
            entries.append(self._write(builder, stories))
        return entries

    def _write(self, builder: Builder, stories: Stories) -> SegmentEntry:
        name = _segment_name()
        builder.write(self._data.index / name)
        stories.add([(number, one) for number, one in builder.fingerprints if number not in stories])
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
            docs = sum(entry.docs - entry.deleted for entry in chosen)
            column = np.concatenate([self._story_column(entry)[self._live(entry)] for entry in chosen])
            file = write_column(self._data.index, f"stories-{name}.npy", column) if column.any() else None
            entries.insert(at, SegmentEntry(name, docs, stories=file))
        return entries

    def _open_stories(self, current: Manifest) -> Stories:
        """The stories of the published articles; what a killed writer left out or put in too early is mended."""
        if self._stories is None:
            try:
                self._stories = Stories(self._data.stories)
            except (StoriesError, sqlite3.DatabaseError):
                self._data.stories.unlink()
                self._stories = Stories(self._data.stories)
            self._reconcile(self._stories, current)
        return self._stories

    def _close_stories(self) -> None:
        if self._stories is not None:
            self._stories.close()
            self._stories = None

    def _reconcile(self, stories: Stories, current: Manifest) -> None:
        """Make the stories those of exactly the published articles."""
        published = set(np.concatenate([np.empty(0, np.int64), *(
            Segment(self._data.index / entry.name)["numbers"][self._live(entry)] for entry in current.segments
        )]).tolist())
        known = stories.numbers()
        stories.remove(known - published)
        missing = sorted(published - known)
        if missing:
            assert self._analyzer is not None
            fingerprinter = Fingerprinter(self._analyzer.vocabulary)
            stories.add([(number, fingerprinter.of(article, self._analyzer.analyse(article)))
                         for number, article in self._numbered(missing)])

    def _story_column(self, entry: SegmentEntry) -> NDArray[np.uint64]:
        """The story of each article of a segment as the number of its id; 0: alone."""
        if entry.stories is None:
            return np.zeros(entry.docs, np.uint64)
        return read_column(self._data.index, entry.stories)

    def _with_stories(self, manifest: Manifest) -> Manifest:
        """Write anew the story columns of the segments in which some article's story has changed."""
        assert self._stories is not None
        changed = dict.fromkeys(self._stories.changed(), 0)
        for story in set(self._stories.changed().values()):
            members = self._stories.members(story)
            changed |= dict.fromkeys(members, int(story, 16) if len(members) > 1 else 0)
        if not changed:
            return manifest
        numbers = np.array(sorted(changed), np.int64)
        keys = np.array([changed[number] for number in numbers.tolist()], np.uint64)
        entries = []
        for entry in manifest.segments:
            here = Segment(self._data.index / entry.name)["numbers"]
            at = np.searchsorted(numbers, here)
            at[at == len(numbers)] = 0
            hit = numbers[at] == here
            column = self._story_column(entry)
            fresh = np.where(hit, keys[at], column)
            if (fresh != column).any():
                name = write_column(self._data.index, f"stories-{manifest.generation}-{entry.name}.npy", fresh)
                entry = replace(entry, stories=name)
            entries.append(entry)
        return replace(manifest, segments=tuple(entries))

    def _publish(self, manifest: Manifest) -> None:
        manifest = self._with_stories(manifest)
        names = self._names()
        kept = self._data.names_of_index(names.digest)
        if self._data.names.exists() and not kept.exists():
            shutil.copyfile(self._data.names, kept)
        before = self._last_manifest()
        manifest = replace(manifest, names=names.digest, analysis=ANALYSIS)
        publish(self._data.index, manifest)
        if self._stories is not None:
            self._stories.publish()
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
