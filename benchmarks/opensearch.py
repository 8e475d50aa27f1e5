"""Both engines side by side: `python -m benchmarks.opensearch`, or `make bench-opensearch` on a node of its own.

OPENSEARCH_TEST_NODES  addresses of a cluster (tests/opensearch/nodes.py starts one)
BENCH_ARTICLES         numbers of articles, "20000 100000" unless said
BENCH_QUERIES          queries, each asked three times of each engine in turn, 60
BENCH_SHARDS           shards of the articles, 1

The same articles and the same questions; the answers are held against each other: totals, stories and facets.
Times are wall-clock milliseconds of `Searcher.search` with all six facets: a whole answer, snippets and reasons too.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.articles import NamePool, articles, words
from index.archive import Archive
from index.names.registry import Names
from index.opensearch.cluster import Cluster, ClusterSettings
from index.opensearch.writer import ClusterIndexer
from index.writer import Indexer
from search.opensearch.engine import ClusterEngine
from search.request import Group, SearchRequest, Sort
from search.response import SearchResponse
from search.searcher import Searcher

ROUNDS = 3
BATCH = 1000


def requests(count: int, vocabulary: Sequence[str], names: Sequence[str]) -> list[SearchRequest]:
    """Words, names, phrases, prefixes, and everything; some filtered, grouped or by date."""
    rng = np.random.default_rng(11)
    made = [SearchRequest()]
    while len(made) < count:
        word, other = (vocabulary[int(rng.zipf(1.3)) % len(vocabulary)] for _ in range(2))
        name = names[int(rng.zipf(1.3)) % len(names)]
        q = str(rng.choice([name, word, f"{name} {word}", f'"{word} {other}"', f"={name.split()[0]}", f"{word[:4]}*",
                            f"{name} OR {word}"]))
        request = SearchRequest(q)
        if rng.random() < 0.2:
            request = replace(request, since="2022", sort=Sort.NEWEST)
        if rng.random() < 0.2:
            request = replace(request, group=Group.STORY)
        made.append(request)
    return made


def same(left: SearchResponse, right: SearchResponse) -> bool:
    """Whether two answers say the same, scores apart."""
    return (left.total, left.stories, left.facets) == (right.total, right.stories, right.facets)


def run(count: int, nodes: Sequence[str], names: Names, folder: Path) -> list[tuple[object, ...]]:
    """Index on both, ask both; a row of the report for each."""
    vocabulary = words()
    pool = NamePool.load(names, vocabulary)
    archive, waiting = Archive(folder / "archive.sqlite"), articles(count, pool, vocabulary)
    while part := list(islice(waiting, BATCH)):
        archive.put(part)
    settings = ClusterSettings(tuple(nodes), f"bench-{count}", shards=int(os.environ.get("BENCH_SHARDS", "1")),
                               replicas=0)
    seconds = []
    for indexer in (Indexer(folder), ClusterIndexer(folder, settings)):
        begin = time.perf_counter()
        indexer.reindex()
        seconds.append(time.perf_counter() - begin)
        indexer.close()
    cluster = Cluster(settings)
    state, client = cluster.state(), cluster.client
    client.indices.forcemerge(state.articles_index, max_num_segments=5)
    stored = client.indices.stats(f"bench-{count}-*")["_all"]["primaries"]["store"]["size_in_bytes"]
    sizes = [sum(path.stat().st_size for path in (folder / "index").rglob("*.bin")), stored]
    searchers = [Searcher(folder, names=names), Searcher(folder, names=names, engine=ClusterEngine(settings))]
    asked = requests(int(os.environ.get("BENCH_QUERIES", "60")), vocabulary,
                     [forms[0] for forms in pool.spellings[:500]])
    times, differing = ask(searchers, asked)
    client.indices.delete(f"bench-{count}-*")
    return [(f"{count:,}", name, f"{count / taken:,.0f}", f"{size / count:,.0f}",
             *(f"{np.percentile(each, share):,.1f}" for share in (50, 95, 99)), differing)
            for name, taken, size, each in zip(("embedded", "opensearch"), seconds, sizes, times, strict=True)]


def ask(searchers: Sequence[Searcher], asked: Sequence[SearchRequest]) -> tuple[list[list[float]], int]:
    """Milliseconds of each engine for each request (the median of ROUNDS), and how many answers differ."""
    times: list[list[float]] = [[] for _ in searchers]
    differing = 0
    for request in asked:
        answers: list[SearchResponse] = []
        for searcher, taken in zip(searchers, times, strict=True):
            rounds = []
            for _ in range(ROUNDS):
                begin = time.perf_counter()
                answer = searcher.search(request)
                rounds.append((time.perf_counter() - begin) * 1000)
            answers.append(answer)
            taken.append(float(np.median(rounds)))
        differing += not same(*answers)
    return times, differing


def main() -> None:
    """Print the table."""
    nodes = os.environ["OPENSEARCH_TEST_NODES"].split(",")
    names, rows = Names.load(), list[tuple[object, ...]]()
    for count in map(int, os.environ.get("BENCH_ARTICLES", "20000 100000").split()):
        with tempfile.TemporaryDirectory(prefix="exonym-bench-") as folder:
            rows += run(count, nodes, names, Path(folder))
    head = ("articles", "engine", "indexed a second", "bytes an article", "median ms", "95 %", "99 %",
            "answers that differ")
    for row in (head, ("---",) * len(head), *rows):
        print("|", " | ".join(map(str, row)), "|")


if __name__ == "__main__":
    main()
