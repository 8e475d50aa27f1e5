"""Measuring: seconds of CPU a query, engines taking turns, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np

from benchmarks.engine import Engine, Query

ROUNDS = 3
SEARCH, FACETS = "top ten", "with facets"
MODES = (SEARCH, FACETS)


@dataclass(slots=True)
class Cell:
    """Times of one engine, mix and mode in milliseconds; a list a query, one value a round."""

    cpu: dict[Query, list[float]] = field(default_factory=dict)
    wall: dict[Query, list[float]] = field(default_factory=dict)

    def add(self, query: Query, cpu: float, wall: float) -> None:
        self.cpu.setdefault(query, []).append(cpu)
        self.wall.setdefault(query, []).append(wall)

    @property
    def queries(self) -> int:
        """How many different queries were measured."""
        return len(self.cpu)

    def percentile(self, share: float, wall: bool = False) -> float:
        """Over the queries, of each the median of its rounds."""
        times = self.wall if wall else self.cpu
        return float(np.percentile([np.median(rounds) for rounds in times.values()], share))


Cells = dict[tuple[str, str, str], Cell]
"""(engine, mix, mode) → times."""


def measure(engines: Sequence[Engine], chosen: Mapping[str, Sequence[Query]], seconds: float, rounds: int = ROUNDS
            ) -> Cells:
    """Put every query to every engine `rounds` times in both modes.

    Engines take turns, a mix each, in an order drawn each time. So whoever is asked has its program in the processor's
    caches, as a server that is busy, while what the queries need is read anew. An engine that has spent `seconds` on a
    mix in one mode is asked no more queries of it; the cell says how many it answered. All queries of a mix are asked
    before any is asked again. One that differs from another in one mode only says so in `modes`: it is asked in both,
    so that it is as warm as the others when it comes to the second, but only those are kept.
    """
    gc.collect()
    gc.freeze()                      # the names are millions of objects; as a serving process would
    cells: Cells = {}
    rng = np.random.default_rng(5)
    for mix, queries in chosen.items():
        for _ in range(rounds):
            for place in rng.permutation(len(engines)):
                for query in queries:
                    for mode in MODES:
                        _ask(cells.setdefault((engines[place].name, mix, mode), Cell()), engines[place], query, mode,
                             seconds)
    gc.unfreeze()
    kept = {engine.name: getattr(engine, "modes", MODES) for engine in engines}
    return {(engine, mix, mode): cell for (engine, mix, mode), cell in cells.items()
            if cell.queries and mode in kept[engine]}


def _ask(cell: Cell, engine: Engine, query: Query, mode: str, seconds: float) -> None:
    if not engine.can(query) or sum(map(sum, cell.wall.values())) > seconds * 1000:
        return
    ask = engine.search if mode == SEARCH else engine.facets
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    ask(query)
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    own: tuple[int, int] | None = getattr(engine, "took", None)      # an engine in another process times itself
    if own is not None:
        cpu, wall = own
    cell.add(query, cpu / 1e6, wall / 1e6)


def warm_up(engine: Engine, queries: Sequence[Query], seconds: float) -> None:
    """Put queries to an engine, round after round in both modes, until `seconds` have passed; nothing is timed."""
    end = time.perf_counter() + seconds
    for query in cycle(queries):
        if time.perf_counter() > end:
            break
        if engine.can(query):
            engine.search(query)
            engine.facets(query)


def by_matches(engines: Iterable[Engine], queries: Sequence[Query], rounds: int = 5
               ) -> dict[str, list[tuple[int, float]]]:
    """For every engine (matches, milliseconds of CPU) of faceted queries, of each the median of its rounds."""
    engines = list(engines)
    matches = {query: engines[0].search(query).count for query in queries}
    cells = measure(engines, {"by frequency": queries}, float("inf"), rounds)
    return {engine.name: [(matches[query], float(np.median(times))) for query, times in
                          cells[engine.name, "by frequency", FACETS].cpu.items()] for engine in engines}
