"""Batch: several articles as one array of tokens, so that one array operation serves all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary

MARGIN = 6
"""Blank tokens before and after each article: neighbours are looked at without tests for its ends."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles one after another, each with MARGIN line breaks before and after it.

    `tokens`: numbers of a vocabulary, int32; `numbers`: the same, quicker to look at one by one. Article i's block,
    margins too, is `begins[i]` to `begins[i + 1]`; its title ends at `title_ends[i]`. All positions count `tokens`.
    """

    tokens: NDArray[np.int32]
    numbers: memoryview
    begins: NDArray[np.intp]         # (articles + 1,)
    title_ends: NDArray[np.intp]     # (articles,)

    @classmethod
    def of(cls, articles: Sequence[Sequence[NDArray[np.int32]]], vocabulary: Vocabulary) -> Batch:
        """Articles given as stretches of tokens, the first of them the title."""
        margin = np.full(MARGIN, vocabulary["\n"], np.int32)
        pieces: list[NDArray[np.int32]] = []
        begins, title_ends = [0], []
        for stretches in articles:
            pieces += (margin, *stretches, margin)
            title_ends.append(begins[-1] + MARGIN + len(stretches[0]))
            begins.append(begins[-1] + 2 * MARGIN + sum(map(len, stretches)))
        tokens = np.concatenate(pieces) if pieces else margin[:0]
        return cls(tokens, tokens.data, np.array(begins, np.intp), np.array(title_ends, np.intp))

    def __len__(self) -> int:
        return len(self.title_ends)

    def of_position(self, positions: NDArray[np.signedinteger[Any]]) -> NDArray[np.intp]:
        """Which article each position lies in."""
        return np.searchsorted(self.begins, positions, "right") - 1

    def split(self, positions: NDArray[np.signedinteger[Any]]) -> list[int]:
        """Where sorted positions of one article end and those of the next begin: articles + 1 places."""
        places: list[int] = np.searchsorted(positions, self.begins).tolist()
        return places
