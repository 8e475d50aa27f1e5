"""Apart: an engine in a process of its own, as a server would have it. It is asked through a pipe; when it is its
turn it times itself there.

In one process the engines would leave the processor's caches to one another, and the one whose library is another
process anyway (Lucene) would alone keep its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.engine import Answer, Counts, Engine, Query
from benchmarks.measuring import Took, take_turn


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

    def can(self, query: Query) -> bool:
        can: bool = self._ask("can", query)
        return can

    def search(self, query: Query) -> Answer:
        answer: Answer
        answer, _ = self._ask("search", query)
        return answer

    def facets(self, query: Query) -> tuple[Answer, Counts]:
        answer, counts = self._ask("facets", query)
        return answer, counts

    def turn(self, queries: Sequence[Query], left: Mapping[str, float]) -> list[Took]:
        """`measuring.take_turn` in the other process."""
        took: list[Took] = self._ask("turn", queries, left)
        return took

    def counts(self, query: Query, given: Counts) -> Counts:
        return given

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join()

    def _ask(self, *ask: Any) -> Any:
        self._pipe.send(ask)
        return self._answer()

    def _answer(self) -> Any:
        found = self._pipe.recv()
        if isinstance(found, Exception):
            raise found
        return found


def _serve(kind: type[Engine], folder: Path, pipe: Connection) -> None:
    """Open the engine and answer until there is nothing more. All engines are held to the same processor: on a machine
    that is shared with others, one is at times half as quick as another."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
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


def _answered(engine: Engine, what: str, *given: Any) -> Any:
    if what == "turn":
        return take_turn(engine, *given)
    query: Query = given[0]
    if what == "can":
        return engine.can(query)
    if what == "search":
        return engine.search(query), None
    answer, counts = engine.facets(query)
    return answer, engine.counts(query, counts)
