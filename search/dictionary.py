"""Dictionary: what a name is, how it is spelt, which rule said so, what guards against."""

from __future__ import annotations

from collections.abc import Callable

from index.names.model import Guard, Spelling
from index.names.registry import Names
from search.response import NameEntry, NameSpelling

_RULES = {"authority": "authority file", "gazetteer": "gazetteer", "reader": "reader's names"}

Printed = Callable[[str, str], int]
"""(name id, spelling) → how many articles of the index print it."""


def look_up(text: str, names: Names, printed: Printed) -> list[NameEntry]:
    """The entries of every name in a text, as typed by a reader; one entry without entity if none is known."""
    found: dict[str, NameEntry] = {}
    for match in names.lookup(text):
        id = match.entity if match.entity is not None else match.name
        if id not in found:
            found[id] = entry(id, match.name, names, printed)
    if not found and text.strip():
        return [NameEntry(None, text.strip(), None, "no known name", (), (), ())]
    return list(found.values())


def entry(id: str, name: str, names: Names, printed: Printed) -> NameEntry:
    """The entry of one entity or surname."""
    entity = names.entity(id)
    spellings = tuple(_spelling(name, spelling, printed) for spelling in _once(names.spellings(id)))
    if entity is None:
        label = spellings[0].spelling if spellings else id.partition("/")[2]
        return NameEntry(None, label, None, "authority file", spellings, (), ())
    return NameEntry(entity.id, entity.label, str(entity.type), _RULES.get(entity.origin, entity.origin), spellings,
                     tuple(_in_words(guard) for guard in entity.guards), entity.distinct_from)


def _once(spellings: tuple[Spelling, ...]) -> list[Spelling]:
    return list({(spelling.form, spelling.language): spelling for spelling in spellings}.values())


def _spelling(name: str, spelling: Spelling, printed: Printed) -> NameSpelling:
    return NameSpelling(spelling.form, spelling.language, str(spelling.kind), printed(name, spelling.form))


def _in_words(guard: Guard) -> str:
    forms = " or ".join(guard.forms) if guard.forms else "any spelling"
    before = f"after {', '.join(guard.before)}" if guard.before else ""
    after = f"before {', '.join(guard.after)}" if guard.after else ""
    return f"not where {forms} stands {' or '.join(part for part in (before, after) if part)}: {guard.example}"


