"""Analyzer: one article, its tokens, the names in it and its entities. The same for index, query and display."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.stems import stem
from index.analysis.vocabulary import Kind, Vocabulary
from index.article import Article
from index.cleaning import Cut, cuts
from index.names.batch import MARGIN, Batch
from index.names.finder import Finder
from index.names.matches import Matches, Meanings
from index.names.recogniser import Recogniser
from index.names.recogniser_output import EntityMentions
from index.names.registry import Names
from index.segment import TITLE_GAP

AT_ONCE, LETTERS = 512, 1_000_000
"""As many articles as `analyse_all` is best given (of 128 it takes a twentieth longer, of 1,024 no less); of so many
characters at most, so that they fit in memory."""


class Analysis(NamedTuple):
    """One article as tokens (words and marks, as numbers of a vocabulary) and what was found in them.

    The title comes first, then one line break, then the text without its cut stretches. `matches` and
    `mentions` count tokens; `positions` gives each token's place in the index (of a mark: that of the next word).
    """

    numbers: NDArray[np.int32]
    words: NDArray[np.bool_]         # (len(numbers),) which tokens are words
    positions: NDArray[np.int64]     # (len(numbers) + 1,)
    title_end: int                   # tokens of the title
    title_words: int
    matches: Matches
    mentions: EntityMentions
    cuts: tuple[Cut, ...]


class Analyzer:
    """Analyses articles with one set of names over one growing vocabulary. Not safe for threads."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.vocabulary = Vocabulary()
        self._finder = Finder(names, self.vocabulary)
        self.meanings: Meanings = self._finder.meanings
        """What the matches of its analyses say."""
        self._recogniser = Recogniser(names, self.vocabulary)

    def analyse(self, article: Article) -> Analysis:
        """Tokens, names and entities of an article."""
        return self.analyse_all([article])[0]

    def analyse_all(self, articles: Sequence[Article]) -> list[Analysis]:
        """The same of each of these articles, several times faster: dozens at a time make one batch of arrays."""
        left_out = [cuts(article.text, article.language) for article in articles]
        pieces: list[str] = []
        edges = [0]
        for article, cut in zip(articles, left_out, strict=True):
            text = article.text
            own = kept(text, [(one.start, one.end) for one in cut]) if cut else [(0, len(text))]
            pieces += (article.title, "\n", *(text[start:end] for start, end in own))
            edges.append(len(pieces))
        numbers = self.vocabulary.numbers_of_all(pieces)
        batch = Batch.of([numbers[start:end] for start, end in pairwise(edges)], self.vocabulary)
        found = self._finder.of_batch(batch)
        mentions = self._recogniser.of_batch(batch, found.entities(), found.barred)
        words = (self.vocabulary.kinds.take(batch.tokens) & Kind.WORD) != 0
        places, title_words = positions(words, batch.begins, batch.title_ends)
        starts, ends = (batch.begins[:-1] + MARGIN).tolist(), (batch.begins[1:] - MARGIN).tolist()
        titles = zip(batch.title_ends.tolist(), title_words.tolist(), strict=True)
        return [Analysis(batch.tokens[start:end], words[start:end], places[start:end + 1], title_end - start, title,
                         matches, own, cut)
                for start, end, (title_end, title), matches, own, cut in zip(
                    starts, ends, titles, found.of_articles(batch), mentions, left_out, strict=True)]


def batches(articles: Iterable[tuple[int, Article]]) -> Iterator[list[tuple[int, Article]]]:
    """Numbered articles in parts of the size that `Analyzer.analyse_all` is best given."""
    part: list[tuple[int, Article]] = []
    letters = 0
    for number, article in articles:
        part.append((number, article))
        letters += len(article.text) + len(article.title)
        if len(part) == AT_ONCE or letters >= LETTERS:
            yield part
            part, letters = [], 0
    if part:
        yield part


def kept(text: str, left_out: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches (start, end) of a text between those left out."""
    edges = [0, *(edge for pair in left_out for edge in pair), len(text)]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def positions(words: NDArray[np.bool_], begins: NDArray[np.intp], title_ends: NDArray[np.intp]
              ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The index position of every token of a batch, counted from the first of its article, and the words of each title.

    Text positions follow the title's after a gap, if there is a title. `words`: which tokens are words; `begins` and
    `title_ends` as in `Batch`.
    """
    before = np.zeros(len(words) + 1, np.int64)
    np.cumsum(words, out=before[1:])
    origins = before[begins[:-1]]
    titles = before[title_ends] - origins
    shifts = np.stack((-origins, np.where(titles > 0, TITLE_GAP, 0) - origins), axis=1).ravel()
    edges = np.append(np.stack((begins[:-1], title_ends), axis=1), begins[-1])
    return before[:-1] + np.repeat(shifts, np.diff(edges)), titles


def word_term(normal: str) -> str:
    """The index term of a word in normal form: its stem."""
    return stem(normal)
