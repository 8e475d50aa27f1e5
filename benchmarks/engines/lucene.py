"""Lucene as a process of its own (Java 17), asked a query a line, many lines at once when it is its turn; it times
itself, without the pipe.

Maven fetches the library and javac compiles `Peer.java` when the benchmark runs; without Java or Maven the engine is
left out. Facets are counted from doc values in the same pass that ranks; where a source is chosen, that pass goes over
the matches of all sources, counts these, and hands on those of the chosen one. A single word without facets is not
counted, since the index knows its number, and matches that cannot be among the best are passed over. Lucene's own
caches and merge policy are as they come. The records fetched stay in Java; only their ids come over the pipe.

`LuceneStories` counts stories too, as Exonym does: it is told which article belongs to which story, as it was told the
entities. What that needs of the matches that share a story is written down in the same pass, and gone through once the
shown buckets are known.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.engine import Answer, Counts, Query
from benchmarks.measuring import FACETS, MODES, SEARCH, Took

SOURCES = Path(__file__).with_name("lucene_java")


class NoJavaError(Exception):
    """Lucene cannot be had here; the message says why."""


def prepare(work: Path) -> Path:
    """The folder with the library and the compiled program. Raises NoJavaError."""
    target = work / "lucene"
    missing = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    if missing:
        raise NoJavaError(f"no {', '.join(missing)} on this machine")
    if not any(target.glob("lucene-core-*.jar")):
        _run(["mvn", "-q", "-B", "-f", str(SOURCES / "pom.xml"), "dependency:copy-dependencies",
              f"-DoutputDirectory={target.resolve()}"])
    _run(["javac", "-nowarn", "-cp", f"{target}/*", "-d", str(target), str(SOURCES / "Peer.java")])
    return target


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise NoJavaError(f"{command[0]} failed: {(done.stdout + done.stderr).strip()[:300]}")


def _java(classes: Path, *arguments: str) -> list[str]:
    processors = f"-XX:ActiveProcessorCount={os.cpu_count()}"       # the collector it would choose if not held to one
    return ["java", "-Xmx2g", processors, "-cp", f"{classes}:{classes}/*", "Peer", *arguments]


def build(folder: Path, spool: Path, classes: Path) -> dict[str, float]:
    """Index a spool; what it took as the program prints it: articles, cpu and wall in seconds, peak in bytes."""
    done = subprocess.run(_java(classes, "build", str(folder), str(spool)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Lucene could not build its index: {done.stderr[-500:]}")
    built: dict[str, float] = json.loads(done.stdout)
    return built


class Lucene:
    """Search and doc values."""

    name = "Lucene"

    def __init__(self, folder: Path) -> None:
        classes = folder.parents[1] / "lucene"
        self._process = subprocess.Popen(_java(classes, "serve", str(folder), *self._more(folder)),
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         text=True, encoding="utf-8")
        self.segments = int(self._line())

    def _more(self, folder: Path) -> tuple[str, ...]:
        """What the program is told besides the index."""
        return ()

    def can(self, query: Query) -> bool:
        return True

    def search(self, query: Query) -> Answer:
        return self._ask(SEARCH, query)[0]

    def facets(self, query: Query) -> tuple[Answer, list[str]]:
        return self._ask(FACETS, query)

    def counts(self, query: Query, given: list[str]) -> Counts:
        return _counts(given, 0)

    def turn(self, queries: Sequence[Query], left: Mapping[str, float]) -> list[Took]:
        """`measuring.take_turn`, timed by the program. It is quick: what is `left` is looked at once."""
        asks = [(query, mode) for query in queries for mode in MODES if left[mode] >= 0]
        self._send("".join(map(_line_of, asks)))
        took = []
        for query, mode in asks:
            cpu, wall, *_ = self._line().split("\t", 2)
            took.append((query, mode, int(cpu) / 1e6, int(wall) / 1e6))
        return took

    def _ask(self, mode: str, query: Query) -> tuple[Answer, list[str]]:
        self._send(_line_of((query, mode)))
        _, _, count, ids, *counts = self._line().rstrip("\n").split("\t")
        return Answer(int(count), [(id, "", "") for id in ids.split()]), counts

    def _send(self, lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(lines)
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the Lucene process has ended")
        return line

    def close(self) -> None:
        self._process.communicate()


class LuceneStories(Lucene):
    """Lucene over the same index, with stories in every bucket; a search without facets is the same."""

    name = "Lucene, with stories"
    modes = (FACETS,)

    def _more(self, folder: Path) -> tuple[str, ...]:
        return (str(stories_file(folder)),)

    def counts(self, query: Query, given: list[str]) -> Counts:
        return replace(_counts(given, 0), stories=_counts(given, 1))


def stories_file(folder: Path) -> Path:
    """Where the stories of the articles of an index are, beside it."""
    return folder.with_name("stories.tsv")


def write_stories(folder: Path, stories: Mapping[str, int]) -> None:
    """Have `LuceneStories` know them: article id → number of its story, from 1; of articles that share theirs."""
    stories_file(folder).write_text("".join(f"{id}\t{story}\n" for id, story in stories.items()), "utf-8")


def _line_of(ask: tuple[Query, str]) -> str:
    query, mode = ask
    return "\t".join(("facets" if mode == FACETS else "search", "newest" if query.newest else "", query.operator,
                      query.field, query.since, query.until, query.source, " ".join(query.words))) + "\n"


def _counts(given: Sequence[str], column: int) -> Counts:
    """Facets of VALUE=ARTICLES or VALUE=ARTICLES/STORIES; `column` 0: articles, 1: stories."""
    entities, sources, months = (
        {value: int(counts.split("/")[column]) for value, _, counts in
         (bucket.rpartition("=") for bucket in facet.split("\x01") if bucket)} for facet in given)
    return Counts(entities, sources, {int(month): count for month, count in months.items()})
