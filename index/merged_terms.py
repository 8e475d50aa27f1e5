"""Merged terms: the terms and printed forms of several segments as those of one, and its rows of folding keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.segment import Segment
from index.segment_writer import Foldings
from index.strings import Strings
from index.term_table import in_order

LEXICON = 1_000_000
"""Terms merged at a time (about 80 bytes each), if they are of more than two segments."""


def merged_lexicon(lexicons: Sequence[Strings]) -> tuple[Strings, list[NDArray[np.int32]]]:
    """All terms in order, and for each segment the place of its terms among them."""
    places: list[NDArray[np.int32]] = [np.arange(len(lexicon), dtype=np.int32) for lexicon in lexicons]
    members = [[number] for number in range(len(lexicons))]         # of each lexicon as merged so far
    while len(lexicons) > 1:
        merged, together = [], []
        for group in _groups([len(lexicon) for lexicon in lexicons]):
            terms, moved = _union([lexicons[at] for at in group])
            for at, to in zip(group, moved, strict=True):
                for member in members[at]:
                    places[member] = to[places[member]]
            merged.append(terms)
            together.append([member for at in group for member in members[at]])
        lexicons, members = merged, together
    return lexicons[0], places


def _groups(sizes: Sequence[int]) -> list[list[int]]:
    """Neighbours, at least two of them and as many more as stay within LEXICON; one may be left over at the end."""
    groups: list[list[int]] = [[]]
    held = 0
    for at, size in enumerate(sizes):
        if len(groups[-1]) > 1 and held + size > LEXICON:
            groups.append([])
            held = 0
        groups[-1].append(at)
        held += size
    return groups


def _union(lexicons: Sequence[Strings]) -> tuple[Strings, list[NDArray[np.int32]]]:
    every = Strings.joined(lexicons)
    order, new = every.order()
    place = np.empty(len(order), np.int32)
    place[order] = np.cumsum(new, dtype=np.int32) - np.int32(1)
    return every.take(order[new]), np.split(place, np.cumsum([len(lexicon) for lexicon in lexicons])[:-1])


@dataclass(frozen=True, slots=True)
class MergedForms:
    """The printed forms of a run of terms, equal ones of one term made one: numbered term after term, in a term as they
    first come, segment after segment. Those not `used` in the end are left out.
    """

    numbers: list[NDArray[np.int32]]        # of each segment's forms of these terms
    starts: list[int]                       # the first form of these terms in each segment
    used: NDArray[np.bool_]                 # (forms,) to be filled in
    _counts: NDArray[np.int64]              # (terms,)
    _every: Strings
    _first: NDArray[np.int64]               # (forms,) where in `_every` each first stands

    @classmethod
    def of(cls, parts: Sequence[tuple[Segment, int, int, NDArray[np.int32]]], count: int) -> MergedForms:
        """Of each segment the terms from one to another (not included), and which of so many merged terms each is."""
        texts, terms, starts = [], [], []
        for segment, first, last, places in parts:
            edges = segment["term_form"][first : last + 1].astype(np.int64)
            texts.append(Strings(segment["forms"], segment["form_text"][edges[0] : edges[-1] + 1].astype(np.int64)))
            terms.append(np.repeat(places, np.diff(edges)))
            starts.append(int(edges[0]))
        every, term = Strings.joined(texts), np.concatenate(terms)
        order, new = every.order(term)
        first_of, coming = in_order(order[new])             # by where they first come
        term_of, coming_by_term = in_order(term[first_of])
        number = np.empty(len(coming), np.int32)
        number[coming[coming_by_term]] = np.arange(len(coming), dtype=np.int32)
        numbers = np.empty(len(order), np.int32)
        numbers[order] = number[np.cumsum(new) - 1]
        return cls(np.split(numbers, np.cumsum([len(some) for some in texts])[:-1]), starts,
                   np.zeros(len(coming), np.bool_), np.bincount(term_of, minlength=count), every,
                   first_of[coming_by_term])

    def texts(self) -> Strings:
        """The forms in use."""
        return self._every.take(self._first[self.used])

    def in_use(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """How many forms in use each term has; and of each form its number among those (meaningless of the others)."""
        before = np.zeros(len(self.used) + 1, np.int32)
        np.cumsum(self.used, out=before[1:])
        starts = before[np.cumsum(self._counts) - self._counts]
        return np.diff(np.append(starts, before[-1])), before[1:] - np.repeat(starts + np.int32(1), self._counts)


class MergedFoldings:
    """The rows of folding keys of several segments, one run of terms after the other."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._rows: list[tuple[NDArray[np.int32], NDArray[np.uint64]]] = []      # form and key, by form
        for segment in segments:
            forms, order = in_order(segment["folding_forms"])
            self._rows.append((forms.astype(np.int32), segment["folding_keys"][order]))
        self._found: list[Foldings] = []
        self._forms = 0

    def add(self, forms: MergedForms) -> None:
        """Take the rows of a run's forms in use."""
        final = np.cumsum(forms.used) - 1 + self._forms
        keys, numbers = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        for (own, hashes), start, merged in zip(self._rows, forms.starts, forms.numbers, strict=True):
            low, high = np.searchsorted(own, (start, start + len(merged))).tolist()
            number = merged[own[low:high] - start]
            used = forms.used[number]
            keys.append(hashes[low:high][used])
            numbers.append(final[number[used]])
        every, number = np.concatenate(keys), np.concatenate(numbers)
        order = np.lexsort((every, number))
        every, number = every[order], number[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (every[1:] != every[:-1]) | (number[1:] != number[:-1])
        self._found.append(Foldings(every[new], number[new]))
        self._forms += int(np.count_nonzero(forms.used))

    def rows(self) -> Foldings:
        """All rows taken."""
        return Foldings(np.concatenate([np.zeros(0, np.uint64), *(some.keys for some in self._found)]),
                        np.concatenate([np.zeros(0, np.int64), *(some.forms for some in self._found)]))
