"""Given names: sets of forms of one given name (*Volodymyr, Vladimir, Uladzimir, Володимир …*), kept by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from index.names.forms import form_key
from index.names.nodes import Problem, Row, compose

PATH = Path(__file__).parent / "data" / "given-names.yml"


@cache
def sets(path: Path = PATH) -> tuple[tuple[str, ...], ...]:
    """The forms of each set, as printed. Raises ValueError for a file that is wrong, with the line."""
    if not path.exists():
        return ()
    problems: list[Problem] = []
    rows = tuple(Row(node, ("forms",), problems).texts("forms") for node in compose(path, problems))
    if problems:
        raise ValueError(f"{path.name}, line {problems[0].line}: {problems[0].message}")
    return rows


@cache
def numbers(path: Path = PATH) -> dict[str, tuple[int, ...]]:
    """Form key → the numbers of the sets that hold it."""
    found: dict[str, tuple[int, ...]] = {}
    for number, forms in enumerate(sets(path)):
        for key in dict.fromkeys(map(form_key, forms)):
            found[key] = (*found.get(key, ()), number)
    return found


def is_given_name(key: str) -> bool:
    """Whether a form key is a listed given name."""
    return key in numbers()


@cache
def _keys() -> tuple[tuple[str, ...], ...]:
    """The form keys of each set."""
    return tuple(tuple(dict.fromkeys(map(form_key, forms))) for forms in sets())


def equivalents(key: str) -> tuple[str, ...]:
    """The keys of all forms that stand in a set with this one; none for a name that is not listed."""
    keys = _keys()
    return tuple(dict.fromkeys(form for number in numbers().get(key, ()) for form in keys[number]))
