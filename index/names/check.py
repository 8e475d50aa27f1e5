"""Checks of names files: every problem with its line, before anything is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.analysis.normal import exact_form
from index.analysis.vocabulary import Vocabulary
from index.names import authority
from index.names.authority import NamesError
from index.names.finder import Finder
from index.names.forms import form_key, words
from index.names.model import Entity
from index.names.nodes import Problem
from index.names.registry import Names


def check(path: Path) -> list[Problem]:
    """What is wrong with the reader's names file `path`, alone and together with our names, by line.

    Raises OSError when the file cannot be read.
    """
    try:
        names = Names.load(path)
    except NamesError as error:
        return sorted(problem for _, problem in error.problems)
    entries, _ = authority.read(path)
    return [Problem(entry.line, message) for entry in entries for message in guard_faults(names, entry.entity)]


def guard_faults(names: Names, entity: Entity) -> Iterator[str]:
    """The guards of an entity whose example does not show them: no guarded form in it, or found all the same."""
    vocabulary = Vocabulary()
    finder = Finder(names, vocabulary)
    for guard in entity.guards:
        text = f" {form_key(guard.example)} "
        forms = guard.forms or tuple(spelling.form for spelling in entity.spellings)
        spellings = {" ".join(filter(None, map(exact_form, words(form)))) for form in forms}
        if not any(f" {form_key(form)} " in text for form in forms):
            yield f"{entity.id}: the example {guard.example!r} holds none of the guard's forms"
        elif any(match.entity == entity.id and match.spelling in spellings
                 for match in finder.find(vocabulary.numbers(guard.example))):
            yield f"{entity.id}: in the example {guard.example!r} the guard does not hold"
