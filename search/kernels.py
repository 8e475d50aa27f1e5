"""Kernels: the loops over articles that searching and counting are made of, compiled where there was a compiler.

`array_kernels.py` says the same in NumPy: that is what runs where there is no compiled library, and what the compiled
loops are held to by the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from search.array_kernels import ArrayKernels
from search.bits import Bits, KeptBits, Ranks
from search.columns import Arrivals, Column, Lists, Ordinals, Pairs, Part
from search.compiled_kernels import compiled_kernels
from search.spare import Tally


class Kernels(Protocol):
    """What searching and counting are made of."""

    @property
    def is_compiled(self) -> bool:
        """Whether they are those of kernels.c."""

    @property
    def library(self) -> Any:
        """kernels.c, compiled; None: these are not."""

    def ones(self, words: Bits) -> NDArray[np.int64]:
        """The numbers of the bits that are set, ascending."""

    def ones_in_all(self, sets: Sequence[Bits], first: int) -> NDArray[np.int64]:
        """The numbers of the bits that are set in all of some sets, the others at least as long as the first, of whose
        bits so many are set."""

    def bits(self, numbers: Ordinals, limit: int) -> Bits:
        """Numbers as bits, of 64 in a word. Raises IndexError when one is not below the limit."""

    def count_in_each(self, bits: Bits, groups: Sequence[Sequence[KeptBits]]) -> list[int]:
        """For each of some groups: how many of the bits that are set are set in any set of it too, all at least as
        long."""

    def places(self, articles: NDArray[np.int64], marked: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of some articles (indices), ascending and none beyond the last word, have their bit set, and how many
        bits are set below each of these: its place in the list that the bits were made of."""

    def top(self, values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Indices of the `count` greatest values and of all that equal the last of them, ascending; all, if there are
        no more or `count` is 0."""

    def first(self, values: NDArray[np.float32] | NDArray[np.int64], articles: NDArray[np.int64],
              arrivals: Arrivals, count: int, stand: int = 0) -> NDArray[np.int64]:
        """Indices of the first `count` of some articles, ascending, in order: by the greatest value, then the later,
        then the lesser key. `arrivals`: of all articles. Raises IndexError when an article has none. `stand`: where the
        articles do, if that is known, and that all have one."""

    def add_scores(self, totals: NDArray[np.float32], articles: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Add the scores of some articles, ascending, to their totals. Raises IndexError when one has none."""

    def unite(self, parts: Sequence[Part], docs: int) -> tuple[NDArray[np.int64], NDArray[np.float32], Bits]:
        """The articles of all parts together, ascending; the score of each, added up in the order of the parts; and the
        articles as bits. Raises IndexError when one is not below `docs`."""

    def by_story(self, story: Column) -> Pairs:
        """Those articles, ascending, that share their story. `story`: of chosen articles; 0 is one of their own."""

    def marked_pairs(self, pairs: Pairs, bits: Bits, *, numbered: bool) -> Pairs:
        """Those pairs whose article has its bit set; `numbered`: with their place among all of them instead of the
        article."""

    def gather(self, lists: Lists) -> Lists:
        """The same lists one after the other, in arrays of their own."""

    def count(self, parts: Sequence[tuple[Column, Column]], size: int) -> NDArray[np.uint32]:
        """How many articles of several views have each ordinal, shape (size,). Beside the column of a view: its table,
        which says what its ordinals are among those of all, each of these once at most."""

    def span(self, counts: NDArray[np.uint32], begin: int) -> tuple[int, int] | None:
        """The first and the last ordinal from `begin` on that has a count; None: none has."""

    def add(self, counts: NDArray[np.uint32], span: tuple[int, int], place: Column, below: int, places: int
            ) -> NDArray[np.uint32]:
        """For each of `places` places the counts of the ordinals with it, from the first to the last in `span`, all of
        which have one, added up, shape (places,). `place`: of each ordinal, that above `below` the first place."""

    def count_lists(self, parts: Sequence[tuple[Lists, Column]], tally: Tally) -> int | None:
        """Tally the ordinals in the lists of several views. How many are listed in `tally.met`; None: none, which is no
        hindrance to `most`. Beside the lists of a view: its table."""

    def most(self, tally: Tally, met: int | None, edges: NDArray[np.uint32], size: int
             ) -> list[tuple[list[int], list[int]]]:
        """For each range of ordinals those with the `size` greatest counts and any that equal the last of them, in any
        order, and their counts; none whose count is 0. `met`: as `count_lists` says. `edges`: where each range begins
        and ends, shape (ranges, 2)."""

    def clear(self, tally: Tally, met: int | None) -> None:
        """Forget what was tallied."""

    def count_sets(self, lists: Lists, group: Column, shown: NDArray[np.int32]) -> list[int]:
        """For each bit how many lists have an ordinal with it, 2 * SHOWN numbers. `group`: the bits of each ordinal,
        all of them below SHOWN; those in `shown`, unless -1, have the same from SHOWN on too. `group` is left as it
        was, but nobody else may use it meanwhile."""

    def column_repeats(self, pairs: Pairs, column: Column, is_gathered: bool, table: Column, place: Column, below: int,
                       places: int) -> NDArray[np.uint32]:
        """For each of `places` places how many articles with it are after one of the same story, shape (places,).

        `column`: that of all articles, or (`is_gathered`) that of those in `pairs`. `place`: by what an ordinal is in
        the table, that above `below` the first place, up to `below`: none.
        """

    def list_repeats(self, pairs: Pairs, lists: Lists, is_gathered: bool, shown: NDArray[np.int32], room: Column
                     ) -> NDArray[np.uint32]:
        """The same for the ordinals in lists, those of `shown` (-1: none) the places, shape (shown,).

        `room`: 16 bits for each ordinal, all 0, and left so, but nobody else may use it meanwhile.
        """


KERNELS: Final[Kernels] = compiled_kernels() or ArrayKernels()
"""Those in use."""
