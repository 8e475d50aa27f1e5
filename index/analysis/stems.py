"""Stems: Snowball (NLTK), chosen by the script of the word so that index and query always agree.

English for Latin letters, Russian for Cyrillic ones (Snowball has no Ukrainian; DECISIONS.md says what
that costs). A word with a digit in it is its own stem.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from index import garbage


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    with garbage.put_off():
        from nltk.stem.snowball import SnowballStemmer  # the import takes half a second: only who stems pays

    stem: Callable[[str], str] = SnowballStemmer(language).stem
    return stem


SUFFIXES = ("s", "ed", "ing", "y", "nci", "li", "ogi", "iti", "al", "ful", "ll", "e", "ion", "er", "ator", "ism", "ic",
            "ent", "ant")
"""A word of Latin letters that has none of these endings is its own stem: each step of English Snowball replaces one of
them, or one that ends so. Half of all new words need not be handed to the stemmer (7 µs)."""


_STAYS = frozenset(("news", "atlas", "cosmos", "bias"))
"""Words that Snowball does not take for plurals."""
_APART = re.compile(r".*(?:ies|sses|us|ss|nces?|bles?|ates?|ives?|izes?)\Z|(?:y|gener|commun|arsen)")
"""Words of other rules than those of `_plain_stem`."""
_VOWEL = re.compile("[aeiouy]")
_IN_R2 = re.compile("[^aeiouy]*[aeiou]+[^aeiouy]+[aeiou]+[^aeiouy]+[aeiouy]")
"""A vowel behind two pairs of vowels and consonants lies in Snowball's region R2."""


def stem(normal: str) -> str:
    """The stem of a word in normal form."""
    if normal.isascii():
        if not (normal.endswith(SUFFIXES) and normal.isalpha()):
            return normal
        return _plain_stem(normal) or _stem("english", normal)
    if "а" <= normal[0] <= "ӿ" and normal.isalpha():
        return _stem("russian", normal) or normal
    return normal


def _plain_stem(word: str) -> str | None:
    """The English stem of a word that loses a plural's s (step 1a) or a final e (step 5) or both, and nothing else;
    None of other words. Most of the words that Snowball changes are told here, in a fifth of its time."""
    if not word.endswith(("s", "e")) or _APART.match(word) or word in _STAYS:
        return None
    if word[-1] == "s":
        if not _VOWEL.search(word, 0, len(word) - 2):
            return None
        word = word[:-1]
        if not word.endswith(SUFFIXES):
            return word
    return word[:-1] if word[-1] == "e" and _IN_R2.match(word) else None


@lru_cache(maxsize=1 << 17)
def _stem(language: str, normal: str) -> str:
    return _stemmer(language)(normal)
