"""WordTerms: which words of a vocabulary have one printed form, and which one index term."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.fingerprinting import Fingerprinter
from index.strings import Strings


class WordTerms:
    """Forms and terms as numbers, for every word up to the last `extend`: that of the first word that has them.

    Each word is looked up once; a segment takes the numbers of its own words from the arrays.
    """

    def __init__(self, vocabulary: Vocabulary, fingerprinter: Fingerprinter) -> None:
        """`fingerprinter`: of the same vocabulary; it knows the words' terms."""
        self._vocabulary, self._fingerprinter = vocabulary, fingerprinter
        self._forms: dict[str, int] = {}
        self._terms: dict[str, int] = {}
        self.form_of = np.zeros(0, np.int32)
        """Vocabulary number → the first that has the same form."""
        self.term_of = np.zeros(0, np.int32)
        """Vocabulary number → the first that has the same term."""

    def extend(self) -> None:
        """Take in the words that the vocabulary has gained."""
        vocabulary, terms, first = self._vocabulary, self._fingerprinter.terms(), len(self.form_of)
        numbers = list(islice(vocabulary.values(), first, None))        # in the order of their coming
        forms_here = list(map(self._forms.setdefault, vocabulary.exact[first:], numbers))
        terms_here = list(map(self._terms.setdefault, terms[first:], numbers))
        self.form_of = np.concatenate([self.form_of, np.array(forms_here, np.int32)])
        self.term_of = np.concatenate([self.term_of, np.array(terms_here, np.int32)])

    def forms(self, numbers: NDArray[np.int32]) -> Strings:
        """The bytes of forms."""
        return _encoded(self._vocabulary.exact, numbers)

    def terms(self, numbers: NDArray[np.int32]) -> Strings:
        """The bytes of terms."""
        return _encoded(self._fingerprinter.terms(), numbers)


def _encoded(texts: Sequence[str], numbers: NDArray[np.int32]) -> Strings:
    """The bytes of some of these texts, none of which has a line break."""
    lines = np.frombuffer("\n".join([*map(texts.__getitem__, numbers.tolist()), ""]).encode(), np.uint8)
    is_break = lines == ord("\n")
    ends = np.flatnonzero(is_break)
    ends -= np.arange(len(ends))
    return Strings(lines[~is_break], np.concatenate((np.zeros(1, np.int64), ends)))
