"""TermTable: the terms and printed forms of one segment in their order, and where the words and names of it stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segment_writer import Foldings
from index.similar import NameLikeWords
from index.strings import Strings
from index.word_terms import WordTerms


class NameTerms:
    """Name terms and their printed forms, numbered as they come."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._forms: list[dict[str, int]] = []

    def form(self, term: str, form: str) -> tuple[int, int]:
        """The numbers of a term and of one of its forms within it; new ones are added."""
        number = self._terms.get(term)
        if number is None:
            number = self._terms[term] = len(self._forms)
            self._forms.append({})
        forms = self._forms[number]
        ordinal = forms.get(form)
        if ordinal is None:
            ordinal = forms[form] = len(forms)
        return number, ordinal

    def texts(self) -> tuple[Strings, Strings, NDArray[np.int64]]:
        """The terms, their forms term after term, and the term of each form."""
        return (Strings.of([term.encode() for term in self._terms]),
                Strings.of([form.encode() for forms in self._forms for form in forms]),
                np.repeat(np.arange(len(self._forms)), np.array([len(forms) for forms in self._forms], np.int64)))


@dataclass(frozen=True, slots=True)
class TermTable:
    """Terms in order of their bytes; of each its forms, a word's in order of the words' numbers, a name's as they came.
    """

    texts: Strings
    forms: Strings                   # term after term
    form_counts: NDArray[np.int64]   # (terms,)
    of_words: NDArray[np.int32]      # vocabulary number → term
    ordinals: NDArray[np.int32]      # vocabulary number → form, counted within its term
    of_names: NDArray[np.int32]      # number of a name term → term
    _words: WordTerms
    _places: NDArray[np.int64]       # number of a word's form → its place among all forms

    @classmethod
    def of(cls, words: WordTerms, used: NDArray[np.int64], names: NameTerms) -> TermTable:
        """The table of some words (vocabulary numbers, ascending) and of names."""
        words.extend()
        forms, first = np.unique(words.form_of[used], return_index=True)
        forms = forms[np.argsort(first)]
        terms, owner = np.unique(words.term_of[forms], return_inverse=True)
        name_texts, name_forms, name_owner = names.texts()
        texts = Strings.joined([words.term_texts(terms), name_texts])
        order, _ = texts.order()
        rank = _inverse(order)
        owner = rank[np.concatenate([owner, name_owner + len(terms)])]
        counts = np.bincount(owner, minlength=len(order))
        owner, form_order = in_order(owner)
        place = _inverse(form_order)
        places = np.zeros(len(words.form_of), np.int64)
        places[forms] = place[: len(forms)]
        of_words, ordinals = np.zeros(len(words.form_of), np.int32), np.zeros(len(words.form_of), np.int32)
        own = places[words.form_of[used]]
        of_words[used] = owner[own]
        ordinals[used] = own - (np.cumsum(counts) - counts)[owner[own]]
        return cls(texts.take(order), Strings.joined([words.form_texts(forms), name_forms]).take(form_order), counts,
                   of_words, ordinals, rank[len(terms) :].astype(np.int32), words, places)

    def foldings(self, name_like: NameLikeWords, used: NDArray[np.int64]) -> Foldings:
        """The folding keys of those of the words used that may be names, as rows of the segment."""
        forms, keys = name_like.of(np.unique(self._words.form_of[name_like.capitals(used)]))
        return Foldings(keys, self._places[forms])


def in_order(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers (of 31 bits) sorted, and the places where they stood, equal ones in turn.

    As `np.argsort(numbers, kind="stable")`; to sort both in one number of 64 bits takes a fifth of its time.
    """
    both = numbers.astype(np.int64) << 32
    both |= np.arange(len(both))
    both.sort()
    places = both & 0xFFFFFFFF
    both >>= 32
    return both, places


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank
