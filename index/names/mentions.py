"""Mentions: what the known spellings of one article are.

- Where forms overlap, the leftmost, then the longest is outermost; what lies inside it is a match without entity. In a
  person's full name only the surname lies inside (*Volodymyr* there is no town).
- A guard or `only_with` that does not hold takes a reading away. Of several readings left, those whose conditions are
  met go before those without any; if several still stand, each is reported, without entity.
- A surname is a match of its own (`surname/…`). With a bearer's given name before it, a middle word or initials between
  (*Vladimir V. Putin*), or behind it in Cyrillic, the whole is the person. Bare, it is the person whose full name the
  article prints, if just one bearer's, else the one who has `surname_alone`; not when another given name stands before.
- A gazetteer place of one word is an entity only when the article prints it once after a word like *in* or *near*: too
  many are called like people (*Richardson*, *Montgomery*). No place that is a given name is an entity before a
  capitalised word (*Jordan Peterson*).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from index.names.forms import is_cyrillic
from index.names.given import is_given_name
from index.names.model import NameMatch
from index.names.reading import KeyGuard, Reading
from index.names.senses import Pairs, Senses
from index.names.surroundings import Surroundings
from index.names.trie import ALONE, LATER, Node

if TYPE_CHECKING:
    from index.names.finder import Finder

_MIDDLE = 2
"""So many middle words or initials may stand between given name and surname."""
_GIVEN = 3
"""A given name has at most so many words (*Saif al-Islam*)."""
_PLACE_WORDS = frozenset((
    "in", "near", "from", "outside", "around", "at", "to", "into", "across", "towards", "toward", "inside",
    "у", "в", "із", "з", "зі", "до", "під", "біля", "из", "от", "под", "около", "к", "возле"))
_FEMININE = ("а", "я", "у", "ю", "ь")


_Found = tuple[int, int, bool, int, Senses]
"""A form found, in the order of layout: start, -end, whether it is no full name of a person, a running number, what it
may mean."""


class Mentions(Surroundings):
    """One article (or query) in hand, and what is found in it."""

    def __init__(self, finder: Finder, numbers: list[int], asked: Sequence[str]) -> None:
        super().__init__(finder, numbers, asked)
        self._by_given = finder.names.surnames.by_given
        self._found: list[_Found] = []
        self._full: set[str] = set()     # the persons whose full names are printed
        self._placed: set[str] = set()   # the gazetteer places that are printed after a place word
        self._barred: set[int] = set()   # where surnames stand whose full name a guard takes away
        self._struck: set[tuple[KeyGuard, str]] = set()    # guards that hold in the whole article, and the keys
        self.barred: list[tuple[int, int, str]] = []
        """What guards took away: start, end and the name that the words are not."""
        self._company: dict[tuple[str, ...], bool] = {}
        self._known: dict[tuple[str, ...], str | None] = {}

    def matches(self, starts: list[int], begins: list[int]) -> list[NameMatch]:
        """The matches of forms that begin at `starts`; `begins` has the flags that say how (ALONE, LATER)."""
        finder, numbers, alone = self.finder, self.numbers, self.finder.alone
        found, normal, printed = self._found, self.normal, self.printed
        for start, flags in zip(starts, begins, strict=True):
            number = numbers[start]
            if flags & LATER:
                following = numbers[start + 1]
                begun = finder.begun[number]
                if following == finder.dot or (normal[following] or printed[following]) in begun.next:
                    for end, key in self._walk(start, begun):
                        senses = finder.shown(key, tuple(numbers[start:end]))
                        if senses is not None:
                            self._add(start, end, senses)
            if flags & ALONE:
                senses = alone[number]
                if senses.is_plain:
                    found.append((start, -start - 1, True, len(found), senses))
                else:
                    self._add(start, start + 1, senses)
        if self._struck:
            found = self._found = [kept for item in found if (kept := self._unstruck(item)) is not None]
        found.sort()
        self._placed = {senses.place for start, _, _, _, senses in found
                        if senses.place is not None and self._after_place_word(start)}
        return self._laid_out()

    def _unstruck(self, item: _Found) -> _Found | None:
        """What is left of a found form when the readings that some guard strikes everywhere are taken away."""
        start, minus_end, no_person, place, senses = item
        struck = [reading for reading in senses.readings
                  if any((guard, senses.key) in self._struck for guard in reading.guards)]
        if not struck:
            return item
        self.barred += [(start, -minus_end, reading.name) for reading in struck]
        kept = tuple(reading for reading in senses.readings if reading not in struck)
        return (start, minus_end, no_person, place, Senses.of(senses.key, kept)) if kept else None

    def _add(self, start: int, end: int, senses: Senses) -> None:
        """Keep what the form may mean here, and the full name that it ends or begins."""
        if not senses.is_open:
            readings = tuple(reading for reading in senses.readings
                             if self._counts(reading, senses.readings, start, end))
            if not readings:
                return
            if len(readings) < len(senses.readings):
                senses = Senses.of(senses.key, readings)
        self._found.append((start, -end, True, len(self._found), senses))
        for surname in senses.surnames:
            self._add_full_name(surname, start, end)

    def _walk(self, start: int, node: Node) -> Iterator[tuple[int, str]]:
        """The ends and keys of the forms of several words that begin at `start`, whose word leads to `node`."""
        numbers = self.numbers
        position = self.next(start)
        while position < len(numbers):
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
        if end < len(self.numbers) and self.is_capital(end):
            key = self.normal[self.numbers[end]]
            if key in by_given and is_cyrillic(key):
                self._add_person(by_given[key], start, end + 1, start)
        return None

    def _add_person(self, persons: tuple[str, ...], start: int, end: int, surname: int) -> None:
        """Keep the person, or those of one name, of whom no guard says otherwise. `surname`: where that begins."""
        key = " ".join(filter(None, map(self.normal.__getitem__, self.numbers[start:end])))
        kept = tuple(person for person in persons
                     if not self._is_guarded_by(self.finder.guards_of(person, key), start, end))
        if len(kept) < len(persons):
            self._barred.add(surname)
        if kept:
            self._full.add(kept[0])
            self._found.append((start, -end, False, len(self._found), self.finder.persons(kept)))

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
        if self._is_guarded_by(reading.guards, start, end):
            self.barred.append((start, end, reading.name))
            return False
        if reading.is_adjectival and self._is_adjective(start, end):
            return False
        if not reading.only_with or (self.finder.typed and len(all_readings) == 1):
            return True
        met = self._company.get(reading.only_with)
        if met is None:
            met = self._company[reading.only_with] = any(map(self.is_printed, reading.only_with))
        return met

    def _is_adjective(self, start: int, end: int) -> bool:
        """Whether a feminine noun follows (*Донецька область*) and no word such as *до* stands before."""
        following = self.normal[self.numbers[end]] if end < len(self.numbers) else ""
        return following.endswith(_FEMININE) and not self._after_place_word(start)

    def _is_guarded_by(self, guards: tuple[KeyGuard, ...], start: int, end: int) -> bool:
        if not guards:
            return False
        before, after = self.beside(start - 1, -1), self.beside(end, 1)
        for guard in guards:
            if (before in guard.beside or after in guard.beside) and guard.holds(
                    self.around(start - 1, -1), self.around(end, 1)):
                if guard.everywhere:
                    key = " ".join(filter(None, map(self.normal.__getitem__, self.numbers[start:end])))
                    self._struck.add((guard, key))
                return True
        return False

    def _laid_out(self) -> list[NameMatch]:
        """Outermost mentions with their entities, and what lies inside them."""
        matches: list[NameMatch] = []
        exact, numbers, typed = self.finder.vocabulary.exact, self.numbers, self.finder.typed
        match = partial(tuple.__new__, NameMatch)      # half the time of calling NameMatch
        covered, in_person = 0, False
        for start, end, no_person, _, senses in self._found:
            end = -end
            is_outer = start >= covered
            if is_outer:
                covered, in_person = end, not no_person
            elif typed:
                continue
            if senses.sure is not None and no_person:
                if is_outer or not in_person:
                    name, entity = senses.sure
                    matches.append(match((start, end, name, entity if is_outer else None, exact[numbers[start]])))
                continue
            if not is_outer:
                pairs = senses.inside_person if in_person else senses.inside
            elif in_person:
                pairs = senses.whole
            else:
                pairs = self._resolved(start, end, senses)
            if pairs:
                spelling = self.spelling(start, end)
                matches += [match((start, end, name, entity, spelling)) for name, entity in pairs]
        return matches

    def _resolved(self, start: int, end: int, senses: Senses) -> Pairs:
        """The names of an outermost mention, each with the entity that it is, if that is known."""
        others, pairs, bearer = senses.others, senses.inside_person, None
        if senses.surnames:
            bearer = self._bearer(senses.surnames, start, senses.is_contested)
            if bearer is not None and self._is_guarded_by(self.finder.guards_of(bearer, senses.key), start, end):
                bearer = None
            if bearer is not None:
                pairs = (*pairs, (bearer, bearer))
            if not others:
                return pairs
        if len(others) == 1 and others[0].is_ambiguous and not self.finder.typed:
            return (*pairs, (others[0].name, others[0].name))      # guards took the other entities away
        if len(others) == 1 and bearer is None:
            return pairs + self._single(others[0], start, end, senses.is_given)
        return (*pairs, *((reading.name, None) for reading in others if reading.name != bearer))

    def _single(self, reading: Reading, start: int, end: int, is_given: bool) -> Pairs:
        """The only entity that a mention may be: none where it is rather a person's given name or surname."""
        if end > start + 1 or reading.entity is None or not reading.name.startswith("place/"):
            return ((reading.name, reading.entity),)
        if reading.is_gazetteer and self.finder.typed:
            return () if is_given else ((reading.name, reading.entity),)
        if reading.is_gazetteer and reading.name not in self._placed:
            return ((reading.name, None),)
        followed = end < len(self.numbers) and self.printed[self.numbers[end]][0].isupper()
        return ((reading.name, None if is_given and followed else reading.entity),)

    def _after_place_word(self, start: int) -> bool:
        return start > 0 and self.normal[self.numbers[start - 1]] in _PLACE_WORDS

    def _bearer(self, surnames: tuple[str, ...], start: int, is_contested: bool) -> str | None:
        """The person that a bare surname is. `is_contested`: it is a form of another entity of the names files too,
        so that only a full name in the article tells."""
        if surnames not in self._known:
            self._known[surnames] = self._bearer_of(surnames)
        person = self._known[surnames]
        if person is None or start in self._barred or (is_contested and person not in self._full):
            return None
        before = self.before(start)
        if before >= 0 and is_given_name(self.normal[self.numbers[before]]):
            return None
        return person

    def _bearer_of(self, surnames: tuple[str, ...]) -> str | None:
        """The bearer whose full name is printed; if none is, the one known by surname alone."""
        names = self.finder.names
        bearers = [bearer for surname in surnames for bearer in names.surnames.bearers(surname)]
        known = [person for person in bearers if person in self._full] or [
            person for person in bearers if names.is_alone(person)]
        return known[0] if len(known) == 1 else None
