"""exonym check, backup, restore: keeping what is there, and getting it back."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from index.backup import Backup, back_up, restore
from index.folder import DataFolder
from index.inspection import Finding
from index.names.authority import NamesError
from index.names.registry import Names
from index.writer import WriterBusyError
from service.cli import common, print_json, settings_of
from service.commands.indexing import BUSY_WAIT, catch_up
from service.engines import inspect_all
from service.keys import Keys, KeysError
from service.saved import SavedError, SavedSearches
from service.settings import Settings

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("check")
@common
def check_command(data: str | None, config: str | None, as_json: bool) -> None:
    """Read everything: is the archive whole, is the index as it was written, do they agree? Ends 1 if not.

    A service may be running. For everything wrong there is a line that says what to do.
    """
    settings = settings_of(data, config)
    folder = DataFolder(settings.data)
    found = inspect_all(settings)
    findings = (*found.findings, *_small_files(folder))
    if as_json:
        print_json({**asdict(found), "findings": [asdict(finding) for finding in findings]})
    else:
        where = f"{found.segments} segments" if settings.engine == "embedded" else "on the cluster"
        click.echo(f"{found.articles:,} articles in the archive; {found.indexed:,} in generation {found.generation} of "
                   f"the index ({where}); {found.waiting:,} changes wait to be indexed")
        for finding in findings:
            click.echo(f"{finding.part}: {finding.what}\n  what to do: {finding.do}")
        click.echo("something is wrong" if findings else "all is well")
    if findings:
        sys.exit(1)


def _small_files(folder: DataFolder) -> list[Finding]:
    findings = []
    try:
        Keys(folder.keys).stored()
    except (KeysError, OSError) as error:
        findings.append(Finding("keys", str(error), "remove keys.json and make new keys with `exonym keys add`"))
    try:
        Names.load(folder.names)
    except (NamesError, OSError) as error:
        findings.append(Finding("names", str(error), f"`exonym names check {folder.names}` lists what is wrong in it"))
    try:
        SavedSearches(folder.saved).all()
    except (SavedError, OSError, sqlite3.Error) as error:
        findings.append(Finding("saved searches", str(error), f"move {folder.saved} away, or restore a backup"))
    return findings


@click.command("backup")
@FILE
@common
def backup_command(file: Path, data: str | None, config: str | None, as_json: bool) -> None:
    """Write articles, names, keys, saved searches and settings into FILE, as they are at one moment.

    A service may be running.

    FILE is replaced only when the new backup is whole. It holds settings and hashes of keys: its owner alone may
    read it.
    """
    settings = settings_of(data, config)
    named = config or os.environ.get("EXONYM_CONFIG")
    made = back_up(DataFolder(settings.data), file, Path(named) if named else None)
    size = file.stat().st_size
    if as_json:
        print_json({**asdict(made), "bytes": size})
    else:
        click.echo(f"{_told(made)} in {file} ({size:,} bytes)")


@click.command("restore")
@FILE
@click.option("--force", is_flag=True, help="Overwrite what the data folder holds.")
@common
def restore_command(file: Path, force: bool, data: str | None, config: str | None, as_json: bool) -> None:
    """Put the backup FILE into the data folder and index it. Refuses a folder that holds anything, without --force.

    A service that is running goes on with the restored articles by itself.
    """
    found, generation = restored(settings_of(data, config), file, force)
    if as_json:
        print_json({**asdict(found), "generation": generation})
    else:
        click.echo(f"{_told(found)} restored and indexed (generation {generation})")


def restored(settings: Settings, file: Path, force: bool) -> tuple[Backup, int]:
    """Restore, waiting while another process indexes, and bring the index up; what was restored and the generation."""
    while True:
        try:
            found = restore(DataFolder(settings.data), file, force)
            break
        except WriterBusyError:
            time.sleep(BUSY_WAIT)
    return found, catch_up(settings).generation


def _told(backup: Backup) -> str:
    return " and ".join([f"{backup.articles:,} articles", *([", ".join(backup.files)] if backup.files else [])])
