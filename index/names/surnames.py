"""Surnames: the spellings of one surname, whoever bears it.

Two persons whose surnames share a spelling bear one surname (*Zelensky*, *Zelenskyy* …): the classes of the relation
"shares a spelling with", found by union-find. Its id is made from the first bearer's first spelling.
"""

from __future__ import annotations

from collections.abc import Mapping

from index.names.compiled import Keys


class Surnames:
    """Surname ids by key, and their bearers."""

    def __init__(self, persons: Mapping[str, Keys]) -> None:
        """`persons`: the keys of all persons with a surname, by id, in the order of the files."""
        parent: dict[str, str] = {}

        def root(key: str) -> str:
            while parent[key] != key:
                parent[key] = key = parent[parent[key]]
            return key

        for keys in persons.values():
            for key in keys.surname:
                parent.setdefault(key, key)
                first, second = root(keys.surname[0]), root(key)
                parent[second] = first
        self.by_key: dict[str, str] = {}
        self._bearers: dict[str, list[str]] = {}
        self._ids: dict[str, str] = {}
        for person, keys in persons.items():
            group = root(keys.surname[0])
            name = self._ids.setdefault(group, "surname/" + keys.surname[0].replace(" ", "-"))
            self._bearers.setdefault(name, []).append(person)
            self.by_key |= dict.fromkeys(keys.surname, name)
        self.inflected: dict[str, str] = {}
        for keys in persons.values():
            for key in keys.surname_inflected:
                if key not in self.by_key:
                    self.inflected.setdefault(key, self.by_key[keys.surname[0]])
        self.by_key = {**self.inflected, **self.by_key}

    def bearers(self, name: str) -> tuple[str, ...]:
        """The known persons of a surname id, in the order of the files."""
        return tuple(self._bearers.get(name, ()))
