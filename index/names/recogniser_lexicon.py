"""What the recogniser knows of single words and of names: lists from index/names/data/recogniser/, read once.

`lists.txt` is kept by hand, the other files are made by tools/recogniser_data.py. Everything is in normal form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from index.analysis.vocabulary import Kind

Scores = tuple[float, float, float]
"""Evidence for person, place, organisation, in that order; about log odds."""

NO_SCORES: Scores = (0.0, 0.0, 0.0)
NOTHING: Scores = (-5.0, -5.0, -5.0)
"""Evidence that a name is of none of the three types."""


class Bit:
    """Bits of a feature: the low 16 are the vocabulary's Kind, the others what a word may be whatever its capitals."""

    WORD: Final = Kind.WORD
    CAPITAL: Final = Kind.CAPITAL
    UPPER: Final = Kind.UPPER
    NUMBER: Final = Kind.NUMBER
    INITIAL: Final = Kind.INITIAL
    SENTENCE_END: Final = Kind.SENTENCE_END
    BREAK: Final = Kind.BREAK
    COMMA: Final = Kind.COMMA
    OPEN: Final = Kind.OPEN
    CLOSE: Final = Kind.CLOSE
    QUOTE: Final = Kind.QUOTE
    DASH: Final = Kind.DASH
    OTHER: Final = Kind.OTHER
    POSSESSIVE: Final = Kind.POSSESSIVE
    COMMON: Final = 1 << 16  # stands in an English dictionary in lower case
    GIVEN: Final = 1 << 17
    SURNAME: Final = 1 << 18
    TITLE: Final = 1 << 19  # Mr, President: before a person's name
    TITLE_MODIFIER: Final = 1 << 20  # Foreign, Deputy: belongs to the title after it
    ORG_HEAD: Final = 1 << 21  # University, Ministry: at the end of an organisation's name
    ORG_OF: Final = 1 << 22  # heads that go on with of, for
    ORG_SUFFIX: Final = 1 << 23  # Inc, Ltd
    PLACE_HEAD: Final = 1 << 24  # River, County
    PLACE_PRE: Final = 1 << 25  # Mount, San
    COMPASS: Final = 1 << 26
    DEMONYM: Final = 1 << 27
    DATE: Final = 1 << 28
    MISC_HEAD: Final = 1 << 29  # War, Cup: names of events and works
    NOT_NAME: Final = 1 << 30
    CONNECTOR: Final = 1 << 31  # of, de, &
    CYRILLIC: Final = 1 << 32
    ABBREVIATION: Final = 1 << 33  # Gen, St: a full stop after it ends no sentence
    HEAD_OR_SURNAME: Final = 1 << 34  # Hill, Church: a surname when a given name stands before it
    PERSON_SUFFIX: Final = 1 << 35  # Jr, II
    SPORT: Final = 1 << 36  # words of sports reports
    TEAM_LEFT: Final = 1 << 37  # before a team: beat, against
    TEAM_RIGHT: Final = 1 << 38  # after a team: won, lost
    YEAR: Final = 1 << 39  # a number of four digits
    TEAM: Final = 1 << 40  # last word of clubs' names: Bruins
    NATIONAL_HEAD: Final = 1 << 41  # Ministry: a nationality before it is no part of the name
    NOUN_PERSON: Final = 1 << 42  # X is a teacher
    NOUN_PLACE: Final = 1 << 43  # X is a village
    NOUN_ORG: Final = 1 << 44  # X is a band
    NOUN_OTHER: Final = 1 << 45  # X is an album
    AUX: Final = 1 << 46  # is, was, also
    SMALL: Final = 1 << 47  # a, the, of
    AND: Final = 1 << 48  # and, or, &
    NOT_ALONE: Final = 1 << 49  # part of a name, but none alone
    FOR: Final = 1 << 50  # for
    ORG_PRE: Final = 1 << 52  # Radio, Dynamo: before an organisation's name
    NEWSPAPER: Final = 1 << 53  # Post, Herald: after a place
    ORG_FOR: Final = 1 << 54  # Institute: goes on with for
    WEAK_HEAD: Final = 1 << 55  # Technology: names things as well
    ON: Final = 1 << 51  # on, upon: Rostov on Don

    # Told of a word in a run alone (`recogniser_classes`), too high for an array
    FOREIGN: Final = 1 << 64  # has letters that are not English
    PAST: Final = 1 << 65  # an English word in -ed: Visited
    CLUB: Final = 1 << 66  # a plural that may name a club after a place: Dockers, not Regions
    ACRONYM: Final = 1 << 67  # in capitals, of no more letters than an acronym has
    SHORT: Final = 1 << 68  # an ACRONYM that may be an English word
    LETTERS: Final = 1 << 69  # an ACRONYM of three letters or more and nothing else


_CLASSES: dict[str, int] = {name: getattr(Bit, name.upper()) for name in (
    "abbreviation", "and", "aux", "compass", "connector", "date", "demonym", "for", "head_or_surname",
    "misc_head", "national_head", "newspaper", "not_alone", "not_name", "noun_org", "noun_other", "noun_person",
    "noun_place", "on", "org_for", "org_head", "org_of", "org_pre", "org_suffix", "person_suffix",
    "place_head", "place_pre", "small", "sport", "team", "team_left", "team_right", "title", "title_modifier",
    "weak_head")}
_CLASSES |= {"role": Bit.NOUN_PERSON, "given_word": Bit.GIVEN}
"""Sections of lists.txt that class words: by the name of the bit, but for two."""
_PLACE_FILES = ("places", "cities")
_NO_PLACE = Bit.DEMONYM | Bit.NOT_ALONE | Bit.NOT_NAME | Bit.TITLE | Bit.DATE
"""Words that are no place although the gazetteer has one of that name."""
_FILES = {"words": Bit.COMMON, "given": Bit.GIVEN, "surnames": Bit.SURNAME}
_NAMES: dict[str, Scores] = {
    "places": (0.0, 2.0, 0.0), "cities": (0.0, 2.8, 0.0), "us_state": (0.0, 4.0, 0.0), "region": (0.0, 4.0, 0.0),
    "country": (0.0, 5.0, 0.0),
    "county": (0.0, 2.5, 1.0), "team": (0.0, 0.0, 4.0), "org": (0.0, 0.0, 4.5), "org_word": (0.0, 0.0, 1.0),
    "country_word": (0.0, 3.0, 0.0), "state_short": (0.0, 4.0, 0.0), "nothing": NOTHING,
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

    `words` holds the bits of single words, `names` the evidence of names of one or more words, `same` the usual
    form of some names (*Calif* → *california*), `first_words` the words that begin one of `names`, `left` and `right`
    what a word says about a name on its right or on its left.
    """

    words: Mapping[str, int]
    names: Mapping[str, Scores]
    same: Mapping[str, str]
    first_words: Set[str]
    left: Mapping[str, Scores]
    right: Mapping[str, Scores]

    @classmethod
    def load(cls) -> Lexicon:
        """Read the lists of the package."""
        folder = files("index.names") / "data/recogniser"
        lists = list(sections((folder / "lists.txt").read_text("utf-8")))
        words: dict[str, int] = {}
        for name, flag in _FILES.items():
            for word in (folder / f"{name}.txt").read_text("utf-8").split():
                words[word] = words.get(word, 0) | flag
        for name, entries in lists:
            flag = _CLASSES.get(name, 0)
            for word in entries if flag else ():
                words[word] = words.get(word, 0) | flag
        names: dict[str, Scores] = {}
        for name in _PLACE_FILES:
            places = (folder / f"{name}.txt").read_text("utf-8").splitlines()
            names.update({place: _NAMES[name] for place in places if not words.get(place, 0) & _NO_PLACE})
        for name, scores in _NAMES.items():
            names.update({entry: scores for section, entries in lists if section == name for entry in entries})
        same = [entry.partition(" = ") for name, entries in lists if name == "same" for entry in entries]
        return cls(words, names, {form: usual for form, _, usual in same},
                   {name.partition(" ")[0] for name in names}, _side("left", lists), _side("right", lists))


def _side(side: str, lists: list[tuple[str, list[str]]]) -> dict[str, Scores]:
    """What the words on one side of a name say, added up over the sections that a word stands in."""
    found: dict[str, Scores] = {}
    for name, entries in lists:
        where, (person, place, organisation) = _CONTEXTS.get(name, ("", NO_SCORES))
        for entry in entries if where == side else ():
            old = found.get(entry, NO_SCORES)
            found[entry] = (old[0] + person, old[1] + place, old[2] + organisation)
    return found
