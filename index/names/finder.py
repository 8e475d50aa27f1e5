"""Finder: every known spelling in an article, by longest match over the numbers of its words.

Each distinct printed word is judged once (its number in the vocabulary): may it stand alone as a name, begin one, go on
in one? Arrays of those flags give the few places of an article where a name may begin; only there a trie is walked.

What a match says is decided in `mentions.py` and `outermost.py`, of most words that are names alone in
`single_words.py`. A match is outermost or lies inside a longer one; what lies inside is reported without entity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.analysis.normal import normal_form
from index.analysis.vocabulary import Kind, Vocabulary
from index.names.batch import Batch
from index.names.forms import form_key, is_cyrillic, is_small, words
from index.names.matches import BatchMatches, Meanings
from index.names.mentions import Mentions
from index.names.model import NameMatch
from index.names.outermost import Outermost
from index.names.reading import KeyGuard, Reading
from index.names.registry import Names
from index.names.senses import Senses
from index.names.single_words import OTHER, FullNames, SingleWords, WordsFound
from index.names.trie import ALONE, BEHIND, CAPITAL, DOTTED, FIRST, LATER, PLACE_WORD, Node
from index.names.words import is_word

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

KEPT = 100_000
"""Forms whose readings are kept; then all are forgotten, so that memory stays bounded."""

_PLACE_WORDS = frozenset((
    "in", "near", "from", "outside", "around", "at", "to", "into", "across", "towards", "toward", "inside",
    "у", "в", "із", "з", "зі", "до", "під", "біля", "из", "от", "под", "около", "к", "возле"))
_POSSESSIVE = re.compile(r"(?:['’ʼ‘]s|(?<=s)['’ʼ‘])$", re.IGNORECASE)


class Finder:
    """Finds the names of `names` in runs of numbers of `vocabulary`. One finder per vocabulary; not for threads."""

    def __init__(self, names: Names, vocabulary: Vocabulary, typed: bool = False) -> None:
        """`typed`: the words are a query's: lower case is no sign against a name, and only outermost matches count."""
        self.names, self.vocabulary, self.typed = names, vocabulary, typed
        self.dot, self.blank = vocabulary["."], vocabulary["\n"]
        self.begun: dict[int, Node] = {}
        """Number → where the word leads that begins forms of several words."""
        self.alone: dict[int, Senses] = {}
        """Number → what the word alone may mean."""
        self.meanings = Meanings(vocabulary)
        self.full_names = FullNames(self)
        self._flags = np.zeros(0, np.uint8)
        self._single_words = SingleWords(self.meanings)
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._shown: dict[tuple[int, ...], Senses | None] = {}
        self._persons: dict[tuple[str, ...], Senses] = {}
        self._guards: dict[tuple[str, str], tuple[KeyGuard, ...]] = {}
        self._bearers: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}

    def find(self, numbers: NDArray[np.int32]) -> list[NameMatch]:
        """The matches in one article (or query), by start, then longest first. `numbers`: words and marks, int32."""
        batch = Batch.of([(numbers,)], self.vocabulary)
        matches, = self.of_batch(batch).of_articles(batch)
        return list(matches)

    def of_batch(self, batch: Batch) -> BatchMatches:
        """The matches in all articles of a batch, and what guards took away."""
        if len(self._flags) < len(self.vocabulary):
            self._extend()
        numbers, flags = batch.tokens, self._flags.take(batch.tokens)
        begins = flags & ALONE
        begins[:-1] |= (flags[:-1] << 1) & flags[1:] & LATER
        begins[:-2] |= np.where((numbers[1:-1] == self.dot) & (flags[:-2] & DOTTED != 0),
                                (flags[:-2] << 1) & flags[2:] & LATER, 0).astype(np.uint8)
        alone = np.flatnonzero(begins & ALONE)
        rows = self._single_words.rows(numbers[alone])
        simple = rows[:, 0] != OTHER
        begins[alone[simple]] &= LATER
        words = WordsFound(batch, alone[simple], rows[simple], flags)
        mentions = Mentions(self, batch, flags)
        starts = np.flatnonzero(begins)
        mentions.add_forms(starts.tolist(), begins[starts].tolist())
        mentions.add_full_names(*words.surnames(self.dot, self.blank))
        mentions.sort()
        outermost = Outermost(mentions)
        outermost.placed.update(words.placed())
        found = np.concatenate((outermost.rows(), words.rows(outermost)))
        order = np.argsort((found[:, 0].astype(np.int64) << 32) - found[:, 1], kind="stable")
        return BatchMatches(found[order], self.meanings, mentions.barred)

    def shown(self, key: str, numbers: tuple[int, ...]) -> Senses | None:
        """What a key may mean that the capitals of its printed words allow, remembered by their numbers."""
        if numbers not in self._shown:
            readings = self._allowed(key, numbers)
            _remember(self._shown, numbers, Senses.of(key, readings) if readings else None)
        return self._shown[numbers]

    def _allowed(self, key: str, numbers: tuple[int, ...]) -> tuple[Reading, ...]:
        printed = tuple(self.vocabulary.printed[number] for number in numbers if number != self.dot)
        return tuple(reading for reading in self.readings(key) if self._is_cased(reading, key, printed))

    def persons(self, persons: tuple[str, ...]) -> Senses:
        """What the full name of these persons means, remembered."""
        found = self._persons.get(persons)
        if found is None:
            readings = tuple(Reading(person, person if len(persons) == 1 else None) for person in persons)
            found = self._persons[persons] = Senses.of("", readings)
        return found

    def readings(self, key: str) -> tuple[Reading, ...]:
        """All that a key may mean, remembered."""
        found = self._readings.get(key)
        if found is None:
            found = self.names.readings(key)
            if found:
                _remember(self._readings, key, found)
        return found

    def guards_of(self, person: str, key: str) -> tuple[KeyGuard, ...]:
        """The guards of a person's form, remembered."""
        found = self._guards.get((person, key))
        if found is None:
            found = self._guards[person, key] = self.names.guards(person, key)
        return found

    def _extend(self) -> None:
        """Judge the words that came into the vocabulary since the last time."""
        first, vocabulary = len(self._flags), self.vocabulary
        normal = vocabulary.normal[first:]
        words = [word or mark for word, mark in zip(normal, vocabulary.printed[first:], strict=True)]
        judged = np.fromiter(map(self.names.trie.flags.get, words, repeat(0)), np.uint8, len(words))
        letters = [at for at, word in enumerate(normal) if len(word) == 1]
        for at in np.union1d(np.flatnonzero(judged), np.array(letters, np.intp)).tolist():
            judged[at] = self._judge(first + at, int(judged[at]))
        capital = (vocabulary.kinds[first:] & Kind.CAPITAL) != 0
        judged[capital] |= CAPITAL
        judged[[at for at, word in enumerate(normal) if word in _PLACE_WORDS]] |= PLACE_WORD
        judged[[at for at, word in enumerate(normal) if not word.isascii() and is_cyrillic(word) and capital[at]]
               ] |= BEHIND
        self._flags = np.concatenate((self._flags, judged))
        alone = () if self.typed else (np.flatnonzero(judged & ALONE) + first).tolist()
        self._single_words.add([(number, self.alone[number]) for number in alone], len(vocabulary))

    def _judge(self, number: int, flags: int) -> int:
        """The flags of a word whose normal form has these flags in the trie, as it is printed."""
        normal, printed = self.vocabulary.normal[number], self.vocabulary.printed[number]
        if flags & ALONE:
            readings = self._allowed(normal, (number,)) if normal else ()
            if readings:
                self.alone[number] = Senses.of(normal, readings, are_all=True)
            else:
                flags &= ~ALONE
        if flags & FIRST:
            self.begun[number] = self.names.trie.node(normal or printed)
        if len(normal) == 1 and printed.isupper():
            flags |= DOTTED
        return flags

    def bearers(self, surnames: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The persons of these surnames, and those known by surname alone, remembered."""
        found = self._bearers.get(surnames)
        if found is None:
            bearers = [bearer for surname in surnames for bearer in self.names.surnames.bearers(surname)]
            found = self._bearers[surnames] = bearers, [person for person in bearers if self.names.is_alone(person)]
        return found

    def _is_cased(self, reading: Reading, key: str, printed: tuple[str, ...]) -> bool:
        """Whether the capitals of the printed words allow a reading."""
        if reading.case:
            return any(_bare(printed) == _bare(words(form)) for form in reading.case)
        if is_cyrillic(key):
            lower_case = self.typed and not (reading.is_gazetteer and reading.is_inflected)
            if lower_case or not all(word[0].islower() for word in printed):
                return True
            return self._is_listed(reading, key, printed)
        if not all(is_word(word) or is_small(word) for word in key.split(" ")):
            return True
        if self.typed and " " in key and not reading.is_gazetteer:
            return True
        if all(not word[0].islower() or is_small(normal_form(word)) for word in printed):
            return True
        return " " in key and self._is_listed(reading, key, printed)

    def _is_listed(self, reading: Reading, key: str, printed: tuple[str, ...]) -> bool:
        """Whether a form is listed with capitals in no other places than these."""
        return any(form_key(spelling.form) == key and _has_capitals_of(printed, words(spelling.form))
                   for spelling in self.names.spellings(reading.name))


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(known) >= KEPT:
        known.clear()
    known[key] = value


def _bare(printed: Sequence[str]) -> list[str]:
    """Printed words without a possessive s."""
    return [_POSSESSIVE.sub("", word) for word in printed]


def _has_capitals_of(printed: Sequence[str], form: Sequence[str]) -> bool:
    """Whether printed words have capitals wherever a form has them (*Druzhba pipeline*)."""
    return all(shown[0].isupper() or not listed[0].isupper() for shown, listed in zip(printed, form, strict=True))
