"""Occurrences: where in one article of the embedded index the parts of a plan stand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from search.display import exact_key
from search.engine import Occurrence
from search.generation import Generation, View
from search.plan import AS_TYPED, Clause, Side
from search.postings import Documents, Places, clause_places, follow, term_places, wanted_forms


def occurrences(generation: Generation, view: View, document: int, sides: Iterable[Side]) -> list[Occurrence]:
    """Every match of the sides in one article, by position."""
    within = np.array([document], np.int64)
    title = int(view.segment["title_words"][document])
    found: list[Occurrence] = []
    for side in sides:
        places = _side_places(generation, view, side, within)
        for clause in side.clauses:
            here = _clause_occurrences(generation, view, clause, within)
            if places is not None:
                here = [item for item in here if _inside(item, places)]
            found += [item for item in here if not side.title or item.start < title]
    return sorted(found, key=lambda item: (item.start, -item.end))


def _side_places(generation: Generation, view: View, side: Side, within: Documents) -> Places | None:
    """Where a phrase stands; None for a single clause."""
    if len(side.clauses) < 2:
        return None
    places = clause_places(generation, view, side.clauses[0], within)
    for clause in side.clauses[1:]:
        places = follow(places, clause_places(generation, view, clause, within))
    return places


def _inside(item: Occurrence, places: Places) -> bool:
    return bool(np.any((places.starts <= item.start) & (item.end <= places.ends)))


def _clause_occurrences(generation: Generation, view: View, clause: Clause, within: Documents) -> list[Occurrence]:
    typed = exact_key(clause.typed)
    found = []
    for alternative in clause.alternatives:
        term = view.segment.term(alternative.term)
        if term < 0:
            continue
        wanted = wanted_forms(view.segment, term, alternative.forms) if alternative.forms is not None else None
        places = term_places(generation, view, term, wanted, within)
        first = int(view.segment["term_form"][term])
        for start, end, ordinal in zip(
                places.starts.tolist(), places.ends.tolist(), places.forms.tolist(), strict=True):
            form = view.segment.form_text(first + ordinal).decode()
            found.append(Occurrence(start, end, clause, form, AS_TYPED if form == typed else alternative.how))
    return found
