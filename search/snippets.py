"""Snippets and reasons: where a hit matched, shown in the words of its own text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.analysis.analyzer import kept
from index.analysis.tokenizer import WORD
from index.article import Article
from index.segment import TITLE_GAP
from search.display import exact_key
from search.generation import Generation, View
from search.plan import AS_TYPED, SAME_NAME, SIMILAR, Clause, Side
from search.postings import Documents, Places, clause_places, follow, term_places, wanted_forms
from search.response import Matched, Piece

WORDS = 34
LEAD = 8
"""A snippet has about WORDS words, LEAD of them before the first match."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One match in an article: index positions, the clause, the printed form (exact form) and how it matched."""

    start: int
    end: int
    clause: Clause
    form: str
    how: str


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


def reasons(found: Sequence[Occurrence], label: Callable[[str], str]) -> tuple[Matched, ...]:
    """For every clause the spellings printed in the article, in the order first printed."""
    seen: dict[tuple[str, str], Matched] = {}
    for item in found:
        key = (item.clause.typed, item.form)
        if key not in seen:
            spelling = label(item.form) if item.how in (SAME_NAME, SIMILAR) else _as_word(item, label)
            seen[key] = Matched(item.clause.typed, spelling, item.clause.entity, item.how)
    return tuple(seen.values())


def _as_word(item: Occurrence, label: Callable[[str], str]) -> str:
    """As typed, if that is what is printed; a name by its label, another word as it is."""
    if item.clause.name is not None:
        return label(item.form)
    return item.clause.typed if item.how == AS_TYPED and item.clause.typed[-1] not in "*~" else item.form


def snippet(article: Article, found: Sequence[Occurrence], title_words: int, cuts: Sequence[tuple[int, int]]
            ) -> tuple[Piece, ...]:
    """The stretch of the text with the most different matches, these marked; the beginning if there is none.

    `cuts` are the stretches (start, end) of the text that are not in the index.
    """
    first = title_words + TITLE_GAP if title_words else 0
    inside = [item for item in found if item.start >= first]
    begin = _densest(inside) if inside else first
    window = max(first, begin - LEAD)
    words = _words(article.text, cuts, window - first)
    if not words:
        return ()
    last = window + len(words) - 1
    marked = [(words[item.start - window][0], words[min(item.end - 1, last) - window][1])
              for item in inside if window <= item.start <= last]
    return _pieces(article.text, words[0][0], words[-1][1], marked)


def _densest(found: Sequence[Occurrence]) -> int:
    """The position from which a window holds the most different forms and clauses, the first of equals."""
    best, most = found[0].start, 0
    for number, item in enumerate(found[:200]):
        inside = {(other.clause.typed, other.form) for other in found[number : number + WORDS]
                  if other.end <= item.start + WORDS - LEAD}
        if len(inside) > most:
            best, most = item.start, len(inside)
    return best


def _words(text: str, cuts: Sequence[tuple[int, int]], skip: int) -> list[tuple[int, int]]:
    """Offsets of WORDS indexed words of a text after the first `skip`; reads no further than it must."""
    found: list[tuple[int, int]] = []
    for begin, stop in kept(text, cuts):
        matches = WORD.finditer(text, begin, stop)
        for _ in islice(matches, skip):
            skip -= 1
        if not skip:
            found += [match.span() for match in islice(matches, WORDS - len(found))]
            if len(found) == WORDS:
                break
    return found


def _pieces(text: str, start: int, end: int, marked: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = start
    if start > 0:
        pieces.append(Piece("… "))
    for low, high in marked:
        if low < at or high > end:
            continue
        if low > at:
            pieces.append(Piece(text[at:low]))
        pieces.append(Piece(text[low:high], match=True))
        at = high
    tail = text[at : end + 1] if end < len(text) and text[end] in ".!?…" else text[at:end]
    if tail:
        pieces.append(Piece(tail))
    if end + 1 < len(text):
        pieces.append(Piece(" …"))
    return tuple(pieces)
