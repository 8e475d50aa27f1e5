"""WordTerms: of each word of a vocabulary its index term and what stands for it, worked out once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import word_term
from index.analysis.vocabulary import Vocabulary
from index.stories.sketch import word_hash
from index.strings import Strings


class WordTerms:
    """Terms, their hashes, and forms as numbers, for every word up to the last `extend`.

    Words of one form are stemmed once, and a term is hashed once: with capitals and endings most words have a form or
    a term that another had before.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._forms: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._terms: list[str] = []                 # by the number of the first word that has each; empty elsewhere
        self._form_of, self._term_of = np.zeros(0, np.int32), np.zeros(0, np.int32)
        self._hashes = np.zeros(0, np.uint64)
        self._form_texts = self._term_texts = Strings.of([])

    def extend(self) -> None:
        """Take in the words that the vocabulary has gained."""
        vocabulary, first, total = self._vocabulary, len(self._terms), len(self._vocabulary)
        if first == total:
            return
        numbers = list(map(vocabulary.__getitem__, vocabulary.printed[first:]))     # the objects that are there already
        form_of = np.array(list(map(self._forms.setdefault, vocabulary.exact[first:], numbers)), np.int32)
        places = np.flatnonzero(form_of == np.arange(first, total)).tolist()        # words of a new form
        normal = vocabulary.normal[first:]
        terms = [word_term(normal[place]) if normal[place] else "" for place in places]
        fresh = [numbers[place] for place in places]
        owners = list(map(self._numbers.setdefault, terms, fresh))
        new = [(number, term) for number, owner, term in zip(fresh, owners, terms, strict=True) if owner == number]
        self._terms += [""] * (total - first)
        for number, term in new:
            self._terms[number] = term
        self._make_room(total)
        self._form_of[first:total] = form_of
        self._term_of[fresh] = owners
        self._term_of[first:total] = self._term_of[form_of]
        self._hashes[[number for number, _ in new]] = [word_hash(term) if term else 0 for _, term in new]
        self._hashes[first:total] = self._hashes[self._term_of[first:total]]

    def _make_room(self, size: int) -> None:
        for name in ("_form_of", "_term_of", "_hashes"):
            column = getattr(self, name)
            if size > len(column):
                setattr(self, name, np.concatenate([column, np.zeros(2 * size - len(column), column.dtype)]))

    @property
    def form_of(self) -> NDArray[np.int32]:
        """Vocabulary number → the first that has the same form."""
        return self._form_of[: len(self._terms)]

    @property
    def term_of(self) -> NDArray[np.int32]:
        """Vocabulary number → the first that has the same term."""
        return self._term_of[: len(self._terms)]

    def hashes(self) -> NDArray[np.uint64]:
        """The hash of the term of every word; 0 for a mark."""
        self.extend()
        return self._hashes[: len(self._terms)]

    def form_texts(self, numbers: NDArray[np.int32]) -> Strings:
        """The bytes of the forms of words."""
        self._form_texts = _grown(self._form_texts, self._vocabulary.exact)
        return self._form_texts.take(numbers)

    def term_texts(self, numbers: NDArray[np.int32]) -> Strings:
        """The bytes of the terms of words, each the first that has it."""
        self._term_texts = _grown(self._term_texts, self._terms)
        return self._term_texts.take(numbers)


def _grown(known: Strings, texts: Sequence[str]) -> Strings:
    """The bytes of these texts, none of which has a line break; those of the first are known."""
    lines = np.frombuffer("\n".join([*texts[len(known):], ""]).encode(), np.uint8)
    is_break = lines == ord("\n")
    ends = np.flatnonzero(is_break)
    ends -= np.arange(len(ends))
    return Strings.joined([known, Strings(lines[~is_break], np.concatenate((np.zeros(1, np.int64), ends)))])
