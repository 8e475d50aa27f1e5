"""Surroundings: the words of the articles in hand, and what stands beside each."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.names.batch import Batch
from index.names.trie import ASKED, DOTTED

if TYPE_CHECKING:
    from index.names.finder import Finder

_PASSED = frozenset((",", "(", "["))
_WINDOW = 5
"""A guard's phrase has at most so many words."""


class Surroundings:
    """Articles (or a query). Positions count the tokens of the batch, whose margins keep its articles apart: no name
    holds a line break, and nobody looks further than one. `flags`: of each token, see `trie.py`."""

    def __init__(self, finder: Finder, batch: Batch, flags: NDArray[np.uint8]) -> None:
        self.finder, self.numbers = finder, batch.numbers
        self.normal, self.printed = finder.vocabulary.normal, finder.vocabulary.printed
        self._flags = flags
        self._bits = flags.data     # quicker than an array to look at here and there
        self._begins: list[int] = batch.begins.tolist()
        self._asked: dict[int, frozenset[str]] = {}
        self._texts: dict[int, str] = {}

    def article(self, position: int) -> int:
        """Which article a position lies in."""
        return bisect_right(self._begins, position) - 1

    def word(self, position: int) -> str:
        """A word in normal form, or a mark as printed."""
        number = self.numbers[position]
        return self.normal[number] or self.printed[number]

    def next(self, position: int) -> int:
        """The position after a word and the dot that its abbreviation may have."""
        if self.numbers[position + 1] == self.finder.dot and self._bits[position] & DOTTED:
            return position + 2
        return position + 1

    def before(self, position: int) -> int:
        """The position of the word before, a dot of an abbreviation passed over; -1 when a mark parts them."""
        numbers = self.numbers
        position -= 1
        if numbers[position] == self.finder.dot and self._bits[position - 1] & DOTTED:
            position -= 1
        return position if self.normal[numbers[position]] else -1

    def is_capital(self, position: int) -> bool:
        """Whether a word has a capital; in a query capitals are not asked for."""
        return self.finder.typed or self.printed[self.numbers[position]][0].isupper()

    def is_printed(self, phrase: str, article: int) -> bool:
        """Whether an article prints a phrase that makes a form count."""
        asked = self._asked.get(article)
        if asked is None:
            begin, end = self._begins[article:article + 2]
            places = np.flatnonzero(self._flags[begin:end] & ASKED) + begin
            asked = self._asked[article] = frozenset([self.normal[self.numbers[at]] for at in places.tolist()])
        first, _, more = phrase.partition(" ")
        return first in asked and (not more or f" {phrase} " in self._text(article))

    def _text(self, article: int) -> str:
        """The normal forms of all words of an article, each between spaces."""
        text = self._texts.get(article)
        if text is None:
            begin, end = self._begins[article:article + 2]
            text = self._texts[article] = f" {self.key(begin, end)} "
        return text

    def key(self, start: int, end: int) -> str:
        """The normal forms of the words from `start` to `end`."""
        return " ".join(filter(None, map(self.normal.__getitem__, self.numbers[start:end])))

    def beside(self, position: int, step: int) -> str:
        """The word next to a mention, or "" for a mark; one comma or bracket may stand between."""
        numbers = self.numbers
        if self.printed[numbers[position]] in _PASSED:
            position += step
        return self.normal[numbers[position]]

    def around(self, position: int, step: int) -> tuple[str, ...]:
        """The words next to a mention, nearest first, passing what `beside` passes."""
        numbers, normal = self.numbers, self.normal
        if self.printed[numbers[position]] in _PASSED:
            position += step
        found: list[str] = []
        while len(found) < _WINDOW and normal[numbers[position]]:
            found.append(normal[numbers[position]])
            position += step
        return tuple(found)
