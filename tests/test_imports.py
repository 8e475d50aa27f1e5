"""Imports point one way: index ← search ← service; what is foreign stays where it belongs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for package in ("index", "search", "service") for path in sorted((ROOT / package).rglob("*.py"))]
FORBIDDEN = {
    "index": {"search", "service", "flask", "flask_smorest", "marshmallow", "click", "pickle", "marshal", "shelve"},
    "search": {"service", "flask", "flask_smorest", "marshmallow", "click", "pickle", "marshal", "shelve"},
    "service": {"pickle", "marshal", "shelve"},
}


def imported(path: Path) -> Iterator[str]:
    """The first part of every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.relative_to(ROOT).parts[0] if node.level else (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in FILES])
def test_a_package_imports_nothing_from_those_above_it(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert not set(imported(path)) & FORBIDDEN[package]


def test_every_package_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == FORBIDDEN.keys()
    assert {"numpy", "index"} <= set(imported(ROOT / "search" / "embedded.py"))
