"""Compiled names: our names files as one JSON file that loads fast, made by `tools/compile_names.py`.

YAML is slow to read, so the entities and the keys of all their forms stand ready in data/authority.json, with the
digest of every file they were made from. When a file has changed since, the YAML is read instead: never stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.names import authority, given, inflection
from index.names.authority import Entry
from index.names.forms import form_key
from index.names.model import Entity, EntityType, Guard, Spelling, SpellingKind

FILE = "authority.json"
VERSION = 3
"""Raised when the layout or the rules that make keys change."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """A form that counts only as printed in `case`, if not empty, and beside one of `only_with`, if not empty."""

    key: str
    case: tuple[str, ...]
    only_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an entity's forms: what the finder looks for. All but `conditional` are keys alone."""

    plain: tuple[str, ...]
    conditional: tuple[Conditional, ...]
    ambiguous: tuple[str, ...]
    inflected: tuple[str, ...]
    surname: tuple[str, ...]
    surname_inflected: tuple[str, ...]
    given: tuple[str, ...]           # case forms too


def keys_of(entity: Entity) -> Keys:
    """The keys of one entity, generated case forms included; full names are not among them (see surnames.py)."""
    conditional: dict[str, Conditional] = {}
    plain: dict[str, None] = {}
    for spelling in listed(entity):
        key = form_key(spelling.form)
        if spelling.case_sensitive or spelling.only_with:
            before = conditional.get(key, Conditional(key, (), ()))
            case = (*before.case, spelling.form) if spelling.case_sensitive else before.case
            conditional[key] = Conditional(key, case, (*before.only_with, *spelling.only_with))
        else:
            plain[key] = None
    surname = dict.fromkeys(form_key(spelling.form) for spelling in entity.surname)
    inflected = dict.fromkeys(inflection.entity_keys(entity))
    surname_inflected = dict.fromkeys(inflection.surname_keys(entity))
    first = dict.fromkeys((*(form_key(spelling.form) for spelling in entity.given), *inflection.given_keys(entity)))
    return Keys(tuple(plain), tuple(item for key, item in conditional.items() if key not in plain),
                tuple(map(form_key, entity.ambiguous)),
                tuple(key for key in inflected if key not in plain and key not in conditional),
                tuple(surname), tuple(key for key in surname_inflected if key not in surname), tuple(first))


def listed(entity: Entity) -> list[Spelling]:
    """The spellings of an entity that are not a given name of its before a surname of its."""
    made = {spelling.form for spelling in authority.full_names(entity.given, entity.surname)}
    return [spelling for spelling in entity.spellings if spelling.form not in made]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Entities ready to load: their records (plain JSON), their keys, and a digest of both."""

    records: dict[str, dict[str, Any]]
    keys: dict[str, Keys]
    digest: str


def source_digest(paths: Sequence[Path]) -> str:
    """A digest of the names and contents of files."""
    digest = hashlib.blake2b(f"version {VERSION}".encode(), digest_size=16)
    for path in (*paths, given.PATH):
        if path.exists():
            digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def load(paths: Sequence[Path], compiled: Path) -> Compiled | None:
    """The compiled form of these files, or None when there is none or a file has changed since."""
    try:
        document = json.loads(compiled.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if document["sources"] != source_digest(paths):
        return None
    return Compiled(document["entities"], {name: decode_keys(row) for name, row in document["keys"].items()},
                    document["sources"])


def compile_entries(entries: Iterable[Entry], digest: str) -> Compiled:
    """Entities without the file: what `load` gives, made on the spot."""
    entities = {entry.entity.id: entry.entity for entry in entries}
    return Compiled({name: encode(entity) for name, entity in entities.items()},
                    {name: keys_of(entity) for name, entity in entities.items()}, digest)


_PLAIN = ("label", "subtype", "wikidata", "geonames", "surname_alone", "distinct_from", "ambiguous", "origin",
          "population")
_SPELLING = ("form", "language", "kind", "case_sensitive", "only_with", "since", "until")
_DEFAULTS: tuple[Any, ...] = (None, "en", "current", False, (), None, None)


def encode(entity: Entity) -> dict[str, Any]:
    """The entity as plain JSON values, without what is empty or follows from the rest."""
    record = {name: getattr(entity, name) for name in _PLAIN}
    record |= {name: [_row(spelling) for spelling in getattr(entity, name)] for name in ("given", "surname")}
    record["names"] = [_row(spelling) for spelling in listed(entity)]
    record["guards"] = [asdict(guard) for guard in entity.guards]
    record["origin"] = "" if entity.origin == "authority" else entity.origin
    plain: dict[str, Any] = json.loads(json.dumps({name: value for name, value in record.items() if value}))
    return plain


def _row(spelling: Spelling) -> list[Any]:
    """A spelling's fields in order, up to the last that differs from its default."""
    row = [getattr(spelling, name) for name in _SPELLING]
    while row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def decode(name: str, record: Mapping[str, Any]) -> Entity:
    """The entity of a record."""
    given, surname, names = (tuple(map(_spelling, record.get(key, ()))) for key in ("given", "surname", "names"))
    guards = tuple(Guard(row["example"], tuple(row["forms"]), tuple(row["before"]), tuple(row["after"]),
                         row.get("everywhere", False))
                   for row in record.get("guards", ()))
    spellings = authority.unique((*authority.full_names(given, surname), *names))
    return Entity(name, EntityType(name.partition("/")[0]), record["label"], spellings, given, surname,
                  record.get("surname_alone", False), guards, tuple(record.get("distinct_from", ())),
                  tuple(record.get("ambiguous", ())), record.get("subtype"), record.get("wikidata"),
                  record.get("geonames"), record.get("population", 0), record.get("origin", "authority"))


def _spelling(row: Sequence[Any]) -> Spelling:
    form, language, kind, case, only_with, since, until = (*row, *_DEFAULTS[len(row):])
    return Spelling(form, language, SpellingKind(kind), case, tuple(only_with), since, until)


def encode_keys(keys: Keys) -> list[Any]:
    """Keys as plain JSON values: lists of keys joined by a bar, which no key holds."""
    return ["|".join(keys.plain), [[item.key, item.case, item.only_with] for item in keys.conditional],
            *("|".join(group) for group in (
                keys.ambiguous, keys.inflected, keys.surname, keys.surname_inflected, keys.given))]


def decode_keys(row: list[Any]) -> Keys:
    """The keys of `encode_keys`."""
    groups = [tuple(text.split("|")) if text else () for text in (row[0], *row[2:])]
    conditional = tuple(Conditional(key, tuple(case), tuple(only)) for key, case, only in row[1])
    return Keys(groups[0], conditional, *groups[1:])


def save(compiled: Compiled, path: Path) -> None:
    """Write what `load` reads."""
    document = {"sources": compiled.digest, "entities": compiled.records,
                "keys": {name: encode_keys(keys) for name, keys in compiled.keys.items()}}
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
