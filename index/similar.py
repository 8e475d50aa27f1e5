"""Similar spellings: which printed words of a segment may be names, and the folding keys they are found by.

A word may be a name when it was printed with a capital and is no ordinary English word. Its keys go into the
segment as hashes, each with the word's printed form; a query for a name that no names file knows looks up its own
keys and holds the candidates against it sound by sound (`index.names.folding`).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.analysis.normal import normal_form
from index.analysis.vocabulary import Kind, Vocabulary
from index.compiled_library import address
from index.names.folding import SHORTEST as SHORTEST_KEY
from index.names.folding import keys, same_person
from index.names.words import words
from index.ranges import expand
from index.segment import Segment

SHORTEST = 4


def key_hashes(normal: str) -> tuple[int, ...]:
    """The hashes (64 bits) of a word's folding keys."""
    return tuple(_hash(key.encode()) for key in keys(normal))


def key_hashes_of_all(words: Sequence[str]) -> tuple[list[int], list[int]]:
    """The hashes of the folding keys of words, word after word, and how many each has; "" has none."""
    if kernels.KERNELS is None:
        each = [key_hashes(word) if word else () for word in words]
        return list(chain.from_iterable(each)), list(map(len, each))
    lines, counts = "\n".join([*words, ""]).encode(), np.empty(len(words), np.int32)
    made = np.empty(4 * len(lines), np.uint8)
    size = kernels.KERNELS.fold_lines(lines, len(lines), SHORTEST_KEY, address(made), address(counts))
    hashes, many = list(map(_hash, made[:size].tobytes().split(b"\n")[:-1])), counts.tolist()
    if -1 in many:                                   # C does not tell all
        told, hashes = iter(hashes), []
        for at, (word, count) in enumerate(zip(words, many, strict=True)):
            own = key_hashes(word) if count < 0 else tuple(islice(told, count))
            hashes += own
            many[at] = len(own)
    return hashes, many


def _hash(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")


def may_be_name(normal: str) -> bool:
    """Whether a word may be folded at all: letters only, long enough, no dictionary word."""
    return len(normal) >= SHORTEST and normal.isalpha() and normal not in words()


class NameLikeWords:
    """Judges each word of a vocabulary once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._keys = array("Q")
        self._begins, self._counts = np.zeros(0, np.int64), np.zeros(0, np.int64)     # by word; -1: not yet judged

    def capitals(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The words among these that are printed as a name may be, with a capital at the beginning alone."""
        is_capital: NDArray[np.bool_] = self._vocabulary.kinds[numbers] & (Kind.CAPITAL | Kind.UPPER) == Kind.CAPITAL
        return numbers[is_capital]

    def of(self, numbers: NDArray[np.integer[Any]]) -> tuple[NDArray[np.integer[Any]], NDArray[np.uint64]]:
        """The words among these that may be names, each as often as it has keys, and the hashes of these."""
        more = len(self._vocabulary) - len(self._counts)
        self._begins = np.pad(self._begins, (0, more))
        self._counts = np.pad(self._counts, (0, more), constant_values=-1)
        new = numbers[self._counts[numbers] < 0]
        normal, ordinary = map(self._vocabulary.normal.__getitem__, new.tolist()), words()
        hashes, counts = key_hashes_of_all([
            word if len(word) >= SHORTEST and word.isalpha() and word not in ordinary else "" for word in normal])
        ends = np.cumsum(np.array(counts, np.int64))
        self._begins[new], self._counts[new] = len(self._keys) + ends - counts, counts
        self._keys.extend(hashes)
        begins, counts = self._begins[numbers], self._counts[numbers]
        return np.repeat(numbers, counts), np.frombuffer(self._keys, np.uint64)[expand(begins, counts)]


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
