"""Vocabulary: every distinct printed token is analysed once and stands for itself as a number from then on."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from index.analysis.normal import exact_form, normal_form
from index.analysis.tokenizer import tokens


class Kind(IntFlag):
    """What a printed token is; several may hold at once."""

    WORD = 1
    CAPITAL = 2        # begins with a capital letter
    UPPER = 4          # two or more letters, all capitals (or dotted initials)
    NUMBER = 8         # begins with a digit
    INITIAL = 16       # one capital letter
    SENTENCE_END = 32  # . ! ? …
    BREAK = 64         # line break
    COMMA = 128
    OPEN = 256         # ( [
    CLOSE = 512        # ) ]
    QUOTE = 1024
    DASH = 2048        # – —
    OTHER = 4096       # ; : & /
    POSSESSIVE = 8192  # a word that ended in 's or s'


_MARKS = {",": Kind.COMMA, "(": Kind.OPEN, "[": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE,
          **dict.fromkeys('"“”„«»', Kind.QUOTE), "–": Kind.DASH, "—": Kind.DASH,
          **dict.fromkeys(";:&/", Kind.OTHER)}


def kind_of(token: str) -> Kind:
    """The kinds of one printed token."""
    first = token[0]
    if not first.isalnum():
        if first == "\n":
            return Kind.BREAK
        return _MARKS.get(token, Kind.SENTENCE_END)
    kind = Kind.WORD
    if first.isdigit():
        kind |= Kind.NUMBER
    elif first.isupper():
        kind |= Kind.CAPITAL
        if len(token) == 1:
            kind |= Kind.INITIAL
        elif token.isupper() or (token[-1] == "." and token[1] == "."):
            kind |= Kind.UPPER
    if token[-1] in "sS'’" and exact_form(token) != token.casefold():
        kind |= Kind.POSSESSIVE
    return kind


class Vocabulary(dict[str, int]):
    """printed token → number, with one row a number in `printed`, `normal`, `exact` and `kinds`.

    Rows are only ever added. `number[token]` adds the token when it is new.
    """

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[str] = []
        self.normal: list[str] = []    # "" for a mark
        self.exact: list[str] = []     # "" for a mark
        self._kinds = np.zeros(1024, np.uint16)

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self.printed)
        kind = kind_of(token)
        self.printed.append(token)
        if number == len(self._kinds):
            self._kinds = np.concatenate([self._kinds, np.zeros_like(self._kinds)])
        self._kinds[number] = kind
        word = bool(kind & Kind.WORD)
        self.exact.append(exact_form(token) if word else "")
        self.normal.append(normal_form(token) if word else "")
        return number

    @property
    def kinds(self) -> NDArray[np.uint16]:
        """The kinds of every number so far, shape (len(self),), dtype uint16. Ask again after new tokens."""
        return self._kinds[: len(self.printed)]

    def numbers(self, text: str) -> NDArray[np.int32]:
        """The words and marks of `text` as numbers, in order, dtype int32."""
        found = tokens(text)
        return np.fromiter(map(self.__getitem__, found), np.int32, len(found))
