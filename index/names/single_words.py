"""Single words: what most words that are names alone say, by array operations for all places where they stand.

A word that means one thing, or one gazetteer place, or one surname, whatever its context, says so wherever it stands;
and being one word, it covers no other form. What lies around it is left to be told by others: whether it is inside a
longer form, which full name it ends, who bears the surname. All else goes through `Mentions` and `Outermost`, whose
short way this is.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from index.names.batch import Batch
from index.names.matches import Meanings
from index.names.outermost import Outermost
from index.names.rows import Rows
from index.names.senses import Senses
from index.names.trie import BEHIND, CAPITAL, DOTTED, PLACE_WORD

if TYPE_CHECKING:
    from index.names.finder import Finder

OTHER, SURE, PLACE, GIVEN_PLACE, SURNAME = range(5)
"""What a word alone is: none of these, always one name, a gazetteer place (that is a given name too), a surname."""
KEPT: Final = 100_000
"""Pairs of words of which it is kept whether they are a full name; then all are forgotten, so memory stays bounded."""
LOOK: Final = -1
"""Stands for a pair of words when more than these must be looked at."""


class SingleWords:
    """What each word of a vocabulary is alone."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._of = np.zeros(0, np.int32)            # number of a word → row; 0 of most
        self._rows = array("i", (OTHER, 0, 0))      # what it is, its meaning where it is outermost, and inside a form

    def add(self, words: Iterable[tuple[int, Senses]], total: int) -> None:
        """Add words by their numbers, with what they may mean. `total`: the size of the vocabulary."""
        if total > len(self._of):
            self._of = np.concatenate((self._of, np.zeros(2 * total - len(self._of), np.int32)))
        for number, senses in words:
            sort = _sort(senses)
            if sort != OTHER:
                first = senses.readings[0]
                self._of[number] = len(self._rows) // 3
                self._rows.extend((sort, self._meanings[first.name, first.entity], self._meanings[first.name, None]))

    def rows(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Of words by their numbers: what they are, their meaning where they are outermost, and inside a form."""
        return np.frombuffer(self._rows, np.int32).reshape(-1, 3).take(self._of.take(numbers), 0)


def _sort(senses: Senses) -> int:
    if len(senses.readings) > 1 or not senses.is_open:
        return OTHER
    first = senses.readings[0]
    if first.is_surname:
        return SURNAME
    if senses.sure is not None:
        return SURE
    if first.is_gazetteer and not first.is_ambiguous and first.entity is not None and first.name.startswith("place/"):
        return GIVEN_PLACE if senses.is_given else PLACE
    return OTHER


class FullNames(dict[int, tuple[str, ...] | None]):
    """Two words, of which the second is a surname (number of the first << 32 | that of the second) → the persons whose
    full name they are, at once or because more words before make no other; () where more must be looked at."""

    def __init__(self, finder: Finder) -> None:
        super().__init__()
        self._finder = proxy(finder)      # which holds this, and must be gone as soon as it is forgotten

    def __missing__(self, pair: int) -> tuple[str, ...] | None:
        if len(self) >= KEPT:
            self.clear()
        found = self[pair] = () if pair == LOOK else self._persons(pair >> 32, pair & 0xFFFFFFFF)
        return found

    def _persons(self, before: int, number: int) -> tuple[str, ...] | None:
        finder = self._finder
        word, senses = finder.vocabulary.normal[before], finder.alone[number]
        by_given = finder.names.surnames.by_given(senses.surnames[0])
        if not word:
            return None
        if f"-{word}" in by_given:
            return ()
        if not finder.vocabulary.printed[before][0].isupper():
            return None
        persons = by_given.get(word, ())
        key = f"{word} {senses.key}"
        return () if any(finder.guards_of(person, key) for person in persons) else persons


class WordsFound:
    """The words of a batch that are names alone, but for those that are OTHER."""

    def __init__(self, batch: Batch, starts: NDArray[np.intp], rows: NDArray[np.int32], flags: NDArray[np.uint8]
                 ) -> None:
        """`starts`: where they stand; `rows`: see `SingleWords.rows`; `flags`: of all tokens."""
        self._tokens, self._starts, self._flags = batch.tokens, starts, flags
        self._sorts, self._whole, self._inside = rows.T
        self._are_surnames = self._sorts == SURNAME
        self._are_places = (self._sorts == PLACE) | (self._sorts == GIVEN_PLACE)
        self._places = batch.of_position(starts) << 32 | self._inside

    def surnames(self, dot: int, blank: int) -> tuple[list[int], list[int]]:
        """Where the surnames stand, each with the pair of words that `FullNames` wants. `dot` and `blank`: numbers."""
        starts, tokens, flags = self._starts[self._are_surnames], self._tokens, self._flags
        before = tokens[starts - 1].astype(np.int64)
        dotted = before == dot
        abbreviated = dotted & (flags[starts - 2] & DOTTED != 0)
        pairs = np.where(dotted, blank, before) << 32 | tokens[starts]
        pairs[abbreviated | (flags[starts + 1] & BEHIND != 0)] = LOOK
        return starts.tolist(), pairs.tolist()

    def placed(self) -> list[int]:
        """The gazetteer places after a place word, in the numbers that `Outermost.placed` has."""
        after = self._are_places & (self._flags[self._starts - 1] & PLACE_WORD != 0)
        found: list[int] = self._places[after].tolist()
        return found

    def rows(self, outermost: Outermost) -> Rows:
        """The matches of these words; those of one place stand together."""
        starts = self._starts
        covered, in_person = outermost.covers(starts)
        bare = covered | ((self._sorts == GIVEN_PLACE) & (self._flags[starts + 1] & CAPITAL != 0))
        places = np.flatnonzero(self._are_places & ~bare)
        bare[places] = [place not in outermost.placed for place in self._places[places].tolist()]
        columns = starts, starts + 1, np.where(bare, self._inside, self._whole), self._tokens[starts]
        rows = np.stack(columns, axis=1).astype(np.int32)[~in_person | self._are_surnames]
        return np.concatenate((rows, outermost.bearers(starts[self._are_surnames & ~covered].tolist())))
