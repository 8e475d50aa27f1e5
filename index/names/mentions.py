"""Mentions: what the known spellings of one article are.

- Where forms overlap, the leftmost, then the longest is outermost; what lies inside it is a match without entity. In a
  person's full name only the surname lies inside (*Volodymyr* there is no town).
- A guard or `only_with` that does not hold takes a reading away. Of several readings left, those whose conditions are
  met go before those without any; if several still stand, each is reported, without entity.
- A surname is a match of its own (`surname/…`). With a bearer's given name before it, a middle word or initials between
  (*Vladimir V. Putin*), or behind it in Cyrillic, the whole is the person. Bare, it is the person whose full name the
  article prints, if just one bearer's, else the one who has `surname_alone`; not when another given name stands before.
- A gazetteer place that is also a given name or a known surname is an entity only after a word like *in* or *near*, and
  no place that is a given name is one before a capitalised word (*Jordan Peterson*).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from index.names.forms import is_cyrillic
from index.names.given import is_given_name
from index.names.model import NameMatch
from index.names.reading import KeyGuard, Reading

if TYPE_CHECKING:
    from index.names.finder import Finder

ALONE, FIRST, LATER, DOTTED = 1, 2, 4, 8
"""Flags of a word: it may be a name alone, begin one of several words, go on in one, be an abbreviation in one."""
_MIDDLE = 2
"""So many middle words or initials may stand between given name and surname."""
_PASSED = frozenset((",", "(", "["))
_WINDOW = 5
"""A guard's phrase has at most so many words."""
_PLACE_WORDS = frozenset((
    "in", "near", "from", "outside", "around", "at", "to", "into", "across", "towards", "toward", "inside",
    "у", "в", "із", "з", "зі", "до", "під", "біля", "из", "от", "под", "около", "к", "возле"))


class _Found(NamedTuple):
    """A form found: its span, its key ("" when its one reading is sure), what it may mean."""

    start: int
    end: int
    key: str
    readings: tuple[Reading, ...]
    is_person: bool = False          # a full name made of given name and surname


def _place(item: _Found) -> tuple[int, int]:
    return item.start, -item.end


class Mentions:
    """One article (or query) in hand: `numbers` are its words and marks."""

    def __init__(self, finder: Finder, numbers: list[int]) -> None:
        self.finder, self.numbers = finder, numbers
        self.normal, self.printed = finder.vocabulary.normal, finder.vocabulary.printed
        self._text: str | None = None

    def matches(self, starts: list[int], goes_on: list[bool]) -> list[NameMatch]:
        """The matches of forms that begin at `starts`; `goes_on`: the next word may belong to the form as well."""
        found: list[_Found] = []
        numbers, lone, flags = self.numbers, self.finder.lone, self.finder.flags
        for start, more in zip(starts, goes_on, strict=True):
            number = numbers[start]
            if more:
                for end, key in self._walk(start):
                    self._add(found, start, end, key, tuple(numbers[start:end]))
            reading = lone.get(number)
            if reading is not None and not reading.only_with:
                if not any(self._is_guarded(guard, start, start + 1) for guard in reading.guards):
                    found.append(_Found(start, start + 1, "", (reading,)))
            elif flags[number] & ALONE:
                self._add(found, start, start + 1, self.normal[number], (number,))
        found.sort(key=_place)
        return list(self._laid_out(found))

    def _add(self, found: list[_Found], start: int, end: int, key: str, printed: tuple[int, ...]) -> None:
        """Keep what the form may mean here, and the full name that it ends or begins."""
        readings = self.finder.shown(key, printed)
        if not all(reading.is_open for reading in readings):
            readings = tuple(reading for reading in readings if self._counts(reading, readings, start, end))
        if not readings:
            return
        found.append(_Found(start, end, key, readings))
        for reading in readings:
            if reading.is_surname:
                full = self._full_name(reading.name, start, end)
                if full is not None:
                    found.append(full)

    def _walk(self, start: int) -> Iterator[tuple[int, str]]:
        """The ends and keys of the forms of several words that begin at `start`."""
        numbers, node = self.numbers, self.finder.begin[self._word(start)]
        position = self._next(start)
        while position < len(numbers):
            following = node.next.get(self._word(position))
            if following is None:
                return
            node = following
            if node.key is not None:
                yield position + 1, node.key
            position = self._next(position)

    def _word(self, position: int) -> str:
        number = self.numbers[position]
        return self.normal[number] or self.printed[number]

    def _next(self, position: int) -> int:
        """The position after a word and the dot that its abbreviation may have."""
        numbers, finder = self.numbers, self.finder
        if (position + 2 < len(numbers) and numbers[position + 1] == finder.dot
                and finder.flags[numbers[position]] & DOTTED):
            return position + 2
        return position + 1

    def _before(self, position: int) -> int:
        """The position of the word before, a dot of an abbreviation passed over; -1 when a mark parts them."""
        numbers, finder = self.numbers, self.finder
        position -= 1
        if position > 0 and numbers[position] == finder.dot and finder.flags[numbers[position - 1]] & DOTTED:
            position -= 1
        return position if position >= 0 and self.normal[numbers[position]] else -1

    def _full_name(self, surname: str, start: int, end: int) -> _Found | None:
        """The person whose full name ends (in Cyrillic: or begins) with this surname, with its span."""
        by_given = self.finder.names.surnames.by_given(surname)
        position = self._before(start)
        for middle in range(_MIDDLE + 1):
            if position < 0 or not self._is_capital(position):
                break
            word = self.normal[self.numbers[position]]
            earlier = self._before(position)
            double = f"{self.normal[self.numbers[earlier]]} {word}" if earlier >= 0 else word
            for key, first in ((double, earlier), (word, position)):
                if key in by_given and first >= 0:
                    return self._person(by_given[key], first, end, key)
            if middle and len(word) > 1:
                break
            position = earlier
        if end < len(self.numbers) and self._is_capital(end):
            key = self.normal[self.numbers[end]]
            if key in by_given and is_cyrillic(key):
                return self._person(by_given[key], start, end + 1, key)
        return None

    def _person(self, persons: tuple[str, ...], start: int, end: int, key: str) -> _Found:
        entity = persons[0] if len(persons) == 1 else None
        return _Found(start, end, key, tuple(Reading(person, entity) for person in persons), True)

    def _is_capital(self, position: int) -> bool:
        return self.finder.typed or self.printed[self.numbers[position]][0].isupper()

    def _counts(self, reading: Reading, all_readings: tuple[Reading, ...], start: int, end: int) -> bool:
        """Whether guards and needed words allow a reading here. In a query `only_with` matters only to a form that
        means something else as well."""
        if any(self._is_guarded(guard, start, end) for guard in reading.guards):
            return False
        if not reading.only_with or (self.finder.typed and len(all_readings) == 1):
            return True
        return any(f" {needed} " in self.text for needed in reading.only_with)

    @property
    def text(self) -> str:
        """The normal forms of all words, each between spaces."""
        if self._text is None:
            self._text = f" {' '.join(filter(None, map(self.normal.__getitem__, self.numbers)))} "
        return self._text

    def _is_guarded(self, guard: KeyGuard, start: int, end: int) -> bool:
        beside = guard.beside
        if self._beside(start - 1, -1) not in beside and self._beside(end, 1) not in beside:
            return False
        return guard.holds(self._around(start - 1, -1, _WINDOW), self._around(end, 1, _WINDOW))

    def _beside(self, position: int, step: int) -> str:
        """The word next to a mention, or "" for a mark; one comma or bracket may stand between."""
        numbers = self.numbers
        if 0 <= position < len(numbers) and self.printed[numbers[position]] in _PASSED:
            position += step
        return self.normal[numbers[position]] if 0 <= position < len(numbers) else ""

    def _around(self, position: int, step: int, most: int) -> tuple[str, ...]:
        """The words next to a mention, nearest first, passing what `_beside` passes."""
        numbers, normal = self.numbers, self.normal
        if 0 <= position < len(numbers) and self.printed[numbers[position]] in _PASSED:
            position += step
        found: list[str] = []
        while 0 <= position < len(numbers) and len(found) < most and normal[numbers[position]]:
            found.append(normal[numbers[position]])
            position += step
        return tuple(found)

    def _laid_out(self, found: list[_Found]) -> Iterator[NameMatch]:
        """Outermost mentions with their entities, and what lies inside them."""
        full = {item.readings[0].name for item in found if item.is_person}
        covered, in_person = 0, False
        for item in found:
            if not item.key:
                name, outer = item.readings[0].name, item.start >= covered
                if outer:
                    covered, in_person = item.end, False
                if outer or not (in_person or self.finder.typed):
                    yield NameMatch(item.start, item.end, name, item.readings[0].entity if outer else None,
                                    self._spelling(item.start, item.end))
                continue
            if item.start >= covered:
                covered, in_person = item.end, item.is_person
                pairs = self._resolved(item, full)
            elif self.finder.typed:
                continue
            else:
                pairs = [(reading.name, None) for reading in item.readings if reading.is_surname or not in_person]
            spelling = self._spelling(item.start, item.end) if pairs else ""
            for name, entity in pairs:
                yield NameMatch(item.start, item.end, name, entity, spelling)

    def _resolved(self, item: _Found, full: set[str]) -> list[tuple[str, str | None]]:
        """The names of an outermost mention, each with the entity that it is, if that is known."""
        readings = item.readings
        surnames = [reading.name for reading in readings if reading.is_surname]
        others = tuple(reading for reading in readings if not reading.is_surname)
        if len(others) > 1:
            met = tuple(reading for reading in others if reading.only_with or reading.case or reading.guards)
            others = met or others
        pairs: list[tuple[str, str | None]] = [(surname, None) for surname in surnames]
        bearer = None
        if surnames:
            bearer = self._bearer(surnames, item.start, full, any(not other.is_gazetteer for other in others))
            if bearer is not None:
                pairs.append((bearer, bearer))
        if len(others) == 1 and (bearer is None or item.is_person):
            return pairs + self._single(others[0], item, bool(surnames))
        return pairs + [(reading.name, None) for reading in others if reading.name != bearer]

    def _single(self, reading: Reading, item: _Found, is_surname: bool) -> list[tuple[str, str | None]]:
        """The only entity that a mention may be: none where it is rather a person's given name or surname."""
        if item.end > item.start + 1 or reading.entity is None or not reading.name.startswith("place/"):
            return [(reading.name, reading.entity)]
        is_given = is_given_name(item.key)
        if reading.is_gazetteer and (is_given or is_surname) and not self._after_place_word(item.start):
            return [] if self.finder.typed and is_given else [(reading.name, None)]
        followed = item.end < len(self.numbers) and self.printed[self.numbers[item.end]][0].isupper()
        return [(reading.name, None if is_given and followed else reading.entity)]

    def _after_place_word(self, start: int) -> bool:
        return start > 0 and self.normal[self.numbers[start - 1]] in _PLACE_WORDS

    def _bearer(self, surnames: list[str], start: int, full: set[str], is_contested: bool) -> str | None:
        """The person that a bare surname is. `is_contested`: it is a form of another entity of the names files too."""
        names = self.finder.names
        bearers = [bearer for surname in surnames for bearer in names.surnames.bearers(surname)]
        printed = [person for person in bearers if person in full]
        if len(printed) == 1:
            person: str | None = printed[0]
        elif printed or is_contested:
            return None
        else:
            alone = [bearer for bearer in bearers if names.is_alone(bearer)]
            person = alone[0] if len(alone) == 1 else None
        before = self._before(start)
        if person is not None and before >= 0 and is_given_name(self.normal[self.numbers[before]]):
            return None
        return person

    def _spelling(self, start: int, end: int) -> str:
        exact, numbers = self.finder.vocabulary.exact, self.numbers
        if end == start + 1:
            return exact[numbers[start]]
        return " ".join(filter(None, (exact[number] for number in numbers[start:end])))
