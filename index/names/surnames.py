"""Surnames: the spellings of one surname, whoever bears it, and the full names that are made with it.

Two persons whose surnames share a spelling bear one surname (*Zelensky*, *Zelenskyy* …): the classes of the relation
"shares a spelling with", found by union-find. Its id is made from the first bearer's first spelling.

A full name is any form of a bearer's given name with any form of the surname. Given names that the bearer's entry does
not list, but which stand in one set with a listed one (given-names.yml), count for the bearers that no other's own
given name claims.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from index.names import given
from index.names.compiled import Keys
from index.names.folding import clean


class Surnames:
    """Surname ids by key, and their bearers."""

    def __init__(self, persons: Mapping[str, Keys]) -> None:
        """`persons`: the keys of all persons with a surname, by id, in the order of the files."""
        classes = _classes(persons)
        self._persons = persons
        self._bearers: dict[str, list[str]] = {}
        self._by_given: dict[str, dict[str, tuple[str, ...]]] = {}
        self.by_key: dict[str, str] = {}
        self.inflected: dict[str, tuple[str, ...]] = {}
        ids: dict[str, str] = {}
        for person, keys in persons.items():
            name = ids.setdefault(classes[keys.surname[0]], surname_id(keys.surname[0]))
            self._bearers.setdefault(name, []).append(person)
            self.by_key |= dict.fromkeys(keys.surname, name)
        for keys in persons.values():
            name = self.by_key[keys.surname[0]]
            for key in keys.surname_inflected:
                if name not in self.inflected.get(key, ()):
                    self.inflected[key] = (*self.inflected.get(key, ()), name)

    def of(self, key: str) -> tuple[str, ...]:
        """The surname ids of a key: its own first, then those it is a case form of (*Путина* is a woman's surname and
        the genitive of a man's)."""
        own = self.by_key.get(key)
        cases = self.inflected.get(key, ())
        return cases if own is None else (own, *(name for name in cases if name != own))

    def bearers(self, name: str) -> tuple[str, ...]:
        """The known persons of a surname id, in the order of the files."""
        return tuple(self._bearers.get(name, ()))

    def by_given(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """For a surname id: given-name key (any known form or case form) → the bearers who have it.

        A hyphen and the last word of a given name of several words (`-yeol`) lead to nobody: they tell of one.
        """
        found = self._by_given.get(name)
        if found is None:
            found = self._by_given[name] = self._given_names(name)
        return found

    def _given_names(self, name: str) -> dict[str, tuple[str, ...]]:
        own: dict[str, list[str]] = {}
        akin: dict[str, list[str]] = {}
        for person in self.bearers(name):
            for key in self._persons[person].given:
                own.setdefault(key, []).append(person)
                for other in given.equivalents(key):
                    if person not in akin.setdefault(other, []):
                        akin[other].append(person)
        found = {key: tuple(persons) for key, persons in {**akin, **own}.items()}
        return {f"-{key.rpartition(' ')[2]}": () for key in found if " " in key} | found


def surname_id(key: str) -> str:
    """The id of a surname from one of its keys."""
    return "surname/" + "-".join(re.findall("[a-z0-9]+", clean(key)))


def _classes(persons: Mapping[str, Keys]) -> dict[str, str]:
    """Surname key → the key that stands for its class."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for keys in persons.values():
        for key in keys.surname:
            parent.setdefault(key, key)
            parent[root(key)] = root(keys.surname[0])
    return {key: root(key) for key in parent}
