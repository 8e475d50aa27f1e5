"""Surroundings: the words of the articles in hand, and what stands beside each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
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
        self._asked: dict[int, dict[str, list[int]]] = {}
        self._asked_places: list[int] | None = None     # of all articles, when first asked for

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
        first, *more = phrase.split(" ")
        places = self._asked_in(article).get(first, ())
        return bool(places) and (not more or any(self._goes_on(at, more, self._begins[article + 1]) for at in places))

    def _asked_in(self, article: int) -> dict[str, list[int]]:
        """Where in an article the words stand that begin such phrases."""
        asked = self._asked.get(article)
        if asked is None:
            if self._asked_places is None:
                self._asked_places = np.flatnonzero(self._flags & ASKED).tolist()
            places, asked = self._asked_places, defaultdict(list)
            begin, end = self._begins[article:article + 2]
            for at in places[bisect_left(places, begin):bisect_left(places, end)]:
                asked[self.normal[self.numbers[at]]].append(at)
            self._asked[article] = asked
        return asked

    def _goes_on(self, at: int, more: Sequence[str], end: int) -> bool:
        """Whether these words follow the one at `at` before `end`, marks passed over."""
        following = filter(None, map(self.normal.__getitem__, self.numbers[at + 1:end]))
        return list(islice(following, len(more))) == more

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
