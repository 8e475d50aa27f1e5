"""Classes of words: what the rules of a run can tell of a word.

Most names are of words in no list, and rules see no difference between two of these that have the same bits. So a rule
is given the class of a word instead of the word, and runs of the same classes are analysed once.
"""

from __future__ import annotations

from typing import NamedTuple

from index.names.recogniser_lexicon import NO_SCORES, Bit, Lexicon, Scores

SHORT = 4
"""Letters of the longest acronym that may be an English word."""
LONGEST_ACRONYM = 6
OTHER = "?"
"""Stands for all words that no rule names."""

CREEDS = frozenset({"christian", "liberal", "islamic", "catholic", "democratic", "republican", "social", "socialist",
                    "communist", "national", "orthodox", "conservative"})
"""Words of the demonym list that are part of a party's name."""
JOINTS = frozenset({"of", "for", "on", "upon", "and"})
DIVISIONS = frozenset({"city", "town", "village", "state", "province", "mayor"})
ARTICLES = frozenset({"le", "la", "les", "el", "los", "las"})
NO_PERSONS = frozenset({"of", "and", "for"})
"""Words that stand in no person's name."""
HALL_OF_FAME = ("hall", "of", "fame")
_NAMED = frozenset({"the", *HALL_OF_FAME}) | CREEDS | JOINTS | DIVISIONS | ARTICLES
_NO_VERBS = frozenset({"united", "associated", "allied", "armed", "unified", "federated", "reformed", "advanced"})
"""Words in -ed that begin names of organisations; other ones at the start of a sentence are verbs."""
_NO_CLUB = Bit.ORG_HEAD | Bit.PLACE_HEAD | Bit.TITLE | Bit.DEMONYM | Bit.NOUN_PERSON | Bit.NOUN_PLACE
"""Words whose plural after a place is no club: Kherson Regions."""


class WordClass(NamedTuple):
    """What rules know of a token: `flags`, its features with the bits of its look; `word`, its normal form if rules
    name it, OTHER if not, "" for a mark; `listed`: its evidence as a name; `known`: None if it counts in capitals only.
    """

    flags: int
    word: str
    listed: Scores
    known: Scores | None

    @classmethod
    def of(cls, normal: str, flags: int, lexicon: Lexicon) -> WordClass:
        """The class of a token by its normal form without full stops and its features."""
        listed = lexicon.names.get(normal)
        is_word = len(normal) <= SHORT and flags & Bit.COMMON and not flags & Bit.UPPER
        return cls(flags | _look(normal, flags, lexicon), normal if not normal or normal in _NAMED else OTHER,
                   NO_SCORES if listed is None else listed, None if is_word else listed)


def _look(word: str, flags: int, lexicon: Lexicon) -> int:
    """The bits that the letters of a word tell."""
    look = 0 if word.isascii() else Bit.FOREIGN
    if flags & Bit.COMMON and word.endswith("ed") and word not in _NO_VERBS:
        look |= Bit.PAST
    if word.endswith("s") and len(word) > 4 and not flags & (
            _NO_CLUB | Bit.MISC_HEAD | Bit.SURNAME | Bit.POSSESSIVE) and not lexicon.words.get(word[:-1], 0) & _NO_CLUB:
        look |= Bit.CLUB
    if flags & Bit.UPPER and len(word) <= LONGEST_ACRONYM:
        look |= Bit.ACRONYM
        if len(word) <= SHORT:
            look |= Bit.SHORT
        if len(word) > 2 and word.isalpha():
            look |= Bit.LETTERS
    return look
