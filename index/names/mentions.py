"""Mentions: which known forms stand in articles, and which of the things they mean are possible there.

- A guard or `only_with` that does not hold takes a reading away.
- A surname is a match of its own (`surname/…`). With a bearer's given name before it, a middle word or initials between
  (*Vladimir V. Putin*), or behind it in Cyrillic, the whole is the person.

What the forms found are then is decided in `outermost.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.names.batch import Batch
from index.names.forms import is_cyrillic
from index.names.matches import Barred
from index.names.reading import KeyGuard, Reading
from index.names.senses import Senses
from index.names.surroundings import Surroundings
from index.names.trie import ALONE, LATER, PLACE_WORD, Node

if TYPE_CHECKING:
    from index.names.finder import Finder

_MIDDLE = 2
"""So many middle words or initials may stand between given name and surname."""
_GIVEN = 3
"""A given name has at most so many words (*Saif al-Islam*)."""
_FEMININE = ("а", "я", "у", "ю", "ь")

Form = tuple[int, int, bool, int, int, Senses]
"""A form found, in the order of layout: start, -end, whether it is no full name of a person, where the form begins that
it was found by, a running number, what it may mean."""


class Mentions(Surroundings):
    """The forms found in articles in hand, but for words that `single_words.py` takes care of."""

    def __init__(self, finder: Finder, batch: Batch, flags: NDArray[np.uint8]) -> None:
        super().__init__(finder, batch, flags)
        self._by_given = finder.names.surnames.by_given
        self.found: list[Form] = []
        self._full: set[tuple[int, str]] = set()     # of each article the persons whose full names are printed
        self.guarded: set[int] = set()               # where surnames stand whose full name a guard takes away
        self._struck: set[tuple[int, KeyGuard, str]] = set()    # guards that hold in a whole article, and the keys
        self.barred: defaultdict[int, list[Barred]] = defaultdict(list)
        """Of each article what guards took away: start, end and the name that the words are not."""
        self._company: dict[tuple[int, tuple[str, ...]], bool] = {}

    def add_forms(self, starts: Sequence[int], begins: Sequence[int]) -> None:
        """Find the forms that begin at `starts`; `begins` has the flags that say how (ALONE, LATER)."""
        finder, numbers = self.finder, self.numbers
        for start, flags in zip(starts, begins, strict=True):
            number = numbers[start]
            if flags & LATER:
                following = numbers[start + 1]
                begun = finder.begun[number]
                if following == finder.dot or (self.normal[following] or self.printed[following]) in begun.next:
                    for end, key in self._walk(start, begun):
                        senses = finder.shown(key, tuple(numbers[start:end]))
                        if senses is not None:
                            self._add(start, end, senses)
            if flags & ALONE:
                self._add(start, start + 1, finder.alone[number])

    def add_full_names(self, starts: Sequence[int], pairs: Sequence[int]) -> None:
        """Find the full names that end with the surnames (each a word of one sense) at `starts`; `pairs`: the words
        before them and they (see `FullNames`)."""
        finder, found = self.finder, self.found
        for start, pair in zip(starts, pairs, strict=True):
            persons = finder.full_names[pair]
            if persons:
                self._full.add((self.article(start), persons[0]))
                found.append((start - 1, -start - 1, False, start, len(found), finder.persons(persons)))
            elif persons is not None:
                self._add_full_name(finder.alone[self.numbers[start]].surnames[0], start, start + 1)

    def sort(self) -> None:
        """Put the forms in the order of layout, without what guards strike everywhere in an article."""
        if self._struck:
            self.found = [kept for form in self.found if (kept := self._unstruck(form)) is not None]
        self.found.sort()

    def _unstruck(self, form: Form) -> Form | None:
        """What is left of a found form when the readings that some guard strikes everywhere are taken away."""
        start, end, article, senses = form[0], -form[1], self.article(form[0]), form[5]
        struck = [reading for reading in senses.readings
                  if any((article, guard, senses.key) in self._struck for guard in reading.guards)]
        if not struck:
            return form
        self.barred[article] += [(start, end, reading.name) for reading in struck]
        kept = tuple(reading for reading in senses.readings if reading not in struck)
        return (*form[:5], Senses.of(senses.key, kept)) if kept else None

    def _add(self, start: int, end: int, senses: Senses) -> None:
        """Keep what the form may mean here, and the full name that it ends or begins."""
        if not senses.is_open:
            readings = tuple(reading for reading in senses.readings
                             if self._counts(reading, senses.readings, start, end))
            if not readings:
                return
            if len(readings) < len(senses.readings):
                senses = Senses.of(senses.key, readings)
        self.found.append((start, -end, True, start, len(self.found), senses))
        for surname in senses.surnames:
            self._add_full_name(surname, start, end)

    def _walk(self, start: int, node: Node) -> Iterator[tuple[int, str]]:
        """The ends and keys of the forms of several words that begin at `start`, whose word leads to `node`."""
        position = self.next(start)
        while True:
            following = node.next.get(self.word(position))
            if following is None:
                return
            node = following
            if node.key is not None:
                yield position + 1, node.key
            position = self.next(position)

    def _add_full_name(self, surname: str, start: int, end: int) -> None:
        """Keep the person whose full name ends (in Cyrillic: or begins) with this surname."""
        by_given = self._by_given(surname)
        first, persons = self._given_before(start, by_given)
        if persons:
            return self._add_person(persons, first, end, start)
        if self.is_capital(end):
            key = self.normal[self.numbers[end]]
            if key in by_given and is_cyrillic(key):
                self._add_person(by_given[key], start, end + 1, start)
        return None

    def _add_person(self, persons: tuple[str, ...], start: int, end: int, surname: int) -> None:
        """Keep the person, or those of one name, of whom no guard says otherwise. `surname`: where that begins."""
        key = self.key(start, end)
        kept = tuple(person for person in persons
                     if not self.is_guarded_by(self.finder.guards_of(person, key), start, end))
        if len(kept) < len(persons):
            self.guarded.add(surname)
        if kept:
            self._full.add((self.article(start), kept[0]))
            self.found.append((start, -end, False, surname, len(self.found), self.finder.persons(kept)))

    def is_full(self, article: int, person: str) -> bool:
        """Whether an article prints the full name of a person."""
        return (article, person) in self._full

    def _given_before(self, start: int, by_given: Mapping[str, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
        """The start of the given name before a surname, and who is called so: the nearest, then the longest."""
        normal, numbers = self.normal, self.numbers
        position = self.before(start)
        for middle in range(_MIDDLE + 1):
            if position < 0:
                break
            word, capital = normal[numbers[position]], self.is_capital(position)
            if f"-{word}" in by_given:
                for first, key in self._long_before(position):
                    if key in by_given:
                        return first, by_given[key]
            elif not capital and not middle:
                break
            elif capital and word in by_given:
                return position, by_given[word]
            if not capital or (middle and len(word) > 1):
                break
            position = self.before(position)
        return start, ()

    def _long_before(self, position: int) -> Iterator[tuple[int, str]]:
        """What may be a given name of several words up to `position`: its start and key, the longest first."""
        given: list[int] = []
        while position >= 0 and len(given) < _GIVEN:
            given.append(position)
            position = self.before(position)
        for length in range(len(given), 0, -1):
            if self.is_capital(given[length - 1]):
                yield given[length - 1], " ".join(self.normal[self.numbers[word]] for word in reversed(given[:length]))

    def _counts(self, reading: Reading, all_readings: tuple[Reading, ...], start: int, end: int) -> bool:
        """Whether guards and needed words allow a reading here. In a query `only_with` matters only to a form that
        means something else as well."""
        if self.is_guarded_by(reading.guards, start, end):
            self.barred[self.article(start)].append((start, end, reading.name))
            return False
        if reading.is_adjectival and self._is_adjective(start, end):
            return False
        if not reading.only_with or (self.finder.typed and len(all_readings) == 1):
            return True
        asked = self.article(start), reading.only_with
        met = self._company.get(asked)
        if met is None:
            met = self._company[asked] = any(self.is_printed(phrase, asked[0]) for phrase in reading.only_with)
        return met

    def _is_adjective(self, start: int, end: int) -> bool:
        """Whether a feminine noun follows (*Донецька область*) and no word such as *до* stands before."""
        return self.normal[self.numbers[end]].endswith(_FEMININE) and not self.is_after_place_word(start)

    def is_after_place_word(self, start: int) -> bool:
        """Whether a word such as *in* or *near* stands before."""
        return self._bits[start - 1] & PLACE_WORD != 0

    def is_guarded_by(self, guards: tuple[KeyGuard, ...], start: int, end: int) -> bool:
        """Whether one of these guards holds."""
        if not guards:
            return False
        before, after = self.beside(start - 1, -1), self.beside(end, 1)
        for guard in guards:
            if (before in guard.beside or after in guard.beside) and guard.holds(
                    self.around(start - 1, -1), self.around(end, 1)):
                if guard.everywhere:
                    self._struck.add((self.article(start), guard, self.key(start, end)))
                return True
        return False
