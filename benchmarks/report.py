"""Report: the figures of one run as Markdown, and the plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from benchmarks.agreement import Agreed
from benchmarks.building import Built
from benchmarks.measuring import FACETS, MODES, Cell, Cells

OURS = "Exonym"


@dataclass(slots=True)
class Size:
    """All that was measured at one number of articles."""

    articles: int
    tokens: int
    analysis_cpu: float
    built: list[Built] = field(default_factory=list)
    segments: dict[str, int] = field(default_factory=dict)
    agreed: list[Agreed] = field(default_factory=list)
    cells: Cells = field(default_factory=dict)
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    floor_bytes: list[int] = field(default_factory=list)
    updates: dict[str, list[float]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, the first column to the left."""
    lines = [" | ".join(head), " | ".join(["---", *["---:"] * (len(head) - 1)])]
    lines += [" | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def number(value: float) -> str:
    """Three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size_report(size: Size, speed: float) -> str:
    """Everything of one size."""
    engines = [row.engine for row in size.agreed]
    mixes = list(dict.fromkeys(mix for _, mix, _ in size.cells))
    parts = [f"## {size.articles:,} articles\n", *(f"{line}\n" for line in size.left_out)]
    parts += ["### Agreement\n", _agreement(size)]
    for mode in MODES:
        parts += [f"### Queries, {mode}: CPU ms, median / p95\n", _times(size.cells, engines, mixes, mode)]
    parts += ["### How many times the CPU of Exonym (medians; under 1: faster than Exonym)\n",
              _ratios(size.cells, engines, mixes)]
    updates = [(name, number(took[0]), " / ".join(map(number, took[1:]))) for name, took in size.updates.items()]
    parts += ["### Building\n", _building(size),
              "### Update of 100 articles, seconds of the clock until they are found\n",
              table(["engine", "first, with opening", "after that"], updates),
              "### Memory floor of the common word with facets\n", _floor(size, speed),
              "### Cost against matches, with facets: CPU ms\n", _linearity(size)]
    return "\n".join(parts)


def _agreement(size: Size) -> str:
    return table(["engine", "segments", "queries checked", "same top ten as Exonym"],
                 [(row.engine, size.segments.get(row.engine, ""), f"{row.queries} of {row.of}", f"{row.overlap:.0%}")
                  for row in size.agreed])


def _times(cells: Cells, engines: Sequence[str], mixes: Sequence[str], mode: str) -> str:
    shown = [engine for engine in engines if any((engine, mix, mode) in cells for mix in mixes)]
    return table(["mix", *shown], [(mix, *(_cell(cells, engine, mix, mode) for engine in shown)) for mix in mixes])


def _cell(cells: Cells, engine: str, mix: str, mode: str) -> str:
    cell = cells.get((engine, mix, mode))
    if cell is None:
        return "–"
    capped = f" (n={cell.queries})" if cell.queries < cells[OURS, mix, mode].queries else ""
    return f"{number(cell.percentile(50))} / {number(cell.percentile(95))}{capped}"


def _ratios(cells: Cells, engines: Sequence[str], mixes: Sequence[str]) -> str:
    columns = [(engine, mode) for mode in MODES for engine in engines
               if not engine.startswith(OURS) and any((engine, mix, mode) in cells for mix in mixes)]
    rows = []
    for mix in mixes:
        row = [mix]
        for engine, mode in columns:
            theirs, ours = cells.get((engine, mix, mode)), cells.get((OURS, mix, mode))
            row.append(f"{number(_paired(theirs, ours))}×" if theirs is not None and ours is not None else "–")
        rows.append(row)
    return table(["mix", *(f"{engine}, {mode}" for engine, mode in columns)], rows)


def _paired(theirs: Cell, ours: Cell) -> float:
    """Ratio of medians over the queries that both answered."""
    both = [query for query in theirs.cpu if query in ours.cpu]
    return float(np.median([np.median(theirs.cpu[query]) for query in both])
                 / np.median([np.median(ours.cpu[query]) for query in both]))


def _building(size: Size) -> str:
    rows = [(built.engine + (" (from a run before)" if built.reused else ""), f"{built.articles:,}", number(built.cpu),
             number(built.wall), number(built.rate), *map(_megabytes, (built.peak, built.anonymous, built.disk)),
             f"{built.disk / built.articles:,.0f}") for built in size.built]
    head = ["engine", "articles", "CPU s", "wall s", "articles / CPU s", "peak MB", "anonymous", "disk MB",
            "bytes an article"]
    return table(head, rows) + (
        f"\nExonym's CPU includes its analysis (words, names, entities, stories), the archive and the publication; the "
        f"other engines are given ready terms, which took {number(size.analysis_cpu)} s of CPU ({size.tokens:,} words, "
        f"{size.tokens / size.analysis_cpu:,.0f} a second). Peak memory is resident memory, all processes "
        "together, pages of mapped files included; anonymous is what no file holds, at its own peak.\n")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f}" if size else "not measured"


def _floor(size: Size, speed: float) -> str:
    ours = size.cells[OURS, "common word", FACETS].percentile(50)
    floor = float(np.median(size.floor_bytes)) / speed * 1000
    return (f"Reading its arrays once ({np.median(size.floor_bytes) / 2**20:.2f} MB: postings, lengths, stories, "
            f"dates, sources and entities) at {speed / 1e9:.1f} GB/s, measured on this machine with one core, takes "
            f"{number(floor)} ms; Exonym takes {number(ours)} ms of CPU, {number(ours / floor)} times the floor.\n")


def _linearity(size: Size) -> str:
    edges = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]
    rows = []
    for low, high in pairwise(edges):
        row = [[cost for matches, cost in points if low <= matches < high] for points in size.curves.values()]
        if all(row):
            rows.append((f"{low:,}–{high - 1:,}", *(number(float(np.median(costs))) for costs in row)))
    return table(["matches", *size.curves], rows) + "\n" + " ".join(
        f"{name}: ten times the matches cost {10**_slope(points):.1f} times as much above 1% of the articles."
        for name, points in size.curves.items()) + "\n"


def _slope(points: Sequence[tuple[int, float]]) -> float:
    """The exponent of cost over matches in the upper range."""
    most = max(matches for matches, _ in points)
    upper = [point for point in points if point[0] * 100 >= most]
    matches, costs = np.log10(np.array(upper, float)).T
    return float(np.polyfit(matches, costs, 1)[0])


def across_sizes(sizes: Sequence[Size], engines: Sequence[str]) -> Mapping[str, list[tuple[float, float]]]:
    """Median CPU of the common word with facets at each size."""
    found: dict[str, list[tuple[float, float]]] = {}
    for engine in engines:
        points = [(float(size.articles), size.cells[engine, "common word", FACETS].percentile(50)) for size in sizes
                  if (engine, "common word", FACETS) in size.cells]
        if len(points) > 1:
            found[engine] = points
    return found
