"""Fingerprinting: an analysed article → the fingerprint that stories are found by, names already made one."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.analysis.analyzer import Analysis
from index.analysis.vocabulary import Kind, Vocabulary
from index.article import Article
from index.compiled_library import address
from index.ranges import expand
from index.stories import Fingerprint, Texts, fingerprints, rare_words
from index.stories.sketch import word_hash
from index.word_terms import WordTerms


class Fingerprinter:
    """Makes fingerprints of analyses with one vocabulary; hashes each name once."""

    def __init__(self, vocabulary: Vocabulary, words: WordTerms | None = None) -> None:
        """`words`: the terms of the vocabulary's words, where somebody else needs them too."""
        self._vocabulary = vocabulary
        self._words = WordTerms(vocabulary) if words is None else words
        self._names = array("Q")             # by the number of a meaning

    def of_all(self, articles: Sequence[Article], analyses: Sequence[Analysis]) -> list[Fingerprint]:
        """The fingerprints of several articles; a known name counts as one word, however it was spelt."""
        days = [None if day is None else day.toordinal() for day in (article.day for article in articles)]
        return fingerprints([article.id for article in articles], days, self._texts(analyses))

    def _texts(self, analyses: Sequence[Analysis]) -> Texts:
        """The articles' words. A line break stands before each text, so that no word before it makes a word rare."""
        numbers = np.concatenate([np.zeros(0, np.int32), *(one.numbers for one in analyses)])
        edges = np.cumsum([0, *(len(one.numbers) for one in analyses)])
        ends = np.stack((edges[:-1] + np.array([one.title_end for one in analyses], np.int64), edges[1:]), axis=1)
        matches = np.concatenate([np.zeros((0, 4), np.int32), *(one.matches.rows for one in analyses)])
        offsets = np.repeat(edges[:-1], np.array([len(one.matches) for one in analyses], np.int64))
        names = _Names(matches[:, 0] + offsets, matches[:, 1] + offsets, self._hashes_of(matches[:, 2], analyses))
        words_of = _words_in_arrays if kernels.KERNELS is None else _words_in_c
        return words_of(numbers, ends, self._vocabulary.kinds, self._words.hashes(), names)

    def _hashes_of(self, meanings: NDArray[np.int32], analyses: Sequence[Analysis]) -> NDArray[np.uint64]:
        """The hashes of the names that the matches of analyses mean, by the numbers of their meanings."""
        if analyses:
            pairs = analyses[0].matches.meanings.pairs
            self._names.extend([word_hash(name) for name, _ in pairs[len(self._names):]])
        return np.frombuffer(self._names, np.uint64).take(meanings)


class _Names(NamedTuple):
    """Names by their beginnings. One that lies over another before it counts for nothing, nor does a second reading."""

    starts: NDArray[np.int64]       # the first token of each
    ends: NDArray[np.int64]         # one after the last
    hashes: NDArray[np.uint64]


def _words_in_c(numbers: NDArray[np.int32], ends: NDArray[np.int64], kinds: NDArray[np.uint16],
                hashes: NDArray[np.uint64], names: _Names) -> Texts:
    """The words of articles whose tokens are `numbers`, the titles and texts ending at `ends`, shape (articles, 2)."""
    found, rare = np.empty(len(numbers), np.uint64), np.empty(len(numbers), np.bool_)
    starts, counts = np.append(names.starts, len(numbers)), np.empty(ends.shape, np.int64)
    library: Any = kernels.KERNELS
    library.words_of_texts(address(numbers), address(ends), ends.size, address(kinds), address(hashes),
                           *map(address, (starts, names.ends, names.hashes, found, rare, counts)))
    known = int(counts.sum())
    return Texts(found[:known], rare[:known], counts[:, 0], counts[:, 1])


def _words_in_arrays(numbers: NDArray[np.int32], ends: NDArray[np.int64], kinds: NDArray[np.uint16],
                     hashes: NDArray[np.uint64], names: _Names) -> Texts:
    """The same in NumPy."""
    kinds, found = kinds[numbers], hashes[numbers]
    keep, rare = (kinds & Kind.WORD) != 0, rare_words(kinds)
    outermost, end = np.zeros(len(names.starts), np.bool_), 0
    for number, start in enumerate(names.starts.tolist()):
        if start >= end:
            outermost[number], end = True, int(names.ends[number])
    starts = names.starts[outermost]
    found[starts], rare[starts] = names.hashes[outermost], True
    keep[expand(starts + 1, names.ends[outermost] - starts - 1)] = False
    before = np.concatenate(([0], np.cumsum(keep)))             # words before each token
    counts = np.diff(before[ends.ravel()], prepend=0).reshape(-1, 2)
    return Texts(found[keep], rare[keep], counts[:, 0], counts[:, 1])
