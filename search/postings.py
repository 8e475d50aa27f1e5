"""Postings: a clause of a plan → the articles of one view and how much each is worth.

Everything here works on whole arrays. Articles are local numbers, ascending, int64, live ones only; weights are
float32 and count occurrences, those in the title TITLE_WEIGHT times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.ranges import expand
from index.segment import NAME_SIGN, TITLE_WEIGHT, Occurrences, Segment
from search.generation import Generation, View
from search.limits import check_time
from search.plan import Alternative, Clause

Documents = NDArray[np.int64]
_NAME = NAME_SIGN.encode()


@dataclass(frozen=True, slots=True)
class Postings:
    """Articles and weights, both shape (n,)."""

    documents: Documents
    weights: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        return self.documents.nbytes + self.weights.nbytes + 200


NOTHING = Postings(np.empty(0, np.int64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Places:
    """Occurrences, sorted by article and position: where each begins, the position after its end, its form.

    `forms` are ordinals of the printed forms of one term; of several terms joined they say nothing.
    """

    documents: Documents
    starts: NDArray[np.signedinteger[Any]]
    ends: NDArray[np.signedinteger[Any]]
    forms: NDArray[np.signedinteger[Any]]


def clause_postings(generation: Generation, view: View, clause: Clause, title: bool) -> Postings:
    """The articles of a clause: those of all its alternatives.

    Readings of one name stand at the same places, so the greatest weight counts; other alternatives are added up.
    """
    parts = [alternative_postings(generation, view, alternative, title) for alternative in clause.alternatives]
    if len(parts) == 1:
        return parts[0]
    if clause.name is not None:
        return union(parts, np.maximum)
    return union([part if alternative.weight == 1 else Postings(part.documents, part.weights * np.float32(
        alternative.weight)) for part, alternative in zip(parts, clause.alternatives, strict=True)])


def alternative_postings(generation: Generation, view: View, alternative: Alternative, title: bool) -> Postings:
    """The articles of one index term, held to its forms and to the title where asked."""
    check_time()
    key = ("postings", *view.key, alternative.term, alternative.forms, title)
    return generation.cache.get(key, lambda: _read(generation, view, alternative, title), lambda value: value.nbytes)


def _read(generation: Generation, view: View, alternative: Alternative, title: bool) -> Postings:
    segment = view.segment
    term = segment.term(alternative.term)
    if term < 0:
        return NOTHING
    if alternative.forms is not None:
        wanted = wanted_forms(segment, term, alternative.forms)
        if wanted is not None:
            return weigh(view, term_places(generation, view, term, wanted), title)
    documents = segment.documents(term)
    if title:
        posts, counts = segment.title_frequencies(term)
        found = Postings(documents[posts], counts.astype(np.float32) * np.float32(TITLE_WEIGHT))
    else:
        found = Postings(documents, segment.weights(term))
    return alive(view, found)


def alive(view: View, found: Postings) -> Postings:
    """Without the articles that are not live."""
    if view.live is None:
        return found
    keep = view.live[found.documents]
    return Postings(found.documents[keep], found.weights[keep])


def wanted_forms(segment: Segment, term: int, forms: frozenset[str]) -> NDArray[np.int64] | None:
    """The ordinals of the wanted forms of a term; None when that is all of them."""
    known = segment.forms(term)
    wanted = [ordinal for ordinal, form in enumerate(known) if form in forms]
    return None if len(wanted) == len(known) else np.array(wanted, np.int64)


def term_places(generation: Generation, view: View, term: int, wanted: NDArray[np.int64] | None = None,
                within: Documents | None = None) -> Places:
    """Every occurrence of a term; only of the wanted form ordinals, only in the articles `within` (sorted)."""
    segment = view.segment
    documents, occurrences = occurrences_of(generation, segment, term)
    start, end = occurrences.start[:-1], occurrences.start[1:]
    if within is not None:
        if len(within) * 20 < len(documents):
            at = documents.searchsorted(within)
            at[at == len(documents)] = 0
            chosen = at[documents[at] == within]
        else:
            chosen = np.flatnonzero(contains(within, documents))
        documents, start, end = documents[chosen], start[chosen], end[chosen]
    counts = end - start
    at = expand(start, counts)
    article, begin = np.repeat(documents, counts), occurrences.positions[at].astype(np.int64)
    forms = occurrences.forms[at].astype(np.int64) if occurrences.forms is not None else np.zeros(len(at), np.int64)
    if wanted is not None:
        keep = np.isin(forms, wanted)
        article, begin, forms = article[keep], begin[keep], forms[keep]
    if segment.term_text(term)[:1] != _NAME:
        return Places(article, begin, begin + 1, forms)
    lengths = np.array([form.count(" ") + 1 for form in segment.forms(term)], np.int64)
    return Places(article, begin, begin + lengths[forms], forms)


def occurrences_of(generation: Generation, segment: Segment, term: int) -> tuple[Documents, Occurrences]:
    """Articles and occurrences of a term; decoding them once is worth a place in the cache."""
    return generation.cache.get(
        ("occurrences", segment.name, term), lambda: (segment.documents(term), segment.occurrences(term)),
        lambda value: value[0].nbytes + value[1].start.nbytes + 200)


def weigh(view: View, places: Places, title: bool) -> Postings:
    """Occurrences → articles with weights."""
    in_title = places.starts < view.segment["title_words"][places.documents]
    documents, worth = places.documents, np.where(in_title, TITLE_WEIGHT, 1)
    if title:
        documents, worth = documents[in_title], worth[in_title]
    if not len(documents):
        return NOTHING
    first = np.flatnonzero(np.append(True, documents[1:] != documents[:-1]))
    return alive(view, Postings(documents[first], np.add.reduceat(worth, first).astype(np.float32)))


def union(parts: Sequence[Postings], together: np.ufunc = np.add) -> Postings:
    """All articles of several postings; `together` says what becomes of several weights of one article."""
    parts = [part for part in parts if len(part.documents)]
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    documents = np.concatenate([part.documents for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    order = np.argsort(documents, kind="stable")
    documents, weights = documents[order], weights[order]
    first = np.flatnonzero(np.append(True, documents[1:] != documents[:-1]))
    return Postings(documents[first], together.reduceat(weights, first))


def clause_places(generation: Generation, view: View, clause: Clause, within: Documents) -> Places:
    check_time()
    parts = []
    for alternative in clause.alternatives:
        term = view.segment.term(alternative.term)
        if term >= 0:
            wanted = None
            if alternative.forms is not None:
                wanted = wanted_forms(view.segment, term, alternative.forms)
            parts.append(term_places(generation, view, term, wanted, within))
    if len(parts) == 1:
        return parts[0]
    if not parts:
        nothing = np.empty(0, np.int64)
        return Places(nothing, nothing, nothing, nothing)
    documents, starts, ends, forms = (np.concatenate([getattr(part, name) for part in parts])
                                      for name in ("documents", "starts", "ends", "forms"))
    order = np.lexsort((ends, starts, documents))
    documents, starts, ends, forms = documents[order], starts[order], ends[order], forms[order]
    new = np.ones(len(order), np.bool_)         # readings of one name stand at the same places
    new[1:] = (documents[1:] != documents[:-1]) | (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    return Places(documents[new], starts[new], ends[new], forms[new])


def follow(left: Places, right: Places) -> Places:
    """Pairs in which `right` begins where `left` ends, as one longer occurrence each."""
    stride = np.int64(1 << 33)
    ends, begins = left.documents * stride + left.ends, right.documents * stride + right.starts
    low = begins.searchsorted(ends)
    if len(begins) and not (begins[1:] == begins[:-1]).any():        # words: one occurrence begins at a place
        low[low == len(begins)] = 0
        found = np.flatnonzero(begins[low] == ends)
        at = low[found]
        return Places(left.documents[found], left.starts[found], right.ends[at], right.forms[at])
    counts = begins.searchsorted(ends, "right") - low
    at = expand(low, counts)
    documents, starts = np.repeat(left.documents, counts), np.repeat(left.starts, counts)
    order = np.lexsort((right.ends[at], starts, documents))
    return Places(documents[order], starts[order], right.ends[at][order], right.forms[at][order])


def contains(sorted_values: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """For each of `values` whether it is among `sorted_values` (ascending)."""
    if not len(sorted_values):
        return np.zeros(len(values), np.bool_)
    at = sorted_values.searchsorted(values)
    at[at == len(sorted_values)] = 0
    found: NDArray[np.bool_] = sorted_values[at] == values
    return found


def within(some: NDArray[Any], documents: Documents) -> Documents:
    """The values of two ascending lists that are in both."""
    if len(some) < len(documents):
        values = some.astype(np.int64)
        return values[contains(documents, values)]
    return documents[contains(some, documents)]


def form_documents(generation: Generation, view: View, term_text: str) -> dict[str, Documents]:
    """For each printed form of a term that live articles print: these articles."""
    key = ("forms", *view.key, term_text)
    return generation.cache.get(key, lambda: _form_documents(view, term_text), _table_bytes)


def printed_forms(generation: Generation, view: View, alternative: Alternative) -> dict[str, Documents]:
    """For each printed form that an alternative stands for: the live articles that print it."""
    table = form_documents(generation, view, alternative.term)
    if alternative.forms is None:
        return table
    return {form: documents for form, documents in table.items() if form in alternative.forms}


def _table_bytes(table: dict[str, Documents]) -> int:
    return 200 + sum(len(form) + documents.nbytes + 200 for form, documents in table.items())


def _form_documents(view: View, term_text: str) -> dict[str, Documents]:
    segment = view.segment
    term = segment.term(term_text)
    if term < 0:
        return {}
    documents, occurrences = segment.documents(term), segment.occurrences(term)
    forms = segment.forms(term)
    if occurrences.forms is None:
        living = documents if view.live is None else documents[view.live[documents]]
        return {forms[0]: living} if len(living) else {}
    table = {form: _printing(view, documents, occurrences, ordinal) for ordinal, form in enumerate(forms)}
    return {form: printing for form, printing in table.items() if len(printing)}


def _printing(view: View, documents: Documents, occurrences: Occurrences, ordinal: int) -> Documents:
    assert occurrences.forms is not None
    at = np.flatnonzero(occurrences.forms == ordinal)
    posts = np.searchsorted(occurrences.start, at, side="right") - 1
    found = documents[posts[np.append(True, posts[1:] != posts[:-1])]] if len(posts) else documents[:0]
    return found if view.live is None else found[view.live[found]]
