"""exonym search, names, export: what the archive holds, at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from search.response import Facet, Hit, NameEntry, SearchResponse
from service import links, presenting
from service.cli import common, print_json, search_options, search_pairs, searching, stored_settings
from service.engines import searcher_of
from service.export import csv_rows, json_lines


@click.command("search", context_settings={"ignore_unknown_options": False})
@click.argument("query")
@search_options
@common
def search_command(query: str, data: str | None, config: str | None, as_json: bool, **options: Any) -> None:
    """Search; the same query language, options and answer as GET /api/v1/search.

    A query that begins with a minus goes after two of them: exonym search -- -word
    """
    wanted = links.request_from(search_pairs(query, options))
    with searching(stored_settings(data, config)) as searcher:
        found = searcher.search(wanted)
    if as_json:
        print_json(found.as_json())
    else:
        _print_answer(found)


def _print_answer(found: SearchResponse) -> None:
    for diagnostic in found.diagnostics:
        click.echo(click.style(f"note: {diagnostic.message}", fg="yellow"), err=True)
    for expansion in found.expansions:
        counted = ", ".join(f"{item.spelling} {item.articles}" for item in expansion.spellings)
        click.echo(f"{expansion.term}: {expansion.label} ({expansion.how}) – {counted or 'not printed anywhere'}")
    click.echo(click.style(f"{_counted(found.total, 'article')} in {_counted(found.stories, 'story')}", bold=True))
    if found.suggestions:
        click.echo(f"Did you mean: {', '.join(found.suggestions)}")
    for hit in found.hits:
        print_hit(hit)
    for name, facet in found.facets.items():
        _print_facet(name, facet)


def _counted(value: int, noun: str) -> str:
    return presenting.counted(value, noun, ",")


def print_hit(hit: Hit) -> None:
    """One hit for people: title, outlet, date, snippet, reasons."""
    click.echo(f"\n{click.style(hit.title or 'Without a title', bold=True)}")
    copies = f", {hit.story.size - 1} more of this story" if hit.story.size > 1 else ""
    click.echo(f"{hit.source or 'no outlet named'}, {presenting.date_words(hit.date)}, {hit.id}{copies}")
    click.echo("".join(click.style(piece.text, underline=True) if piece.match else piece.text for piece in hit.snippet))
    for reason in presenting.reasons(hit):
        click.echo(f"  {reason.term} → {', '.join(reason.printed)} ({reason.how})")


def _print_facet(name: str, facet: Facet) -> None:
    rows = [f"{bucket.label} {bucket.count}" for bucket in facet.buckets if bucket.count]
    if rows:
        others = f", others {facet.other}" if facet.other else ""
        click.echo(f"\n{click.style(name, bold=True)}: {', '.join(rows)}{others}")


@click.command("names")
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@common
def names_command(words: tuple[str, ...], data: str | None, config: str | None, as_json: bool) -> None:
    """Which entity a name is, its spellings, which rule decided, what guards against.

    `exonym names check FILE` checks a names file instead and ends 1 if something is wrong with it.
    """
    if len(words) == 2 and words[0] == "check":
        _check_names(Path(words[1]), as_json)
        return
    text = " ".join(words)
    entries = searcher_of(stored_settings(data, config)).names(text)
    if as_json:
        print_json({"q": text, "names": [asdict(entry) for entry in entries]})
        return
    for entry in entries:
        _print_entry(entry)


def _check_names(path: Path, as_json: bool) -> None:
    from index.names.check import check

    problems = check(path)
    if as_json:
        print_json([{"line": problem.line, "message": problem.message} for problem in problems])
    for problem in problems if not as_json else ():
        click.echo(f"{path}, line {problem.line}: {problem.message}")
    if problems:
        sys.exit(1)


def _print_entry(entry: NameEntry) -> None:
    """A dictionary entry: the spellings that are printed with their counts, then what else would be understood."""
    known = entry.entity or ("a surname" if entry.spellings else "no known name")
    click.echo(click.style(entry.label, bold=True) + f" ({known}; {entry.rule})")
    for spelling in entry.spellings:
        if spelling.articles:
            kind = ", ".join(filter(None, (spelling.language, spelling.kind)))
            click.echo(f"  {spelling.spelling}  {kind}, {spelling.articles:,} article{'s'[: spelling.articles > 1]}")
    others = list(dict.fromkeys(spelling.spelling for spelling in entry.spellings if not spelling.articles))
    if others:
        more = f" and {len(others) - LISTED} more" if len(others) > LISTED else ""
        click.echo(f"  not printed here: {', '.join(others[:LISTED])}{more}")
    for guard in entry.guards:
        click.echo(f"  guard: {guard}")
    if entry.distinct_from:
        click.echo(f"  not to be confused with {', '.join(entry.distinct_from)}")


LISTED = 12                 # spellings named of those that no article prints
FORMATS: dict[str, Callable[[Iterable[Any]], Iterable[str]]] = {"jsonl": json_lines, "csv": csv_rows}


@click.command("export")
@click.argument("query", default="")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="jsonl", show_default=True,
              help="Format of the rows.")
@search_options
@common
def export_command(query: str, form: str, data: str | None, config: str | None, as_json: bool, **options: Any) -> None:
    """Write every match to standard output, streamed. Without a query: every article."""
    if as_json and form != "jsonl":
        raise click.UsageError("--json is the format jsonl; leave one of the two out")
    wanted = links.request_from(search_pairs(query, options))
    with searching(stored_settings(data, config)) as searcher:
        for piece in FORMATS[form](searcher.export(wanted)):
            sys.stdout.write(piece)
