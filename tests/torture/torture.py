"""Torture: the plan of all lives, the writers, the kills and the numbers."""

from __future__ import annotations

import itertools
import math
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from index.archive import Archive
from index.article import Article
from index.backup import back_up
from index.crash import STEPS
from index.folder import DataFolder
from tests.random_news import MODERN, SOURCES
from tests.torture.ledger import Ledger
from tests.torture.lives import COMMAND, Engine, GoneError, Service
from tests.torture.verdict import WORDS, Verdict, content, judge

WRITERS = 3
IDS = 20                    # articles a writer has at most
LONGEST = 1.2               # seconds that a life lasts at most before a random kill
SERVICE_EVERY = 16          # of the random kills, one in so many is of the whole service
RANDOM = ("follow", "follow", "aside", "reindex", "parallel", "backup", "restore")


def activity_of(step: str) -> str:
    """What a process has to do to come by a step."""
    begin = step.partition(":")[0]
    if step == "merge:taken-up":
        return "aside"
    known = {"worker": "parallel", "rebuild": "reindex", "names": "reindex", "backup": "backup", "restore": "restore",
             "restore-file": "restore"}
    return known.get(begin, "follow")


class Torture:
    """One data folder through many lives."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.data, self.side = DataFolder(folder / "data"), folder / "side"
        self.side.mkdir()
        self.data.path.mkdir()
        self.data.names.write_text(_names(0))
        self._rng = random.Random(seed)
        self._log = (folder / "log.txt").open("wb")
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.kills: Counter[str] = Counter()
        self.not_reached: list[str] = []
        self.orphans = 0
        self.wrong = Verdict()
        self._versions = itertools.count()
        self._begin = time.monotonic()

    def run(self, kills: int, minutes: float = math.inf) -> None:
        """Every step once, if there are kills enough, then random moments; no new life after so many minutes."""
        for number, step in enumerate(itertools.islice(self._plan(kills), kills)):
            if time.monotonic() - self._begin > 60 * minutes:
                break
            if step == "service":
                self._service()
            elif step in RANDOM:
                self._engine(step)
            else:
                self._engine(activity_of(step), step)
            verdict = judge(self.data, self.side, self.ledger, self._rng)
            for kind, found in vars(verdict).items():
                getattr(self.wrong, kind).extend(found)
                for what in found:
                    print(f"kill {number} ({step}): {kind}: {what}", file=sys.stderr, flush=True)

    def _plan(self, kills: int) -> Iterator[str]:
        if kills >= len(STEPS):
            yield from STEPS
        else:
            yield from ("publish:before-rename", "merge:written", "worker:built", "backup:before-rename")[: kills - 2]
        for number in itertools.count(1):
            yield "service" if number % SERVICE_EVERY == 1 else self._rng.choice(RANDOM)

    def _engine(self, activity: str, step: str = "") -> None:
        self._prepare(activity, step)
        writers = 0 if activity == "restore" else WRITERS
        life = Engine(self.data, self.side, activity, writers, self._log, step)
        life.wait_until_ready()
        threads = self._start_writing(life, writers)
        if step:
            try:
                life.process.wait(30)
                self.kills[step] += 1
            except subprocess.TimeoutExpired:
                self.not_reached.append(step)
        else:
            threading.Event().wait(self._rng.uniform(0, LONGEST))
            self.kills[f"random, {activity}"] += 1
        life.kill()
        for thread in threads:
            thread.join()
        self.orphans += life.bury()

    def _prepare(self, activity: str, step: str) -> None:
        """Put the data folder into the state from which the life begins."""
        if step.startswith("names:") or self._rng.random() < 0.05:
            self.data.names.write_text(_names(next(self._versions)))
        if step.startswith("archive-migrate") and self.data.archive.exists():
            with closing(sqlite3.connect(self.data.archive, isolation_level=None)) as old:
                old.execute("DROP TABLE about")
                old.execute("PRAGMA user_version = 1")
        if activity == "restore":
            archive = Archive(self.data.archive)
            back_up(self.data, self.side / "quiet.backup")
            self.ledger.allow(content(archive))
            later = [self._article(0) for _ in range(5)]
            batch = {article.id: article.digest().hex() for article in later}
            self.ledger.sent(batch)
            archive.put(list({article.id: article for article in later}.values()))
            self.ledger.acknowledge(batch)
            archive.close()

    def _service(self) -> None:
        """The whole service: one of its processes is killed, then all of it; reindexing and backing up meanwhile."""
        life = Service(self.data, self._log)
        life.wait_until_ready()
        threads = self._start_writing(life, WRITERS)
        commands = (["reindex"], ["backup", str(self.side / "news.backup")])
        upkeep = [subprocess.Popen([*COMMAND, *command, "--data", str(self.data.path)], stdout=self._log,
                                   stderr=self._log) for command in commands]
        threading.Event().wait(self._rng.uniform(0.2, 2))
        life.kill_one(self._rng.choice)
        self.kills["random, a process of the service"] += 1
        threading.Event().wait(self._rng.uniform(0.2, 3))
        life.kill()
        for process in upkeep:
            process.kill()
            process.wait()
        self.kills["random, the service with reindex and backup"] += 1
        for thread in threads:
            thread.join()
        self.orphans += life.bury()

    def _start_writing(self, life: Engine, writers: int) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._write, args=(life, writer, random.Random(self._rng.random())))
                   for writer in range(writers)]
        for thread in threads:
            thread.start()
        return threads

    def _write(self, life: Engine, writer: int, rng: random.Random) -> None:
        """One writer: sends until the life has ended, and notes what it is told."""
        while True:
            batch: dict[str, str | None]
            if rng.random() < 0.2:
                ids = [f"{writer}-{rng.randrange(IDS)}"]
                batch = dict.fromkeys(ids)
            else:
                articles = {article.id: article for article in
                            (self._article(writer, rng) for _ in range(rng.randint(1, 6)))}
                batch = {id: article.digest().hex() for id, article in articles.items()}
            self.ledger.sent(batch)
            try:
                if None in batch.values():
                    life.delete(writer, list(batch))
                else:
                    life.put(writer, list(articles.values()))
            except GoneError:
                self.ledger.doubt(batch)
                return
            self.ledger.acknowledge(batch)
            threading.Event().wait(rng.uniform(0, 0.02))

    def _article(self, writer: int, rng: random.Random | None = None) -> Article:
        rng = rng or self._rng
        text = " ".join(rng.choices(WORDS, k=rng.randint(5, 30)))
        if rng.random() < 0.3:              # a copy: one of few long texts
            text = " ".join(random.Random(rng.randrange(8)).choices(WORDS, k=120)) + f" {rng.randrange(3)}"
        return Article(f"{writer}-{rng.randrange(IDS)}", " ".join(rng.choices(WORDS, k=4)) or "Untitled", text,
                       rng.choice(MODERN), rng.choice(SOURCES), None, None, (), {"version": next(self._versions)})

    def close(self) -> None:
        """Close the files."""
        self._log.close()
        self.ledger.close()

    def failed(self) -> bool:
        """Whether anything is not as it has to be."""
        return any(vars(self.wrong).values()) or bool(self.not_reached) or self.orphans > 0

    def report(self) -> str:
        """The numbers."""
        rows = [f"{count:5}  {name}" for name, count in sorted(self.kills.items())]
        numbers = {"kills": sum(self.kills.values()), "acknowledged": self.ledger.acknowledged,
                   "lost": len(self.wrong.lost), "unopenable": len(self.wrong.unopenable),
                   "disagreeing": len(self.wrong.disagreeing), "leftovers": len(self.wrong.leftovers),
                   "orphans": self.orphans, "steps not reached": len(self.not_reached),
                   "seconds": round(time.monotonic() - self._begin)}
        return "\n".join([*rows, "", *(f"{name}: {number:,}" for name, number in numbers.items())])


def _names(number: int) -> str:
    """A reader's own names: every number gives other names, so that the index is made anew."""
    return f"- id: place/skerry-{number}\n  label: Skerry {number}\n  names:\n    - {{forms: [Skerry{number}]}}\n"
