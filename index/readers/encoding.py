"""Bytes to text: what is declared first, then UTF-8, a guess last.

1. A byte order mark decides.
2. Then what HTTP or the document itself declares, if the bytes agree with it.
3. Then UTF-8, if the bytes are valid UTF-8 (other text hardly ever is).
4. Then the likeliest of the single-byte encodings of Europe: in a wrong one, letters fall on signs, capitals
   come to stand inside words, and scripts mix.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
GUESSES = ("cp1252", "cp1251", "koi8_u", "cp1250", "cp866", "iso8859_7", "cp1254")
SAMPLE = 1 << 16
_WEB = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
"""What pages mean that say so (WHATWG Encoding Standard, section 4.2)."""
_WORD = re.compile(r"[^\W\d_]+")
_WORTH = {"Ll": 1, "Lu": 0.5, "Lo": 0.5, "So": -1, "Sm": -1, "Cc": -1, "Lm": -1, "Sk": -1, "No": -1}
_COMMON = {"cp1252": frozenset("éèêàçùûîôâäöüßñáíóúãõåæøëïœÉÀÖÄÜ«»“”‘’–—…€£°§"),
           "cp1250": frozenset("ąćęłńśźżěščřžýáíéůďťňőűŁŚŻŠČŘŽ„”–’"), "cp1254": frozenset("ğışçöüİŞ")}
"""Of encodings that share a script: the signs their languages use much."""


def known(name: str | None) -> str | None:
    """The codec that a declared name stands for, or None if there is no such text encoding."""
    if not name:
        return None
    try:
        codec = codecs.lookup(name.strip().strip("'\"").lower())
    except (LookupError, ValueError):
        return None
    if not getattr(codec, "_is_text_encoding", True):   # hex, rot13, zip … are no encodings of text
        return None
    return _WEB.get(codec.name, codec.name)


def encoding_of(data: bytes, declared: str | None = None, whole: bool = True) -> str:
    """The encoding of `data`, a byte order mark apart. `whole` is false for the beginning of a longer text."""
    for mark, marked in MARKS:
        if data.startswith(mark):
            return marked
    for name in (known(declared), "utf-8"):
        if name is not None and _fits(data, name, whole):
            return name
    return known(declared) or _guess(data[:SAMPLE])


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`, without byte order mark; bytes that stand for nothing become U+FFFD."""
    return data.decode(encoding_of(data, declared), "replace").removeprefix("\ufeff")


def _fits(data: bytes, name: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(data, whole)
    except (UnicodeError, ValueError):
        return False
    return True


def _guess(sample: bytes) -> str:
    return max(GUESSES, key=lambda name: _likeliness(sample.decode(name, "replace"), name))


def _likeliness(text: str, name: str) -> float:
    """How much the text outside ASCII looks like words; the first of GUESSES wins a tie."""
    score = 0.0
    for character in text:
        if character >= "\x80":
            kind = unicodedata.category(character)
            score += _WORTH.get(kind, 0)
            if character in _COMMON.get(name, ()):
                score += 1
            if character == "\ufffd":
                score -= 3
    for word in _WORD.findall(text):
        if not word.isascii():
            score -= 2 * sum(a.islower() and b.isupper() for a, b in itertools.pairwise(word))
            latin = sum(letter < "\u0250" for letter in word)
            if 0 < latin < len(word) or (latin > 3 and sum(letter >= "\x80" for letter in word) > 0.7 * latin):
                score -= 3 * len(word)      # two scripts in one word, or a Latin word of accented letters alone
    return score
