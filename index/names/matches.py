"""Matches: the known spellings found in articles, as rows of numbers; read one by one they are `NameMatch`es."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.batch import Batch
from index.names.model import NameMatch
from index.names.rows import Rows, Told, of_articles

KEPT = 100_000
"""Runs of words whose spelling's number is kept; then all are forgotten, so that memory stays bounded."""

Barred = tuple[int, int, str]
"""Where (start, end) a guard says that the words are not this name."""


class Meanings(dict[tuple[str, str | None], int]):
    """Name id and the entity that a mention is (or None) → a number, given when it is first asked for.

    `pairs` has them by number, `entities` the entities alone, `are_entities` whether there is one. A spelling of one
    word has the word's number in the vocabulary, one of several words a number below 0. One for each finder; rows are
    only ever added.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str | None]] = []
        self.entities: list[str] = []               # "" where there is none
        self.are_entities = array("B")
        self._exact = vocabulary.exact
        self._spellings: dict[str, int] = {}
        self._of_tokens: dict[bytes, int] = {}
        self._texts: list[str] = []

    def __missing__(self, pair: tuple[str, str | None]) -> int:
        number = self[pair] = len(self.pairs)
        self.pairs.append(pair)
        self.entities.append(pair[1] or "")
        self.are_entities.append(pair[1] is not None)
        return number

    def spelling(self, numbers: memoryview) -> int:
        """The number of the spelling that these words of the vocabulary are, their exact forms joined by a space."""
        if len(numbers) == 1:
            return int(numbers[0])
        tokens = numbers.tobytes()
        found = self._of_tokens.get(tokens)
        if found is None:
            if len(self._of_tokens) >= KEPT:
                self._of_tokens.clear()
            text = " ".join([word for number in numbers if (word := self._exact[number])])
            found = self._of_tokens[tokens] = self._spellings.setdefault(text, ~len(self._texts))
            if found == ~len(self._texts):
                self._texts.append(text)
        return found

    def text(self, spelling: int) -> str:
        """The spelling of a number."""
        return self._exact[spelling] if spelling >= 0 else self._texts[~spelling]


class Matches(Told[NameMatch]):
    """The matches in one article, by start, then the longest first. A row: start, end, the numbers of a meaning and a
    spelling."""

    __slots__ = ("meanings",)

    def __init__(self, rows: Rows, meanings: Meanings) -> None:
        super().__init__(rows)
        self.meanings = meanings

    def __iter__(self) -> Iterator[NameMatch]:
        pairs, text = self.meanings.pairs, self.meanings.text
        match = partial(tuple.__new__, NameMatch)      # half the time of calling NameMatch
        return iter([match((start, end, *pairs[pair], text(spelling)))
                     for start, end, pair, spelling in self.rows.tolist()])


class KnownEntities(NamedTuple):
    """Known spellings that are an entity, in order, by the batch's tokens: a row each, and the ids by their numbers."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    number: NDArray[np.int32]
    ids: Sequence[str]              # only ever added to

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, str]]) -> KnownEntities:
        """Start, end and entity of each."""
        start, end = np.array([(start, end) for start, end, _ in rows], np.intp).reshape(-1, 2).T.copy()
        return cls(start, end, np.arange(len(rows), dtype=np.int32), [entity for *_, entity in rows])


class BatchMatches(NamedTuple):
    """The matches in a batch of articles and what guards took away, by the batch's tokens."""

    rows: Rows
    meanings: Meanings
    barred: Mapping[int, Sequence[Barred]]       # of the articles of which something was taken away

    def of_articles(self, batch: Batch) -> list[Matches]:
        """The matches of each article."""
        return [Matches(rows, self.meanings) for rows in of_articles(self.rows, batch)]

    def entities(self) -> KnownEntities:
        """The matches that are an entity."""
        if not len(self.rows):
            return KnownEntities.of(())
        start, end, meaning, _ = self.rows[np.frombuffer(self.meanings.are_entities, np.bool_)[self.rows[:, 2]]].T
        return KnownEntities(start.astype(np.intp), end.astype(np.intp), meaning, self.meanings.entities)
