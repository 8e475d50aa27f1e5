"""Phrases: the articles of a view in which clauses stand side by side.

For phrases of words in any form all words of a segment stand in one row, article after article, and a place is a number
in it. Words stand side by side at the places that their lists, each less its step, hold in common. Where a word stands
at very many places, these are kept as bits, in which places are looked up; two such words are an AND of shifted bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.ranges import expand
from index.segment import NAME_SIGN, TITLE_GAP, TITLE_WEIGHT, Segment
from search import kernels
from search.bits import BLOCK, NARROW, Bits, Numbers, count_set, held, ranks
from search.cache import Key
from search.generation import Generation, View
from search.limits import check_time
from search.plan import Clause
from search.postings import (
    NOTHING,
    Documents,
    Places,
    Postings,
    alive,
    clause_places,
    clause_postings,
    contains,
    follow,
    occurrences_of,
    weigh,
)

LISTED = 1 << 20
"""The places of a word are kept as a list when there are at most so many, else as bits."""
LOOKED_UP = 128
"""Bits of a word are made when more than one of this many of its own places is to be looked up."""
FEW = 4
"""Places are looked at one by one when there are fewer than one for so many articles."""
PART = 1 << 12
"""Articles whose places become bits together."""


def phrase_postings(generation: Generation, view: View, clauses: Sequence[Clause], title: bool) -> Postings:
    """The articles in which the clauses stand side by side, each counting as many times as they do."""
    words = [word for clause in clauses if (word := _word(clause)) is not None]
    if len(words) == len(clauses):
        terms = [view.segment.term(word) for word in words]
        return NOTHING if min(terms) < 0 else _Row(generation, view.segment).postings(view, terms, title)
    lists = [clause_postings(generation, view, clause, title) for clause in clauses]
    shared = min((postings.documents for postings in lists), key=len)
    for postings in sorted(lists, key=lambda postings: len(postings.documents)):
        shared = shared[contains(postings.documents, shared)]
    if not len(shared):
        return NOTHING
    found = clause_places(generation, view, clauses[0], shared)
    for clause in clauses[1:]:
        found = follow(found, clause_places(generation, view, clause, shared))
    return weigh(view, found, title)


def _word(clause: Clause) -> str | None:
    """The term of a clause that is one word in any form."""
    one = clause.alternatives[0]
    return one.term if len(clause.alternatives) == 1 and one.forms is None and one.term[:1] != NAME_SIGN else None


class _Row:
    """All words of a segment in one row: article d has the places from `starts[d]` to `starts[d + 1]`, the last of them
    nobody's, so that no phrase goes from one article to the next."""

    def __init__(self, generation: Generation, segment: Segment) -> None:
        self._cache, self._segment, self._generation = generation.cache, segment, generation
        self.starts: Numbers = self._cache.get(("starts", segment.name), self._starts, lambda starts: starts.nbytes)
        self._has_bits = int(self.starts[-1]) // 8 <= self._cache.limit // 4

    def _starts(self) -> Numbers:
        lengths, titles = self._segment["lengths"].astype(np.int64), self._segment["title_words"].astype(np.int64)
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths - (TITLE_WEIGHT - 1) * titles + (TITLE_GAP + 1), out=starts[1:])
        return starts.astype(np.int32) if starts[-1] < NARROW else starts

    def postings(self, view: View, terms: Sequence[int], title: bool) -> Postings:
        """The articles in which some words stand side by side; looked for from the rarest on."""
        steps = sorted(enumerate(terms), key=lambda step: self._count(step[1]))
        if self._has_bits and self._count(steps[0][1]) > LISTED:
            bits = held_by_all([(step, self._bits(term)) for step, term in steps])
            if count_set(bits) * FEW > view.docs:
                return self._counted(view, bits, title)
            places: Numbers = kernels.KERNELS.ones(bits)
        else:
            places = self._side_by_side(steps)
        documents = self.starts.searchsorted(places, "right") - 1
        starts = places - self.starts[documents]
        return weigh(view, Places(documents, starts, starts, starts), title)

    def _counted(self, view: View, bits: Bits, title: bool) -> Postings:
        """The articles of places given as bits, which are counted between the edges of articles."""
        below = ranks(bits).rank
        edges = below(self.starts)
        documents = np.flatnonzero(edges[1:] > edges[:-1])
        first = edges[documents]
        in_title = below(self.starts[documents] + self._segment["title_words"][documents].astype(np.int32)) - first
        if title:
            kept = np.flatnonzero(in_title)
            return alive(view, Postings(documents[kept], (in_title[kept] * TITLE_WEIGHT).astype(np.float32)))
        weights = edges[documents + 1] - first + (TITLE_WEIGHT - 1) * in_title
        return alive(view, Postings(documents, weights.astype(np.float32)))

    def _side_by_side(self, steps: Sequence[tuple[int, int]]) -> Numbers:
        """Where words begin to stand side by side, ascending, each given with its step."""
        step, term = steps[0]
        found = self._list(term) - step
        found = found[found.searchsorted(0) :]
        for step, term in steps[1:]:
            check_time()
            found = self._held(term, found + step) - step
        return found

    def _held(self, term: int, places: Numbers) -> Numbers:
        """Those of some places where a word stands."""
        count = self._count(term)
        if count <= LISTED:
            return common(places, self._list(term))
        if self._has_bits and (len(places) * LOOKED_UP > count or self._cache.find(self._bits_key(term)) is not None):
            return places[held(self._bits(term), places)]
        documents = self.starts.searchsorted(places, "right") - 1
        return common(places, self._some(term, documents[np.append(True, documents[1:] != documents[:-1])]
                                         if len(documents) else documents))

    def _count(self, term: int) -> int:
        """At how many places a word stands."""
        ends = self._segment["term_occ"]
        return int(ends[term + 1]) - int(ends[term])

    def _list(self, term: int) -> Numbers:
        """Every place of a word, ascending."""
        def make() -> Numbers:
            documents, occurrences = occurrences_of(self._generation, self._segment, term)
            places = np.repeat(self.starts[documents], np.diff(occurrences.start))
            places += occurrences.positions.astype(places.dtype)
            return places
        if self._count(term) > LISTED:
            return make()
        return self._cache.get(("places", self._segment.name, term), make, lambda places: places.nbytes + 200)

    def _some(self, term: int, within: Documents) -> Numbers:
        """The places of a word in some articles, ascending."""
        documents, occurrences = occurrences_of(self._generation, self._segment, term)
        chosen = documents.searchsorted(within)
        chosen[chosen == len(documents)] = 0
        kept = documents[chosen] == within
        chosen = chosen[kept]
        begin = occurrences.start[chosen]
        counts = occurrences.start[chosen + 1] - begin
        places = np.repeat(self.starts[within[kept]], counts)
        places += occurrences.positions[expand(begin, counts)].astype(places.dtype)
        return places

    def _bits_key(self, term: int) -> Key:
        return "bits of places", self._segment.name, term

    def _bits(self, term: int) -> Bits:
        """Every place of a word as a bit, the first of a word of 64 the lowest."""
        def make() -> Bits:
            documents, occurrences = self._segment.documents(term), self._segment.occurrences(term)
            bits = np.zeros((int(self.starts[-1]) // 64 + 1) * 8, np.uint8)
            for first in range(0, len(documents), PART):
                part = documents[first : first + PART]
                edges = occurrences.start[first : first + len(part) + 1]
                places = np.repeat(self.starts[part], np.diff(edges)) + occurrences.positions[edges[0] : edges[-1]]
                low = int(places[0]) >> 3
                mask = np.zeros(int(places[-1]) + 1 - low * 8, np.bool_)
                mask[places - low * 8] = True
                packed = np.packbits(mask, bitorder="little")
                bits[low : low + len(packed)] |= packed
            return bits.view("<u8")
        return self._cache.get(self._bits_key(term), make, lambda bits: bits.nbytes + 200)


def held_by_all(steps: Sequence[tuple[int, Bits]]) -> Bits:
    """A bit for each place p at which every bit p + step is set; all bits are of one length."""
    found = np.empty_like(steps[0][1])
    for start in range(0, len(found), BLOCK):
        check_time()
        block = _shifted(steps[0][1], start, steps[0][0])
        for step, bits in steps[1:]:
            block &= _shifted(bits, start, step)
        found[start : start + BLOCK] = block
    return found


def _shifted(bits: Bits, start: int, step: int) -> Bits:
    """A block of bits, each of them the one that stands `step` further on."""
    words, rest = divmod(step, 64)
    end = min(start + BLOCK, len(bits))
    here, beyond = bits[start + words : end + words], bits[start + words + 1 : end + words + 1]
    block = np.zeros(end - start, np.uint64)
    block[: len(here)] = here >> np.uint64(rest)
    if rest:
        block[: len(beyond)] |= beyond << np.uint64(64 - rest)
    return block


def common(few: Numbers, many: Numbers) -> Numbers:
    """The values of two ascending lists, none twice in either, that are in both."""
    if len(few) * 20 < len(many):
        return few[contains(many, few)]
    merged = np.concatenate([few, many])
    merged.sort(kind="stable")           # two ascending runs: merged in one pass
    again: Numbers = merged[1:][merged[1:] == merged[:-1]]
    return again
