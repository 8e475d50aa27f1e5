"""exonym saved, watch: searches that are kept, and what is new of them."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import click

from index.folder import DataFolder
from index.manifest import ManifestError
from index.segment import SegmentError
from search.response import Hit
from search.searcher import Searcher
from service import presenting, watching
from service.cli import common, folder_of, print_json, search_options, search_pairs, searching, stored_settings
from service.commands.searching import print_hit
from service.payloads import fields_of, standing_row
from service.saved import Saved, SavedError, SavedSearches, Standing, matching, standing
from service.webhook import DeliveryError, Webhook


@click.group("saved")
def saved_command() -> None:
    """Saved searches: listed on the page /saved, each with a feed, watched by `exonym watch`."""


@saved_command.command("list")
@common
def list_saved(data: str | None, config: str | None, as_json: bool) -> None:
    """List the saved searches. Ends 1 if one of them cannot be made any more."""
    settings = stored_settings(data, config)
    folder = DataFolder(settings.data)
    store = SavedSearches(folder.saved)
    known = store.all()
    found: list[Standing] = []
    if known:
        with searching(settings) as searcher:
            found = standing(searcher, store, known)
    if as_json:
        print_json([standing_row(one) for one in found])
    for one in found if not as_json else ():
        click.echo(f"{one.saved.name}  {one.saved.query}")
        click.echo(f"  cannot be made: {one.problem}" if one.problem else _counted(one))
    if any(one.problem for one in found):
        sys.exit(1)


def _counted(one: Standing) -> str:
    return f"  {presenting.counted(one.total or 0, 'article', ',')}, {one.new:,} new"


@saved_command.command("add")
@click.argument("name")
@click.argument("query", default="")
@search_options
@common
def add_saved(name: str, query: str, data: str | None, config: str | None, as_json: bool, **options: Any) -> None:
    """Save a search under a name, with the options of `exonym search`. What matches now is not new."""
    settings = stored_settings(data, config)
    folder = DataFolder(settings.data)
    typed = urlencode([pair for pair in search_pairs(query, options) if pair != ("q", "")], errors="replace")
    with searching(settings) as searcher:
        saved = SavedSearches(folder.saved).add(name, typed, matching(searcher, typed))
    if as_json:
        print_json(fields_of(saved))
    else:
        click.echo(f"{saved.name}  {saved.query}")


@saved_command.command("delete")
@click.argument("name")
@common
def delete_saved(name: str, data: str | None, config: str | None, as_json: bool) -> None:
    """Forget a saved search, given by its name or id."""
    store = SavedSearches(folder_of(data, config).saved)
    saved = store.get(name)
    store.delete(saved.id)
    if as_json:
        print_json({"deleted": saved.id})
    else:
        click.echo(f"{saved.name} deleted")


@click.command("watch")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--webhook", metavar="URL", help="Post new matches here as JSON instead of printing them.")
@click.option("--once", is_flag=True, help="Look once and end (the default without --every).")
@click.option("--every", type=click.FloatRange(1, 86_400), metavar="SECONDS", help="Look again and again.")
@click.option("--allow-private", is_flag=True, help="Let the webhook have an address of a private network.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=10.0, show_default=True,
              help="Seconds for each step of a post.")
@click.option("--retries", type=click.IntRange(0, 20), default=4, show_default=True,
              help="Further attempts when a post fails, after 1, 2, 4 … seconds.")
@common
def watch_command(names: Sequence[str], webhook: str | None, once: bool, every: float | None, data: str | None,
                  config: str | None, as_json: bool, **patience: Any) -> None:
    """Print new matches of saved searches, all or those named, or post them to a webhook.

    New is what did not match at the last watch, or when the search was saved. What a webhook did not answer with
    2xx is posted again at the next look. Ends 1 if a saved search cannot be made any more.
    """
    if once and every is not None:
        raise click.UsageError("--once and --every exclude each other")
    settings = stored_settings(data, config)
    folder = DataFolder(settings.data)
    hook = Webhook(webhook, **patience) if webhook is not None else None
    with watching.alone(folder.path, webhook or watching.TERMINAL), searching(settings) as searcher:
        round_ = partial(_round, folder, searcher, names, hook, as_json)
        if every is None:
            sys.exit(0 if round_() else 1)
        _repeat(round_, every)


def _repeat(round_: partial[bool], every: float) -> None:
    """Look until interrupted; what could not be posted, or read while it is made anew, is told and comes again."""
    try:
        while True:
            try:
                round_()
            except BrokenPipeError:
                raise
            except (DeliveryError, ManifestError, SegmentError, OSError, sqlite3.OperationalError) as error:
                click.echo(f"not now: {error}; the next look tries again", err=True)
            time.sleep(every)
    except KeyboardInterrupt:
        click.echo("no longer watching", err=True)


def _round(folder: DataFolder, searcher: Searcher, names: Iterable[str], hook: Webhook | None, as_json: bool) -> bool:
    """One look at each search; whether all of them could be made."""
    store = SavedSearches(folder.saved)
    reader = hook.url if hook is not None else watching.TERMINAL
    sound, failure = True, None
    for saved in [store.get(name) for name in names] or store.all():
        try:
            number = watching.look(searcher, store, saved, reader, partial(_hand_on, hook, as_json))
        except SavedError as error:
            click.echo(f"{saved.name} cannot be made: {error}", err=True)
            sound = False
            continue
        except DeliveryError as error:          # the other searches may be taken
            failure = failure or error
            continue
        if hook is not None and number and not as_json:
            click.echo(f"{saved.name}: {number:,} posted")
    if failure is not None:
        raise failure
    return sound


def _hand_on(hook: Webhook | None, as_json: bool, saved: Saved, hits: Sequence[Hit]) -> None:
    """Post or print matches; printed is what the terminal, or the program that reads along, has taken."""
    if hook is not None:
        hook.post(watching.message(saved, hits))
    if as_json:
        for hit in hits:
            row = {"search": watching.named(saved), "hit": hit}
            click.echo(json.dumps(row, ensure_ascii=False, default=fields_of))
    elif hook is None:
        click.echo(click.style(f"{saved.name}: {len(hits):,} new", bold=True))
        for hit in hits:
            print_hit(hit)
    sys.stdout.flush()
