"""exonym serve, keys: the service and who may use it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from index.archive import Archive
from index.folder import DataFolder
from service.cli import common, print_json, settings_of
from service.keys import SCOPES, Keys


@click.command("serve")
@click.option("--host", help="Address to listen on [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [8000].")
@click.option("--workers", type=click.IntRange(0, 256), help="Worker processes; 0: as many as processors, at most 2.")
@click.option("--restore", "backup", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Backup to put into the data folder first, if that holds no articles.")
@common
def serve_command(host: str | None, port: int | None, workers: int | None, backup: Path | None, data: str | None,
                  config: str | None, as_json: bool) -> None:
    """Serve the page and the API until stopped. With --json, logs are JSON lines."""
    options = {"host": host, "port": port, "workers": workers, "log_format": "json" if as_json else None}
    settings = settings_of(data, config, **options)
    archive = Archive(DataFolder(settings.data).archive)        # what is wrong with it is said before anything starts
    if backup is not None and not len(archive):
        from service.commands.upkeep import restored

        restored(settings, backup, force=False)
        settings = settings_of(data, config, **options)         # the backup may have brought some
    archive.close()
    from service.server import serve

    serve(settings)


@click.group("keys")
def keys_command() -> None:
    """Keys for reading and writing over HTTP."""


def _keys(data: str | None, config: str | None) -> Keys:
    return Keys(DataFolder(settings_of(data, config).data).keys)


@keys_command.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="write", show_default=True, help="What the key may do.")
@common
def add(name: str, scope: str, data: str | None, config: str | None, as_json: bool) -> None:
    """Make a key and print it, this one time."""
    _show({"name": name, "scope": scope, "key": _keys(data, config).add(name, scope)}, as_json)


@keys_command.command("rotate")
@click.argument("name")
@common
def rotate(name: str, data: str | None, config: str | None, as_json: bool) -> None:
    """Make a new key in the place of NAME's and print it, this one time; the old one is refused at once."""
    _show({"name": name, "key": _keys(data, config).rotate(name)}, as_json)


def _show(made: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        click.echo(made["key"])
        click.echo("Keep it: it is stored as a hash and cannot be shown again.", err=True)


@keys_command.command("list")
@common
def list_keys(data: str | None, config: str | None, as_json: bool) -> None:
    """List the keys, without the keys themselves."""
    stored = _keys(data, config).stored()
    rows = [{name: value for name, value in asdict(key).items() if name != "hash"} for key in stored]
    if as_json:
        print_json(rows)
    for row in rows if not as_json else ():
        click.echo(f"{row['name']}  {row['scope']}  {row['created']}")


@keys_command.command("revoke")
@click.argument("name")
@common
def revoke(name: str, data: str | None, config: str | None, as_json: bool) -> None:
    """Take a key back; it is refused from the next request on."""
    _keys(data, config).revoke(name)
    if as_json:
        print_json({"revoked": name})
    else:
        click.echo(f"{name} revoked")
