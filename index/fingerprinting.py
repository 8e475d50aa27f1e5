"""Fingerprinting: an analysed article → the fingerprint that stories are found by, names already made one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from index.analysis.analyzer import Analysis, word_term
from index.analysis.vocabulary import Vocabulary
from index.article import Article
from index.names.model import NameMatch
from index.ranges import expand
from index.stories import Fingerprint, Texts, fingerprints, rare_words
from index.stories.sketch import word_hash


class Fingerprinter:
    """Stems and hashes each word of a vocabulary, and hashes each name, once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._terms: list[str] = []
        self._hashes = np.empty(0, np.uint64)
        self._names = _NameHashes()

    def of_all(self, articles: Sequence[Article], analyses: Sequence[Analysis]) -> list[Fingerprint]:
        """The fingerprints of several articles; a known name counts as one word, however it was spelt."""
        days = [None if day is None else day.toordinal() for day in (article.day for article in articles)]
        return fingerprints([article.id for article in articles], days, self._texts(analyses))

    def _texts(self, analyses: Sequence[Analysis]) -> Texts:
        """The articles' words. A line break stands before each text, so that no word before it makes a word rare."""
        self._extend()
        numbers = np.concatenate([np.zeros(0, np.int32), *(one.numbers for one in analyses)])
        keep = np.concatenate([np.zeros(0, np.bool_), *(one.words for one in analyses)])
        edges = np.cumsum([0, *(len(one.numbers) for one in analyses)])
        hashes, rare = self._hashes[numbers], rare_words(self._vocabulary.kinds[numbers])
        outermost = [_outermost(one.matches) for one in analyses]
        matches = list(chain.from_iterable(outermost))
        offsets = np.repeat(edges[:-1], np.array([len(some) for some in outermost], np.int64))
        starts = np.array([match.start for match in matches], np.int64) + offsets
        ends = np.array([match.end for match in matches], np.int64) + offsets
        hashes[starts] = np.array([self._names[match.name] for match in matches], np.uint64)
        rare[starts] = True
        keep[expand(starts + 1, ends - starts - 1)] = False
        before = np.concatenate(([0], np.cumsum(keep)))     # words before each token
        middles = before[edges[:-1] + np.array([one.title_end for one in analyses], np.int64)]
        return Texts(hashes[keep], rare[keep], middles - before[edges[:-1]], before[edges[1:]] - middles)

    def terms(self) -> Sequence[str]:
        """The index term of every word of the vocabulary, by number; empty for a mark."""
        self._extend()
        return self._terms

    def _extend(self) -> None:
        normal, first = self._vocabulary.normal, len(self._terms)
        if first < len(normal):
            self._terms += [word_term(word) if word else "" for word in normal[first:]]
            added = [word_hash(term) if term else 0 for term in self._terms[first:]]
            self._hashes = np.concatenate([self._hashes, np.array(added, np.uint64)])


class _NameHashes(dict[str, int]):
    """Name id → hash."""

    def __missing__(self, name: str) -> int:
        found = self[name] = word_hash(name)
        return found


def _outermost(matches: Sequence[NameMatch]) -> list[NameMatch]:
    """Matches that do not lie inside another; of several readings of the same words the first."""
    found, end = [], 0
    for match in matches:
        if match.start >= end:
            found.append(match)
            end = match.end
    return found
