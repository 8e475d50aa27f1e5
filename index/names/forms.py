"""Form keys: how the forms of names are compared.

The key of a form is the normal forms of its words, joined by a space: *Ivano-Frankivsk* and *Ivano Frankivsk* are one
form, *Mariupol'* and *Mariupol* too. Of the marks inside a form `&`, `/`, a comma and a dash count as words of their
own (*RFE/RL*); the dot of *St. Petersburg* does not, nor do quotes and brackets.
"""

from __future__ import annotations

import re

from index.analysis.normal import normal_form
from index.analysis.tokenizer import is_word, tokens

_MARKS = frozenset("&/,–—")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_SMALL = frozenset(("a", "an", "and", "at", "by", "de", "del", "der", "di", "do", "du", "e", "el", "en", "for", "in",
                    "la", "le", "of", "on", "or", "the", "to", "und", "van", "von", "y"))


def words(form: str) -> list[str]:
    """The printed words of a form, and the marks that count."""
    return [token for token in tokens(form) if is_word(token) or token in _MARKS]


def form_key(form: str) -> str:
    """What two spellings of one form have in common: their words in normal form, joined by a space."""
    return " ".join(filter(None, (normal_form(word) if is_word(word) else word for word in words(form))))


def is_cyrillic(text: str) -> bool:
    """Whether any letter of `text` is Cyrillic."""
    return not text.isascii() and _CYRILLIC.search(text) is not None


def is_small(word: str) -> bool:
    """Whether a normal form is a word that stays lower-case inside a name: *of*, *the*, *de*."""
    return word in _SMALL
