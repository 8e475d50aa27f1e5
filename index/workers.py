"""Workers: segments built by several processes at once, each from a run of the archive's versions."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from index.analysis.analyzer import Analyzer, batches
from index.archive import Archive
from index.builder import Builder
from index.compaction import segment_name
from index.crash import step
from index.folder import DataFolder
from index.known_words import KnownWords
from index.names.registry import Names

VOCABULARY_LIMIT = 330_000
"""An analyzer is made anew when its vocabulary has more tokens than this (about 900 bytes each, with what is known)."""


@dataclass(frozen=True, slots=True)
class Built:
    """A segment as a worker wrote it, to be merged before it is published (it may not be on the disk yet), and its
    articles' fingerprints as bytes."""

    name: str
    docs: int
    fingerprints: list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Run:
    """The work of one call: versions to build into segments, each written at the latest when so many words are held."""

    numbers: Sequence[int]
    tokens: int


def build_all(data: Path, runs: Sequence[Run], processes: int) -> Iterator[list[Built]]:
    """Build the runs, several at a time; the segments of each, in the order of the runs.

    The workers read the archive and the reader's names of the data folder. Raises OSError when one is killed.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _Worker.start, (data,)) as pool:
        try:
            yield from pool.map(_Worker.build, runs)
        except BrokenProcessPool as error:
            raise OSError("a process that was building a segment has ended; the next run begins again") from error


def settle() -> None:
    """End this process's garbage collector, and tell it that what is loaded now stays.

    To load names makes a million objects, an analysis thousands an article, all freed at once by their counts of
    references, as nothing here refers to itself: looking for cycles finds none. It takes a third of the time of loading
    and a fortieth of that of building, even where it comes round seldom. Who uses what may make cycles collects them
    between two runs.
    """
    gc.disable()
    gc.freeze()


class _Worker:
    """What one worker process keeps between runs."""

    current: _Worker

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._archive = Archive(data.archive)
        self._begin_anew(Names.load(data.names))

    def _begin_anew(self, names: Names) -> None:
        self._analyzer = Analyzer(names)
        self._known = KnownWords.of(self._analyzer.vocabulary)

    @classmethod
    def start(cls, data: Path) -> None:
        """Begin a worker process. It ends with its parent, however that ends: nobody else would tell it to.

        It ends at once, when there is no more work: an interpreter's own end looks for cycles once more among all there
        is and takes it apart, piece by piece, which takes as long as to build a thousand articles.
        """
        settle()
        atexit.register(os._exit, 0)
        parent = multiprocessing.parent_process()
        assert parent is not None
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        cls.current = cls(DataFolder(data))

    @staticmethod
    def build(run: Run) -> list[Built]:
        """Build one run in this process."""
        return _Worker.current._build(run)

    def _build(self, run: Run) -> list[Built]:
        built, builder = [], self._builder()
        for some in batches(self._archive.numbered(run.numbers)):
            builder.add_all(some)
            if builder.tokens >= run.tokens:
                built.append(self._written(builder))
                builder = self._builder()
        if len(builder):
            built.append(self._written(builder))
        step("worker:built")
        return built

    def _builder(self) -> Builder:
        if len(self._analyzer.vocabulary) > VOCABULARY_LIMIT:
            self._begin_anew(self._analyzer.names)
        return Builder(self._analyzer, self._known)

    def _written(self, builder: Builder) -> Built:
        name = segment_name()
        builder.write(self._data.index / name, is_durable=False)
        return Built(name, len(builder), [(number, one.to_bytes()) for number, one in builder.fingerprints])


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
