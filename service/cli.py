"""The command line `exonym`. Libraries are imported inside commands, so that --help is quick."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import click

from service.settings import Settings, SettingsError, load_settings

Command = Callable[..., Any]


class Fault(click.ClickException):
    """What could not be done: one line, exit status 2."""

    exit_code = 2


class Commands(click.Group):
    """The outermost edge: what is known to go wrong becomes one clear line and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:         # the reader of the output has gone: no error
            sys.stderr.close()
            ctx.exit(0)
        except Exception as error:
            line = _explained(error)
            if line is None:
                raise
            raise Fault(line) from error


def _explained(error: Exception) -> str | None:
    """One line for an error that users can do something about; None for any other."""
    import sqlite3

    from marshmallow import ValidationError

    from index.archive import ArchiveError
    from index.backup import BackupError
    from index.manifest import ManifestError
    from index.names.authority import NamesError
    from index.readers import ReadError
    from index.writer import WriterBusyError
    from search.limits import QueryLimitError
    from service.errors import as_problem
    from service.keys import KeysError
    from service.saved import SavedError
    from service.webhook import DeliveryError

    if isinstance(error, ValidationError):
        return "; ".join(f"--{name}: {' '.join(texts)}" for name, texts in as_problem(error).errors.items())
    if isinstance(error, QueryLimitError):
        return f"QUERY: {error}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    known = (SettingsError, ReadError, ArchiveError, ManifestError, NamesError, WriterBusyError, KeysError, SavedError,
             DeliveryError, BackupError, sqlite3.Error)
    return " ".join(str(error).split()) if isinstance(error, known) else None


def common(command: Command) -> Command:
    """The options that every command has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for programs."),
        click.option("--config", type=click.Path(dir_okay=False), help="Settings file (TOML)."),
        click.option("--data", type=click.Path(file_okay=False), help="Data folder [EXONYM_DATA]."),
    ):
        command = option(command)
    return command


def settings_of(data: str | None, config: str | None, **more: object) -> Settings:
    """The settings in force for a command."""
    checked = {name: value for name, value in more.items() if value is not None}
    return load_settings({"data": data and _path(data), "config": config, **checked})


def folder_of(data: str | None, config: str | None) -> Any:
    """The data folder of a command that needs one with articles. A mistyped one is told and not made. Raises Fault."""
    from index.folder import DataFolder

    return DataFolder(stored_settings(data, config).data)


def stored_settings(data: str | None, config: str | None) -> Settings:
    """The settings of a command that needs a data folder with articles. Raises Fault where there is none."""
    from index.folder import DataFolder

    settings = settings_of(data, config)
    if not DataFolder(settings.data).archive.is_file():
        raise Fault(f"there is no index at {settings.data}: check --data, or make one with `exonym index PATH`")
    return settings


@contextmanager
def searching(settings: Settings) -> Iterator[Any]:
    """The searcher of a command, within the limits of the settings but for the time: who waits at a terminal may."""
    from search.limits import limited
    from service.engines import searcher_of

    with limited(replace(settings.limits, seconds=float("inf"))):
        yield searcher_of(settings)


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)


def print_json(value: object) -> None:
    """One JSON value on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


def search_options(command: Command) -> Command:
    """Every parameter of a search as an option of the same name."""
    from service.schemas import SearchParameters

    for name, field in reversed(SearchParameters().load_fields.items()):
        key = field.data_key or name
        if key == "q":
            continue
        repeatable = type(field).__name__ == "List"
        command = click.option(f"--{key}", f"option_{name}", multiple=repeatable,
                               help=field.metadata.get("description", ""))(command)
    return command


def search_pairs(q: str, options: dict[str, Any]) -> list[tuple[str, str]]:
    """The options of a search as the pairs of a query string."""
    from service.schemas import SearchParameters

    pairs = [("q", q)]
    for name, field in SearchParameters().load_fields.items():
        value = options.pop(f"option_{name}", None)
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        pairs += [(field.data_key or name, item) for item in values]
    return pairs


class Lazy(Commands):
    """Commands found by name, each in a module that is imported when it is asked for; their list needs no import."""

    table: ClassVar[dict[str, tuple[str, str]]] = {
        "index": ("indexing", "Read files and folders; add or update their articles."),
        "search": ("searching", "Search."),
        "names": ("searching", "Which entity a name is, and its spellings."),
        "serve": ("serving", "Serve the page and the API."),
        "export": ("searching", "Write every match as JSON lines or CSV."),
        "keys": ("serving", "Keys for reading and writing over HTTP."),
        "saved": ("following", "Saved searches."),
        "watch": ("following", "Print or post new matches of saved searches."),
        "delete": ("indexing", "Delete articles by id."),
        "copy": ("indexing", "Make the index anew on another engine."),
        "reindex": ("indexing", "Make the index anew from the stored articles."),
        "check": ("upkeep", "Look whether archive and index are whole and agree."),
        "backup": ("upkeep", "Write everything into one file, while serving."),
        "restore": ("upkeep", "Put a backup in the place of a data folder."),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of their use."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give one command."""
        import importlib

        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"service.commands.{self.table[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.table.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exonym")
def main() -> None:
    """News search that finds a name under every spelling."""
