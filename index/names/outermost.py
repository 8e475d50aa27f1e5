"""Outermost: what the forms found in articles are, the outermost of them and what lies inside.

- Where forms overlap, the leftmost, then the longest is outermost; what lies inside it is a match without entity. In a
  person's full name only the surname lies inside (*Volodymyr* there is no town).
- Of several readings that are possible, those whose conditions are met go before those without any; if several still
  stand, each is reported, without entity.
- A bare surname is the person whose full name the article prints, if just one bearer's, else the one who has
  `surname_alone`; not when another given name stands before.
- A gazetteer place of one word is an entity only when the article prints it once after a word like *in* or *near*: too
  many are called like people (*Richardson*, *Montgomery*). No place that is a given name is an entity before a
  capitalised word (*Jordan Peterson*).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.names.given import is_given_name
from index.names.mentions import Mentions
from index.names.reading import Reading
from index.names.rows import Rows
from index.names.senses import Pairs, Senses


class Outermost:
    """Says what the forms of `mentions` are, which are all found."""

    def __init__(self, mentions: Mentions) -> None:
        self._mentions, self._finder = mentions, mentions.finder
        self._meanings = mentions.finder.meanings
        self._normal, self._printed, self._numbers = mentions.normal, mentions.printed, mentions.numbers
        self._known: dict[tuple[int, tuple[str, ...]], str | None] = {}
        self.placed = {self._place(start, senses.place) for start, *_, senses in mentions.found
                       if senses.place is not None and mentions.is_after_place_word(start)}
        """The gazetteer places printed after a place word: article << 32 | the number of the name without entity. The
        caller adds more of them."""
        self._spans: list[tuple[int, int, bool]] = []

    def _place(self, start: int, name: str) -> int:
        return self._mentions.article(start) << 32 | self._meanings[name, None]

    def rows(self) -> Rows:
        """The matches of all forms, in order."""
        found: list[int] = []
        number, spelling, numbers, typed = self._meanings, self._meanings.spelling, self._numbers, self._finder.typed
        covered, in_person = 0, False
        for start, end, no_person, _, _, senses in self._mentions.found:
            end = -end
            is_outer = start >= covered
            if is_outer:
                covered, in_person = end, not no_person
                self._spans.append((start, end, in_person))
            elif typed:
                continue
            if senses.sure is not None and no_person:
                name, entity = senses.sure
                pairs: Pairs = ((name, entity if is_outer else None),) if is_outer or not in_person else ()
            elif not is_outer:
                pairs = senses.inside_person if in_person else senses.inside
            elif in_person:
                pairs = senses.whole
            else:
                pairs = self._resolved(start, end, senses)
            if pairs:
                printed = spelling(numbers[start:end])
                for pair in pairs:
                    found += (start, end, number[pair], printed)
        return np.array(found, np.int32).reshape(-1, 4)

    def covers(self, starts: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each word at `starts` lies in one of the forms, and whether that is a person's full name."""
        begins, ends, persons = np.array([(-1, -1, False), *self._spans], np.intp).T
        at = np.searchsorted(begins, starts, "right") - 1
        inside = starts < ends[at]
        return inside, inside & (persons[at] != 0)

    def bearers(self, starts: Sequence[int]) -> Rows:
        """The persons that the bare surnames at `starts` are, where they are known."""
        alone, meanings, numbers = self._finder.alone, self._meanings, self._numbers
        found = [(start, start + 1, meanings[bearer, bearer], numbers[start]) for start in starts
                 if (bearer := self._bearer(alone[numbers[start]], start, start + 1)) is not None]
        return np.array(list(chain.from_iterable(found)), np.int32).reshape(-1, 4)

    def _resolved(self, start: int, end: int, senses: Senses) -> Pairs:
        """The names of an outermost mention, each with the entity that it is, if that is known."""
        others, pairs, bearer = senses.others, senses.inside_person, None
        if senses.surnames:
            bearer = self._bearer(senses, start, end)
            if bearer is not None:
                pairs = (*pairs, (bearer, bearer))
            if not others:
                return pairs
        if len(others) == 1 and others[0].is_ambiguous and not self._finder.typed:
            return (*pairs, (others[0].name, others[0].name))      # guards took the other entities away
        if len(others) == 1 and bearer is None:
            return pairs + self._single(others[0], start, end, senses.is_given)
        return (*pairs, *((reading.name, None) for reading in others if reading.name != bearer))

    def _single(self, reading: Reading, start: int, end: int, is_given: bool) -> Pairs:
        """The only entity that a mention may be: none where it is rather a person's given name or surname."""
        if end > start + 1 or reading.entity is None or not reading.name.startswith("place/"):
            return ((reading.name, reading.entity),)
        if reading.is_gazetteer and self._finder.typed:
            return () if is_given else ((reading.name, reading.entity),)
        if reading.is_gazetteer and self._place(start, reading.name) not in self.placed:
            return ((reading.name, None),)
        followed = self._printed[self._numbers[end]][0].isupper()
        return ((reading.name, None if is_given and followed else reading.entity),)

    def _bearer(self, senses: Senses, start: int, end: int) -> str | None:
        """The person that a bare surname is. Of a form of another entity of the names files (`is_contested`) only a
        full name in the article tells."""
        mentions, surnames = self._mentions, senses.surnames
        article = mentions.article(start)
        if (article, surnames) not in self._known:
            self._known[article, surnames] = self._bearer_of(surnames, article)
        person = self._known[article, surnames]
        if person is None or start in mentions.guarded or (senses.is_contested and not mentions.is_full(
                article, person)):
            return None
        before = mentions.before(start)
        if before >= 0 and is_given_name(self._normal[self._numbers[before]]):
            return None
        return None if mentions.is_guarded_by(self._finder.guards_of(person, senses.key), start, end) else person

    def _bearer_of(self, surnames: tuple[str, ...], article: int) -> str | None:
        """The bearer whose full name is printed; if none is, the one known by surname alone."""
        bearers, alone = self._finder.bearers(surnames)
        known = [person for person in bearers if self._mentions.is_full(article, person)] or alone
        return known[0] if len(known) == 1 else None
