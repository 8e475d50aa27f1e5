"""Tokenizer: cuts a text into words and the marks that matter to names.

A word is a run of letters and digits; apostrophes, soft hyphens, zero-width and combining marks inside it
belong to it (*L'viv*, *Kyiv’s*), a hyphen parts words (*Rostov-on-Don* is three). Initials written together
(*U.S.*, *J.K.*) are one word. Marks are kept because they end a name: sentence ends, line breaks, commas,
brackets, quotes, dashes. Everything else is dropped.

Only this module knows offsets; no later step may change them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

APOSTROPHES = "'’ʼ‘ʹ\u0374′`´ʻʽ"
_INNER = "\u00ad\u0300-\u036f\u0483-\u0487\u200b-\u200d\u2060"
_SIGN = rf"[^\W_{APOSTROPHES}]"    # some apostrophes are letters to Unicode
_WORD = rf"{_SIGN}+(?:[{APOSTROPHES}{_INNER}]+{_SIGN}+)*[{_INNER}]*"
TOKEN = re.compile(
    rf"(?:[^\W\d_{APOSTROPHES}]\.){{2,}}|{_WORD}|[.!?…]+|\n+|[,;:()\[\]\"“”„«»–—&/]"
)

WORD = re.compile(rf"(?:[^\W\d_{APOSTROPHES}]\.){{2,}}|{_WORD}")
"""The words that TOKEN finds, without the marks."""


def tokens(text: str) -> list[str]:
    """The printed words and marks of `text`, in order."""
    return TOKEN.findall(text)


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each printed word or mark with its start and end offsets in `text`; the same items as `tokens`."""
    for match in TOKEN.finditer(text):
        yield match.group(), match.start(), match.end()


def is_word(token: str) -> bool:
    """True for a word, False for a mark."""
    return token[0].isalnum()
