"""Alternatives: articles that some of several parts of a plan match, where they are many of a large view.

The articles are the parts' bits put together; scores are added up in the order typed. For the best few most articles
need not be looked at: those that match the same parts have at most the sum of these parts' greatest scores, so sets of
parts are gone through from the greatest such sum on, until it is less than what the best have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from itertools import combinations
from operator import and_, or_
from typing import Final

import numpy as np

from search import kernels
from search.bits import Bits, Ranks, count_set, ranks
from search.generation import Generation
from search.leaves import Found, Scores
from search.limits import check_time
from search.postings import Documents

PARTS = 4
"""Sets of more parts than this are too many to be gone through."""
MOST = 16
"""Articles of one set of parts are looked at when they are not more than one in so many."""
TOGETHER = 1000
"""Sets of parts are looked at together up to so many articles: it is their number then that costs."""
ROUNDING = 1e-5
"""The sum of a few scores in 32 bits differs from the exact one by far less than this share."""


class Alternatives:
    """What some of several parts match in a view of so many articles."""

    key: Final = None

    def __init__(self, generation: Generation, parts: Sequence[Found], docs: int) -> None:
        self._generation, self._parts, self._docs = generation, parts, docs

    @cached_property
    def _marks(self) -> list[Ranks]:
        return [part.marked(self._generation, self._docs) for part in self._parts]

    @cached_property
    def _bits(self) -> Bits:
        return reduce(or_, (marks.bits for marks in self._marks))

    @cached_property
    def count(self) -> int:
        return count_set(self._bits)

    @cached_property
    def documents(self) -> Documents:
        return kernels.KERNELS.ones(self._bits)

    @cached_property
    def scores(self) -> Scores:
        totals = np.zeros(self._docs, np.float32)
        for part in self._parts:
            if part.scores is not None:
                kernels.KERNELS.add_scores(totals, part.documents, part.scores)
        return totals[self.documents]

    @cached_property
    def _ranks(self) -> Ranks:
        return ranks(self._bits)

    def marked(self, generation: Generation, docs: int) -> Ranks:
        return self._ranks

    def bits(self, generation: Generation, docs: int) -> Bits:
        return self._bits

    def best(self, count: int) -> tuple[Documents, Scores] | None:
        if not count or not 0 < len(self._parts) <= PARTS:
            return None
        documents, scores = np.empty(0, np.int64), np.empty(0, np.float32)
        sets = self._sets()
        while sets:
            check_time()
            if len(scores) >= count and sets[0][0] * (1 + ROUNDING) < scores[kernels.KERNELS.top(scores, count)].min():
                break
            bits, size, taken = self._next(sets)
            if size * MOST > self._docs:
                return None
            some = kernels.KERNELS.ones(bits)
            its = self._scores_of(some)
            kept = kernels.KERNELS.top(its, count)
            documents, scores = np.append(documents, some[kept]), np.append(scores, its[kept])
            sets = sets[taken:]
        order = np.argsort(documents)
        return documents[order], scores[order]

    def _next(self, sets: Sequence[tuple[float, tuple[int, ...]]]) -> tuple[Bits, int, int]:
        """The articles of the first of some sets, with those of the next as long as they are few together; how many
        articles, of how many sets."""
        bits = self._exactly(sets[0][1])
        size, taken = count_set(bits), 1
        for _, chosen in sets[1:]:
            more = self._exactly(chosen)
            added = count_set(more)
            if size + added > TOGETHER:
                break
            bits, size, taken = bits | more, size + added, taken + 1
        return bits, size, taken

    def _scores_of(self, documents: Documents) -> Scores:
        """The scores of some of the articles."""
        scores = np.zeros(len(documents), np.float32)
        for part, marks in zip(self._parts, self._marks, strict=True):
            known = part.scores
            if known is not None:
                here, places = kernels.KERNELS.places(documents, marks)
                scores[here] += known[places]
        return scores

    def _sets(self) -> list[tuple[float, tuple[int, ...]]]:
        """Every set of parts with the most that an article may score which matches these and no other."""
        greatest = [0.0 if part.scores is None else float(part.scores.max(initial=0)) for part in self._parts]
        places = range(len(greatest))
        every = [chosen for size in places for chosen in combinations(places, size + 1)]
        return sorted(((sum(greatest[place] for place in chosen), chosen) for chosen in every), reverse=True)

    def _exactly(self, chosen: Sequence[int]) -> Bits:
        """The articles that match the chosen parts and no other."""
        bits = reduce(and_, (self._marks[place].bits for place in chosen))
        others = [marks.bits for place, marks in enumerate(self._marks) if place not in chosen]
        return bits & ~reduce(or_, others) if others else bits
