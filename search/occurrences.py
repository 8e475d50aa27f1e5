"""Occurrences: where in some articles of the embedded index the parts of a plan stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from search.display import exact_key
from search.engine import Occurrence
from search.generation import Generation, View
from search.plan import AS_TYPED, Clause, Side
from search.postings import Documents, Places, clause_places, follow, term_places, wanted_forms


def occurrences(generation: Generation, view: View, documents: Iterable[int], sides: Iterable[Side]
                ) -> dict[int, list[Occurrence]]:
    """Every match of the sides in each of some articles, by position. A term is looked up once for all of them."""
    within = np.unique(np.array(list(documents), np.int64))
    found: dict[int, list[Occurrence]] = {document: [] for document in within.tolist()}
    titles = dict(zip(found, view.segment["title_words"][within].tolist(), strict=True))
    for side in sides:
        phrases = _phrases(generation, view, side, within)
        for clause in side.clauses:
            for document, item in _of_clause(generation, view, clause, within):
                if (phrases is None or _is_inside(item, phrases[document])) and (
                        not side.title or item.start < titles[document]):
                    found[document].append(item)
    return {document: sorted(items, key=lambda item: (item.start, -item.end)) for document, items in found.items()}


def _phrases(generation: Generation, view: View, side: Side, within: Documents
             ) -> dict[int, list[tuple[int, int]]] | None:
    """Where a phrase begins and ends in each article; None for a single clause."""
    if len(side.clauses) < 2:
        return None
    places = clause_places(generation, view, side.clauses[0], within)
    for clause in side.clauses[1:]:
        places = follow(places, clause_places(generation, view, clause, within))
    found: dict[int, list[tuple[int, int]]] = {document: [] for document in within.tolist()}
    for document, start, end in _rows(places):
        found[document].append((start, end))
    return found


def _is_inside(item: Occurrence, phrases: Iterable[tuple[int, int]]) -> bool:
    return any(start <= item.start and item.end <= end for start, end in phrases)


def _of_clause(generation: Generation, view: View, clause: Clause, within: Documents
               ) -> Iterator[tuple[int, Occurrence]]:
    """Each match of a clause with its article."""
    typed = exact_key(clause.typed)
    for alternative in clause.alternatives:
        term = view.segment.term(alternative.term)
        if term < 0:
            continue
        wanted = wanted_forms(view.segment, term, alternative.forms) if alternative.forms is not None else None
        places = term_places(generation, view, term, wanted, within)
        ordinals, first = places.forms.tolist(), int(view.segment["term_form"][term])
        forms = {ordinal: view.segment.form_text(first + ordinal).decode() for ordinal in set(ordinals)}
        for (document, start, end), ordinal in zip(_rows(places), ordinals, strict=True):
            form = forms[ordinal]
            yield document, Occurrence(start, end, clause, form, AS_TYPED if form == typed else alternative.how)


def _rows(places: Places) -> Iterator[tuple[int, int, int]]:
    """Article, start and end of each."""
    return zip(places.documents.tolist(), places.starts.tolist(), places.ends.tolist(), strict=True)
