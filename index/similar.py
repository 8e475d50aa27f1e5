"""Similar spellings: which printed words of a segment may be names, and the folding keys they are found by.

A word may be a name when it was printed with a capital and is no ordinary English word. Its keys go into the
segment as hashes, each with the word's printed form; a query for a name that no names file knows looks up its own
keys and holds the candidates against it sound by sound (`index.names.folding`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from index.analysis.normal import normal_form
from index.analysis.vocabulary import Kind, Vocabulary
from index.names.folding import keys, same_person
from index.names.words import is_word
from index.segment import Segment

SHORTEST = 4


def key_hashes(normal: str) -> tuple[int, ...]:
    """The hashes (64 bits) of a word's folding keys."""
    return tuple(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little")
                 for key in keys(normal))


def may_be_name(normal: str) -> bool:
    """Whether a word may be folded at all: letters only, long enough, no dictionary word."""
    return len(normal) >= SHORTEST and normal.isalpha() and not is_word(normal)


class NameLikeWords:
    """Judges each word of a vocabulary once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._found: dict[int, tuple[int, ...]] = {}

    def of(self, numbers: Iterable[int]) -> dict[bytes, tuple[int, ...]]:
        """The words among these that may be names, with their keys."""
        vocabulary, known = self._vocabulary, self._found
        asked = np.array(list(numbers), np.int64)
        found = {}
        for number in asked[vocabulary.kinds[asked] & (Kind.CAPITAL | Kind.UPPER) == Kind.CAPITAL].tolist():
            hashes = known.get(number)
            if hashes is None:
                normal = vocabulary.normal[number]
                hashes = known[number] = key_hashes(normal) if may_be_name(normal) else ()
            if hashes:
                found[vocabulary.exact[number].encode()] = hashes
        return found


def similar_forms(segment: Segment, normal: str, hashes: NDArray[np.uint64]) -> set[str]:
    """The printed forms (exact forms) in a segment that may be another spelling of a name; `hashes`: of its keys."""
    found = set()
    keys_ = segment["folding_keys"]
    lows, highs = keys_.searchsorted(hashes).tolist(), keys_.searchsorted(hashes, "right").tolist()
    for low, high in zip(lows, highs, strict=True):
        for number in segment["folding_forms"][low:high].tolist():
            form = segment.form_text(number).decode()
            other = normal_form(form)
            if other != normal and same_person(normal, other):
                found.add(form)
    return found
