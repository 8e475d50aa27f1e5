"""exonym index, reindex, delete: what changes the archive and the index."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from itertools import islice

import click

from index.archive import Archive
from index.folder import DataFolder
from index.readers import FORMATS, Limits, ReadOptions, Watch
from index.writer import IndexReport, WriterBusyError
from service.cli import common, print_json, settings_of, stored_settings
from service.engines import indexer_of
from service.importing import BATCH, Importer
from service.settings import ENGINES, Settings

WATCH_EVERY = 2.0           # seconds between looks at a watched folder
BUSY_WAIT = 0.2             # seconds between attempts while the service indexes


@click.command("index")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True,
              help="Format of all PATHs.")
@click.option("--source", help="Outlet of articles that name none.")
@click.option("--language", help="Language of articles that name none, such as uk.")
@click.option("--watch", is_flag=True, help="Stay, and read what comes or changes, until interrupted.")
@click.option("--strict", is_flag=True, help="End with status 1 if a record was rejected.")
@common
def index_command(paths: Sequence[str], form: str, source: str | None, language: str | None, watch: bool,
                  strict: bool, data: str | None, config: str | None, as_json: bool) -> None:
    """Read files and folders (- for standard input); add or update their articles by id.

    Running it twice changes nothing. Rejected records are listed in a report in the data folder.
    """
    settings = settings_of(data, config)
    importer = Importer(DataFolder(settings.data), read_options(settings, form, source, language))
    rejected = 0
    try:
        for part in _watched(paths) if watch else [paths]:
            rejected += _index(settings, importer, part, as_json)
    except KeyboardInterrupt:
        if not watch:
            raise
        click.echo("no longer watching", err=True)
    if strict and rejected:
        sys.exit(1)


def read_options(settings: Settings, form: str = "auto", source: str | None = None, language: str | None = None
                 ) -> ReadOptions:
    """How inputs are read under these settings."""
    limits = Limits(**{item.name: getattr(settings, f"input_{item.name}") for item in fields(Limits)})
    return ReadOptions(form, source, language, limits, settings.private_feeds == "allow", settings.feed_timeout)


def _watched(paths: Sequence[str]) -> Iterator[list[str]]:
    """The files below `paths`, then again and again those that came or changed, until interrupted."""
    watch = Watch(paths)
    while True:
        if files := watch.look():
            yield files
        time.sleep(WATCH_EVERY)


def _index(settings: Settings, importer: Importer, paths: Sequence[str], as_json: bool) -> int:
    """Read, index and tell; how many records were rejected."""
    begin = time.perf_counter()
    counts, report = importer.read(paths)
    catch_up(settings)
    seconds = round(time.perf_counter() - begin, 3)
    if as_json:
        print_json({**asdict(counts), "seconds": seconds, **({"report": str(report)} if report else {})})
    else:
        click.echo(f"{counts.read:,} records read in {seconds:.1f} s: {counts.added:,} added, "
                   f"{counts.updated:,} updated, {counts.unchanged:,} unchanged, {counts.rejected:,} rejected")
        if report:
            click.echo(f"rejected records are listed in {report}", err=True)
    return counts.rejected


def catch_up(settings: Settings, *, anew: bool = False) -> IndexReport:
    """Have the index brought up to the archive, or made anew; wait while the service is at it."""
    indexer = indexer_of(settings)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1, label="indexing", file=sys.stderr, hidden=hidden) as bar:
        def progress(done: int, total: int) -> None:
            bar.length = total
            if done == total:
                bar.label = "publishing"             # segments are merged and stories written, which may take a while
            bar.update(done - bar.pos)

        while True:
            try:
                return indexer.reindex(progress) if anew else indexer.catch_up(progress)
            except WriterBusyError:
                time.sleep(BUSY_WAIT)


@click.command("reindex")
@common
def reindex_command(data: str | None, config: str | None, as_json: bool) -> None:
    """Make the index anew from the stored articles; the old one serves until the new one is there."""
    _make_anew(stored_settings(data, config), as_json)


@click.command("copy")
@click.option("--to", "engine", type=click.Choice(ENGINES), required=True, help="The engine to copy to.")
@common
def copy_command(engine: str, data: str | None, config: str | None, as_json: bool) -> None:
    """Make the index anew on another engine, from the stored articles; what serves now is not touched.

    Then set `engine` to it and start the service again.
    """
    _make_anew(replace(stored_settings(data, config), engine=engine), as_json)


def _make_anew(settings: Settings, as_json: bool) -> None:
    begin = time.perf_counter()
    report = catch_up(settings, anew=True)
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
    settings = stored_settings(data, config)
    archive, waiting, outcomes = Archive(DataFolder(settings.data).archive), iter(ids), []
    while part := list(islice(waiting, BATCH)):
        outcomes += archive.delete(part)
    catch_up(settings)
    missing = [id for id, found in zip(ids, outcomes, strict=True) if not found]
    if as_json:
        print_json({"deleted": len(ids) - len(missing), "missing": missing})
    else:
        click.echo(f"{len(ids) - len(missing):,} deleted")
        for id in missing:
            click.echo(f"there is no article {id}", err=True)
    if missing:
        sys.exit(1)
