"""Finder: every known spelling in an article, by longest match over the numbers of its words.

Each distinct printed word is judged once (its number in the vocabulary): may it stand alone as a name, begin one, go on
in one? Arrays of those flags give the few places of an article where a name may begin; only there a trie is walked.

A match is outermost or lies inside a longer one; what lies inside is reported without entity. Forms that several
entities share are reported for each of them, without entity. A surname is a match of its own (`surname/…`); the person
is a second one over the same words when the article prints the full name of just one bearer, or when the bare surname
is known to mean one person and no other given name stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from index.analysis.normal import normal_form
from index.analysis.vocabulary import Vocabulary
from index.names.forms import is_cyrillic, is_small, words
from index.names.model import NameMatch
from index.names.registry import CompiledGuard, Names, Reading
from index.names.words import is_word

_ALONE, _FIRST, _LATER, _DOTTED, _GIVEN = 1, 2, 4, 8, 16
_MIDDLE = 2
"""So many initials or middle words may stand between given name and surname."""

_POSSESSIVE = re.compile(r"(?:['’ʼ‘]s|(?<=s)['’ʼ‘])$", re.IGNORECASE)


class Finder:
    """Finds the names of `names` in runs of numbers of `vocabulary`. One finder per vocabulary; not for threads."""

    def __init__(self, names: Names, vocabulary: Vocabulary, typed: bool = False) -> None:
        """`typed`: the words are a query's: lower case is no sign against a name, and only outermost matches count."""
        self.names, self.vocabulary, self.typed = names, vocabulary, typed
        self._dot = vocabulary["."]
        self._later = _later_words(names)
        self._flags = np.zeros(0, np.uint8)
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._needs_capitals: dict[str, bool] = {}

    def find(self, numbers: NDArray[np.int32]) -> list[NameMatch]:
        """The matches in one article (or query), by start, then longest first. `numbers`: words and marks, int32."""
        starts = self._starts(numbers)
        if not len(starts):
            return []
        return _Run(self, numbers.tolist()).matches(starts.tolist())

    def _starts(self, numbers: NDArray[np.int32]) -> NDArray[np.intp]:
        """Where a name may begin."""
        if len(self._flags) < len(self.vocabulary):
            self._extend()
        flags = self._flags[numbers]
        following = np.zeros_like(flags)
        following[:-1] = flags[1:]
        dotted = np.flatnonzero((flags[:-2] & _DOTTED != 0) & (numbers[1:-1] == self._dot))
        following[dotted] = flags[2:][dotted]
        goes_on = (flags & _FIRST != 0) & (following & _LATER != 0)
        return np.flatnonzero((flags & (_ALONE | _GIVEN) != 0) | goes_on)

    def _extend(self) -> None:
        """Judge the words that came into the vocabulary since the last time."""
        vocabulary, first = self.vocabulary, len(self._flags)
        added = [self._judge(vocabulary.normal[number], vocabulary.printed[number])
                 for number in range(first, len(vocabulary))]
        self._flags = np.concatenate((self._flags, np.array(added, np.uint8)))

    def _judge(self, normal: str, printed: str) -> int:
        word = normal or printed
        flags = 0
        if normal and any(self.cased(reading, normal, (printed,)) for reading in self.readings(normal)):
            flags |= _ALONE
        if word in self.names.trie.next:
            flags |= _FIRST
            if normal in self.names.given:
                flags |= _GIVEN
        if word in self._later:
            flags |= _LATER
        if normal in self.names.abbreviations or (len(normal) == 1 and printed.isupper()):
            flags |= _DOTTED
        return flags

    def readings(self, key: str) -> tuple[Reading, ...]:
        """All that a key may mean, remembered."""
        found = self._readings.get(key)
        if found is None:
            found = self._readings[key] = self.names.readings(key)
        return found

    def cased(self, reading: Reading, key: str, printed: tuple[str, ...]) -> bool:
        """Whether the capitals of the printed words allow a reading."""
        if reading.case:
            shown = tuple(_POSSESSIVE.sub("", word) for word in printed)
            return any(shown == tuple(words(form)) for form in reading.case)
        if self.typed and not reading.gazetteer and not reading.inflected and (" " in key or is_cyrillic(key)):
            return True
        if self.typed and is_cyrillic(key) and not (reading.gazetteer and reading.inflected):
            return True
        if not self._wants_capitals(key):
            return True
        return all(word[0].isupper() or word[0].isdigit() or is_small(normal_form(word)) for word in printed)

    def _wants_capitals(self, key: str) -> bool:
        """Whether a form is written in ordinary words only; Cyrillic forms always count as such."""
        found = self._needs_capitals.get(key)
        if found is None:
            found = self._needs_capitals[key] = is_cyrillic(key) or all(
                is_word(word) or is_small(word) for word in key.split(" "))
        return found


def _later_words(names: Names) -> frozenset[str]:
    """The words that may follow the first word of a form."""
    return frozenset(word for node in names.trie.next.values() for word in node.next)


class _Run:
    """One article in hand."""

    def __init__(self, finder: Finder, numbers: list[int]) -> None:
        self.finder, self.numbers = finder, numbers
        self.normal, self.printed = finder.vocabulary.normal, finder.vocabulary.printed
        self._text: str | None = None

    def matches(self, starts: list[int]) -> list[NameMatch]:
        """The matches of forms that begin at `starts`, by start, then longest first."""
        found = []
        full: set[str] = set()
        for start in starts:
            for end, key in sorted(self._walk(start), reverse=True):
                readings = [reading for reading in self.finder.readings(key) if self._counts(reading, key, start, end)]
                if readings:
                    found.append((start, end, readings))
                    if end > start + 1:
                        full.update(reading.name for reading in readings if reading.name.startswith("person/"))
        return list(self._laid_out(found, full))

    def _laid_out(self, found: list[tuple[int, int, list[Reading]]], full: set[str]) -> Iterator[NameMatch]:
        """Outermost mentions with their entities and what lies inside them; in a full name only the surname does."""
        covered, in_person = 0, False
        for start, end, readings in found:
            if start >= covered:
                covered = end
                pairs = self._resolved(start, readings, full)
                in_person = end > start + 1 and any(reading.name in full for reading in readings)
            elif self.finder.typed:
                continue
            else:
                pairs = [(reading.name, None) for reading in readings
                         if not in_person or reading.name.startswith("surname/")]
            spelling = self._spelling(start, end)
            for name, entity in dict(pairs).items():
                yield NameMatch(start, end, name, entity, spelling)

    def _walk(self, start: int) -> Iterator[tuple[int, str]]:
        """The ends and keys of all forms that begin at `start`; a key of one end is given once."""
        finder, numbers = self.finder, self.numbers
        flags = int(finder._flags[numbers[start]])
        first = self._word(start)
        if flags & _ALONE:
            yield start + 1, first
        if not flags & _FIRST:
            return
        root = finder.names.trie.next[first]
        reached = 0
        position, node = self._next(start), root
        while position < len(numbers):
            following = node.next.get(self._word(position))
            if following is None:
                break
            node = following
            if node.key is not None:
                reached = position + 1
                yield reached, node.key
            position = self._next(position)
        if flags & _GIVEN and not reached:
            yield from self._past_middle(start)

    def _past_middle(self, start: int) -> Iterator[tuple[int, str]]:
        """Full names with a middle word (*Vladimir Vladimirovich Putin*) or initials (*George H. W. Bush*)."""
        finder, numbers = self.finder, self.numbers
        root = finder.names.trie.next[self._word(start)]
        position = self._next(start)
        for skipped in range(_MIDDLE):
            if position >= len(numbers):
                return
            printed = self.printed[numbers[position]]
            if not printed[0].isupper() or (skipped and len(printed) > 2):
                return
            position = self._next(position)
            node, here = root, position
            while here < len(numbers) and (following := node.next.get(self._word(here))) is not None:
                node = following
                if node.key is not None and self._is_person(node.key):
                    yield here + 1, node.key
                    return
                here = self._next(here)

    def _is_person(self, key: str) -> bool:
        return any(reading.name.startswith("person/") for reading in self.finder.readings(key))

    def _word(self, position: int) -> str:
        number = self.numbers[position]
        return self.normal[number] or self.printed[number]

    def _next(self, position: int) -> int:
        """The position after a word and the dot that its abbreviation may have."""
        numbers = self.numbers
        if (position + 2 < len(numbers) and numbers[position + 1] == self.finder._dot
                and self.finder._flags[numbers[position]] & _DOTTED):
            return position + 2
        return position + 1

    def _counts(self, reading: Reading, key: str, start: int, end: int) -> bool:
        """Whether capitals, guards and needed words allow a reading here."""
        printed = tuple(self.printed[number] for number in self.numbers[start:end] if self.normal[number]
                        or self.printed[number] == "&")
        if not self.finder.cased(reading, key, printed):
            return False
        if any(self._guarded(guard, start, end) for guard in reading.guards):
            return False
        return not reading.only_with or any(f" {needed} " in self.text for needed in reading.only_with)

    @property
    def text(self) -> str:
        """The normal forms of all words, each between spaces."""
        if self._text is None:
            self._text = f" {' '.join(filter(None, (self.normal[number] for number in self.numbers)))} "
        return self._text

    def _guarded(self, guard: CompiledGuard, start: int, end: int) -> bool:
        before = self._around(start - 1, -1)
        after = self._around(end, 1)
        return (any(before[:len(phrase)] == phrase[::-1] for phrase in guard.before)
                or any(after[:len(phrase)] == phrase for phrase in guard.after))

    def _around(self, position: int, step: int, most: int = 4) -> tuple[str, ...]:
        """The words next to a mention, nearest first; one comma or bracket may stand between."""
        numbers, kinds = self.numbers, self.finder.vocabulary
        if 0 <= position < len(numbers) and self.printed[numbers[position]] in ",([":
            position += step
        found: list[str] = []
        while 0 <= position < len(numbers) and len(found) < most and kinds.normal[numbers[position]]:
            found.append(kinds.normal[numbers[position]])
            position += step
        return tuple(found)

    def _resolved(self, start: int, readings: list[Reading], full: set[str]) -> list[tuple[str, str | None]]:
        """The names of an outermost mention, each with the entity that it is, if that is known."""
        surname = next((reading.name for reading in readings if reading.name.startswith("surname/")), None)
        others = [reading for reading in readings if reading.name != surname]
        conditional = [reading for reading in others if reading.is_conditional]
        if len(others) > 1 and conditional:
            others = conditional
        pairs: list[tuple[str, str | None]] = []
        bearer = None
        if surname is not None:
            pairs.append((surname, None))
            bearer = self._bearer(surname, start, full, any(not reading.gazetteer for reading in others))
            if bearer is not None:
                pairs.append((bearer, bearer))
        sure = len(others) == 1 and bearer is None
        return pairs + [(reading.name, reading.entity if sure else None)
                        for reading in others if reading.name != bearer]

    def _bearer(self, surname: str, start: int, full: set[str], contested: bool) -> str | None:
        """The person that a bare surname is. `contested`: it is also a form of another entity of the names files."""
        names = self.finder.names
        bearers = names.surnames.bearers(surname)
        printed = [person for person in bearers if person in full]
        alone = next((person for person in bearers if names.is_alone(person)), None)
        person = printed[0] if len(printed) == 1 else alone if not printed and not contested else None
        if person is not None and start:
            before = self.normal[self.numbers[start - 1]]
            if before in names.given and before not in names.given_of(person):
                return None
        return person

    def _spelling(self, start: int, end: int) -> str:
        exact, numbers = self.finder.vocabulary.exact, self.numbers
        if end == start + 1:
            return exact[numbers[start]]
        return " ".join(filter(None, (exact[number] for number in numbers[start:end])))
