"""Form keys: how the forms of names are compared.

The key of a form is the normal forms of its words, joined by a space: *Ivano-Frankivsk* and *Ivano Frankivsk* are one
form, *Mariupol'* and *Mariupol* too. Marks inside a form (the dot of *St. Petersburg*, a comma) do not count, but `&`
does, as a word of its own.
"""

from __future__ import annotations

import re

from index.analysis.normal import normal_form
from index.analysis.tokenizer import is_word, tokens

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_AND = "&"
_SMALL = frozenset(("a", "an", "and", "at", "by", "de", "del", "der", "di", "do", "du", "e", "el", "en", "for", "in",
                    "la", "le", "of", "on", "or", "the", "to", "und", "van", "von", "y"))


def words(form: str) -> list[str]:
    """The printed words of a form, `&` among them."""
    return [token for token in tokens(form) if is_word(token) or token == _AND]


def form_key(form: str) -> str:
    """What two spellings of one form have in common: their words in normal form, joined by a space."""
    return " ".join(filter(None, (word if word == _AND else normal_form(word) for word in words(form))))


def is_cyrillic(text: str) -> bool:
    """Whether any letter of `text` is Cyrillic."""
    return _CYRILLIC.search(text) is not None


def is_small(word: str) -> bool:
    """Whether a normal form is a word that stays lower-case inside a name: *of*, *the*, *de*."""
    return word in _SMALL
