"""Indexer: follows the archive's log and publishes generations of the index. One at a time per data folder."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.analysis.analyzer import batches
from index.archive import Archive
from index.builder import Builder
from index.compaction import live, live_numbers, segment_name, with_stories, without
from index.crash import step
from index.folder import DataFolder
from index.inspection import disagreement, index_damage
from index.kept_stories import KeptStories, reconcile
from index.lock import WriterBusyError, writer_lock
from index.manifest import (
    Manifest,
    ManifestError,
    SegmentEntry,
    open_segment,
    publish,
    read_manifest,
    story_column,
    sweep,
)
from index.merging import MERGE_FACTOR, Merger, merged, sweep_merges
from index.names.registry import Names
from index.names_in_use import NamesInUse
from index.segment import SegmentError
from index.stories import Stories, StoriesError
from index.workers import Run, build_all

__all__ = ["IndexReport", "Indexer", "Progress", "WriterBusyError", "writer_lock"]

ANALYSIS = "1"
"""Raised whenever the same articles would be analysed differently; an index of another version is made anew."""
RUN_TOKENS = 10_500_000
"""A segment is written at the latest when this many words are held, by all processes together (about 750 MB at the
peak, besides the vocabulary)."""
VOCABULARY = 200_000
"""Distinct words remembered between catch-ups (about 700 bytes each, with what is known of them)."""
PARALLEL_FROM = 2_000
"""So many articles at once are built by several processes."""
LARGEST_RUN = 17_000
"""A process builds a segment of at most this many articles at a time."""

_log = logging.getLogger("exonym.indexing")
Progress = Callable[[int, int], None]


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
                 names: Names | None = None, processes: int | None = None, aside: Executor | None = None) -> None:
        """`names`: those of this folder, where they are loaded already. `processes`: how many build segments at once
        when many articles have come (None: one a core, at most eight). `aside`: where large merges are written while
        the caller goes on catching up; None: at once."""
        self._data, self._run_tokens = DataFolder(data), run_tokens
        self._processes = processes if processes is not None else min(os.cpu_count() or 1, 8)
        self._data.index.mkdir(parents=True, exist_ok=True)
        self._merger = Merger(self._data.index, merge_factor, aside)
        self._archive = Archive(self._data.archive)
        self._names, self._stories = NamesInUse(self._data, names), KeptStories(self._data)
        self._kept: tuple[Manifest, ...] = ()       # the first: what the stories in memory belong to

    @property
    def generations(self) -> tuple[Manifest, ...]:
        """The generations whose files are there after a catch-up: the published one first, then those whose readers may
        still open them."""
        return self._kept

    def close(self) -> None:
        """Close the files that are kept open between catch-ups; a merge that is not done is given up."""
        self._merger.abandon()
        self._stories.close()
        self._archive.close()

    def catch_up(self, progress: Progress | None = None) -> IndexReport:
        """Index what the archive's log holds beyond the published generation, and publish.

        An index that is damaged, or made with other names or another analysis, is made anew from the archive
        while the old generation keeps serving. Raises WriterBusyError.
        """
        with self._at_work():
            try:
                current = self._current()
                names = self._names.take_up()
                if (current.names, current.analysis, current.archive) == (names, ANALYSIS, self._archive.identity()):
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
        self._stories.close()
        publish(self._data.index, Manifest(self._last_generation() + 1, archive="0"))
        return self._archive

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Hold the lock; after a failure nothing half done stays in memory or on the disk."""
        with writer_lock(self._data):
            try:
                yield
            except BaseException:
                self._stories.close()
                self._sweep()
                raise

    def _current(self) -> Manifest:
        """The published generation, all its files opened once. Raises ManifestError, SegmentError."""
        current = read_manifest(self._data.index)
        if self._kept[:1] != (current,):            # the first look, or another process has published
            self._stories.close()
            self._sweep()
            for entry in current.segments:
                open_segment(self._data.index, entry)
                live(self._data.index, entry)
                story_column(self._data.index, entry)
            self._kept = (current,)
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

    def _follow(self, current: Manifest, progress: Progress | None) -> IndexReport:
        changes = self._archive.changes(current.position)
        if not changes.added and not changes.removed and not self._merger.is_ready:
            return IndexReport(current.generation, 0, 0, rebuilt=False)
        stories = self._stories.open(lambda opened: self._mend(opened, current))
        if not changes.added and not changes.removed:
            self._compact((current,))
            return IndexReport(self._kept[0].generation, 0, 0, rebuilt=False)
        entries = without(self._data.index, current, changes.removed)
        stories.remove(changes.removed)
        step("stories:removed")
        entries += self._build(changes.added, stories, progress)
        self._publish(replace(current, generation=current.generation + 1, position=changes.upto,
                              segments=tuple(entries)), (current,))
        report = IndexReport(current.generation + 1, len(changes.added), len(changes.removed), rebuilt=False)
        self._compact(self._kept)
        return report

    def _compact(self, before: tuple[Manifest, ...]) -> None:
        """Merge what is due, and publish; what was new is found already meanwhile. `before`: as in `_publish`."""
        published = before[0]
        entries = self._merger.compacted(published.segments)
        if tuple(entries) != published.segments:
            self._publish(replace(published, generation=published.generation + 1, segments=tuple(entries)), before)

    def _rebuild(self, progress: Progress | None) -> IndexReport:
        last = self._last_generation()
        position, numbers = self._archive.snapshot()
        total = len(numbers)
        self._names.take_up()
        stories = self._stories.begin_anew()
        self._merger.abandon()
        step("rebuild:begun")
        entries = self._merger.compacted(self._build(numbers, stories, progress))
        step("rebuild:built")
        self._publish(Manifest(last + 1, position, segments=tuple(entries)), (self._last_manifest(),))
        return IndexReport(last + 1, total, 0, rebuilt=last > 0)

    def _build(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        """Segments of these versions: built here, or by several processes when there are many."""
        if self._processes > 1 and len(numbers) >= PARALLEL_FROM:
            return self._build_apart(numbers, stories, progress)
        return self._build_here(numbers, stories, progress)

    def _build_apart(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        rounds = max(2, -(-len(numbers) // (self._processes * LARGEST_RUN)))    # as many for each process
        size = -(-len(numbers) // (self._processes * rounds))
        runs = [Run(numbers[start : start + size], self._run_tokens // self._processes)
                for start in range(0, len(numbers), size)]
        entries, done = [], 0
        for run, segments in zip(runs, build_all(self._data.path, runs, self._processes), strict=True):
            done += len(run.numbers)
            if progress is not None:
                progress(done, len(numbers))
            for built in segments:
                entries.append(SegmentEntry(built.name, built.docs))
                stories.add_missing(built.fingerprints)
                step("stories:added")
        return [merged(self._data.index, entries)] if entries else []   # quicker to search than several, and durable

    def _build_here(self, numbers: Sequence[int], stories: Stories, progress: Progress | None) -> list[SegmentEntry]:
        entries, total = [], len(numbers)
        builder = Builder(self._names.analyzer, self._names.known_words)
        done = 0
        for some in batches(self._archive.numbered(numbers)):
            builder.add_all(some)
            done += len(some)
            if progress is not None:
                progress(done, total)
            if builder.tokens >= self._run_tokens:
                entries.append(self._write(builder, stories))
                self._names.forget_words()
                builder = Builder(self._names.analyzer, self._names.known_words)
        if len(builder):
            entries.append(self._write(builder, stories))
        if len(self._names.analyzer.vocabulary) > VOCABULARY:
            self._names.forget_words()
        return entries

    def _write(self, builder: Builder, stories: Stories) -> SegmentEntry:
        name = segment_name()
        builder.write(self._data.index / name)
        stories.add_missing(builder.fingerprints)
        step("stories:added")
        return SegmentEntry(name, len(builder))

    def _mend(self, stories: Stories, current: Manifest) -> None:
        """Make the stories those of exactly the published articles, where a killed writer left them otherwise."""
        if not stories.believe(_publication(current)):
            reconcile(stories, live_numbers(self._data.index, current), self._archive, lambda: self._names.analyzer)

    def _publish(self, manifest: Manifest, before: tuple[Manifest, ...]) -> None:
        """Publish a generation; `before`: those whose files stay for their readers, the oldest last."""
        stories = self._stories.now
        changed = stories.changed()
        manifest = with_stories(self._data.index, manifest, changed)
        self._names.keep()
        manifest = replace(manifest, names=self._names.digest, analysis=ANALYSIS,
                           archive=self._archive.identity())
        publish(self._data.index, manifest)
        stories.publish(_publication(manifest), changed)
        step("stories:published")
        self._kept = (manifest, *before)
        sweep(self._data.index, self._kept)
        step("publish:swept")
        if manifest.generation == 1:                # nobody reads what came before; the next need not wait for this
            self._archive.purge(manifest.position, manifest.generation)
        elif before[-1].archive == manifest.archive:
            self._archive.purge(before[-1].position, manifest.generation)

    def _last_manifest(self) -> Manifest:
        try:
            return read_manifest(self._data.index)
        except ManifestError:
            return Manifest()

    def _sweep(self) -> None:
        try:
            for path in self._data.leftovers():
                path.unlink()
            sweep_merges(self._data.index)
            sweep(self._data.index, (read_manifest(self._data.index),))
        except ManifestError:
            sweep(self._data.index, ())
        except OSError:                             # a disk that cannot be written to: the next round may
            _log.warning("leftovers in %s could not be removed", self._data.index)


def _publication(manifest: Manifest) -> str:
    """What the stories call a generation."""
    return f"{manifest.archive} {manifest.generation}"
