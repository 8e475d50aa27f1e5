"""Spellings: which printed forms of the names asked for an answer counts, and how each is written. Knows no engine."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from index.analysis.normal import normal_form
from index.names.registry import Names
from index.segment import NAME_SIGN
from index.similar import may_be_name
from search.display import Display, capitalised, exact_key
from search.plan import SAME_NAME, Alternative, Plan, Side, is_exact, plan, sides
from search.request import Match, SearchRequest


class AskedSpellings:
    """The names of one request, in words or as filters, whose printed forms are counted."""

    def __init__(self, plan: Plan, request: SearchRequest, names: Names, display: Display) -> None:
        self._plan, self._names, self._display = plan, names, display
        asked = [alternative for clause in plan.spelt_variously for alternative in clause.alternatives]
        asked += [Alternative(NAME_SIGN + entity, SAME_NAME) for entity in request.filters.entities]
        self.alternatives: tuple[Alternative, ...] = tuple(dict.fromkeys(asked))
        """What is counted by printed form."""
        self._labels: dict[str, str] = {}        # exact form → as printed
        for alternative in self.alternatives:
            if alternative.term.startswith(NAME_SIGN):
                self._labels |= display.spellings(alternative.term.removeprefix(NAME_SIGN))

    def label(self, form: str) -> str:
        """An exact form as the names asked for print it."""
        return self._labels.get(form) or capitalised(form)

    def exact(self, known: Container[str]) -> list[tuple[str, Side]]:
        """What was asked for in exactly one spelling, where it is a name or may be one: its form, and what prints it.

        `known`: the forms that are counted already.
        """
        found = []
        for side in filter(is_exact, sides(self._plan.root, {})):
            typed = " ".join(clause.typed for clause in side.clauses)
            form = exact_key(typed)
            if form in known or not self._may_be_name(typed):
                continue
            self._labels.setdefault(form, self._name_label(typed, form))
            found.append((form, replace(side, title=False)))
        return found

    def as_words(self, spelling: str) -> Side | None:
        """What matches the articles that print a spelling, be it a name or not; None if there is no word in it."""
        asked = plan('="' + spelling.replace('"', " ") + '"', Match.EXACT, self._names, lambda _: ())
        return asked.root if isinstance(asked.root, Side) else None

    def _may_be_name(self, text: str) -> bool:
        return bool(self._names.lookup(text)) or all(may_be_name(normal_form(word)) for word in text.split())

    def _name_label(self, typed: str, form: str) -> str:
        """A spelling as a names file writes it, else as typed."""
        names = self._names.names_of(typed)
        return next((found for name in names if (found := self._display.spellings(name).get(form))), typed)
