"""Ordinary English words, for names that are words too (*Turkey*, *Bar*, *Black Sea*).

The list is made by tools/make_words.py from SCOWL's American English list; the notice stands in docs/names.md.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

PATH = Path(__file__).parent / "data" / "words.txt.z"


@cache
def words() -> frozenset[str]:
    """All words of the list, in normal form."""
    return frozenset(zlib.decompress(PATH.read_bytes()).decode().split("\n"))


def is_word(normal: str) -> bool:
    """Whether `normal` (a normal form) is an ordinary English word printed in lower case."""
    return normal in words()
