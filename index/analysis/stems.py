"""Stems: Snowball (NLTK), chosen by the script of the word so that index and query always agree.

English for Latin letters, Russian for Cyrillic ones (Snowball has no Ukrainian; DECISIONS.md says what
that costs). A word with a digit in it is its own stem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

import numpy as np

from index import kernels
from index.compiled_library import address


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
        if not (normal.endswith(SUFFIXES) and normal.isalpha()):
            return normal
        return _stem("english", normal)
    if "а" <= normal[0] <= "ӿ" and normal.isalpha():
        return _stem("russian", normal) or normal
    return normal


def stems(words: Sequence[str]) -> list[str]:
    """The stems of words in normal form; "" is its own. In C an English one takes a fiftieth of NLTK's time."""
    if kernels.KERNELS is None:
        return [stem(word) if word else "" for word in words]
    lines = "\n".join([*words, ""]).encode()
    made = np.empty(len(lines), np.uint8)
    size = kernels.KERNELS.stem_lines(lines, len(lines), address(made))
    latin = made[:size].tobytes().decode().split("\n")[:-1]
    return [stem(word) if not word.isascii() else word if word == one else one
            for word, one in zip(words, latin, strict=True)]


@lru_cache(maxsize=1 << 17)
def _stem(language: str, normal: str) -> str:
    return _stemmer(language)(normal)
