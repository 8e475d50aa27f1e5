"""Stems: Snowball (NLTK), chosen by the script of the word so that index and query always agree.

English for Latin letters, Russian for Cyrillic ones (Snowball has no Ukrainian; DECISIONS.md says what
that costs). A word with a digit in it is its own stem.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    from nltk.stem.snowball import SnowballStemmer  # the import takes a second: only who stems pays

    stem: Callable[[str], str] = SnowballStemmer(language).stem
    return stem


SUFFIXES = ("s", "ed", "ing", "y", "nci", "li", "ogi", "iti", "al", "ful", "ll", "e", "ion", "er", "ator", "ism", "ic",
            "ent", "ant")
"""A word of Latin letters that has none of these endings is its own stem: each step of English Snowball replaces one of
them, or one that ends so. Half of all new words need not be handed to the stemmer (7 µs)."""


def stem(normal: str) -> str:
    """The stem of a word in normal form."""
    if normal.isascii():
        return _stem("english", normal) if normal.endswith(SUFFIXES) and normal.isalpha() else normal
    if "а" <= normal[0] <= "ӿ" and normal.isalpha():
        return _stem("russian", normal) or normal
    return normal


@lru_cache(maxsize=1 << 17)
def _stem(language: str, normal: str) -> str:
    return _stemmer(language)(normal)
