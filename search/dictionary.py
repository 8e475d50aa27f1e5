"""Dictionary: what a name is, how it is spelt, which rule said so, what guards against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from index.names.model import Guard, Spelling
from index.names.registry import Names
from search.display import capitalised, exact_key
from search.response import NameEntry, NameSpelling

_RULES = {"authority": "authority file", "gazetteer": "gazetteer", "reader": "reader's names"}

Printed = Callable[[str], Mapping[str, int]]
"""Name id → printed form (exact form) → how many articles of the index print it."""


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
    surnames = entity.surname if entity is not None else ()
    spellings = _spellings(names.spellings(id), printed(name), {exact_key(spelling.form) for spelling in surnames})
    if entity is None:
        listed = names.spellings(id)
        label = listed[0].form if listed else id.partition("/")[2]
        return NameEntry(None, label, None, "authority file", spellings, (), ())
    return NameEntry(entity.id, entity.label, str(entity.type), _RULES.get(entity.origin, entity.origin), spellings,
                     tuple(_in_words(guard) for guard in entity.guards), entity.distinct_from)


def _spellings(listed: tuple[Spelling, ...], printed: Mapping[str, int], surnames: set[str]
               ) -> tuple[NameSpelling, ...]:
    """The listed spellings and the other forms that the index prints (case forms, a person's surname alone), the most
    printed first."""
    rows = {(spelling.form, spelling.language): NameSpelling(
        spelling.form, spelling.language, str(spelling.kind), printed.get(exact_key(spelling.form), 0))
        for spelling in listed}
    known = {exact_key(spelling.form) for spelling in listed}
    others = [NameSpelling(capitalised(form), "", "surname alone" if form in surnames else "inflected", count)
              for form, count in sorted(printed.items()) if form not in known and count]
    return tuple(sorted((*rows.values(), *others), key=lambda row: -row.articles))


def _in_words(guard: Guard) -> str:
    forms = " or ".join(guard.forms) if guard.forms else "any spelling"
    before = f"after {', '.join(guard.before)}" if guard.before else ""
    after = f"before {', '.join(guard.after)}" if guard.after else ""
    return f"not where {forms} stands {' or '.join(part for part in (before, after) if part)}: {guard.example}"


