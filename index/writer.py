"""Indexer: follows the archive's log and publishes generations of the index. One at a time per data folder."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import Analyzer, batches
from index.archive import Archive
from index.article import Article
from index.builder import Builder
from index.crash import step
from index.fingerprinting import Fingerprinter
from index.folder import DataFolder
from index.inspection import disagreement, index_damage
from index.manifest import (
    Manifest,
    ManifestError,
    SegmentEntry,
    live_column,
    open_segment,
    publish,
    read_manifest,
    story_column,
    sweep,
    write_column,
)
from index.merge import Part, merge
from index.names.registry import Names
from index.segment import SegmentError
from index.segment_writer import write_durably
from index.stories import Fingerprint, Stories
from index.stories.store import StoriesError
from index.workers import Run, build_all

ANALYSIS = "1"
"""Raised whenever the same articles would be analysed differently; an index of another version is made anew."""
RUN_TOKENS = 6_000_000
"""A segment is written at the latest when this many words are held (about 600 MB at the peak)."""
VOCABULARY = 400_000
"""Distinct words remembered between catch-ups (about 300 bytes each)."""
PARALLEL_FROM = 2_000
"""So many articles at once are built by several processes."""
LARGEST_RUN = 10_000
"""A process builds a segment of at most this many articles at a time."""
MERGE_FACTOR = 8
"""Segments of about the same size are merged when there are this many of them."""

_log = logging.getLogger("exonym.indexing")
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
                 names: Names | None = None, processes: int | None = None) -> None:
        """`names`: those of this folder, where they are loaded already. `processes`: how many build segments at once
        when many articles have come (None: one a core, at most eight)."""
        self._data, self._run_tokens, self._merge_factor = DataFolder(data), run_tokens, merge_factor
        self._processes = processes if processes is not None else min(os.cpu_count() or 1, 8)
        self._data.index.mkdir(parents=True, exist_ok=True)
        self._archive = Archive(self._data.archive)
        self._analyzer = Analyzer(names) if names is not None else None
        self._names_stamp = self._stamp()
        self._stories: Stories | None = None
        self._published: Manifest | None = None     # what the stories in memory belong to

    def close(self) -> None:
        """Close the files that are kept open between catch-ups."""
        self._close_stories()
        self._archive.close()

    def catch_up(self, progress: Progress | None = None) -> IndexReport:
        """Index what the archive's log holds beyond the published generation, and publish.

        An index that is damaged, or made with other names or another analysis, is made anew from the archive
        while the old generation keeps serving. Raises WriterBusyError.
        """
        with self._at_work():
            try:
                current = self._current()
                names = self._names()
                if (current.names, current.analysis, current.archive) == (names.digest, ANALYSIS,
                                                                          self._archive.identity()):
                    return self._follow(current, progress)
            except (ManifestError, SegmentError, StoriesError):
                pass
            except sqlite3.DatabaseError as error:
                if type(error) is not sqlite3.DatabaseError:    # a full disk, say: no file's fault
                    raise
            return self._rebuild(progress)

    def reindex(self, progress: Progress | None = None) -> IndexReport:
        """Make the whole index anew from the archive; the old generation serves until the new one is published."""
        with self._at_work():
            return self._rebuild(progress)

    def verify(self) -> list[str]:
        """Read the whole published index; where it is not as it was written, or disagrees with the archive, make it
        anew. Returns what was wrong. Raises WriterBusyError."""
        with self._at_work():
            try:
                current = self._current()
                found = [*index_damage(self._data.index, current),
                         *disagreement(self._data.index, current, self._archive)]
            except (ManifestError, SegmentError) as error:
                found = [str(error)]
            if found:
                _log.error("the index is made anew: %s", "; ".join(found)[:1000])
                self._rebuild(None)
            return found

    def clear(self) -> Archive:
        """Publish a generation without articles, so that no answer joins it with another archive; the archive, to be
        replaced. The caller holds the writer lock."""
        self._close_stories()
        publish(self._data.index, Manifest(self._last_generation() + 1, archive="0"))
        return self._archive

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Hold the lock; after a failure nothing half done stays in memory or on the disk."""
        with writer_lock(self._data):
            try:
                yield
            except BaseException:
                self._close_stories()
                self._sweep()
                raise

    def _current(self) -> Manifest:
        """The published generation, all its files opened once. Raises ManifestError, SegmentError."""
        current = read_manifest(self._data.index)
        if current != self._published:              # the first look, or another process has published
            self._close_stories()
            self._sweep()
            for entry in current.segments:
                open_segment(self._data.index, entry)
                self._live(entry)
                story_column(self._data.index, entry)
            self._published = current
        if current.position > self._archive.position():
            raise ManifestError("the index knows more than the archive, which must be an older copy")
        if self._archive.position() - current.position != self._archive.waiting(current.position):
            raise ManifestError("the archive's log no longer reaches back to the index: another engine followed it")
        return current

    def _last_generation(self) -> int:
        """The highest number that a generation may have had, if need be from what the archive noted of it."""
        known = self._archive.generation()
        try:
            return max(read_manifest(self._data.index).generation, known)
        except ManifestError:
            return known + 1

    def _names(self) -> Names:
        if self._analyzer is None or self._names_changed():
            stamp = self._stamp()
            self._analyzer = Analyzer(Names.load(self._data.names))
            self._names_stamp = stamp
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
        if not changes.added and not changes.removed:
            return IndexReport(current.generation, 0, 0, rebuilt=False)
        stories = self._open_stories(current)
        entries = self._drop(current, changes.removed)
        stories.remove(changes.removed)
        step("stories:removed")
        entries += self._build(changes.added, stories, progress)
        entries = self._merge(entries)
        self._publish(replace(current, generation=current.generation + 1, position=changes.upto,
                              segments=tuple(entries)))
        return IndexReport(current.generation + 1, len(changes.added), len(changes.removed), rebuilt=False)

    def _rebuild(self, progress: Progress | None) -> IndexReport:
        last = self._last_generation()
        position, numbers = self._archive.snapshot()
        total = len(numbers)
        self._names()
        self._remove_stories()
        stories = self._open_stories(Manifest())
        step("rebuild:begun")
        entries = self._merge(self._build(numbers, stories, progress))
        step("rebuild:built")
        self._publish(Manifest(last + 1, position, segments=tuple(entries)))
        return IndexReport(last + 1, total, 0, rebuilt=last > 0)

    def _remove_stories(self) -> None:
        self._close_stories()
        for path in self._data.index.glob(f"{self._data.stories.name}*"):
            path.unlink()

    def _numbered(self, numbers: Sequence[int]) -> Iterator[tuple[int, Article]]:
        waiting = iter(numbers)
        while part := list(islice(waiting, 500)):
            found = self._archive.versions(part)
            yield from ((number, found[number]) for number in part if number in found)

    def _build(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        """Segments of these versions: built here, or by several processes when there are many."""
        if self._processes > 1 and len(numbers) >= PARALLEL_FROM:
            return self._build_apart(numbers, stories, progress)
        return self._build_here(numbers, stories, progress)

    def _build_apart(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        size = min(LARGEST_RUN, -(-len(numbers) // (2 * self._processes)))
        runs = [Run(_segment_name(), numbers[start : start + size]) for start in range(0, len(numbers), size)]
        entries, done = [], 0
        for run, built in zip(runs, build_all(self._data.path, runs, self._processes), strict=True):
            done += len(run.numbers)
            if progress is not None:
                progress(done, len(numbers))
            if built.docs:
                entries.append(SegmentEntry(built.name, built.docs))
                stories.add([(number, Fingerprint.from_bytes(data)) for number, data in built.fingerprints
                             if number not in stories])
                step("stories:added")
        return [self._merged(entries)] if len(entries) > 1 else entries    # one is quicker to search than several

    def _build_here(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        entries, total = [], len(numbers)
        assert self._analyzer is not None
        builder = Builder(self._analyzer)
        done = 0
        for some in batches(self._numbered(numbers)):
            builder.add_all(some)
            done += len(some)
            if progress is not None:
                progress(done, total)
            if builder.tokens >= self._run_tokens:
                entries.append(self._write(builder, stories))
                self._analyzer = Analyzer(self._analyzer.names)
                builder = Builder(self._analyzer)
        if len(builder):
            entries.append(self._write(builder, stories))
        if len(self._analyzer.vocabulary) > VOCABULARY:
            self._analyzer = Analyzer(self._analyzer.names)
        return entries

    def _write(self, builder: Builder, stories: Stories) -> SegmentEntry:
        name = _segment_name()
        builder.write(self._data.index / name)
        stories.add([(number, one) for number, one in builder.fingerprints if number not in stories])
        step("stories:added")
        return SegmentEntry(name, len(builder))

    def _drop(self, current: Manifest, removed: Sequence[int]) -> list[SegmentEntry]:
        """The entries of a generation with some versions no longer live."""
        gone = np.array(sorted(removed), np.int64)
        entries = []
        for entry in current.segments:
            hit = np.isin(open_segment(self._data.index, entry)["numbers"], gone) if len(gone) else np.zeros(0, bool)
            if hit.any():
                live = self._live(entry) & ~hit
                name = write_column(self._data.index, f"live-{current.generation + 1}-{entry.name}.npy", live)
                entry = replace(entry, live=name, deleted=int(len(live) - live.sum()))
            if entry.deleted < entry.docs:
                entries.append(entry)
        return entries

    def _live(self, entry: SegmentEntry) -> NDArray[np.bool_]:
        live = live_column(self._data.index, entry)
        return np.ones(entry.docs, np.bool_) if live is None else live

    def _merge(self, entries: list[SegmentEntry]) -> list[SegmentEntry]:
        """Merge while `merge_factor` neighbours in size are of one tier, or a segment is mostly deleted."""
        while (chosen := _to_merge(entries, self._merge_factor)) is not None:
            at = entries.index(chosen[0])
            entries = [entry for entry in entries if entry not in chosen]
            entries.insert(at, self._merged(chosen))
        return entries

    def _merged(self, chosen: Sequence[SegmentEntry]) -> SegmentEntry:
        """The live articles of several segments as one segment."""
        name = _segment_name()
        merge([Part(open_segment(self._data.index, entry), self._live(entry)) for entry in chosen],
              self._data.index / name)
        docs = sum(entry.docs - entry.deleted for entry in chosen)
        column = np.concatenate([story_column(self._data.index, entry)[self._live(entry)] for entry in chosen])
        file = write_column(self._data.index, f"stories-{name}.npy", column) if column.any() else None
        return SegmentEntry(name, docs, stories=file)

    def _open_stories(self, current: Manifest) -> Stories:
        """The stories of the published articles; what a killed writer left out or put in too early is mended."""
        if self._stories is None:
            try:
                self._stories = Stories(self._data.stories)
            except (StoriesError, sqlite3.DatabaseError, ValueError, zlib.error) as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._remove_stories()
                self._stories = Stories(self._data.stories)
            self._stories.believe(current.generation)
            self._reconcile(self._stories, current)
        return self._stories

    def _close_stories(self) -> None:
        if self._stories is not None:
            self._stories.close()
            self._stories = None

    def _reconcile(self, stories: Stories, current: Manifest) -> None:
        """Make the stories those of exactly the published articles."""
        published = set(np.concatenate([np.empty(0, np.int64), *(
            open_segment(self._data.index, entry)["numbers"][self._live(entry)] for entry in current.segments
        )]).tolist())
        known = stories.numbers()
        stories.remove(known - published)
        missing = sorted(published - known)
        if missing:
            assert self._analyzer is not None
            fingerprinter = Fingerprinter(self._analyzer.vocabulary)
            for some in batches(self._numbered(missing)):
                analyses = self._analyzer.analyse_all([article for _, article in some])
                stories.add([(number, fingerprinter.of(article, analysis))
                             for (number, article), analysis in zip(some, analyses, strict=True)])

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
            here = open_segment(self._data.index, entry)["numbers"]
            at = np.searchsorted(numbers, here)
            at[at == len(numbers)] = 0
            hit = numbers[at] == here
            column = story_column(self._data.index, entry)
            fresh = np.where(hit, keys[at], column)
            if (fresh != column).any():
                name = write_column(self._data.index, f"stories-{manifest.generation}-{entry.name}.npy", fresh)
                entry = replace(entry, stories=name)
            entries.append(entry)
        return replace(manifest, segments=tuple(entries))

    def _publish(self, manifest: Manifest) -> None:
        manifest = self._with_stories(manifest)
        names = self._names()
        self._keep_names(names)
        before = self._last_manifest()
        manifest = replace(manifest, names=names.digest, analysis=ANALYSIS, archive=self._archive.identity())
        publish(self._data.index, manifest)
        self._published = manifest
        if self._stories is not None:
            self._stories.publish(manifest.generation)
        step("stories:published")
        sweep(self._data.index, (manifest, before))
        step("publish:swept")
        if before.archive == manifest.archive:
            self._archive.purge(before.position, manifest.generation)

    def _keep_names(self, names: Names) -> None:
        """Put the reader's names beside the index made with them, for its readers."""
        kept = self._data.names_of_index(names.digest)
        if self._data.names.exists() and not kept.exists():
            write_durably(kept, self._data.names.read_bytes(), "names")

    def _last_manifest(self) -> Manifest:
        try:
            return read_manifest(self._data.index)
        except ManifestError:
            return Manifest()

    def _sweep(self) -> None:
        try:
            for path in self._data.leftovers():
                path.unlink()
            sweep(self._data.index, (read_manifest(self._data.index),))
        except ManifestError:
            sweep(self._data.index, ())
        except OSError:                             # a disk that cannot be written to: the next round may
            _log.warning("leftovers in %s could not be removed", self._data.index)


@contextmanager
def writer_lock(data: DataFolder) -> Iterator[None]:
    """Hold a data folder's writer lock; it goes with the process, however that ends. Raises WriterBusyError."""
    descriptor = os.open(data.writer_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WriterBusyError(f"another process is indexing into {data.path}; try again later") from error
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
