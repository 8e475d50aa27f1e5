"""The command line: readable for people, JSON for programs, one clear line and status 2 for what cannot be done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from index.readers import ReadOptions
from service.cli import Lazy, main
from service.commands.indexing import read_options
from service.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """run(*arguments, input=…): the command's result; the environment names no data folder."""
    monkeypatch.delenv("EXONYM_DATA", raising=False)

    def call(*arguments: object, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)
    return call


def lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


TWO = ({"id": "a", "title": "Trams in Kiev"}, {"id": "b", "title": "Trams in Kyiv", "source": "Desk"})


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_is_shown_how_far_indexing_is_and_that_it_publishes(tmp_path: Path) -> None:
    import pty
    (tmp_path / "two.jsonl").write_text(lines(*TWO), "utf-8")
    screen, terminal = pty.openpty()
    program = [sys.executable, "-c", "from service.cli import main; main()"]
    with subprocess.Popen([*program, "index", str(tmp_path / "two.jsonl"), "--data", str(tmp_path / "data")],
                          stdout=subprocess.DEVNULL, stderr=terminal) as command:
        os.close(terminal)
        shown = b""
        with suppress(OSError):                 # at the end, when nobody writes any more
            while part := os.read(screen, 4096):
                shown += part
    os.close(screen)
    assert command.returncode == 0
    assert shown.index(b"2 records read") < shown.index(b"publishing") < shown.rindex(b"100%")


def test_indexing_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    counts = []
    for records in (TWO, TWO, ({**TWO[0], "text": "More."}, TWO[1])):
        result = run("index", "-", "--format", "jsonl", "--data", tmp_path, "--json", input=lines(*records))
        assert result.exit_code == 0, result.output
        counts.append(json.loads(result.stdout))
    assert [{**count, "seconds": 0} for count in counts] == [
        {"read": 2, "added": added, "updated": updated, "unchanged": unchanged, "rejected": 0, "seconds": 0}
        for added, updated, unchanged in ((2, 0, 0), (0, 0, 2), (0, 1, 1))]
    found = json.loads(run("search", "Київ", "--data", tmp_path, "--json").stdout)
    assert {hit["id"] for hit in found["hits"]} == {"a", "b"}
    deleted = run("delete", "a", "none", "--data", tmp_path, "--json")
    assert (deleted.exit_code, json.loads(deleted.stdout)) == (1, {"deleted": 1, "missing": ["none"]})
    assert json.loads(run("reindex", "--data", tmp_path, "--json").stdout)["articles"] == 1
    assert json.loads(run("search", "Київ", "--data", tmp_path, "--json").stdout)["total"] == 1


def test_rejected_records_are_reported_with_place_and_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text(lines(TWO[0], {"id": "bad", "title": 5}) + "{\n")
    arguments = ("index", path, "--data", tmp_path / "data")
    counted = json.loads(run(*arguments, "--json").stdout)
    assert (counted["read"], counted["added"], counted["rejected"]) == (3, 1, 2)
    rows = [json.loads(line) for line in Path(counted["report"]).read_text().splitlines()]
    assert [(row["file"], row["place"]) for row in rows] == [(str(path), "line 2"), (str(path), "line 3")]
    assert all(row["reason"] for row in rows)
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--strict").exit_code == 1


def test_limits_of_inputs_are_settings(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_options(Settings(tmp_path)) == ReadOptions()
    path = tmp_path / "long.jsonl"
    path.write_text(lines(TWO[0], {"id": "long", "title": "word " * 300}))
    monkeypatch.setenv("EXONYM_INPUT_RECORD_BYTES", "1024")
    counted = json.loads(run("index", path, "--data", tmp_path / "data", "--json").stdout)
    assert (counted["added"], counted["rejected"]) == (1, 1)
    assert "record_bytes" in Path(counted["report"]).read_text()


def test_search_answers_as_the_api_does(run: Run, newsroom: Path, client: FlaskClient) -> None:
    result = run("search", "Kiev", "--source", "The Meridian", "--source", "Basin Ledger", "--from", "2018",
                 "--size", 3,
                 "--exclude.place", "place/lviv", "--facet", "date", "--sort", "newest", "--data", newsroom, "--json")
    query = ("q=Kiev&source=The+Meridian&source=Basin+Ledger&from=2018&size=3"
             "&exclude.place=place/lviv&facet=date&sort=newest")
    wanted = client.get(f"/api/v1/search?{query}").json
    answer = json.loads(result.stdout)
    assert answer.pop("took_ms") >= 0
    assert answer == {name: value for name, value in wanted.items() if name != "took_ms"}
    assert answer["hits"]


def test_search_reads_well_at_a_terminal(run: Run, newsroom: Path) -> None:
    text = run("search", "Kiev", "--data", newsroom).stdout
    assert "Kiev → Kyiv (same name)" in text
    assert "source: " in text


def test_a_query_may_begin_with_a_minus(run: Run, newsroom: Path) -> None:
    result = run("search", "--json", "--data", newsroom, "--", "-Kiev")
    assert json.loads(result.stdout)["query"]["q"] == "-Kiev"


def test_names_says_what_a_name_is(run: Run, newsroom: Path) -> None:
    (entry,) = json.loads(run("names", "Kiev", "--data", newsroom, "--json").stdout)["names"]
    assert entry["entity"] == "place/kyiv"
    assert "Kyiv (place/kyiv; authority file)" in run("names", "Kiev", "--data", newsroom).stdout


def test_a_names_file_can_be_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_text("- id: place/skerry\n  label: Skerry\n  names:\n    - {forms: [Skerry]}\n")
    assert run("names", "check", path).exit_code == 0
    path.write_text("- id: skerry\n")
    result = run("names", "check", path)
    assert result.exit_code == 1
    assert f"{path}, line 1" in result.stdout


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_export_writes_what_the_api_writes(run: Run, newsroom: Path, client: FlaskClient, form: str) -> None:
    result = run("export", "Odessa", "--format", form, "--data", newsroom)
    assert result.exit_code == 0
    assert result.stdout_bytes.decode().splitlines() == client.get(f"/api/v1/export.{form}?q=Odessa").text.splitlines()


def test_keys_are_made_listed_rotated_and_revoked(run: Run, tmp_path: Path) -> None:
    made = json.loads(run("keys", "add", "desk", "--scope", "read", "--data", tmp_path, "--json").stdout)
    assert (made["name"], made["scope"]) == ("desk", "read")
    listed = run("keys", "list", "--data", tmp_path, "--json").stdout
    assert [(row["name"], row["scope"]) for row in json.loads(listed)] == [("desk", "read")]
    assert made["key"] not in listed
    rotated = json.loads(run("keys", "rotate", "desk", "--data", tmp_path, "--json").stdout)
    assert rotated["name"] == "desk"
    assert rotated["key"] != made["key"]
    assert [row["scope"] for row in json.loads(run("keys", "list", "--data", tmp_path, "--json").stdout)] == ["read"]
    assert run("keys", "revoke", "desk", "--data", tmp_path).exit_code == 0
    assert json.loads(run("keys", "list", "--data", tmp_path, "--json").stdout) == []


@pytest.mark.parametrize(("arguments", "words"), [
    pytest.param(("search", "x", "--page", "0"), "--page: Must be", id="bad parameter"),
    pytest.param(("search", "x", "--colour", "red"), "No such option", id="unknown option"),
    pytest.param(("index", "/no/such/file"), "/no/such/file does not exist", id="no file"),
    pytest.param(("index",), "Missing argument", id="no argument"),
    pytest.param(("keys", "revoke", "none"), "there is no key 'none'", id="no key"),
    pytest.param(("keys", "rotate", "none"), "there is no key 'none'", id="no key to rotate"),
    pytest.param(("export", "x", "--format", "xml"), "Invalid value for '--format'", id="no format"),
    pytest.param(("serve", "--config", "/no/such.toml"), "cannot read the settings file", id="no settings"),
    pytest.param(("fly",), "No such command", id="no command"),
])
def test_what_cannot_be_done_is_said_in_a_line(
        run: Run, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    data = () if arguments[0] == "fly" else ("--data", tmp_path)
    result = run(*arguments, *data)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_an_unknown_setting_in_the_environment_stops_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXONYM_PROT", "1")
    result = run("keys", "list")
    assert (result.exit_code, "unknown setting 'prot'" in result.stderr) == (2, True)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)  # type: ignore[arg-type]
def test_every_command_explains_itself_and_speaks_json(run: Run, path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "--data" in result.stdout
    assert path[0] in Lazy.table


@pytest.mark.parametrize("command", [("search", "Kiev"), ("export",), ("names", "Kiev"), ("delete", "a"), ("reindex",)],
                         ids=" ".join)
def test_a_mistyped_folder_is_told_and_not_made(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--data", tmp_path / "typo")
    assert result.exit_code == 2
    assert f"there is no index at {tmp_path / 'typo'}" in result.output
    assert list(tmp_path.iterdir()) == []
