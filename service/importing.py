"""Importer: files, folders and feeds into the archive, with a report of what was rejected and progress for people."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from index.archive import Archive
from index.article import Article, Reject
from index.folder import DataFolder
from index.readers import ReadOptions, Validators, read, total_bytes

BATCH = 500                 # articles in one transaction
BATCH_CHARACTERS = 8_000_000
SHOWN_EVERY = 0.1           # seconds between two lines of progress


@dataclass(slots=True)
class Counts:
    """What became of the records read."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


class Importer:
    """Reads inputs into the archive of a data folder. The index follows later, by an Indexer."""

    def __init__(self, folder: DataFolder, options: ReadOptions) -> None:
        self.folder, self._options = folder, options
        self._archive = Archive(folder.archive)

    def read(self, paths: Sequence[str]) -> tuple[Counts, Path | None]:
        """Take in all records of `paths`; what became of them, and the report of rejected ones if there are any.

        Every batch of articles is durable when the next one begins, so a run that was stopped is simply run again.
        Raises ReadError when a path does not exist, before anything is read.
        """
        counts, report = Counts(), _Report(self.folder.reports)
        progress = _Progress(counts, total_bytes(paths)) if sys.stderr.isatty() else None
        validators = _read_validators(self.folder.feeds)
        current = dict(validators)
        options = replace(self._options, validators=current, meter=progress.add if progress else None)
        for batch in _batches(_articles(read(paths, options), counts, report, progress)):
            for outcome in self._archive.put(batch):
                name = {"created": "added"}.get(outcome, outcome)
                setattr(counts, name, getattr(counts, name) + 1)
        report.close()
        if progress is not None:
            progress.end()
        if current != validators:
            _write_validators(self.folder.feeds, current)
        return counts, report.path if counts.rejected else None


class _Report:
    """The rejected records of one run: a JSON lines file, made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
        self.path = folder / f"rejected-{now}.jsonl"
        self._file: TextIO | None = None

    def add(self, reject: Reject) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace")
        self._file.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Progress:
    """How far the reading is, on one line of a terminal: records, rejects, rate, and what is left if that is known."""

    def __init__(self, counts: Counts, total: int | None) -> None:
        self._counts, self._total = counts, total
        self._bytes, self._begin, self._shown = 0, time.monotonic(), 0.0

    def add(self, count: int) -> None:
        """Take note of bytes read."""
        self._bytes += count

    def show(self) -> None:
        """Write the line anew, unless it was written a moment ago."""
        now = time.monotonic()
        if now - self._shown >= SHOWN_EVERY:
            self._shown = now
            sys.stderr.write(f"\r{progress_line(self._counts, now - self._begin, self._bytes, self._total)}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line as it is."""
        self._shown = 0.0
        self.show()
        sys.stderr.write("\n")


def progress_line(counts: Counts, seconds: float, done: int, total: int | None) -> str:
    """Progress in words. `done` and `total`: bytes read and to read; None: nobody knows how many there are."""
    parts = [f"{counts.read:,} records read", f"{counts.rejected:,} rejected",
             f"{counts.read / max(seconds, 0.1):,.0f} a second"]
    if total and 0 < done < total:
        left = seconds * (total - done) / done
        parts.append(f"{done / total:.0%}, about {dt.timedelta(seconds=round(left))} left")
    return ", ".join(parts)


def _articles(records: Iterable[Article | Reject], counts: Counts, report: _Report,
              progress: _Progress | None) -> Iterator[Article]:
    """The articles; what was rejected is counted and written down."""
    for record in records:
        counts.read += 1
        if isinstance(record, Reject):
            counts.rejected += 1
            report.add(record)
        else:
            yield record
        if progress is not None:
            progress.show()


def _batches(articles: Iterator[Article]) -> Iterator[list[Article]]:
    """Batches of bounded number and size."""
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.text)
        if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _read_validators(path: Path) -> dict[str, Validators]:
    """What servers said of feeds that were read before; nothing when the file is not there or cannot be read."""
    try:
        rows = json.loads(path.read_text("utf-8"))
        return {url: Validators(row["etag"], row["last_modified"]) for url, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}                   # every feed is then read whole again, which changes nothing


def _write_validators(path: Path, validators: dict[str, Validators]) -> None:
    rows = {url: asdict(item) for url, item in validators.items()}
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    partial.replace(path)
