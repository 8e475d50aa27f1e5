"""Normal forms of a token: what is compared when spellings are compared.

exact form   NFC, casefold, apostrophes to ', soft hyphens and zero-width marks dropped, final possessive cut:
             what `=Kiev` compares, so *Kiev*, *KIEV* and *Kiev’s* are one spelling and *Kyiv* another.
normal form  the exact form without diacritics (й and ї stay letters, ё is е), apostrophes and Cyrillic
             soft-sign marks written as apostrophes: what all other matching starts from.
"""

from __future__ import annotations

import re
import unicodedata

from index.analysis.tokenizer import APOSTROPHES

TOKEN_LIMIT = 100
"""Longer words are compared by their first 100 characters."""

_DROPPED = re.compile("[\u00ad\u200b-\u200d\u2060]")
_POSSESSIVE = re.compile(r"(?<=\w)(?:'s|(?<=s)')$")
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_KEPT = {"й": "\ue000", "ї": "\ue001"}
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ə": "a", "ё": "е"})


def exact_form(token: str) -> str:
    """The spelling as printed, without case, possessive and typographic accidents."""
    if token.isascii() and token.isalnum():     # most words: no mark to look at
        form = token.lower()[:TOKEN_LIMIT]
        return token if form == token else form
    form = unicodedata.normalize("NFC", token).casefold().translate(_APOSTROPHES)
    if not form.isascii():
        form = unicodedata.normalize("NFC", _DROPPED.sub("", form))
    form = form[:TOKEN_LIMIT]
    while (cut := _POSSESSIVE.sub("", form).strip("'")) != form:
        form = cut
    return form


def normal_form(token: str) -> str:
    """The exact form without diacritics and apostrophes; й and ї are letters of their own."""
    return bare(exact_form(token))


def bare(exact: str) -> str:
    """The normal form of a token, from its exact form."""
    form = exact.replace("'", "")
    if form.isascii():
        return form
    for letter, stand_in in _KEPT.items():
        form = form.replace(letter, stand_in)
    form = "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))
    for letter, stand_in in _KEPT.items():
        form = form.replace(stand_in, letter)
    return unicodedata.normalize("NFC", form).translate(_LETTERS)[:TOKEN_LIMIT]
