"""Fingerprint: what is kept of an article to tell copies and rewrites of it.

1. The words of the text are cut into runs of five, every run is hashed to 32 bits.
2. The rare words of the text (names and numbers, in order) are cut into runs of three, hashed likewise.
   A rewriter changes the words between the names, seldom the order of the names.
3. Of each set of hashes a *sketch* is kept: all hashes below a limit, the limit chosen so that at least a fixed
   number stay (bottom-k; Broder, "On the resemblance and containment of documents", 1997) and never less than
   a fixed share of all (so that a short text can be found inside a long one).

A text of fewer than twenty words is told by its headline, so the title's words are put before it. Of the runs of
names the sketch also says in which eighth of them, in the order of the text, each is (a text pasted twice counts once).

Two sketches compare below the smaller of their limits: there both hold every hash their article has.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Kind

WORD_RUN = 5
RARE_RUN = 3
SHORT_TEXT = 20
"""A text of fewer words than this is read with its title."""
TABLE = 3
"""Where more than one word in three is rare there are no sentences: tables and lists are no rewrites."""
WORD_KEPT, WORD_SHARE = 192, 4
"""Of the word runs the 192 lowest hashes are kept, and every one in the lowest quarter of all hashes."""
RARE_KEPT, RARE_SHARE = 128, 8
WORD_KEYS, WORD_KEY_SHARE, RARE_KEYS = 16, 16, 24
"""Keys, by which articles find one another: the sixteen lowest hashes of word runs and all in the lowest sixteenth of
all hashes; the 24 lowest of runs of names."""
FULL = 1 << 32
"""The limit of a sketch that holds every run."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)   # 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))   # SplitMix64 (Steele et al., 2014)
_HEAD = struct.Struct("<qIQIIQI")
_UNDATED = -(1 << 62)
_STARTS = Kind.SENTENCE_END | Kind.BREAK | Kind.QUOTE


@dataclass(frozen=True, slots=True)
class Sketch:
    """The lowest hashes of a set of runs.

    `values` are the hashes below `limit`, sorted, dtype uint32; `runs` counts the whole set. `eighths`, where it is
    kept, says in which eighth (0 to 7) of all runs, in the order in which they first stand, each value's run is; the
    shape of `values`, dtype uint8.
    """

    values: NDArray[np.uint32]
    limit: int
    runs: int
    eighths: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of one article: its id, its day (ordinal, as `date.toordinal`; None if undated), two sketches."""

    article: str
    day: int | None
    words: Sketch
    rare: Sketch

    def word_keys(self) -> NDArray[np.uint32]:
        """The lowest hashes of the word runs, sorted."""
        values = self.words.values
        return values[:max(WORD_KEYS, int(values.searchsorted(np.uint32(FULL // WORD_KEY_SHARE))))]

    def rare_keys(self) -> NDArray[np.uint32]:
        """The lowest hashes of the runs of names and numbers, sorted."""
        return self.rare.values[:RARE_KEYS]

    def to_bytes(self) -> bytes:
        """The fingerprint as bytes, little-endian, the same on every machine."""
        name = self.article.encode()
        head = _HEAD.pack(_UNDATED if self.day is None else self.day, self.words.runs, self.words.limit,
                          len(self.words.values), self.rare.runs, self.rare.limit, len(self.rare.values))
        return b"".join((head, self.words.values.astype("<u4").tobytes(),
                         self.rare.values.astype("<u4").tobytes(), self.rare.eighths.tobytes(), name))

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """The fingerprint that `to_bytes` wrote. Raises ValueError when the bytes are cut short."""
        if len(data) < _HEAD.size:
            raise ValueError(f"a fingerprint needs {_HEAD.size} bytes or more, not {len(data)}")
        day, runs, limit, kept, rare_runs, rare_limit, rare_kept = _HEAD.unpack_from(data)
        places = _HEAD.size + 4 * (kept + rare_kept)
        end = places + rare_kept
        if len(data) < end:
            raise ValueError(f"the fingerprint ends after {len(data)} bytes; its head says {end} or more")
        values = np.frombuffer(data, "<u4", kept + rare_kept, _HEAD.size).astype(np.uint32, copy=False)
        return cls(data[end:].decode(), None if day == _UNDATED else day,
                   Sketch(values[:kept], limit, runs, np.zeros(0, np.uint8)),
                   Sketch(values[kept:], rare_limit, rare_runs, np.frombuffer(data, np.uint8, rare_kept, places)))


def fingerprint(article: str, title: NDArray[np.uint64], words: NDArray[np.uint64], rare: NDArray[np.bool_],
                day: int | None) -> Fingerprint:
    """The fingerprint of an article.

    `title` and `words` are the hashes of the title's and the text's words in order, a known name standing as the
    hash of its id, marks and cut boilerplate left out; `rare` is True where a word of the text is a name or a
    number (see `rare_words`), the shape of `words`; `day` is the ordinal of the printed day, or None.
    Raises ValueError when the shapes differ.
    """
    if words.shape != rare.shape:
        raise ValueError(f"words {words.shape} and rare {rare.shape} must have the same shape")
    places = np.flatnonzero(rare)
    if len(places):   # the same name twice running is once: "Mr Popko, Popko"
        places = places[np.concatenate(([True], np.diff(words[places].view(np.int64)) != 0))]
    if len(places) * TABLE > len(words):
        places = places[:0]
    told = np.concatenate((title, words)) if len(words) < SHORT_TEXT else words
    return Fingerprint(article, day, _word_sketch(told), _rare_sketch(words[places]))


def rare_words(kinds: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which tokens are names or numbers by their print: a number, or a capital that does not begin a sentence.

    `kinds` are the kinds (`vocabulary.Kind`) of a text's words and marks, in order; the answer has the same shape.
    The builder adds the words of known names to it.
    """
    if not len(kinds):
        return np.zeros(0, np.bool_)
    word = (kinds & Kind.WORD) != 0
    place = np.arange(len(kinds))
    last_word = np.maximum.accumulate(np.where(word, place, -1))
    last_start = np.maximum.accumulate(np.where((kinds & _STARTS) != 0, place, -1))
    before = np.concatenate(([-1], last_word[:-1]))
    begins = last_start >= before
    capital = (kinds & Kind.CAPITAL) != 0
    rare: NDArray[np.bool_] = word & (((kinds & Kind.NUMBER) != 0) | (capital & ~begins))
    return rare


def word_hash(text: str) -> int:
    """The stable 64-bit hash of a term, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _word_sketch(words: NDArray[np.uint64]) -> Sketch:
    """Of a text shorter than a run the whole is one run."""
    values = np.sort(_runs(words, min(WORD_RUN, len(words))))
    values = values[np.concatenate((values[:1] == values[:1], values[1:] != values[:-1]))]
    kept, limit = _kept(values, WORD_KEPT, WORD_SHARE)
    return Sketch(values[:kept], limit, len(values), np.zeros(0, np.uint8))


def _rare_sketch(names: NDArray[np.uint64]) -> Sketch:
    values, first = np.unique(_runs(names, RARE_RUN), return_index=True)
    kept, limit = _kept(values, RARE_KEPT, RARE_SHARE)
    order = np.empty(len(values), np.int64)
    order[np.argsort(first)] = np.arange(len(values))
    return Sketch(values[:kept], limit, len(values), (order[:kept] * 8 // max(len(values), 1)).astype(np.uint8))


def _runs(items: NDArray[np.uint64], length: int) -> NDArray[np.uint32]:
    """The hash of every run of `length` items, in order."""
    count = len(items) - length + 1
    if count <= 0 or not length:
        return np.zeros(0, np.uint32)
    code = np.full(count, length, np.uint64)
    for step in range(length):
        code *= _FACTOR
        code ^= items[step:step + count]
        code ^= code >> np.uint64(29)
    for shift, factor in zip((np.uint64(30), np.uint64(27)), _MIX, strict=True):
        code = (code ^ (code >> shift)) * factor
    return (code >> np.uint64(32)).astype(np.uint32)


def _kept(values: NDArray[np.uint32], least: int, share: int) -> tuple[int, int]:
    """How many of the sorted values a sketch keeps, and its limit."""
    if len(values) <= least:
        return len(values), FULL
    limit = max(int(values[least]), FULL // share)
    return int(values.searchsorted(np.uint32(limit))), limit
