"""The benchmark: `make bench`, or `python -m benchmarks`. Settings are environment variables:

BENCH_ARTICLES   numbers of articles, "20000 100000" unless said
BENCH_ENGINES    engines besides Exonym, "Tantivy,Lucene,SQLite FTS5,stock Whoosh" unless said;
                 Lucene counts articles once, articles and stories once more
BENCH_QUERIES    queries a mix, 40
BENCH_SECONDS    an engine is asked no more of a mix when it has spent so long on it, 20
BENCH_WORK       folder for articles and indexes, .bench
BENCH_REUSE      1: take the indexes that a run before has built (the report says so)
BENCH_RESULTS    file written, benchmarks/results.md; plots go beside it
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from benchmarks import agreement, costs, spool
from benchmarks.apart import Apart
from benchmarks.articles import NamePool, articles, words
from benchmarks.building import FOLDERS, Built, build
from benchmarks.engine import Engine, Query
from benchmarks.engines import exonym, fts5, lucene, tantivy_peer, whoosh_stock
from benchmarks.measuring import by_matches, measure, warm_up
from benchmarks.plot import plot
from benchmarks.queries import Chooser
from benchmarks.report import Size, across_sizes, size_report, table
from index.names.registry import Names
from search.generation import Generation
from search.searcher import Searcher
from search.similar import similar

PEERS: dict[str, type[Engine]] = {"Tantivy": tantivy_peer.Tantivy, "Lucene": lucene.Lucene, "SQLite FTS5": fts5.FTS5,
                                  "stock Whoosh": whoosh_stock.StockWhoosh}
STOCK_ARTICLES = 100_000
"""Stock Whoosh, whose writer takes some 7 ms an article, is left out where there are more."""
SLOW = ("SQLite FTS5", "stock Whoosh")
"""Asked after the others, which would wait for them."""
PART = 10_000
FREQUENCIES = 60
WARM_UP = 20.0
"""Seconds in which each engine is asked before it is timed, as one that has run for a while: caches are filled, and
Java compiles what runs often."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks for."""

    sizes: Sequence[int]
    peers: Sequence[str]
    queries: int
    seconds: float
    work: Path
    reuse: bool
    results: Path

    @classmethod
    def read(cls) -> Settings:
        """From the environment. Raises ValueError for a peer that there is not."""
        get = os.environ.get
        peers = [name.strip() for name in get("BENCH_ENGINES", ",".join(PEERS)).split(",") if name.strip()]
        unknown = [name for name in peers if name not in PEERS]
        if unknown:
            raise ValueError(f"BENCH_ENGINES has {unknown[0]!r}; it may have {', '.join(PEERS)}")
        return cls([int(size) for size in get("BENCH_ARTICLES", "20000 100000").split()], peers,
                   int(get("BENCH_QUERIES", "40")), float(get("BENCH_SECONDS", "20")),
                   Path(get("BENCH_WORK", ".bench")), get("BENCH_REUSE") == "1",
                   Path(get("BENCH_RESULTS", "benchmarks/results.md")))


def say(text: str) -> None:
    """Progress, with the time."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def _spool_part(path: Path, first: int, count: int) -> spool.Analysed:
    names = Names.load()
    made_up = words()
    pool = NamePool.load(names, made_up)
    return spool.write(path, articles(count, pool, made_up, first=first), names)


def prepare(path: Path, count: int) -> spool.Analysed:
    """Write the spool, two processes at a time, parts joined in order."""
    starts = range(0, count, PART)
    parts = [path.with_suffix(f".{start}") for start in starts]
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool, path.open("wb") as whole:
        done = []
        for part, analysed in zip(parts, pool.map(_spool_part, parts, starts,
                                                  [min(PART, count - start) for start in starts]), strict=True):
            done.append(analysed)
            whole.write(part.read_bytes())
            part.unlink()
    analysed = spool.Analysed(count, sum(part.tokens for part in done), sum(part.cpu for part in done))
    path.with_suffix(".took").write_text(f"{analysed.tokens} {analysed.cpu}", "ascii")
    return analysed


def prepared(path: Path, count: int, reuse: bool) -> spool.Analysed:
    """The spool, made or (with `reuse`) found."""
    took = path.with_suffix(".took")
    if reuse and took.exists():
        tokens, cpu = took.read_text("ascii").split()
        return spool.Analysed(count, int(tokens), float(cpu))
    path.parent.mkdir(parents=True, exist_ok=True)
    return prepare(path, count)


def run(settings: Settings, count: int, names: Names) -> Size:
    """Everything at one size."""
    work = settings.work / str(count)
    spooled = work / "articles.tsv"
    say(f"{count:,} articles: analysing them for the other engines")
    analysed = prepared(spooled, count, settings.reuse)
    size = Size(count, analysed.tokens, analysed.cpu)
    peers = _build_all(settings, size, work, spooled)
    generation = Searcher(work / "exonym").snapshot().published.generation
    engines: list[Engine] = [Apart(kind, work / "exonym") for kind in (
        exonym.Exonym, exonym.ExonymUncached, exonym.ExonymSix, exonym.ExonymWhole)]
    for name in peers:
        folder = work / FOLDERS[name]
        if name == lucene.Lucene.name:
            lucene.write_stories(folder, exonym.stories(work / "exonym", generation))
            engines += [lucene.Lucene(folder), lucene.LuceneStories(folder)]
        else:
            engines.append(Apart(PEERS[name], folder))
    size.segments = {engine.name: engine.segments for engine in engines if hasattr(engine, "segments")}
    try:
        _ask_all(settings, size, Chooser(spooled, names, partial(similar, generation)), engines, generation)
    finally:
        for engine in engines:
            engine.close()
    say("updates")
    size.updates = costs.updates(work, spooled)
    return size


def _build_all(settings: Settings, size: Size, work: Path, spooled: Path) -> list[str]:
    """Build the indexes; the peers that there are."""
    peers = []
    for name in ("Exonym", *settings.peers):
        say(f"building {name}")
        try:
            if name == "Lucene":
                lucene.prepare(settings.work)
        except lucene.NoJavaError as error:
            size.left_out.append(f"Lucene was left out: {error}.")
            continue
        if name == "stock Whoosh" and size.articles > STOCK_ARTICLES:
            size.left_out.append(f"Stock Whoosh was left out: it is built for {STOCK_ARTICLES:,} articles at most.")
            continue
        built: Built = build(name, work, spooled, size.articles, settings.reuse)
        say(f"  {built.cpu:.1f} s of CPU, {built.wall:.1f} s, peak {built.peak >> 20} MB, disk {built.disk >> 20} MB")
        size.built.append(built)
        if name != "Exonym":
            peers.append(name)
    return peers


def _ask_all(settings: Settings, size: Size, chooser: Chooser, engines: Sequence[Engine],
             generation: Generation) -> None:
    chosen = chooser.choose(settings.queries)
    say("agreement")
    every: list[Query] = [query for queries in chosen.values() for query in queries]
    size.agreed = agreement.check(engines, every, settings.seconds)
    for engine in engines:
        say(f"warming up {engine.name}")
        warm_up(engine, every, WARM_UP)
    say("queries")
    slow = [engine for engine in engines if engine.name in SLOW]
    quick = [engine for engine in engines if engine.name not in SLOW]
    size.cells = measure(quick, chosen, settings.seconds) | measure(slow, chosen, settings.seconds)
    say("cost against matches")
    size.curves = by_matches([engine for engine in engines if engine.name in ("Exonym", "Tantivy", "Lucene")],
                             chooser.by_frequency(FREQUENCIES))
    size.floor_bytes = [costs.bytes_read(generation, query) for query in chosen["common word"]]


_HOW = """Written by `make bench` (`python -m benchmarks`) in one run. Made-up news-like articles
(`benchmarks/articles.py`), the same for all engines, which index the same words, printed forms, names and entities.
Every query asks for the ten best articles with their texts and the number of matches; *with facets* also for the 20
most frequent entities and sources and for all months, over all matches. Where a source is chosen, every engine counts
the sources without that filter, so that the reader sees what the others would give, and everything else with it. The
matches of a single word need no counting where the index knows their number: Lucene (without facets) and Tantivy make
use of it, as Exonym does. Each engine has a process of its own and one thread, as in a server, and times itself there,
after twenty seconds of queries in which its caches are filled and Java compiles what runs often. They take turns, in an
order drawn each time (SQLite and Whoosh after the others), all on the same processor, and whoever has its turn is
handed all queries of a mix at once: so its program is in the processor's caches, as that of a server that is busy.
Times are CPU; each query is asked in several rounds and its median counts.

The first columns are the same index asked in several ways: *Exonym* keeps plans, postings (of words, prefixes and
phrases), the columns of their articles, and which articles mention an entity that was shown, never answers; besides
what is asked of the others it counts stories in every bucket, and entities in three facets; *no cache* keeps nothing;
*six facets* counts the spellings too; *whole answer* is all that the JSON of the HTTP interface holds (snippets,
reasons, spellings), with these six facets where facets are asked for. The other engines count articles alone; *Lucene,
with stories* is given the stories that our index found and counts them in every bucket too, so that one column is the
same work as *Exonym* with facets, and our counts of stories are checked by another's. Facets by spelling cannot be
asked of the other engines, and *name* (a name in any spelling) only because they were given the names that our analysis
found. Stock Whoosh has its own codec, writer, searcher and facets.
"""

_STAGES = """One process, milliseconds of CPU an article. The analysis is that of the first 20,000 articles by a process
that knows no word yet; with names and entities it takes {:.2f} times what it takes without them.
"""


def main() -> None:
    """Run and write the results."""
    settings = Settings.read()
    names = Names.load()
    load = os.getloadavg()
    begin = time.time()
    sizes = [run(settings, count, names) for count in settings.sizes]
    say("memory speed, stages of indexing")
    speed = costs.memory_speed()
    spooled = settings.work / str(settings.sizes[0]) / "articles.tsv"
    analysis, stages = costs.analysis(spooled), costs.stages(spooled, names)
    largest = sizes[-1]
    folder = settings.results.parent
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "matches.svg").write_text(plot(f"Cost against matches, {largest.articles:,} articles, with facets",
                                             "matches", "CPU ms", largest.curves), "utf-8")
    plots = ["![cost against matches](matches.svg)\n"]
    lines = across_sizes(sizes, ["Exonym", *settings.peers])
    if lines:
        (folder / "sizes.svg").write_text(plot("A common word with facets against the size of the index", "articles",
                                               "CPU ms, median", lines), "utf-8")
        plots.append("![cost against size](sizes.svg)\n")
    text = "\n".join([
        "# Results of the benchmark\n", _HOW, _machine(load, time.time() - begin), *plots,
        *(size_report(size, speed) for size in sizes), "## What indexing costs, stage by stage\n",
        _STAGES.format(_times_plain(dict(analysis))),
        table(["stage", "ms an article"], [(name, f"{took:.3f}") for name, took in (*analysis, *stages)])])
    settings.results.write_text(text, "utf-8")
    say(f"written: {settings.results}")


def _times_plain(analysis: Mapping[str, float]) -> float:
    """How many times what an analysis without names and entities takes the whole one takes."""
    whole = sum(analysis.values())
    return whole / (whole - analysis["names"] - analysis["entities"])


def _machine(load: tuple[float, float, float], seconds: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "whoosh3", "tantivy"))
    return (f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {packages}, "
            f"Lucene 9.12.0. The machine was shared: load {load[0]:.1f} when the run began, {os.getloadavg()[0]:.1f} "
            f"when it ended {seconds / 60:.0f} minutes later (the run itself is about one). So only ratios within the "
            "run count.\n")


if __name__ == "__main__":
    main()
