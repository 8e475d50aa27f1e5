"""KnownWords: what a builder works out once for each word of a vocabulary, and keeps from one segment to the next."""

from __future__ import annotations

from dataclasses import dataclass

from index.analysis.vocabulary import Vocabulary
from index.fingerprinting import Fingerprinter
from index.similar import NameLikeWords
from index.word_terms import WordTerms


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Terms and forms of words as numbers, the fingerprinter that uses them, and which words may be names."""

    fingerprinter: Fingerprinter
    terms: WordTerms
    name_like: NameLikeWords

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> KnownWords:
        """Of this vocabulary, nothing known yet."""
        words = WordTerms(vocabulary)
        return cls(Fingerprinter(vocabulary, words), words, NameLikeWords(vocabulary))
