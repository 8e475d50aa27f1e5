"""Features of vocabulary numbers: what the recogniser wants to know of a token, looked up by array indexing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.forms import is_cyrillic
from index.names.recogniser_lexicon import Bit, Lexicon

LOWERS, CAPITALS, NUMBERS, UPPERS, MARKS = range(0, 60, 12)
"""Places, in bits, of the counters that a sort's number in COUNTS packs: what is summed over a line."""
COUNTER: Final = (1 << 12) - 1
COUNTS: Final = np.array([0, 1 << LOWERS, 1 << CAPITALS, (1 << CAPITALS) + (1 << UPPERS), 1 << NUMBERS, 1 << MARKS],
                         np.int64)
"""By the sort of a token: nothing, a word in lower case, with a capital, all in capitals, a number, a comma or (."""
_NOTHING, _LOWER, _CAPITAL, _UPPER, _NUMBER, _MARK = range(len(COUNTS))


class Sign:
    """What is asked of every token of a batch, in sixteen bits: array operations over them take a fourth of the time
    that they take over all of `Bit`."""

    CAPITAL: Final = 1 << 0
    NO_NAME: Final = 1 << 1     # ends a run of capitals
    PERSONAL: Final = 1 << 2    # belongs to a person's name
    ENDS: Final = 1 << 3        # ends a sentence
    OPENS: Final = 1 << 4       # a capital after it means nothing
    JOINT: Final = 1 << 5       # may stand inside a name
    COMMA: Final = 1 << 6
    ORG_SUFFIX: Final = 1 << 7
    POSSESSIVE: Final = 1 << 8
    QUOTE: Final = 1 << 9
    BREAK: Final = 1 << 10
    SPORT: Final = 1 << 11
    ENGLISH: Final = 1 << 12    # an English word, not in capitals


_ENDS = Bit.SENTENCE_END | Bit.BREAK
OPENS: Final = _ENDS | Bit.QUOTE | Bit.OPEN | Bit.DASH | Bit.OTHER
_SIGNS: dict[int, int] = {
    Sign.CAPITAL: Bit.CAPITAL, Sign.NO_NAME: Bit.NOT_NAME | Bit.DATE,
    Sign.PERSONAL: Bit.SURNAME | Bit.GIVEN | Bit.PERSON_SUFFIX | Bit.INITIAL, Sign.ENDS: _ENDS, Sign.OPENS: OPENS,
    Sign.JOINT: Bit.CONNECTOR | Bit.FOR | Bit.ON | Bit.AND | Bit.SENTENCE_END, Sign.COMMA: Bit.COMMA,
    Sign.ORG_SUFFIX: Bit.ORG_SUFFIX, Sign.POSSESSIVE: Bit.POSSESSIVE, Sign.QUOTE: Bit.QUOTE, Sign.BREAK: Bit.BREAK,
    Sign.SPORT: Bit.SPORT}
"""Sign → the bits, any of which it stands for."""


class Features:
    """Feature rows of vocabulary numbers, made when a number is first seen.

    `flags`: int64, shape (n,), see Bit; `signs`: uint16, see Sign; `sorts`: uint8, the token's sort. `left`, `right`:
    float32, shape (n, 3), what a token says about the name after it and before it. Rows beyond the vocabulary are
    empty. `words`: the normal forms without full stops.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._size = 0
        self.words: list[str] = []
        self.flags = np.zeros(0, np.int64)
        self.signs = np.zeros(0, np.uint16)
        self.sorts = np.zeros(0, np.uint8)
        self.left = np.zeros((0, 3), np.float32)
        self.right = np.zeros((0, 3), np.float32)
        self.extend()

    def extend(self) -> None:
        """Add a row for every number that the vocabulary has gained."""
        first, total = self._size, len(self._vocabulary)
        if first == total:
            return
        if total > len(self.flags):
            for name in ("flags", "signs", "sorts", "left", "right"):
                old = getattr(self, name)
                grown = np.zeros((2 * total, *old.shape[1:]), old.dtype)
                grown[:first] = old[:first]
                setattr(self, name, grown)
        words = [normal.replace(".", "") if "." in normal else normal for normal in self._vocabulary.normal[first:]]
        self.words += words
        flags = self._flags(words, self._vocabulary.kinds[first:])
        self.flags[first:total], self.signs[first:total], self.sorts[first:total] = flags, _signs(flags), _sorts(flags)
        self._sides(words, first)
        self._size = total

    def _flags(self, words: list[str], kinds: NDArray[np.uint16]) -> NDArray[np.int64]:
        listed = self._lexicon.words.get
        flags = kinds.astype(np.int64) | np.array([listed(word, 0) for word in words], np.int64)
        cyrillic = [at for at, word in enumerate(words) if not word.isascii() and is_cyrillic(word)]
        flags[cyrillic] &= ~(Bit.CAPITAL | Bit.UPPER | Bit.INITIAL)    # the rules are English: no runs of these words
        flags[cyrillic] |= Bit.CYRILLIC
        flags[[at for at, word in enumerate(words) if word[-1:] == "s" and listed(word[:-1], 0) & Bit.DEMONYM]
              ] |= Bit.DEMONYM
        numbers = np.flatnonzero(kinds & Bit.NUMBER).tolist()
        flags[[at for at in numbers if len(words[at]) == 4 and words[at].isdigit()]] |= Bit.YEAR
        return flags

    def _sides(self, words: list[str], first: int) -> None:
        left, right = self._lexicon.left, self._lexicon.right
        for at, word in enumerate(words, first):
            if word in left or word in right:
                flag = self.flags.item(at)
                if word in left and not (flag & Bit.CAPITAL and not flag & Bit.NOT_NAME):
                    self.left[at] = left[word]
                if word in right and not flag & Bit.CAPITAL:
                    self.right[at] = right[word]


def _signs(flags: NDArray[np.int64]) -> NDArray[np.uint16]:
    signs = np.where(flags & (Bit.COMMON | Bit.UPPER) == Bit.COMMON, np.uint16(Sign.ENGLISH), np.uint16(0))
    for sign, bits in _SIGNS.items():
        signs |= np.where(flags & bits != 0, np.uint16(sign), np.uint16(0))
    return signs


def _sorts(flags: NDArray[np.int64]) -> NDArray[np.int64]:
    word, number, capital = (flags & kind != 0 for kind in (Bit.WORD, Bit.NUMBER, Bit.CAPITAL))
    return np.select(
        [~word, number, capital],
        [np.where(flags & (Bit.COMMA | Bit.OPEN) != 0, _MARK, _NOTHING), np.int64(_NUMBER),
         np.where(flags & Bit.UPPER != 0, _UPPER, _CAPITAL)],
        np.where(flags & (Bit.CONNECTOR | Bit.NOT_NAME) == 0, _LOWER, _NOTHING))
