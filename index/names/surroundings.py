"""Surroundings: the words of one article in hand, and what stands beside each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.names.trie import DOTTED

if TYPE_CHECKING:
    from index.names.finder import Finder

_PASSED = frozenset((",", "(", "["))
_WINDOW = 5
"""A guard's phrase has at most so many words."""


class Surroundings:
    """One article (or query): `numbers` are its words and marks, `asked` the normal forms of those words that begin a
    phrase which makes some form count. Positions count `numbers`."""

    def __init__(self, finder: Finder, numbers: list[int], asked: Sequence[str]) -> None:
        self.finder, self.numbers = finder, numbers
        self.normal, self.printed = finder.vocabulary.normal, finder.vocabulary.printed
        self._asked = frozenset(asked)
        self._text: str | None = None

    def word(self, position: int) -> str:
        """A word in normal form, or a mark as printed."""
        number = self.numbers[position]
        return self.normal[number] or self.printed[number]

    def next(self, position: int) -> int:
        """The position after a word and the dot that its abbreviation may have."""
        numbers, finder = self.numbers, self.finder
        if (position + 2 < len(numbers) and numbers[position + 1] == finder.dot
                and finder.flags[numbers[position]] & DOTTED):
            return position + 2
        return position + 1

    def before(self, position: int) -> int:
        """The position of the word before, a dot of an abbreviation passed over; -1 when a mark parts them."""
        numbers, finder = self.numbers, self.finder
        position -= 1
        if position > 0 and numbers[position] == finder.dot and finder.flags[numbers[position - 1]] & DOTTED:
            position -= 1
        return position if position >= 0 and self.normal[numbers[position]] else -1

    def is_capital(self, position: int) -> bool:
        """Whether a word has a capital; in a query capitals are not asked for."""
        return self.finder.typed or self.printed[self.numbers[position]][0].isupper()

    def is_printed(self, phrase: str) -> bool:
        """Whether the article prints a phrase that makes a form count."""
        first, _, more = phrase.partition(" ")
        return first in self._asked and (not more or f" {phrase} " in self.text)

    @property
    def text(self) -> str:
        """The normal forms of all words, each between spaces."""
        if self._text is None:
            self._text = f" {' '.join(filter(None, map(self.normal.__getitem__, self.numbers)))} "
        return self._text

    def beside(self, position: int, step: int) -> str:
        """The word next to a mention, or "" for a mark; one comma or bracket may stand between."""
        numbers = self.numbers
        if 0 <= position < len(numbers) and self.printed[numbers[position]] in _PASSED:
            position += step
        return self.normal[numbers[position]] if 0 <= position < len(numbers) else ""

    def around(self, position: int, step: int) -> tuple[str, ...]:
        """The words next to a mention, nearest first, passing what `beside` passes."""
        numbers, normal = self.numbers, self.normal
        if 0 <= position < len(numbers) and self.printed[numbers[position]] in _PASSED:
            position += step
        found: list[str] = []
        while 0 <= position < len(numbers) and len(found) < _WINDOW and normal[numbers[position]]:
            found.append(normal[numbers[position]])
            position += step
        return tuple(found)

    def spelling(self, start: int, end: int) -> str:
        """The exact forms of the words of a mention."""
        exact, numbers = self.finder.vocabulary.exact, self.numbers
        if end == start + 1:
            return exact[numbers[start]]
        return " ".join([word for number in numbers[start:end] if (word := exact[number])])
