"""Features of vocabulary numbers: what the recogniser wants to know of a token, looked up by array indexing."""

from __future__ import annotations

from typing import Final

import numpy as np

from index.analysis.vocabulary import Vocabulary
from index.names.forms import is_cyrillic
from index.names.recogniser_lexicon import Bit, Lexicon

LOWERS, CAPITALS, NUMBERS, UPPERS, MARKS = range(0, 60, 12)
"""Places, in bits, of the counters that `counts` packs into one number: what is summed over a line."""
COUNTER: Final = (1 << 12) - 1


class Features:
    """Feature rows of vocabulary numbers, made when a number is first seen.

    `flags`: int64, shape (n,), see Bit. `left`, `right`: float32, shape (n, 3), what a token says about the name after
    it and before it. `counts`: int64, shape (n,), a one in the counter of each thing the token is. Rows beyond the
    vocabulary are empty. `blank` is a number that stands for what lies beyond the ends of a text.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._size = 0
        self.blank = vocabulary["\n"]
        self.flags = np.zeros(0, np.int64)
        self.counts = np.zeros(0, np.int64)
        self.left = np.zeros((0, 3), np.float32)
        self.right = np.zeros((0, 3), np.float32)
        self.extend()

    def extend(self) -> None:
        """Add a row for every number that the vocabulary has gained."""
        first, total = self._size, len(self._vocabulary)
        if first == total:
            return
        if total > len(self.flags):
            for name in ("flags", "counts", "left", "right"):
                old = getattr(self, name)
                grown = np.zeros((2 * total, *old.shape[1:]), old.dtype)
                grown[:first] = old[:first]
                setattr(self, name, grown)
        words, left, right = self._lexicon.words, self._lexicon.left, self._lexicon.right
        flags, counts = [], []
        for number, kind in enumerate(self._vocabulary.kinds[first:].tolist(), first):
            word = self._vocabulary.normal[number].replace(".", "")
            flag = kind | words.get(word, 0)
            if is_cyrillic(word):
                flag &= ~(Bit.CAPITAL | Bit.UPPER | Bit.INITIAL)    # the rules are English: no runs of these words
            if word[-1:] == "s" and words.get(word[:-1], 0) & Bit.DEMONYM:
                flag |= Bit.DEMONYM
            if kind & Bit.NUMBER and len(word) == 4 and word.isdigit():
                flag |= Bit.YEAR
            flags.append(flag)
            counts.append(_count(flag))
            if word in left and not (kind & Bit.CAPITAL and not flag & Bit.NOT_NAME):
                self.left[number] = left[word]
            if word in right and not kind & Bit.CAPITAL:
                self.right[number] = right[word]
        self.flags[first:total] = flags
        self.counts[first:total] = counts
        self._size = total


def _count(flag: int) -> int:
    if not flag & Bit.WORD:
        return (1 << MARKS) * bool(flag & (Bit.COMMA | Bit.OPEN))
    if flag & Bit.NUMBER:
        return 1 << NUMBERS
    if flag & Bit.CAPITAL:
        return (1 << CAPITALS) + (1 << UPPERS) * bool(flag & Bit.UPPER)
    return (1 << LOWERS) * (not flag & (Bit.CONNECTOR | Bit.NOT_NAME))
