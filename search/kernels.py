"""Kernels: the loops over articles that searching and counting are made of, compiled where there was a compiler.

`array_kernels.py` says the same in NumPy: that is what runs where there is no compiled library, and what the compiled
loops are held to by the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from search.array_kernels import ArrayKernels
from search.bits import Bits, Ranks
from search.columns import Column, Lists
from search.compiled_kernels import compiled_kernels


class Kernels(Protocol):
    """What searching and counting are made of."""

    @property
    def is_compiled(self) -> bool:
        """Whether they are those of kernels.c."""

    def ones(self, words: Bits) -> NDArray[np.int64]:
        """The numbers of the bits that are set, ascending."""

    def places(self, articles: NDArray[np.int64], marked: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of some articles (indices), ascending and none beyond the last word, have their bit set, and how many
        bits are set below each of these: its place in the list that the bits were made of."""

    def top(self, values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Indices of the `count` greatest values and of all that equal the last of them, ascending; all, if there are
        no more or `count` is 0."""

    def add_scores(self, totals: NDArray[np.float32], articles: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Add the scores of some articles, ascending, to their totals. Raises IndexError when one has none."""

    def by_story(self, articles: NDArray[np.int64], story: NDArray[np.uint32]
                 ) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Those of some articles that share their story, story by story, and the story of each. `story`: by article, 0
        where it is one of its own."""

    def gather(self, lists: Lists) -> Lists:
        """The same lists one after the other, in arrays of their own."""

    def count(self, parts: Sequence[tuple[Column, Column]], size: int) -> NDArray[np.uint32]:
        """How many articles of several views have each ordinal, shape (size,). Beside the column of a view: its table,
        which says what its ordinals are among those of all, each of these once at most."""

    def add(self, counts: NDArray[np.uint32], table: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
        """The counts of ordinals that are one in a table added up, shape (size,)."""

    def count_lists(self, parts: Sequence[tuple[Lists, Column]], counts: NDArray[np.uint32]
                    ) -> NDArray[np.uint32] | None:
        """How often each ordinal occurs in the lists of several views, into `counts`, which are all 0. Which do occur,
        in any order, or None where that would be no help to `most`. Beside the lists of a view: its table."""

    def clear(self, counts: NDArray[np.uint32], some: NDArray[np.uint32] | None) -> None:
        """Make `counts` 0 again, which are 0 but for `some`; None: for any."""

    def most(self, counts: NDArray[np.uint32], some: NDArray[np.uint32] | None, ranges: Sequence[range], size: int
             ) -> list[NDArray[np.uint32]]:
        """For each range of ordinals those with the `size` greatest counts and any that equal the last of them, in any
        order; none whose count is 0. `counts`, `some`: as `count_lists` gives them."""

    def count_sets(self, lists: Lists, group: NDArray[np.uint8]) -> NDArray[np.int64]:
        """For each set of bits how many lists have ordinals with these bits in `group` together, shape (256,)."""

    def column_repeats(self, story: NDArray[np.uint32], column: Column, table: Column, place: NDArray[np.uint32],
                       places: int) -> NDArray[np.int64]:
        """For each place below `places` how many articles with this place were in their story before, shape (places,).

        `story`: of each article, not 0; those of one story follow each other. `place`: by what an ordinal is in the
        table, 0: not counted.
        """

    def list_repeats(self, story: NDArray[np.uint32], lists: Lists, place: NDArray[np.uint16], places: int
                     ) -> NDArray[np.int64]:
        """The same for the ordinals in lists; `place`: by ordinal."""


KERNELS: Final[Kernels] = compiled_kernels() or ArrayKernels()
"""Those in use."""
