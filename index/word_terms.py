"""WordTerms: the index term and the printed form of each word of a vocabulary, as numbers and as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.fingerprinting import Fingerprinter
from index.strings import Strings


class WordTerms:
    """Terms and forms numbered as they come, for every word of a vocabulary up to the last `extend`.

    Each word is looked up once; a segment takes the numbers of its own words from the arrays. (A mark has a form too,
    the empty one, that is in no segment.)
    """

    def __init__(self, vocabulary: Vocabulary, fingerprinter: Fingerprinter) -> None:
        """`fingerprinter`: of the same vocabulary; it knows the words' terms."""
        self._vocabulary, self._fingerprinter = vocabulary, fingerprinter
        self._terms, self._forms = _Numbers(), _Numbers()
        self.terms, self.forms = Strings.of([]), Strings.of([])
        self.term_of = np.zeros(0, np.int32)
        """Form → its term."""
        self.form_of = np.zeros(0, np.int32)
        """Vocabulary number → its form."""

    def extend(self) -> None:
        """Take in the words that the vocabulary has gained."""
        first = len(self.form_of)
        exact = self._vocabulary.exact[first:]
        term_of = dict(zip(exact, self._fingerprinter.terms()[first:], strict=True))    # a form has one term
        forms = self._forms.add(term_of)
        terms = self._terms.add(term_of[form] for form in forms)
        self.form_of = np.concatenate([self.form_of, self._forms.of(exact)])
        self.term_of = np.concatenate([self.term_of, self._terms.of([term_of[form] for form in forms])])
        self.forms = Strings.joined([self.forms, Strings.of([form.encode() for form in forms])])
        self.terms = Strings.joined([self.terms, Strings.of([term.encode() for term in terms])])

    def forms_of(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The forms with these texts, all of which are there."""
        return self._forms.of(texts)


class _Numbers(dict[str, int]):
    """Text → number, in order of coming."""

    def add(self, texts: Iterable[str]) -> list[str]:
        """Number those that are new; returns them."""
        new = [text for text in dict.fromkeys(texts) if text not in self]
        self.update(zip(new, count(len(self))))
        return new

    def of(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of texts that are there."""
        return np.fromiter(map(self.__getitem__, texts), np.int32, len(texts))
