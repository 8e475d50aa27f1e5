"""Occurrences: where in one article of the cluster the parts of a plan stand, read from its stored streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from index.names.model import NameMatch
from index.opensearch import mapping as m
from index.segment import NAME_SIGN, TITLE_GAP
from search.display import exact_key
from search.engine import Occurrence
from search.plan import AS_TYPED, Clause, Side


class Text:
    """The words of one article and the names in it, at index positions."""

    def __init__(self, document: Mapping[str, Any], title_words: int, names: Sequence[NameMatch]) -> None:
        self._terms, self._forms = (
            [token for part in document.get(field, ()) for token in part.split(" ")] for field in (m.WORDS, m.PRINTED))
        self._title, self._names = title_words, names

    def occurrences(self, sides: Iterable[Side]) -> list[Occurrence]:
        """Every match of the sides, by position."""
        found: list[Occurrence] = []
        for side in sides:
            each = [self._clause(clause) for clause in side.clauses]
            if len(each) > 1:
                whole = _side_by_side(each)
                each = [[item for item in part if any(start <= item.start and item.end <= end for start, end in whole)]
                        for part in each]
            found += [item for part in each for item in part if not side.title or item.start < self._title]
        return sorted(found, key=lambda item: (item.start, -item.end))

    def _clause(self, clause: Clause) -> list[Occurrence]:
        typed = exact_key(clause.typed)
        found: list[Occurrence] = []
        for alternative in clause.alternatives:
            if alternative.term.startswith(NAME_SIGN):
                name = alternative.term.removeprefix(NAME_SIGN)
                places = [(match.start, match.end, match.spelling) for match in self._names if match.name == name]
            else:
                places = list(self._words(alternative.term, alternative.forms))
            found += [Occurrence(start, end, clause, form, AS_TYPED if form == typed else alternative.how)
                      for start, end, form in places]
        return found

    def _words(self, term: str, forms: frozenset[str] | None) -> Iterable[tuple[int, int, str]]:
        wanted = {m.token(form): form for form in forms} if forms is not None else None
        asked = m.token(term)
        for number, (here, printed) in enumerate(zip(self._terms, self._forms, strict=True)):
            if here == asked and (wanted is None or printed in wanted):
                start = number + (TITLE_GAP if 0 < self._title <= number else 0)
                yield start, start + 1, wanted[printed] if wanted is not None else printed


def _side_by_side(each: Sequence[Sequence[Occurrence]]) -> set[tuple[int, int]]:
    """Where a phrase stands, as (start, end): an occurrence of each part, each beginning where the one before ends."""
    whole = {(item.start, item.end) for item in each[0]}
    for part in each[1:]:
        begin: dict[int, list[int]] = {}
        for item in part:
            begin.setdefault(item.start, []).append(item.end)
        whole = {(start, last) for start, end in whole for last in begin.get(end, ())}
    return whole
