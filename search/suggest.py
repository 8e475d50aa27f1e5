"""Suggestions: entities of the index found by the beginning, or a part, of any of their spellings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from index.analysis.normal import normal_form
from index.analysis.tokenizer import is_word, tokens
from index.names.registry import Names
from search.engine import Published


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entity that a half-typed text may mean: the spelling that fits, the entity, and its articles."""

    text: str
    entity: str | None
    label: str
    type: str
    articles: int


def key_of(text: str) -> str:
    """A text as it is compared: normal forms joined by spaces."""
    return " ".join(normal_form(token) for token in tokens(text) if is_word(token))


class Suggester:
    """Looks up the entities of one published state by part of a name. Its table is made when first asked."""

    def __init__(self, names: Names, published: Published, label: Callable[[str], str]) -> None:
        self._names, self._published, self._label = names, published, label
        self._keyed: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def of(self, published: Published, label: Callable[[str], str]) -> Suggester:
        """The same for another published state; what depends on the names alone is not made again."""
        other = Suggester(self._names, published, label)
        other._keyed = self._keyed
        return other

    def _keys(self, id: str) -> list[tuple[str, str]]:
        """(comparison key, spelling) of an entity's label and of its spellings, each spelling once."""
        label = self._label(id)
        found = self._keyed.get((id, label))
        if found is None:
            forms = dict.fromkeys((label, *(spelling.form for spelling in self._names.spellings(id))))
            found = self._keyed[id, label] = [(key_of(form), form) for form in forms]
        return found

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, int]]:
        """(comparison key, spelling, entity id, articles), the most mentioned entities first."""
        rows = []
        for id, articles in self._published.entity_counts():
            rows += [(key, form, id, articles) for key, form in self._keys(id)]
        return rows

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """At most `limit` entities one of whose words begins as `text` does, the most mentioned first."""
        wanted = key_of(text)
        found: dict[str, Suggestion] = {}
        if not wanted:
            return []
        for key, form, id, count in self._rows:
            if id not in found and (key.startswith(wanted) or f" {wanted}" in key):
                found[id] = Suggestion(form, id, self._label(id), id.partition("/")[0], count)
                if len(found) == limit:
                    break
        return list(found.values())

    def holding(self, text: str) -> Callable[[str], bool]:
        """A test of facet values: entity ids one of whose spellings holds `text`, other values that hold it."""
        wanted = key_of(text)
        entities = {id for key, _, id, _ in self._rows if wanted in key} if wanted else set()
        return lambda value: value in entities or (bool(wanted) and wanted in key_of(value))
