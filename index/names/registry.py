"""All names in use: our names files, the gazetteer and the reader's own names, as one immutable table.

Where two sources know a key, the first of these that holds it decides: authority file, gazetteer, generated case forms
of the authority file, generated case forms of the gazetteer. Surnames stand beside them: a key may be a surname and a
place. A gazetteer place that the authority file knows too (same GeoNames id) gives its spellings to that entity.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from index import garbage
from index.analysis.normal import normal_form
from index.analysis.tokenizer import tokens
from index.names import authority, compiled
from index.names.authority import NamesError, read_all
from index.names.compiled import Compiled
from index.names.forms import form_key
from index.names.gazetteer import PATH, Gazetteer
from index.names.model import Entity, EntityType, NameMatch, Outline, Spelling
from index.names.overlay import laid_over
from index.names.reading import KeyGuard, Reading
from index.names.surnames import Surnames
from index.names.trie import ASKED, DOTTED, Trie

if TYPE_CHECKING:
    from index.names.finder import Finder

_TOWNS = frozenset(("capital", "city", "town", "village", "settlement"))
_ADJECTIVAL = ("ська", "цька", "ську", "цьку")
TYPED_WORDS = 10_000
"""Words of queries remembered."""


__all__ = ["Names", "NamesError"]


class _Entities(Mapping[str, Entity]):
    """Entities by id, each made when it is first asked for."""

    def __init__(self, ours: Compiled, gazetteer: Gazetteer, ids: list[str], absorbed: Mapping[str, list[int]],
                 listed: Container[str]) -> None:
        """`ids`: what each gazetteer row is called here; `absorbed`: the rows that an entity of ours takes in;
        `listed`: the keys that the names files give to an entity, so that no row brings them along."""
        self._ours, self._gazetteer, self._absorbed, self._listed = ours, gazetteer, absorbed, listed
        self._rows = {name: row for row, name in enumerate(ids) if name not in ours.records}
        self._made: dict[str, Entity] = {}

    def __getitem__(self, name: str) -> Entity:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._make(name)
        return found

    def _make(self, name: str) -> Entity:
        record = self._ours.records.get(name)
        if record is None:
            return replace(self._gazetteer.entity(self._rows[name]), id=name)
        entity = compiled.decode(name, record)
        for row in self._absorbed.get(name, ()):
            place = self._gazetteer.entity(row)
            known = {form_key(spelling.form) for spelling in entity.spellings}
            more = tuple(spelling for spelling in place.spellings
                         if (key := form_key(spelling.form)) not in known and key not in self._listed)
            entity = replace(entity, spellings=(*entity.spellings, *more), population=place.population,
                             geonames=entity.geonames or place.geonames)
        return entity

    def outline(self, name: str) -> Outline | None:
        """The outline of an entity, which is not made for it."""
        record, row = self._ours.records.get(name), self._rows.get(name)
        if record is not None:
            return Outline(EntityType(name.partition("/")[0]), record["label"], False)
        return None if row is None else Outline(EntityType.PLACE, self._gazetteer.rows[row][1], True)

    def __iter__(self) -> Iterator[str]:
        yield from self._ours.records
        yield from self._rows

    def __len__(self) -> int:
        return len(self._ours.records) + len(self._rows)


class Names:
    """All names in use. Immutable; make one with `Names.load`."""

    def __init__(self, ours: Compiled, gazetteer: Gazetteer, digest: str) -> None:
        self.digest = digest
        self._typed: Finder | None = None           # for the words of queries, of all threads
        self._typing = threading.Lock()
        self._ours, self._gazetteer = ours, gazetteer
        by_geonames = {number: name for name, record in ours.records.items()
                       if (number := record.get("geonames")) is not None}
        absorbed: dict[str, list[int]] = {}
        self._place = list(gazetteer.ids)
        for row, name in enumerate(gazetteer.ids):
            owner = self._owner(row, by_geonames)
            if owner is not None:
                self._place[row] = owner
                absorbed.setdefault(owner, []).append(row)
            elif name in ours.records:
                self._place[row] = f"{name}-{gazetteer.geonames[row][0]}"
        self._plain: dict[str, list[str]] = {}
        self._inflected: dict[str, list[str]] = {}
        for name, keys in ours.keys.items():
            for key in (*keys.plain, *(item.key for item in keys.conditional)):
                self._plain.setdefault(key, []).append(name)
            for key in keys.inflected:
                self._inflected.setdefault(key, []).append(name)
        self.entities = _Entities(ours, gazetteer, self._place, absorbed, self._plain)
        self.surnames = Surnames({name: keys for name, keys in ours.keys.items() if keys.surname})

    @classmethod
    def load(cls, readers: Path | None = None, data: Path = authority.DATA) -> Names:
        """Our names (the files in `data`) with the reader's own (`readers`, a names file) merged over them.

        Raises NamesError with every problem of a names file.
        """
        paths = authority.files(data)
        with garbage.put_off():
            ours = compiled.load(paths, data / compiled.FILE)
            if ours is None:
                ours = compiled.compile_entries(read_all(paths), compiled.source_digest(paths))
            if readers is not None and readers.exists():
                ours = laid_over(ours, readers)
            return cls(ours, Gazetteer.load(), cls.digest_of(readers, data))

    @classmethod
    def digest_of(cls, readers: Path | None, data: Path = authority.DATA) -> str:
        """The digest that `load` gives them: of all files that they are made from."""
        ours = compiled.source_digest(authority.files(data))
        gazetteer = hashlib.blake2b(PATH.read_bytes(), digest_size=16).hexdigest()
        digest = hashlib.blake2b(f"{ours} {gazetteer}".encode(), digest_size=16)
        if readers is not None and readers.exists():
            digest.update(readers.read_bytes())
        return digest.hexdigest()

    def entity(self, name_id: str) -> Entity | None:
        """The entity of an id, or None: a surname, or an id that is not known."""
        return self.entities.get(name_id)

    def outline(self, name_id: str) -> Outline | None:
        """Type and label of an entity; None of an id that is not known."""
        return self.entities.outline(name_id)

    def names_of(self, form: str) -> tuple[str, ...]:
        """The name ids of one spelling, whatever its context; of a full name, the persons'."""
        key = form_key(form)
        found = [reading.name for reading in self.readings(key)]
        words = key.split(" ")
        for cut in range(1, len(words)):
            for surname in self.surnames.of(" ".join(words[cut:])):
                found += self.surnames.by_given(surname).get(" ".join(words[:cut]), ())
        return tuple(dict.fromkeys(found))

    def spellings(self, name_id: str) -> tuple[Spelling, ...]:
        """The listed spellings of a name: of an entity or a surname; none when the id is not known."""
        if name_id.startswith("surname/"):
            bearers = (self.entities[person] for person in self.surnames.bearers(name_id))
            return authority.unique(spelling for person in bearers for spelling in person.surname)
        entity = self.entity(name_id)
        return () if entity is None else entity.spellings

    def lookup(self, text: str) -> list[NameMatch]:
        """The names in a query's words: the longest matches, each with all its readings; guards hold here as well.

        Positions count the words and marks of `text`. Case does not matter, but for case-sensitive forms and for
        ordinary English words typed in lower case.
        """
        from index.analysis.vocabulary import Vocabulary  # both build on this module
        from index.names.finder import Finder

        with self._typing:
            if self._typed is None or len(self._typed.vocabulary) > TYPED_WORDS:
                self._typed = Finder(self, Vocabulary(), typed=True)
            return self._typed.find(self._typed.vocabulary.numbers(text))

    def readings(self, key: str) -> tuple[Reading, ...]:
        """All that a key may mean, in any context."""
        found = [self._reading(name, key) for name in self._plain.get(key, ())]
        row = self._gazetteer.forms.get(key)
        if row is not None and all(reading.case or reading.only_with for reading in found):
            found += [self._place_reading(row)] * (self._place[row] not in self._plain.get(key, ()))
        if not found:
            owners = self._inflected.get(key, ())
            found = [Reading(name, name if len(owners) == 1 else None, guards=self.guards(name), is_inflected=True,
                             is_adjectival=key.endswith(_ADJECTIVAL)) for name in owners]
        row = self._gazetteer.inflected.get(key)
        if row is not None and not found:
            found = [self._place_reading(row, is_inflected=True)]
        own = self.surnames.by_key.get(key)
        if own is not None or all(reading.is_inflected for reading in found):
            found += [Reading(name, None, is_inflected=name != own, is_surname=True)
                      for name in self.surnames.of(key)]
        return tuple(found)

    def overruled(self) -> Iterator[tuple[str, str, str]]:
        """The case forms that are not used, as another name's own form: (key, whose case form, whose own form)."""
        for key, names in self._inflected.items():
            row = self._gazetteer.forms.get(key)
            own = self._plain.get(key) or ([] if row is None else [self._place[row]])
            yield from ((key, name, own[0]) for name in names if own and name not in own)

    @cached_property
    def trie(self) -> Trie:
        """The keys of all forms; made when first asked for."""
        gazetteer = self._gazetteer
        more = dict.fromkeys(self._abbreviations(), DOTTED)
        for word in self._asked():
            more[word] = more.get(word, 0) | ASKED
        return Trie((gazetteer.forms, gazetteer.inflected, self._plain, self._inflected,
                     self.surnames.by_key, self.surnames.inflected), more)

    def _asked(self) -> set[str]:
        """The first words of the phrases beside which alone some form counts."""
        return {form_key(form).partition(" ")[0] for keys in self._ours.keys.values() for item in keys.conditional
                for form in item.only_with}

    def _abbreviations(self) -> frozenset[str]:
        """Normal forms that a dot follows inside a listed form: *St.* in *St. Petersburg*, *Censor* in *Censor.net*."""
        forms = (row[0] for record in self._ours.records.values() for row in record.get("names", ()) if "." in row[0])
        return frozenset(normal_form(word) for parts in map(tokens, forms)
                         for word, mark in pairwise(parts[:-1]) if mark == ".")

    def is_alone(self, person: str) -> bool:
        """Whether the bare surname is this person when no other bearer is named."""
        return bool(self._ours.records[person].get("surname_alone"))

    def _owner(self, row: int, by_geonames: Mapping[int, str]) -> str | None:
        """The entity of the names files that a gazetteer place is: by GeoNames id, else a town of the same id."""
        gazetteer = self._gazetteer
        for number in gazetteer.geonames[row]:
            if number in by_geonames:
                return by_geonames[number]
        record = self._ours.records.get(gazetteer.ids[row])
        if record is not None and "geonames" not in record and record.get("subtype") in _TOWNS:
            return gazetteer.ids[row]
        return None

    def _reading(self, name: str, key: str) -> Reading:
        keys = self._ours.keys[name]
        entity = None if key in keys.ambiguous else name
        for item in keys.conditional:
            if item.key == key:
                only = tuple(form_key(form) for form in item.only_with)
                return Reading(name, entity, item.case, only, self.guards(name, key), is_ambiguous=entity is None)
        return Reading(name, entity, guards=self.guards(name, key), is_ambiguous=entity is None)

    def _place_reading(self, row: int, is_inflected: bool = False) -> Reading:
        name = self._place[row]
        return Reading(name, name, guards=self.guards(name), is_gazetteer=name not in self._ours.records,
                       is_inflected=is_inflected)

    def guards(self, name: str, key: str | None = None) -> tuple[KeyGuard, ...]:
        """The guards of an entity that hold for a key; of None (a form that is not listed), all."""
        if "guards" not in self._ours.records.get(name, ()):
            return ()
        return tuple(KeyGuard.of(guard) for guard in self.entities[name].guards
                     if not guard.forms or key is None or key in map(form_key, guard.forms))
