"""Load: the real service under mixed searches by several clients at once, while articles are written.

    python -m benchmarks.load [--articles 100000] [--clients 1,8,32] [--seconds 30] [--requests 0] [--rate 20]
                              [--warm-up 500] [--data DIR]

Starts `exonym serve` on the loopback address over a generated archive, asks faceted searches of many kinds over
kept-alive connections without a pause, and writes `--rate` articles a second meanwhile, each with a request of its
own. Prints, for each number of clients, requests a second, percentiles of the time to answer, errors, processor
time of all processes of the service (writing and indexing among them), and the memory of its workers and of its
indexer: the median of the looks taken while the first tenth and the last tenth of a phase went by, since what belongs
to merged segments leaves the cache at once and others fill it over minutes, so that one look may find it either way.
The clients share the machine's processors with the service.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import math
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.articles import SOURCES, NamePool, articles, words, zipf
from index.archive import Archive
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer

SAMPLE_SECONDS = 10         # between two looks at the memory
COMPARED = 0.1              # share of a phase's looks at whose median its memory begins, and ends
SHOWN = 16                  # looks a phase's report has, evenly spaced
KEY = secrets.token_hex(16)
PERCENTILES = (50, 95, 99)
WARMING = 32                # clients before anything is measured: with fewer, one worker may get all connections


@dataclass(slots=True)
class Times:
    """Seconds to answer, and what went wrong, of one phase."""

    searches: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of searches was answered."""
        return float(np.percentile(self.searches, share)) * 1000 if self.searches else float("nan")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that the processes of a service have for themselves (Pss_Anon), after so many searches of a phase.

    Mapped index files are the system's to keep or drop, and not counted.
    """

    searches: int
    serving: int                     # the workers, and the process that keeps them
    indexing: int                    # the indexer and what it starts


@dataclass(frozen=True, slots=True)
class Phase:
    """What one number of clients gave."""

    clients: int
    seconds: float
    times: Times
    memory: Sequence[Memory]         # before, every SAMPLE_SECONDS, and after
    processor: float                 # seconds that all processes of the service took, indexing among them

    def begin_and_end(self, what: Callable[[Memory], int]) -> tuple[int, int]:
        """Medians of what the first and the last looks at the memory found, bytes."""
        found = list(map(what, self.memory))
        share = math.ceil(len(found) * COMPARED)
        return int(np.median(found[:share])), int(np.median(found[-share:]))


class Service:
    """`exonym serve` as a process of its own, over one data folder."""

    def __init__(self, data: Path) -> None:
        self.port = _free_port()
        code = "import sys; from service.cli import main; sys.argv[0] = 'exonym'; main()"
        environment = {**os.environ, "EXONYM_API_KEY": KEY, "EXONYM_LOG_LEVEL": "warning"}
        self._process = subprocess.Popen([sys.executable, "-c", code, "serve", "--data", str(data), "--port",
                                          str(self.port)], env=environment, stdin=subprocess.DEVNULL)

    def __enter__(self) -> Service:
        while self._process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if Client(self.port).get("/health/ready") == 200:
                    return self
            time.sleep(0.2)
        raise SystemExit(f"the service ended with status {self._process.returncode}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def memory(self, searches: int) -> Memory:
        """The memory of its processes now, after so many searches."""
        family = _family(self._process.pid)
        indexers = [process for process in family if b"service.indexing" in _command(process)]
        indexing = set().union(*map(_family, indexers)) if indexers else set()
        serving = sum(map(_anonymous, family - indexing))
        return Memory(searches, serving, sum(map(_anonymous, indexing)))

    def processor(self) -> float:
        """Seconds of processor time that the processes of the service have taken."""
        return sum(map(_ticks, _family(self._process.pid))) / os.sysconf("SC_CLK_TCK")


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> int:
        """The status of a request whose answer was read to its end."""
        return self._ask("GET", path)

    def post(self, record: dict[str, str | None]) -> int:
        """The status of writing one article."""
        return self._ask("POST", "/api/v1/articles", json.dumps(record).encode(), {
            "Content-Type": "application/json", "Authorization": f"Bearer {KEY}"})

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
        try:
            self._connection.request(method, path, body, headers or {})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        return answer.status


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _family(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _command(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _ticks(process: int) -> int:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))          # own and of children that have ended, user and system
    return 0


def _anonymous(process: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return 0


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the generated articles are made of, and so what can be asked about them."""

    pool: NamePool
    vocabulary: list[str]

    def paths(self, seed: int) -> Iterator[str]:
        """An endless mix of searches: words, names and phrases, filtered, sorted, grouped, as JSON and as pages."""
        rng = np.random.default_rng(seed)
        ranks, known = zipf(len(self.vocabulary)), zipf(len(self.pool.known))
        while True:
            word, other = (self.vocabulary[int(at)] for at in np.searchsorted(ranks, rng.random(2)))
            entity = int(np.searchsorted(known, rng.random()))
            forms = self.pool.spellings[entity]
            name = forms[int(rng.integers(len(forms)))]
            queries = (word, f"{word} {other}", name, f"{name} {word}", f'"{word} {other}"', f"{word} OR {other}",
                       f"={name}" if " " not in name else f'="{name}"', f"{word[:4]}*", f"{name} -{word}", "")
            chances = (.2, .15, .25, .1, .05, .05, .05, .05, .05, .05)
            asked = {"q": queries[int(rng.choice(len(queries), p=chances))], **self._refinement(rng, entity)}
            path = "/" if rng.random() < 0.1 else "/api/v1/search"
            yield f"{path}?{urllib.parse.urlencode(asked)}"

    def _refinement(self, rng: np.random.Generator, entity: int) -> dict[str, str]:
        """The filters, order and page of a search; none for half of them."""
        year = str(2014 + int(rng.integers(10)))
        other = self.pool.known[(entity + 1) % len(self.pool.known)]
        choices: tuple[dict[str, str], ...] = (
            {}, {}, {}, {}, {}, {"source": f"Outlet {int(rng.integers(SOURCES)):02d}"}, {"from": year, "to": year},
            {"group": "story"}, {"sort": "newest", "page": "2"}, {"entity": other})
        return choices[int(rng.integers(len(choices)))]


def build(data: Path, corpus: Corpus, count: int) -> None:
    """Put `count` articles into the archive of `data` and index them."""
    archive = Archive(DataFolder(data).archive)
    if len(archive) < count:
        stream = articles(count, corpus.pool, corpus.vocabulary)
        while part := list(itertools.islice(stream, 1000)):
            archive.put(part)
    archive.close()
    Indexer(data).catch_up()


class Writer(threading.Thread):
    """Writes articles at a steady rate until it is told to stop."""

    def __init__(self, port: int, corpus: Corpus, first: int, rate: float, times: Times) -> None:
        super().__init__(daemon=True)
        self.number = first
        self._port, self._corpus, self._rate, self._times = port, corpus, rate, times
        self.stopped = threading.Event()

    def run(self) -> None:
        client = Client(self._port)
        stream = articles(1_000_000, self._corpus.pool, self._corpus.vocabulary, first=self.number // 1000 * 1000)
        due = time.monotonic()
        while self._rate and not self.stopped.wait(max(0.0, due - time.monotonic())):
            due += 1 / self._rate
            article = next(stream)
            begin = time.perf_counter()
            try:
                status = client.post(article.record())
            except (OSError, http.client.HTTPException) as error:
                status = 0
                self._times.errors[f"write: {type(error).__name__}"] += 1
            self._times.writes.append(time.perf_counter() - begin)
            if status not in (0, 200, 201):
                self._times.errors[f"write: {status}"] += 1
            self.number += 1


def ask(port: int, paths: Iterator[str], turns: Iterator[int], end: float, times: Times) -> None:
    """One client: one search after the other until the turns or the time are over."""
    client = Client(port)
    for _ in turns:
        path = next(paths)
        begin = time.perf_counter()
        try:
            status = client.get(path)
        except (OSError, http.client.HTTPException) as error:
            times.errors[type(error).__name__] += 1
            continue
        times.searches.append(time.perf_counter() - begin)
        if status >= 400:
            times.errors[str(status)] += 1
        if time.monotonic() > end:
            return


def measure(service: Service, corpus: Corpus, clients: int, rate: float, limits: tuple[int, float], first: int
            ) -> tuple[Phase, int]:
    """One phase, of so many searches and seconds at most (0: no limit); and the number of the next article to be
    written."""
    requests, most = limits
    times = Times()
    memory, taken = [service.memory(0)], service.processor()
    writer = Writer(service.port, corpus, first, rate, times)
    writer.start()
    begin = time.monotonic()
    turns = iter(range(requests or sys.maxsize))     # one iterator for all: `next` of a range is atomic
    end = begin + (most or float("inf"))
    threads = [threading.Thread(target=ask, args=(service.port, corpus.paths(1000 * clients + number), turns, end,
                                                  times)) for number in range(clients)]
    for thread in threads:
        thread.start()
    look = begin
    for thread in threads:
        while thread.is_alive():
            thread.join(max(0.0, look + SAMPLE_SECONDS - time.monotonic()))
            if time.monotonic() >= look + SAMPLE_SECONDS:
                look += SAMPLE_SECONDS
                memory.append(service.memory(len(times.searches)))
    seconds = time.monotonic() - begin
    writer.stopped.set()
    writer.join()
    taken = service.processor() - taken
    return Phase(clients, seconds, times, [*memory, service.memory(len(times.searches))], taken), writer.number


def report(phases: Sequence[Phase], options: argparse.Namespace) -> str:
    """The phases as a table in Markdown."""
    conditions = (f"{options.articles:,} articles; {options.rate:g} articles a second written meanwhile; "
                  f"{os.cpu_count()} processors, shared by service and clients.")
    columns = ("clients", "searches", "a second", "processor ms each", "p50 ms", "p95 ms", "p99 ms", "p99 / p50",
               "errors", "written", "write p99 ms", "serving, MB", "after", "indexing, MB", "after")
    lines = [conditions, "", f"| {' | '.join(columns)} |", "| ---: " * len(columns) + "|"]
    samples = [f"{phase.clients} clients, searches: MB serving, MB indexing: " + "; ".join(
        f"{one.searches:,}: {one.serving >> 20}, {one.indexing >> 20}" for one in _shown(phase.memory))
        for phase in phases]
    return "\n".join((*lines, *map(_row, phases), "", *samples))


def _shown(memory: Sequence[Memory]) -> Iterator[Memory]:
    """At most SHOWN looks, the first and the last among them."""
    return (memory[int(at)] for at in np.unique(np.linspace(0, len(memory) - 1, SHOWN).astype(int)))


def _row(phase: Phase) -> str:
    times, count = phase.times, len(phase.times.searches)
    p50, p95, p99 = map(times.percentile, PERCENTILES)
    write = float(np.percentile(times.writes, 99)) * 1000 if times.writes else float("nan")
    errors = ", ".join(f"{count} × {what}" for what, count in times.errors.items()) or "0"
    serving = phase.begin_and_end(lambda one: one.serving)
    indexing = phase.begin_and_end(lambda one: one.indexing)
    return (f"| {phase.clients} | {count:,} | {count / phase.seconds:.0f} "
            f"| {phase.processor / max(1, count) * 1000:.1f} | {p50:.1f} | {p95:.1f} | {p99:.1f} | {p99 / p50:.1f} "
            f"| {errors} | {len(times.writes):,} | {write:.1f} | {_grown(*serving)} | {_grown(*indexing)} |")


def _grown(before: int, after: int) -> str:
    return f"{before >> 20} | {after >> 20} ({after / max(before, 1) - 1:+.1%})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, help="articles in the archive [100000]")
    parser.add_argument("--clients", default="1,8,32", help="numbers of clients, one phase each [1,8,32]")
    parser.add_argument("--seconds", type=float, default=30, help="length of a phase; 0: no limit [30]")
    parser.add_argument("--requests", type=int, default=0, help="searches of a phase; 0: no limit [0]")
    parser.add_argument("--rate", type=float, default=20, help="articles written a second [20]")
    parser.add_argument("--warm-up", type=int, default=500,
                        help="searches before anything is measured, with writing too, so that memory is that of a "
                             "service at work [500]")
    parser.add_argument("--data", type=Path, help="data folder with generated articles, indexed; it is copied")
    options = parser.parse_args()
    if not options.seconds and not options.requests:
        parser.error("give --seconds or --requests")
    return options


def main() -> None:
    """Build, serve, ask, report."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="exonym-load-") as temporary:
        data = Path(temporary) / "data"
        if options.data is not None:
            shutil.copytree(options.data, data)
        vocabulary = words()
        corpus = Corpus(NamePool.load(Names.load(None), vocabulary), vocabulary)
        build(data, corpus, options.articles)
        phases, number = [], -(-options.articles // 1000) * 1000
        with Service(data) as service:
            _, number = measure(service, corpus, WARMING, options.rate, (options.warm_up, 0), number)
            for clients in map(int, options.clients.split(",")):
                phase, number = measure(service, corpus, clients, options.rate,
                                        (options.requests, options.seconds), number)
                phases.append(phase)
                print(_row(phase), flush=True)
        print(report(phases, options))


if __name__ == "__main__":
    main()
