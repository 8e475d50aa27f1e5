"""What the recogniser knows of single words and of names: lists from index/names/data/recogniser/, read once.

`lists.txt` is kept by hand, the other files are made by tools/recogniser_data.py. Everything is in normal form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Kind, Vocabulary

Scores = tuple[float, float, float]
"""Evidence for person, place, organisation, in that order; about log odds."""

NO_SCORES: Scores = (0.0, 0.0, 0.0)


class Word(IntFlag):
    """What a word may be, whatever its capitals. The low 16 bits of a feature are the vocabulary's Kind."""

    COMMON = 1 << 16          # stands in an English dictionary in lower case
    GIVEN = 1 << 17
    SURNAME = 1 << 18
    TITLE = 1 << 19           # Mr, President: before a person's name
    TITLE_MODIFIER = 1 << 20  # Foreign, Deputy: belongs to the title after it
    ORG_HEAD = 1 << 21        # University, Ministry: at the end of an organisation's name
    ORG_OF = 1 << 22          # heads that go on with of, for
    ORG_SUFFIX = 1 << 23      # Inc, Ltd
    PLACE_HEAD = 1 << 24      # River, County
    PLACE_PRE = 1 << 25       # Mount, San
    COMPASS = 1 << 26
    DEMONYM = 1 << 27
    DATE = 1 << 28
    MISC_HEAD = 1 << 29       # War, Cup: names of events and works
    NOT_NAME = 1 << 30
    CONNECTOR = 1 << 31       # of, de, &
    PARTICLE = 1 << 32        # van, de: inside a person's name
    ABBREVIATION = 1 << 33    # Gen, St: a full stop after it ends no sentence
    HEAD_OR_SURNAME = 1 << 34  # Hill, Church: a surname when a given name stands before it
    PERSON_SUFFIX = 1 << 35   # Jr, II
    SPORT = 1 << 36           # words of sports reports
    TEAM_LEFT = 1 << 37       # before a team: beat, against
    TEAM_RIGHT = 1 << 38      # after a team: won, lost
    YEAR = 1 << 39            # a number of four digits
    TEAM = 1 << 40            # last word of clubs' names: Bruins
    NATIONAL_HEAD = 1 << 41   # Ministry: a nationality before it is no part of the name
    NOUN_PERSON = 1 << 42     # X is a teacher
    NOUN_PLACE = 1 << 43      # X is a village
    NOUN_ORG = 1 << 44        # X is a band
    NOUN_OTHER = 1 << 45      # X is an album
    AUX = 1 << 46             # is, was, also
    SMALL = 1 << 47           # a, the, of
    AND = 1 << 48             # and, or, &


_CLASSES = {
    "title": Word.TITLE, "title_modifier": Word.TITLE_MODIFIER, "org_head": Word.ORG_HEAD, "org_of": Word.ORG_OF,
    "org_suffix": Word.ORG_SUFFIX, "place_head": Word.PLACE_HEAD, "place_pre": Word.PLACE_PRE,
    "compass": Word.COMPASS, "demonym": Word.DEMONYM, "date": Word.DATE, "misc_head": Word.MISC_HEAD,
    "not_name": Word.NOT_NAME, "connector": Word.CONNECTOR, "particle": Word.PARTICLE,
    "abbreviation": Word.ABBREVIATION, "head_or_surname": Word.HEAD_OR_SURNAME,
    "person_suffix": Word.PERSON_SUFFIX, "sport": Word.SPORT, "team_left": Word.TEAM_LEFT,
    "team_right": Word.TEAM_RIGHT, "team": Word.TEAM, "national_head": Word.NATIONAL_HEAD,
    "noun_person": Word.NOUN_PERSON, "role": Word.NOUN_PERSON, "noun_place": Word.NOUN_PLACE,
    "noun_org": Word.NOUN_ORG, "noun_other": Word.NOUN_OTHER, "aux": Word.AUX, "small": Word.SMALL, "and": Word.AND,
}
_FILES = {"words": Word.COMMON, "given": Word.GIVEN, "surnames": Word.SURNAME}
_NAMES: dict[str, Scores] = {
    "places": (0.0, 2.0, 0.0), "cities": (0.0, 2.8, 0.0), "us_state": (0.0, 4.0, 0.0), "region": (0.0, 4.0, 0.0), "country": (0.0, 5.0, 0.0),
    "county": (0.0, 2.5, 1.0), "team": (0.0, 0.0, 4.0), "org": (0.0, 0.0, 4.5), "org_word": (0.0, 0.0, 1.0),
}
_CONTEXTS: dict[str, tuple[str, Scores]] = {
    "left_place": ("left", (-0.6, 1.2, 0.0)), "right_place": ("right", (-0.5, 1.2, 0.0)),
    "left_person": ("left", (0.8, -0.3, 0.0)), "right_person": ("right", (1.2, -0.6, 0.3)),
    "left_org": ("left", (-0.2, 0.0, 0.6)), "right_org": ("right", (-0.3, -0.3, 0.8)),
    "role": ("left", (2.0, -1.0, -0.5)), "left_article": ("left", (-1.5, -0.4, 0.7)),
}


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """The sections of `lists.txt`, name and entries."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, entries = line.partition(": ")
            yield name, [entry.strip() for entry in entries.split(",")]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists, ready for look-up by normal form.

    `words` holds the Word flags of single words, `names` the evidence of names of one or more words,
    `left` and `right` what a word in lower case says about a name on its right or on its left.
    """

    words: Mapping[str, int]
    names: Mapping[str, Scores]
    left: Mapping[str, Scores]
    right: Mapping[str, Scores]

    @classmethod
    def load(cls) -> Lexicon:
        """Read the lists of the package."""
        folder = files("index.names") / "data/recogniser"
        words: dict[str, int] = {}
        for name, flag in _FILES.items():
            for word in (folder / f"{name}.txt").read_text("utf-8").split():
                words[word] = words.get(word, 0) | flag
        names: dict[str, Scores] = {}
        for name in ("places", "cities"):
            names.update(dict.fromkeys((folder / f"{name}.txt").read_text("utf-8").splitlines(), _NAMES[name]))
        sides: dict[str, dict[str, Scores]] = {"left": {}, "right": {}}
        lists = list(sections((folder / "lists.txt").read_text("utf-8")))
        for name in _NAMES:
            names.update({entry: _NAMES[name] for section, entries in lists if section == name for entry in entries})
        for name, entries in lists:
            for entry in entries:
                if name in _CLASSES:
                    words[entry] = words.get(entry, 0) | _CLASSES[name]
                if name in _CONTEXTS:
                    side, scores = _CONTEXTS[name]
                    old = sides[side].get(entry, NO_SCORES)
                    sides[side][entry] = (old[0] + scores[0], old[1] + scores[1], old[2] + scores[2])
        return cls(words, names, sides["left"], sides["right"])


class Features:
    """Feature rows of vocabulary numbers, made when a number is first seen.

    `flags`: int64, shape (n,), Kind | Word. `left`, `right`: float32, shape (n, 3), what a token says about
    the name after it and before it. `normal`: int32, shape (n,), equal for tokens of equal normal form.
    Rows beyond `size` are empty.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._ids: dict[str, int] = {}
        self.blank = vocabulary["\n"]    # stands for the text's ends
        self.size = 0
        self.flags = np.zeros(0, np.int64)
        self.left = np.zeros((0, 3), np.float32)
        self.right = np.zeros((0, 3), np.float32)
        self.normal = np.zeros(0, np.int32)
        self.extend()

    def extend(self) -> None:
        """Add a row for every number that the vocabulary has gained."""
        total = len(self._vocabulary)
        if self.size == total:
            return
        if total > len(self.flags):
            for name in ("flags", "left", "right", "normal"):
                old = getattr(self, name)
                grown = np.zeros((2 * total, *old.shape[1:]), old.dtype)
                grown[:self.size] = old[:self.size]
                setattr(self, name, grown)
        words, left, right = self._lexicon.words, self._lexicon.left, self._lexicon.right
        for number, kind in enumerate(self._vocabulary.kinds[self.size:].tolist(), self.size):
            word = self._vocabulary.normal[number].replace(".", "")
            year = Word.YEAR if kind & Kind.NUMBER and len(word) == 4 and word.isdigit() else 0
            self.flags[number] = kind | words.get(word, 0) | year
            self.normal[number] = self._ids.setdefault(word, len(self._ids))
            if word in left and (not kind & Kind.CAPITAL or kind & Kind.WORD and words.get(word, 0) & Word.NOT_NAME):
                self.left[number] = left[word]
            if not kind & Kind.CAPITAL:
                if word in right:
                    self.right[number] = right[word]
        self.size = total
