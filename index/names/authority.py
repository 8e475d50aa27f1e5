"""Authority file: reads names files (docs/names-format.md) and refuses what would find the wrong thing.

`read` turns one file into entries; `clashes` finds what contradicts between entries: an id given twice, a form of two
entities that nothing keeps apart. check.py adds what only the finder can tell: a guard whose example does not show it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from index.names.forms import form_key, is_cyrillic
from index.names.model import Entity, EntityType, Guard, Spelling, SpellingKind
from index.names.nodes import Problem, Row, compose

DATA = Path(__file__).parent / "data"
_LANGUAGE = re.compile("[a-z]{2,3}")
_ENTITY = ("id", "label", "subtype", "wikidata", "geonames", "given", "surname", "surname_alone", "names", "guards",
           "distinct_from", "ambiguous", "replace")
_NAME = ("forms", "kind", "lang", "case", "only_with", "since", "until")
_GUARD = ("forms", "before", "after", "example", "everywhere")
_ID = re.compile(r"(person|place|organisation)/[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity of a names file and the line it begins at. `replace`: it takes the place of ours of the same id."""

    entity: Entity
    path: Path
    line: int
    replace: bool = False


class NamesError(ValueError):
    """Names files that cannot be used. `problems` holds each as (file, problem)."""

    def __init__(self, problems: Sequence[tuple[Path, Problem]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}, line {problem.line}: {problem.message}" for path, problem in problems))


def files(folder: Path = DATA) -> list[Path]:
    """Our names files, in the order they are read."""
    return sorted(path for path in folder.glob("*.yml") if path.name != "given-names.yml")


def read(path: Path, origin: str = "authority") -> tuple[list[Entry], list[Problem]]:
    """The entries of one file, and every problem found in it."""
    problems: list[Problem] = []
    entries = []
    for node in compose(path, problems):
        row = Row(node, _ENTITY, problems)
        entity = _entity(row, origin)
        if entity is not None:
            entries.append(Entry(entity, path, row.line, row.flag("replace")))
    return entries, problems


def read_all(paths: Sequence[Path]) -> list[Entry]:
    """The entries of several files that belong together. Raises NamesError with all that is wrong in them."""
    entries: list[Entry] = []
    problems: list[tuple[Path, Problem]] = []
    for path in paths:
        found, wrong = read(path)
        entries += found
        problems += [(path, problem) for problem in wrong]
    problems += [(entry.path, Problem(entry.line, message)) for entry, message in clashes(entries)]
    if problems:
        raise NamesError(problems)
    return entries


def _entity(row: Row, origin: str) -> Entity | None:
    identifier, label = row.text("id"), row.text("label")
    if identifier is None or _ID.fullmatch(identifier) is None:
        row.complain(row.nodes.get("id"), "an entity needs an id such as place/kyiv: person, place or organisation, "
                                          "a slash, small Latin letters, digits and single hyphens")
        return None
    if label is None:
        if "label" not in row.nodes:
            row.complain(None, f"{identifier} needs a label")
        return None
    kind = EntityType(identifier.partition("/")[0])
    given, surname = _by_language(row, "given"), _by_language(row, "surname")
    if (given or surname) and kind != EntityType.PERSON:
        row.complain(row.nodes.get("surname"), f"{identifier}: only a person has given names and a surname")
    names = tuple(spelling for name in row.rows("names", _NAME) for spelling in _spellings(name))
    spellings = unique((*full_names(given, surname), *names))
    if not spellings:
        spellings = (Spelling(label),)
    guards = tuple(guard for guard in map(_guard, row.rows("guards", _GUARD)) if guard is not None)
    return Entity(identifier, kind, label, spellings, given, surname, row.flag("surname_alone"), guards,
                  row.texts("distinct_from"), row.texts("ambiguous"), row.text("subtype"), row.text("wikidata"),
                  row.number("geonames"), origin=origin)


def unique(spellings: Iterable[Spelling]) -> tuple[Spelling, ...]:
    """The spellings without repeats: the first of each form and language stays."""
    kept: dict[tuple[str, str], Spelling] = {}
    for spelling in spellings:
        kept.setdefault((spelling.form, spelling.language), spelling)
    return tuple(kept.values())


def _by_language(row: Row, key: str) -> tuple[Spelling, ...]:
    inner = row.row(key, None)
    if inner is None:
        return ()
    for language in inner.nodes:
        if _LANGUAGE.fullmatch(language) is None:
            row.complain(inner.nodes[language], f"{language!r} is no language code such as en, uk, ru")
    return tuple(Spelling(form, language, SpellingKind.CURRENT if language != "en" or not number
                          else SpellingKind.ROMANISATION)
                 for language in inner.nodes for number, form in enumerate(inner.texts(language)))


def full_names(given: Sequence[Spelling], surname: Sequence[Spelling]) -> Iterator[Spelling]:
    """Every given name before every surname of the same language; a person may have a surname alone."""
    for first, last in product(given, surname):
        if first.language == last.language:
            both = first.kind == last.kind == SpellingKind.CURRENT
            yield Spelling(f"{first.form} {last.form}", first.language,
                           SpellingKind.CURRENT if both else SpellingKind.ROMANISATION)


def _spellings(row: Row) -> Iterator[Spelling]:
    forms, kind, language = row.texts("forms"), row.text("kind") or "current", row.text("lang") or "en"
    if "forms" not in row.nodes:
        row.complain(None, "a row of names needs `forms: [...]`")
    if kind not in set(SpellingKind) - {SpellingKind.INFLECTED}:
        row.complain(row.nodes.get("kind"), f"{kind!r} is no kind; take current, russian, romanisation, former, "
                                            "acronym or nickname")
        kind = "current"
    if _LANGUAGE.fullmatch(language) is None:
        row.complain(row.nodes.get("lang"), f"{language!r} is no language code such as en, uk, ru")
    since, until = (_date(row, key) for key in ("since", "until"))
    for form in forms:
        if not form_key(form):
            row.complain(row.nodes.get("forms"), f"{form!r} holds no word")
        elif language == "en" and is_cyrillic(form):
            row.complain(row.nodes.get("forms"), f"{form!r} is Cyrillic: say `lang: uk` or `lang: ru`")
        else:
            yield Spelling(form, language, SpellingKind(kind), row.flag("case") or kind == "acronym",
                           row.texts("only_with"), since, until)


def _date(row: Row, key: str) -> str | None:
    text = row.text(key)
    if text is not None and _DATE.fullmatch(text) is None:
        row.complain(row.nodes[key], f"{key!r} must be a year, month or day such as \"2016-02\"")
        return None
    return text


def _guard(row: Row) -> Guard | None:
    guard = Guard(row.text("example") or "", row.texts("forms"), row.texts("before"), row.texts("after"),
                  row.flag("everywhere"))
    if not guard.example:
        row.complain(None, "a guard needs an example: a sentence where the form is not this entity")
    elif not guard.before and not guard.after:
        row.complain(None, "a guard needs `before: [...]` or `after: [...]`")
    else:
        return guard
    return None


def clashes(entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """What contradicts between entries of all files: (the entry at fault, what to do)."""
    found = []
    first: dict[str, Entry] = {}
    for entry in entries:
        other = first.setdefault(entry.entity.id, entry)
        if other is not entry:
            where = f"{other.path.name}, line {other.line}"
            found.append((entry, f"{entry.entity.id} stands in {where}, already; join them"))
    found += [(entry, message) for entry in entries for message in _own(entry.entity, first)]
    return found + _shared(first.values())


def _own(entity: Entity, known: dict[str, Entry]) -> Iterator[str]:
    forms = {form_key(spelling.form) for spelling in (*entity.spellings, *entity.surname)}
    for form in (*entity.ambiguous, *(form for guard in entity.guards for form in guard.forms)):
        if form_key(form) not in forms:
            yield f"{entity.id}: {form!r} stands in a guard or under ambiguous, but is no form of it"
    for other in entity.distinct_from:
        if _ID.fullmatch(other) is None:
            yield f"{entity.id}: distinct_from holds {other!r}, which is no id"
    if entity.surname_alone and not entity.surname:
        yield f"{entity.id}: surname_alone needs a surname"


def _shared(entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """Forms of two entities that nothing keeps apart, and surnames that two persons would have alone."""
    open_forms: dict[str, list[Entry]] = defaultdict(list)
    alone: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in plain_keys(entry.entity):
            open_forms[key].append(entry)
        if entry.entity.surname_alone:
            for key in {form_key(spelling.form) for spelling in entry.entity.surname}:
                alone[key].append(entry)
    found = []
    for key, (kept, *others) in open_forms.items():
        message = (f"{key!r} is a form of {kept.entity.id} ({kept.path.name}, line {kept.line}) and of {{}}: give the "
                   "rarer a guard, only_with or `case: true`, or list it under ambiguous in both")
        found += [(other, message.format(other.entity.id)) for other in others]
    for key, (kept, *others) in alone.items():
        message = (f"surname {key!r} alone is {kept.entity.id} ({kept.path.name}, line {kept.line}) already: only one "
                   "of them may have surname_alone")
        found += [(other, message) for other in others]
    return found


def plain_keys(entity: Entity) -> set[str]:
    """The keys of an entity's forms that no condition keeps from another entity."""
    guarded = {form_key(form) for guard in entity.guards for form in guard.forms}
    if any(not guard.forms for guard in entity.guards):
        return set()
    set_aside = guarded | {form_key(form) for form in entity.ambiguous}
    return {form_key(spelling.form) for spelling in entity.spellings
            if not spelling.case_sensitive and not spelling.only_with} - set_aside
