"""Checks of names files: every problem with its file and line, before anything is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.names import authority
from index.names.authority import Entry
from index.names.nodes import Problem

__all__ = ["NamesError", "Problem", "check", "read_all"]


class NamesError(ValueError):
    """Names files that cannot be used. `problems` holds each as (file, problem)."""

    def __init__(self, problems: Sequence[tuple[Path, Problem]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}, line {problem.line}: {problem.message}" for path, problem in problems))


def read_all(paths: Sequence[Path]) -> list[Entry]:
    """The entries of several files that belong together. Raises NamesError with all that is wrong in them."""
    entries: list[Entry] = []
    problems: list[tuple[Path, Problem]] = []
    for path in paths:
        found, wrong = authority.read(path)
        entries += found
        problems += [(path, problem) for problem in wrong]
    problems += [(entry.path, Problem(entry.line, message)) for entry, message in authority.clashes(entries)]
    if problems:
        raise NamesError(problems)
    return entries


def check(path: Path) -> list[Problem]:
    """What is wrong with the reader's names file `path`, alone and together with our names, by line."""
    from index.names.registry import Names  # it builds on this module

    try:
        Names.load(path)
    except NamesError as error:
        return sorted(problem for _, problem in error.problems)
    return []
