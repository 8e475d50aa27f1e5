"""The reader's own names: a names file laid over ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from index.names import authority, compiled
from index.names.authority import Entry, NamesError
from index.names.compiled import Compiled, Keys
from index.names.model import Entity
from index.names.nodes import Problem


def laid_over(ours: Compiled, path: Path) -> Compiled:
    """Our entities with those of the reader's file over them. Raises NamesError for a file that does not fit.

    An entry with an id of ours adds to our entity, or takes its place (`replace: true`); any other is a new entity.
    """
    entries, problems = authority.read(path, origin="reader")
    merged: dict[str, Entry] = {}
    for entry in entries:
        name = entry.entity.id
        if name in merged:
            problems.append(Problem(entry.line, f"{name} stands in this file twice; join them"))
        elif name in ours.records and not entry.replace:
            entry = replace(entry, entity=_extended(compiled.decode(name, ours.records[name]), entry.entity))
        merged[name] = entry
    keys = {name: compiled.keys_of(entry.entity) for name, entry in merged.items()}
    beside = [Entry(compiled.decode(name, ours.records[name]), Path("our names"), 0)
              for name in _touching(ours, keys.values()) if name not in merged]
    problems += [Problem(entry.line, message) for entry, message in authority.clashes([*beside, *merged.values()])
                 if entry.path == path]
    if problems:
        raise NamesError([(path, problem) for problem in sorted(problems)])
    records = {name: compiled.encode(entry.entity) for name, entry in merged.items()}
    return Compiled({**ours.records, **records}, {**ours.keys, **keys}, ours.digest)


def _touching(ours: Compiled, keys: Iterable[Keys]) -> Iterator[str]:
    """Our entities that share a form or a surname with these keys: only they can contradict."""
    wanted = {key for item in keys for key in (*item.plain, *item.surname)}
    for name, item in ours.keys.items():
        if not wanted.isdisjoint(item.plain) or not wanted.isdisjoint(item.surname):
            yield name


def _extended(ours: Entity, theirs: Entity) -> Entity:
    """Our entity with the reader's label and additions."""
    return replace(
        ours, label=theirs.label, origin="reader", subtype=theirs.subtype or ours.subtype,
        spellings=authority.unique((*theirs.spellings, *ours.spellings)),
        given=authority.unique((*theirs.given, *ours.given)),
        surname=authority.unique((*theirs.surname, *ours.surname)),
        surname_alone=theirs.surname_alone or ours.surname_alone, guards=(*ours.guards, *theirs.guards),
        distinct_from=(*ours.distinct_from, *theirs.distinct_from), ambiguous=(*ours.ambiguous, *theirs.ambiguous),
        wikidata=theirs.wikidata or ours.wikidata, geonames=theirs.geonames or ours.geonames)
