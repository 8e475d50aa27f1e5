"""exonym index, reindex, delete: what changes the archive and the index."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import click

from index.archive import Archive
from index.article import Article, Reject
from index.folder import DataFolder
from index.readers import FORMATS, ReadOptions, read
from index.writer import Indexer, IndexReport, WriterBusyError
from service.cli import common, print_json, settings_of

BATCH = 500                 # articles in one transaction
BATCH_CHARACTERS = 8_000_000
BUSY_WAIT = 0.2             # seconds between attempts while the service indexes


@dataclass(slots=True)
class Counts:
    """What became of the records read."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@click.command("index")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True,
              help="Format of all PATHs.")
@click.option("--source", help="Outlet of articles that name none.")
@click.option("--language", help="Language of articles that name none, such as uk.")
@click.option("--strict", is_flag=True, help="End with status 1 if a record was rejected.")
@common
def index_command(paths: Sequence[str], form: str, source: str | None, language: str | None, strict: bool,
                  data: str | None, config: str | None, as_json: bool) -> None:
    """Read files and folders (- for standard input); add or update their articles by id.

    Running it twice changes nothing. Rejected records are listed in a report in the data folder.
    """
    begin = time.perf_counter()
    folder = DataFolder(settings_of(data, config).data)
    archive, counts = Archive(folder.archive), Counts()
    records = read(paths, ReadOptions(format=form, source=source, language=language))
    report = Report(folder.reports)
    for batch in _batches(_sorted_out(records, counts, report)):
        for outcome in archive.put(batch):
            name = {"created": "added"}.get(outcome, outcome)
            setattr(counts, name, getattr(counts, name) + 1)
    report.close()
    catch_up(folder, Indexer.catch_up)
    seconds = round(time.perf_counter() - begin, 3)
    if as_json:
        more = {"report": str(report.path)} if counts.rejected else {}
        print_json({**asdict(counts), "seconds": seconds, **more})
    else:
        click.echo(f"{counts.read:,} records read in {seconds:.1f} s: {counts.added:,} added, "
                   f"{counts.updated:,} updated, {counts.unchanged:,} unchanged, {counts.rejected:,} rejected")
        if counts.rejected:
            click.echo(f"rejected records are listed in {report.path}", err=True)
    if strict and counts.rejected:
        sys.exit(1)


class Report:
    """The rejected records of one run: a JSON lines file, made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
        self.path = folder / f"rejected-{now}.jsonl"
        self._file: TextIO | None = None

    def add(self, reject: Reject) -> None:
        """Write one record down."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace")
        self._file.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._file is not None:
            self._file.close()


def _sorted_out(records: Iterable[Article | Reject], counts: Counts, report: Report) -> Iterator[Article]:
    """The articles; what was rejected is counted and written down. Tells a terminal how far it is."""
    terminal, shown = sys.stderr.isatty(), 0.0
    for record in records:
        counts.read += 1
        if isinstance(record, Reject):
            counts.rejected += 1
            report.add(record)
        else:
            yield record
        if terminal and time.monotonic() - shown > 0.1:
            shown = time.monotonic()
            click.echo(f"\r{counts.read:,} records read, {counts.rejected:,} rejected", nl=False, err=True)
    if terminal:
        click.echo("", err=True)


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


def catch_up(folder: DataFolder, work: Callable[..., IndexReport]) -> IndexReport:
    """Have the index brought up to the archive by `work`, a method of Indexer; wait while the service is at it."""
    indexer = Indexer(folder.path)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1, label="indexing", file=sys.stderr, hidden=hidden) as bar:
        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        while True:
            try:
                return work(indexer, progress)
            except WriterBusyError:
                time.sleep(BUSY_WAIT)


@click.command("reindex")
@common
def reindex_command(data: str | None, config: str | None, as_json: bool) -> None:
    """Make the index anew from the stored articles; the old one serves until the new one is there."""
    begin = time.perf_counter()
    folder = DataFolder(settings_of(data, config).data)
    report = catch_up(folder, Indexer.reindex)
    seconds = round(time.perf_counter() - begin, 3)
    if as_json:
        print_json({"articles": report.added, "generation": report.generation, "seconds": seconds})
    else:
        click.echo(f"{report.added:,} articles indexed in {seconds:.1f} s (generation {report.generation})")


@click.command("delete")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common
def delete_command(ids: Sequence[str], data: str | None, config: str | None, as_json: bool) -> None:
    """Delete articles by id. Ends 1 if one of them was not there."""
    folder = DataFolder(settings_of(data, config).data)
    archive, waiting, outcomes = Archive(folder.archive), iter(ids), []
    while part := list(islice(waiting, BATCH)):
        outcomes += archive.delete(part)
    catch_up(folder, Indexer.catch_up)
    missing = [id for id, found in zip(ids, outcomes, strict=True) if not found]
    if as_json:
        print_json({"deleted": len(ids) - len(missing), "missing": missing})
    else:
        click.echo(f"{len(ids) - len(missing):,} deleted")
        for id in missing:
            click.echo(f"there is no article {id}", err=True)
    if missing:
        sys.exit(1)
