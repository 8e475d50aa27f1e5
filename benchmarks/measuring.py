"""Measuring: seconds of CPU a query, engines taking turns, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np

from benchmarks.engine import Engine, Query

ROUNDS = 9
"""Of three, two may meet a busy neighbour on a shared machine: ratios of a mix differed by a third from run to run."""
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
    def spent(self) -> float:
        """Seconds of the clock, all rounds together."""
        return sum(map(sum, self.wall.values())) / 1000

    @property
    def queries(self) -> int:
        """How many different queries were measured."""
        return len(self.cpu)

    def percentile(self, share: float, wall: bool = False) -> float:
        """Over the queries, of each the median of its rounds."""
        times = self.wall if wall else self.cpu
        return float(np.percentile([np.median(rounds) for rounds in times.values()], share))


Took = tuple[Query, str, float, float]
"""A query, the mode it was asked in, milliseconds of CPU and of the clock."""
Cells = dict[tuple[str, str, str], Cell]
"""(engine, mix, mode) → times."""


def measure(engines: Sequence[Engine], chosen: Mapping[str, Sequence[Query]], seconds: float, rounds: int = ROUNDS
            ) -> Cells:
    """Put every query to every engine `rounds` times in both modes.

    Engines take turns, a mix each, in an order drawn each time, and whoever has its turn is handed the whole mix. So
    its program is in the processor's caches, as that of a server that is busy, while what the queries need is read
    anew. An engine that has spent `seconds` on a mix in one mode is asked no more queries of it; the cell says how many
    it answered. All queries of a mix are asked before any is asked again. One that differs from another in one mode
    only says so in `modes`: it is asked in both, so that it is as warm as the others when it comes to the second, but
    only those are kept.
    """
    gc.collect()
    gc.freeze()                      # the names are millions of objects; as a serving process would
    cells: Cells = {}
    rng = np.random.default_rng(5)
    for mix, queries in chosen.items():
        asked = {engine.name: [query for query in queries if engine.can(query)] for engine in engines}
        for _ in range(rounds):
            for place in rng.permutation(len(engines)):
                engine = engines[place]
                own = {mode: cells.setdefault((engine.name, mix, mode), Cell()) for mode in MODES}
                left = {mode: seconds - cell.spent for mode, cell in own.items()}
                for query, mode, cpu, wall in take_turn(engine, asked[engine.name], left):
                    own[mode].add(query, cpu, wall)
    gc.unfreeze()
    kept = {engine.name: getattr(engine, "modes", MODES) for engine in engines}
    return {(engine, mix, mode): cell for (engine, mix, mode), cell in cells.items()
            if cell.queries and mode in kept[engine]}


def take_turn(engine: Engine, queries: Sequence[Query], left: Mapping[str, float]) -> list[Took]:
    """Put queries to an engine in both modes, one right after the other, while there are seconds `left` of a mode.

    An engine in another process has a `turn` of its own, which is handed the whole of it: were it woken for every
    query, it would find the processor's caches cold, which is no property of an engine.
    """
    if (turn := getattr(engine, "turn", None)) is not None:
        took: list[Took] = turn(queries, left)
        return took
    left, took = dict(left), []
    for query in queries:
        for mode in MODES:
            if left[mode] < 0:
                continue
            ask = engine.search if mode == SEARCH else engine.facets
            cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
            ask(query)
            cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
            left[mode] -= wall / 1e9
            took.append((query, mode, cpu / 1e6, wall / 1e6))
    return took


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
