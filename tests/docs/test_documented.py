"""What can be asked for is documented: commands, options, parameters, facets, diagnostics; links lead somewhere."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from search.request import FACETS
from search.syntax import parse
from service.app import create_app
from service.cli import main
from service.schemas import (
    ALL_FACETS,
    FacetParameters,
    NamesParameters,
    SearchParameters,
    SuggestParameters,
    WriteParameters,
)
from service.settings import Settings
from tests.docs.console import ROOT

QUERY_LANGUAGE = (ROOT / "docs" / "query-language.md").read_text(encoding="utf-8")
HTTP = (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def parameters(schema: type) -> set[str]:
    """The names of a schema's parameters as they are typed."""
    return {field.data_key or name for name, field in schema().load_fields.items()}


def coded(text: str) -> set[str]:
    """What stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def section(text: str, title: str) -> str:
    """A section of a document, from its heading to the next of the same level."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, with its name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL_COMMANDS = dict(leaves(main))


def test_every_parameter_of_a_search_is_in_the_query_language() -> None:
    assert parameters(SearchParameters) - coded(section(QUERY_LANGUAGE, "Parameters")) == set()


def test_the_query_language_names_no_parameter_that_does_not_exist() -> None:
    rows = [row.split("|")[1] for row in section(QUERY_LANGUAGE, "Parameters").splitlines() if row.startswith("| `")]
    assert set().union(*map(coded, rows)) == parameters(SearchParameters)


@pytest.mark.parametrize("schema", [SearchParameters, FacetParameters, NamesParameters, SuggestParameters,
                                    WriteParameters])
def test_every_parameter_is_in_the_description_of_http(schema: type) -> None:
    words = coded(HTTP) | set(re.findall(r"[?&](\w+)=", HTTP))
    assert parameters(schema) - words == set()


def test_every_facet_is_in_the_query_language() -> None:
    rows = [row.split("|")[1] for row in section(QUERY_LANGUAGE, "Facets").splitlines() if row.startswith("| `")]
    assert set().union(*map(coded, rows)) == set(ALL_FACETS) == {*FACETS, "language"}


def diagnostic_codes() -> set[str]:
    """The codes that the sources of search/ give: first argument of Diagnostic(…) or of a report(…)."""
    found = set()
    for path in sorted((ROOT / "search").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("Diagnostic", "report"):
                found.add(node.args[0].value)
    return found


def diagnostic_rows() -> dict[str, str]:
    """The documented codes and their example cells."""
    rows = (row.split("|") for row in section(QUERY_LANGUAGE, "Diagnostics").splitlines() if row.startswith("| `"))
    return {row[1].strip().strip("`"): row[2] for row in rows}


def test_the_documented_diagnostics_are_those_of_the_sources() -> None:
    assert "unbalanced-quote" in diagnostic_codes()
    assert set(diagnostic_rows()) == diagnostic_codes()


@pytest.mark.parametrize(("code", "q"), [
    *(pytest.param(code, q, id=q) for code, cell in diagnostic_rows().items() for q in re.findall(r"`([^`]+)`", cell)
      if code not in ("too-many-terms", "interval-coarsened")),
])
def test_a_documented_example_has_its_diagnostic(code: str, q: str) -> None:
    assert code in {diagnostic.code for diagnostic in parse(q)[1]}


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_is_documented_with_its_options(name: str) -> None:
    for_all, *rows = section(COMMANDS, "Commands").split("\n| ")
    own = [row for row in rows if re.search(f"`exonym {name}[ `]", row.split(" | ")[0])]
    assert own, f"docs/operations.md does not name `exonym {name}`"
    words = set(" ".join(coded(for_all + own[0])).split())
    words |= {f"--{parameter}" for parameter in coded(section(QUERY_LANGUAGE, "Parameters"))}
    options = {option for parameter in ALL_COMMANDS[name].params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} - words == set()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in
                                  (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))])
def test_links_lead_to_files_that_exist(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_the_architecture_names_every_module_and_none_that_is_gone() -> None:
    named = coded((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    folders = [ROOT / "index", ROOT / "index" / "analysis", ROOT / "index" / "names", ROOT / "search", ROOT / "service",
               ROOT / "index" / "opensearch", ROOT / "search" / "opensearch"]
    modules = {path.name for folder in folders for path in folder.glob("*.py")} - {"__init__.py"}
    found = (*ROOT.glob("index/*/__init__.py"), *ROOT.glob("service/*/__init__.py"))
    packages = {f"{path.parent.name}/" for path in found} - {"analysis/", "names/"}      # these have sections
    listed = {name for name in named if name.endswith(".py") and "*" not in name}
    assert {name for name in modules if not name.startswith("recogniser_")} - listed == set()
    tests = {path.name for path in (ROOT / "tests").rglob("*.py")}
    assert {name for name in listed if Path(name).name not in modules | tests} == set()
    assert packages - named == set()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=~!;\s\[]", line)[0] for line in project["dependencies"]}
    rows = section((ROOT / "DECISIONS.md").read_text(encoding="utf-8"), "Dependencies").split("\n| `")[1:]
    assert {row.split("`")[0] for row in rows} == declared


def test_every_address_is_documented(tmp_path: Path) -> None:
    rules = {rule.rule for rule in create_app(Settings(tmp_path)).url_map.iter_rules()}
    names = {re.sub(r"<[^>]*?(?:article_)?(\w+)>", r"{\1}", rule) for rule in rules}
    assert {name for name in names if name not in HTTP and f"`{name}`" not in COMMANDS} == set()
