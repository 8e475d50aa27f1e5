"""Fingerprinting: an analysed article → the fingerprint that stories are found by, names already made one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.analysis.analyzer import Analysis, word_term
from index.analysis.vocabulary import Vocabulary
from index.article import Article
from index.names.model import NameMatch
from index.stories import Fingerprint, fingerprint, rare_words
from index.stories.sketch import word_hash


class Fingerprinter:
    """Stems and hashes each word of a vocabulary, and hashes each name, once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._terms: list[str] = []
        self._hashes = np.empty(0, np.uint64)
        self._names: dict[str, int] = {}

    def of(self, article: Article, analysis: Analysis) -> Fingerprint:
        """The fingerprint of an article; a known name counts as one word, however it was spelt."""
        self._extend()
        words, rare = self._hashes[analysis.numbers], rare_words(self._vocabulary.kinds[analysis.numbers])
        keep = analysis.words.copy()
        for match in _outermost(analysis.matches):
            words[match.start] = self._name(match.name)
            rare[match.start] = True
            keep[match.start + 1 : match.end] = False
        title = keep.copy()
        title[analysis.title_end :] = False
        text = keep
        text[: analysis.title_end] = False
        day = article.day
        return fingerprint(article.id, words[title], words[text], rare[text], day.toordinal() if day else None)

    def of_all(self, articles: Sequence[Article], analyses: Sequence[Analysis]) -> list[Fingerprint]:
        """The fingerprints of several articles."""
        return [self.of(article, analysis) for article, analysis in zip(articles, analyses, strict=True)]

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

    def _name(self, name: str) -> int:
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = word_hash(name)
        return found


def _outermost(matches: Sequence[NameMatch]) -> list[NameMatch]:
    """Matches that do not lie inside another; of several readings of the same words the first."""
    found, end = [], 0
    for match in matches:
        if match.start >= end:
            found.append(match)
            end = match.end
    return found
