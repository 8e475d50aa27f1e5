"""Display: how entities and spellings are printed to a reader: by the names in use, else as the index has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from index.analysis.normal import exact_form
from index.analysis.tokenizer import is_word, tokens
from index.names.registry import Names
from search.response import EntityRef


def exact_key(text: str) -> str:
    """The exact form of a spelling of one or more words: what postings carry."""
    return " ".join(exact_form(token) for token in tokens(text) if is_word(token))


class Display:
    """Labels for one set of names and one published state."""

    def __init__(self, names: Names, indexed: Callable[[str], str | None]) -> None:
        """`indexed`: the label that the index has of an entity."""
        self._names, self._indexed = names, indexed
        self._references: dict[str, EntityRef] = {}
        self._labels: dict[str, str] = {}
        self._spellings: dict[str, dict[str, str]] = {}

    def entity(self, id: str) -> str:
        """The label of an entity."""
        found = self._labels.get(id)
        if found is None:
            known = self._names.entity(id)
            label = known.label if known is not None else self._indexed(id)
            found = self._labels[id] = label if label is not None else id.partition("/")[2]
        return found

    def reference(self, id: str) -> EntityRef:
        """An entity as hits carry it."""
        found = self._references.get(id)
        if found is None:
            found = self._references[id] = EntityRef(id, self.entity(id), id.partition("/")[0])
        return found

    def spellings(self, name: str) -> Mapping[str, str]:
        """Exact form → spelling as the names files write it, for one name."""
        found = self._spellings.get(name)
        if found is None:
            found = self._spellings[name] = {
                exact_key(spelling.form): spelling.form for spelling in self._names.spellings(name)}
        return found


def capitalised(form: str) -> str:
    """An exact form with capitals, for a spelling that no names file lists."""
    return " ".join(word[:1].upper() + word[1:] for word in form.split(" "))
