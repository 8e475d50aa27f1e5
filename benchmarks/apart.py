"""Apart: an engine in a process of its own, as a server would have it. It is asked through a pipe and times itself.

In one process the engines would leave the processor's caches to one another, and the one whose library is another
process anyway (Lucene) would alone keep its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.engine import Answer, Counts, Engine, Query


class Apart:
    """An engine of some kind, asked in another process. Errors there are raised here."""

    def __init__(self, kind: type[Engine], folder: Path) -> None:
        self.name = kind.name
        self._pipe, child = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(kind, folder, child), name=f"benchmark: {kind.name}", daemon=True)
        self._process.start()
        child.close()
        self.segments: int | str = self._answer()
        self.took: tuple[int, int] | None = None       # thread CPU and wall of the last answer, ns

    def can(self, query: Query) -> bool:
        can: bool = self._ask("can", query)
        return can

    def search(self, query: Query) -> Answer:
        answer: Answer
        self.took, answer, _ = self._ask("search", query)
        return answer

    def facets(self, query: Query) -> tuple[Answer, Counts]:
        self.took, answer, counts = self._ask("facets", query)
        return answer, counts

    def counts(self, query: Query, given: Counts) -> Counts:
        return given

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join()

    def _ask(self, mode: str, query: Query) -> Any:
        self._pipe.send((mode, query))
        return self._answer()

    def _answer(self) -> Any:
        found = self._pipe.recv()
        if isinstance(found, Exception):
            raise found
        return found


def _serve(kind: type[Engine], folder: Path, pipe: Connection) -> None:
    """Open the engine and answer until there is nothing more."""
    try:
        engine = kind(folder)
        pipe.send(getattr(engine, "segments", ""))
    except Exception as error:
        pipe.send(error)
        return
    gc.collect()
    gc.freeze()                      # the names are millions of objects; as a serving process would
    while (ask := pipe.recv()) is not None:
        try:
            pipe.send(_answered(engine, *ask))
        except Exception as error:
            pipe.send(error)
    engine.close()


def _answered(engine: Engine, mode: str, query: Query) -> Any:
    if mode == "can":
        return engine.can(query)
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    found = engine.search(query) if mode == "search" else engine.facets(query)
    took = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    if isinstance(found, Answer):
        return took, found, None
    answer, given = found
    return took, answer, engine.counts(query, given)
