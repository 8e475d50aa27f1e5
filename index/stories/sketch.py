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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.analysis.vocabulary import Kind
from index.compiled_library import address

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
_HASH_BITS = np.uint64(32)
_HEAD = struct.Struct("<qIQIIQI")
UNDATED = -(1 << 62)
_STARTS = Kind.SENTENCE_END | Kind.BREAK | Kind.QUOTE


class Sketch(NamedTuple):
    """The lowest hashes of a set of runs.

    `values` are the hashes below `limit`, sorted, dtype uint32; `runs` counts the whole set. `eighths`, where it is
    kept, says in which eighth (0 to 7) of all runs, in the order in which they first stand, each value's run is; the
    shape of `values`, dtype uint8.
    """

    values: NDArray[np.uint32]
    limit: int
    runs: int
    eighths: NDArray[np.uint8]


class Fingerprint(NamedTuple):
    """What is kept of one article: its id, its day (ordinal, as `date.toordinal`; None if undated), two sketches."""

    article: str
    day: int | None
    words: Sketch
    rare: Sketch

    def to_bytes(self) -> bytes:
        """The fingerprint as bytes, little-endian, the same on every machine."""
        name = self.article.encode()
        head = _HEAD.pack(UNDATED if self.day is None else self.day, self.words.runs, self.words.limit,
                          len(self.words.values), self.rare.runs, self.rare.limit, len(self.rare.values))
        return b"".join((head, self.words.values.astype("<u4", copy=False).data,
                         self.rare.values.astype("<u4", copy=False).data, self.rare.eighths.data, name))

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
        return cls(data[end:].decode(), None if day == UNDATED else day,
                   Sketch(values[:kept], limit, runs, np.zeros(0, np.uint8)),
                   Sketch(values[kept:], rare_limit, rare_runs, np.frombuffer(data, np.uint8, rare_kept, places)))


@dataclass(frozen=True, slots=True)
class Texts:
    """What fingerprints are made of: the words of several articles, one after another, of each the title's first.

    `words` are hashes, a known name standing as the hash of its id, marks and cut boilerplate left out, dtype uint64;
    `rare` is True where a word of a text is a name or a number (see `rare_words`; of titles it is not asked), the
    shape of `words`. `titles` and `texts` count the words of each title and of each text, shape (articles,).
    """

    words: NDArray[np.uint64]
    rare: NDArray[np.bool_]
    titles: NDArray[np.int64]
    texts: NDArray[np.int64]

    def __post_init__(self) -> None:
        counted = int(self.titles.sum() + self.texts.sum())
        if not self.words.shape == self.rare.shape == (counted,):
            raise ValueError(f"words {self.words.shape} and rare {self.rare.shape} must have the same shape, "
                             f"that of all titles and texts together: {(counted,)}")

    def of_parts(self, titles: NDArray[np.bool_], texts: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which words belong to the chosen titles and texts; what is chosen has shape (articles,)."""
        chosen, counts = np.column_stack((titles, texts)), np.column_stack((self.titles, self.texts))
        return np.repeat(chosen.ravel(), counts.ravel())


def fingerprints(articles: Sequence[str], days: Sequence[int | None], texts: Texts) -> list[Fingerprint]:
    """The fingerprints of several articles, in order: dozens at a time cost a fraction of what they cost one by one.

    `articles` are their ids, `days` the ordinals of their printed days, or None. Raises ValueError when there are not
    as many of them as `texts` has articles.
    """
    sketches = zip(_word_sketches(texts), _rare_sketches(texts), strict=True)
    return [Fingerprint(article, day, words, rare)
            for article, day, (words, rare) in zip(articles, days, sketches, strict=True)]


def fingerprint(article: str, title: NDArray[np.uint64], words: NDArray[np.uint64], rare: NDArray[np.bool_],
                day: int | None) -> Fingerprint:
    """The fingerprint of one article: `title` and `words` are those of its title and its text, `rare` has the shape
    of `words`; see `Texts`. Raises ValueError when the shapes differ."""
    texts = Texts(np.concatenate((title, words)), np.concatenate((np.zeros(len(title), np.bool_), rare)),
                  np.array([len(title)], np.int64), np.array([len(words)], np.int64))
    return fingerprints([article], [day], texts)[0]


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


def _word_sketches(texts: Texts) -> list[Sketch]:
    """Of a text shorter than a run the whole is one run."""
    with_title = texts.texts < SHORT_TEXT
    words = texts.words[texts.of_parts(with_title, np.ones_like(with_title))]
    counts = np.where(with_title, texts.titles, 0) + texts.texts
    return _sketches(words, counts, WORD_RUN, _Kept(WORD_KEPT, FULL // WORD_SHARE, shorter=True, eighths=False))


def _rare_sketches(texts: Texts) -> list[Sketch]:
    everyone = np.ones(len(texts.texts), np.bool_)
    places = np.flatnonzero(texts.rare & texts.of_parts(~everyone, everyone))
    article = np.repeat(np.arange(len(everyone)), texts.titles + texts.texts)[places]
    names = texts.words[places]
    once = _changes(names) | _changes(article)      # the same name twice running is once: "Mr Popko, Popko"
    names, article = names[once], article[once]
    counts = np.bincount(article, minlength=len(everyone))
    counts[counts * TABLE > texts.texts] = 0
    keep = _Kept(RARE_KEPT, FULL // RARE_SHARE, shorter=False, eighths=True)
    return _sketches(names[counts[article] > 0], counts, RARE_RUN, keep)


def _changes(items: NDArray[np.uint64] | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which items are not what stands before them; the same shape."""
    found = np.ones(len(items), np.bool_)
    found[1:] = items[1:] != items[:-1]
    return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a set of runs: so many hashes at least, and all below `lowest`; whether fewer words than a run
    make one; whether the eighths are kept."""

    least: int
    lowest: int
    shorter: bool
    eighths: bool


class _Columns(NamedTuple):
    """Sketches: of each how many values it has, its limit and its runs; the values and the eighths, one sketch after
    the other."""

    kept: NDArray[np.int64]
    limits: NDArray[np.int64]
    runs: NDArray[np.int64]
    values: NDArray[np.uint32]
    eighths: NDArray[np.uint8]


def _sketches(words: NDArray[np.uint64], counts: NDArray[np.int64], length: int, keep: _Kept) -> list[Sketch]:
    """The sketches of the runs of `length` words of articles that have so many words each."""
    make = _in_arrays if kernels.KERNELS is None else _in_c
    found = make(words, counts, length, keep)
    ends = np.cumsum(found.kept).tolist()
    return [Sketch(found.values[start:end], limit, runs, found.eighths[start:end]) for start, end, limit, runs in zip(
        [0, *ends], ends, found.limits.tolist(), found.runs.tolist(), strict=False)]


def _in_c(words: NDArray[np.uint64], counts: NDArray[np.int64], length: int, keep: _Kept) -> _Columns:
    library: Any = kernels.KERNELS
    counts = counts.astype(np.int64, copy=False)
    values = np.empty(len(words), np.uint32)
    eighths = np.empty(len(words) if keep.eighths else 0, np.uint8)
    room = np.empty(2 * int(counts.max(initial=0)) + 1, np.uint64)
    columns = np.empty((3, len(counts)), np.int64)
    known = library.sketch_runs(
        address(words, np.uint64, int(counts.sum())), address(counts), len(counts), length, keep.shorter,
        keep.least, keep.lowest, address(room), address(values), address(eighths) if keep.eighths else None,
        *map(address, columns))
    kept, limits, runs = columns
    return _Columns(kept, limits, runs, values[:known].copy(), eighths[:known].copy())


def _in_arrays(words: NDArray[np.uint64], counts: NDArray[np.int64], length: int, keep: _Kept) -> _Columns:
    """The same in NumPy."""
    keys = [_runs(words, counts, length)]
    if keep.shorter:
        for shorter in np.unique(counts[(counts > 0) & (counts < length)]).tolist():
            whole = counts == shorter
            keys.append(_keys(words[np.repeat(whole, counts)].reshape(-1, shorter).T, np.flatnonzero(whole)))
    ordered, first = np.unique(np.concatenate(keys), return_index=True)
    article, values = (ordered >> _HASH_BITS).astype(np.int64), ordered.astype(np.uint32)      # the low half
    runs = np.bincount(article, minlength=len(counts))
    starts = np.cumsum(runs) - runs
    limits = np.full(len(counts), FULL)
    many = np.flatnonzero(runs > keep.least)
    limits[many] = np.maximum(values[starts[many] + keep.least], keep.lowest)
    kept = values < limits[article]
    values, of_kept = values[kept], article[kept]
    eighths = np.zeros(0, np.uint8)
    if keep.eighths:
        order = np.empty_like(first)
        order[np.argsort(first)] = np.arange(len(first))
        eighths = ((order[kept] - starts[of_kept]) * 8 // runs[of_kept]).astype(np.uint8)
    return _Columns(np.bincount(of_kept, minlength=len(counts)), limits, runs, values, eighths)


def _runs(words: NDArray[np.uint64], counts: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
    """The keys (see `_keys`) of every run of `length` words, in order, of articles that have so many words each.

    What begins in one article and ends in another is no run.
    """
    article = np.repeat(np.arange(len(counts)), counts)
    count = max(len(words) - length + 1, 0)
    keys = _keys([words[step:step + count] for step in range(length)], article[:count])
    inside: NDArray[np.bool_] = article[:count] == article[length - 1:]
    return keys[inside]


def _keys(columns: Sequence[NDArray[np.uint64]] | NDArray[np.uint64], article: NDArray[np.int64]
          ) -> NDArray[np.uint64]:
    """Of each run the number of its article in the high 32 bits and its hash in the low ones.

    `columns[i]` holds the i-th word of every run, in the shape of `article`.
    """
    code = np.full(len(article), len(columns), np.uint64)
    for column in columns:
        code *= _FACTOR
        code ^= column
        code ^= code >> np.uint64(29)
    for shift, factor in zip((np.uint64(30), np.uint64(27)), _MIX, strict=True):
        code ^= code >> shift
        code *= factor
    code >>= _HASH_BITS
    code |= article.astype(np.uint64) << _HASH_BITS
    return code
