"""Building: every engine's index from one spool, each in a process of its own, with what that took.

    python -m benchmarks.building ENGINE FOLDER SPOOL ARTICLES     (prints JSON)

Timed are `add` and `close` of a writer alone, not the reading of the spool. CPU is that of the process, its threads and
its child processes.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from benchmarks import spool
from benchmarks.engine import Writer

WRITERS = {"Exonym": "exonym", "Tantivy": "tantivy_peer", "SQLite FTS5": "fts5", "stock Whoosh": "whoosh_stock"}
"""The modules of `benchmarks.engines` with the writers. Only the one that is asked for is imported: processes that an
engine starts import this module again."""
FOLDERS = {"Exonym": "exonym", "Tantivy": "tantivy", "SQLite FTS5": "fts5", "stock Whoosh": "whoosh",
           "Lucene": "lucene"}
POLL = 0.1


@dataclass(frozen=True, slots=True)
class Built:
    """What building took: seconds of CPU and of the clock, bytes of memory at the peak and of disk.

    `peak` counts pages of mapped files too, which are the system's to keep or drop; `anonymous` does not (0: not
    measured).
    """

    engine: str
    articles: int
    cpu: float
    wall: float
    peak: int
    disk: int
    anonymous: int = 0
    reused: bool = False

    @property
    def rate(self) -> float:
        """Articles a second of CPU."""
        return self.articles / self.cpu


def build(engine: str, work: Path, spooled: Path, articles: int, reuse: bool) -> Built:
    """Build one index under `work`; with `reuse` one that a run before has built, and its figures, are taken."""
    folder, figures = work / FOLDERS[engine], work / f"{FOLDERS[engine]}.json"
    if reuse and figures.exists():
        return Built(**json.loads(figures.read_text("utf-8")) | {"reused": True})
    shutil.rmtree(folder, ignore_errors=True)
    if engine == "Lucene":
        from benchmarks.engines import lucene

        took = lucene.build(folder, spooled, work.parent / "lucene")
        built = Built(engine, int(took["articles"]), took["cpu"], took["wall"], int(took["peak"]), size(folder))
    else:
        command = [sys.executable, "-m", "benchmarks.building", engine, str(folder), str(spooled), str(articles)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        with _watched(process.pid) as peak:
            output = process.communicate()[0]
        if process.returncode:
            raise RuntimeError(f"{engine} could not build its index")
        built = Built(engine, articles, **json.loads(output), peak=peak[0], disk=size(folder), anonymous=peak[1])
    figures.write_text(json.dumps(asdict(built)), "utf-8")
    return built


def size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def _watched(process: int) -> Iterator[list[int]]:
    """The greatest memory of a process and its children together, resident and anonymous, looked at every POLL
    seconds."""
    peak, done = [0, 0], threading.Event()

    def watch() -> None:
        while not done.wait(POLL):
            peak[:] = map(max, peak, _resident(process))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _resident(process: int) -> tuple[int, int]:
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
        children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    own = {line.partition(":")[0]: int(line.split()[1]) * 1024
           for line in status.splitlines() if line.startswith(("VmRSS:", "RssAnon:"))}
    every = [(own.get("VmRSS", 0), own.get("RssAnon", 0)), *(_resident(int(child)) for child in children)]
    return sum(resident for resident, _ in every), sum(anonymous for _, anonymous in every)


def _cpu() -> float:
    return sum(used.ru_utime + used.ru_stime for used in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main(engine: str, folder: Path, spooled: Path, articles: int) -> dict[str, float]:
    """Build in this process."""
    writer: Writer = import_module(f"benchmarks.engines.{WRITERS[engine]}").Writer(folder)
    cpu = wall = 0.0
    waiting = spool.in_lists(spool.read(spooled, 0, articles))
    batch: list[spool.Document] | None = []
    while batch is not None:
        batch = next(waiting, None)
        cpu_before, wall_before = _cpu(), time.perf_counter()
        if batch is None:
            writer.close()
        else:
            writer.add(batch)
        cpu, wall = cpu + _cpu() - cpu_before, wall + time.perf_counter() - wall_before
    return {"cpu": cpu, "wall": wall}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
