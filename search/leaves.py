"""Leaves: the words, phrases and prefixes of a plan over the views of a generation, and what matching finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.bits import Bits, Ranks, ranks
from search.cache import Hashed, Key
from search.generation import K1, Generation
from search.limits import limits
from search.plan import Near, Side, Starts
from search.postings import Documents, Postings

KEPT, MARKED = 100, 16
"""The articles of a leaf in at least so many, and in more than one of so many, are kept as bits, once they are compared
with a list that is not short."""

MASKED = 128
"""Lists are compared as masks or bits of all articles where the shorter has more than one article of this many."""

BITS = 64
"""Articles given as a list are kept as bits where they are more than one of this many."""

Scores = NDArray[np.float32]


@dataclass(slots=True)
class Leaf:
    """A scored part of a plan: one posting list a view and its inverse document frequency."""

    node: Side | Starts | Near
    generation: Generation
    postings: list[Postings]
    idf: np.float32
    _keys: dict[int, Key] = field(default_factory=dict)

    def scores(self, view: int) -> Scores:
        """BM25 of all postings of a view, kept like these."""
        postings = self.postings[view]
        return self.generation.cache.get(
            self._scores_key(view),
            lambda: self._scores(postings.weights, self.generation.views[view].norm[postings.documents]),
            lambda scores: scores.nbytes + 300)

    def scores_of(self, view: int, chosen: NDArray[np.int64], norm: Scores) -> Scores:
        """BM25 of the chosen postings (indices) of a view; `norm`: that of their articles."""
        known: Scores | None = self.generation.cache.find(self._scores_key(view))
        return self._scores(self.postings[view].weights[chosen], norm) if known is None else known[chosen]

    def places(self, view: int, documents: Documents) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Which of some articles (indices) are in the postings of a view, and the place of each of these there.

        Where a leaf is in many articles, these are kept as bits.
        """
        others, docs, cache = self.postings[view].documents, self.generation.views[view].docs, self.generation.cache
        if len(others) * MARKED < docs or len(others) < KEPT:
            return common_places(documents, others, docs)
        key = "bits", *self.articles_key(view)
        marked: Ranks | None = cache.find(key)
        if marked is None:
            if len(documents) * MASKED <= docs:
                return common_places(documents, others, docs)
            marked = _ranks(others, docs)
            cache.put(key, marked, marked.nbytes)
        return kernels.KERNELS.places(documents, marked)

    def articles_key(self, view: int) -> Key:
        """The rest of a key, from the owner on, of what depends on which articles of a view match, and not on scores.

        What a prefix or a fuzzy word stands for depends on all segments, anything else on its own.
        """
        if view not in self._keys:
            if isinstance(self.node, Side):
                owner, live = self.generation.views[view].key
                self._keys[view] = owner, Hashed(live, self.node)
            else:
                self._keys[view] = self.generation.key, Hashed(view, self.node, limits().expansions)
        return self._keys[view]

    def _scores_key(self, view: int) -> Key:
        return "scores", self.generation.key, view, *self.articles_key(view)

    def _scores(self, weights: Scores, norm: Scores) -> Scores:
        scores: Scores = weights * (self.idf * np.float32(K1 + 1)) / (weights + norm)
        return scores


class Found(Protocol):
    """What a part of a plan matches in a view."""

    @property
    def key(self) -> Key | None:
        """The rest of keys in the cache, from the owner on, of what depends on these articles; None: not kept."""

    @property
    def count(self) -> int:
        """How many articles."""

    @property
    def documents(self) -> Documents:
        """The articles, ascending."""

    @property
    def scores(self) -> Scores | None:
        """The score of each; None: they are not scored."""

    def bits(self, generation: Generation, docs: int) -> Bits:
        """The articles as bits, of a view with so many."""

    def marked(self, generation: Generation, docs: int) -> Ranks:
        """The same, with their ranks."""

    def best(self, count: int) -> tuple[Documents, Scores] | None:
        """The `count` articles with the greatest scores, and maybe others, but all that equal the last of them; None:
        no quicker than to go through all scores."""


@dataclass(slots=True)               # not frozen, as each search makes some
class Listed:
    """Matching articles as a list. `key`: the rest of keys, from the owner on, of what depends on which these are.
    `own`: the same as bits, where they are at hand."""

    documents: Documents
    scores: Scores | None
    key: Key | None = None
    own: Bits | None = None

    @property
    def count(self) -> int:
        return len(self.documents)

    def _are_kept(self, docs: int) -> bool:
        """Whether their bits are, as they take no more than the list."""
        return self.key is not None and len(self.documents) * BITS >= docs

    def bits(self, generation: Generation, docs: int) -> Bits:
        if self.own is None:
            self.own = self.marked(generation, docs).bits if self._are_kept(docs) else _bits(self.documents, docs)
        return self.own

    def marked(self, generation: Generation, docs: int) -> Ranks:
        if self.key is None or not self._are_kept(docs):
            return ranks(self.bits(generation, docs))
        return generation.cache.get(
            ("bits", *self.key), lambda: _ranks(self.documents, docs), lambda found: found.nbytes)

    def best(self, count: int) -> None:
        return None


def _bits(documents: Documents, docs: int) -> Bits:
    return kernels.KERNELS.bits(documents.astype(np.uint32), docs)


def _ranks(documents: Documents, docs: int) -> Ranks:
    return ranks(_bits(documents, docs))


def common_places(documents: Documents, others: Documents, docs: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places, in each of two ascending lists of articles below `docs`, of those that are in both.

    Few are looked up one by one, many by masks over all articles.
    """
    if len(documents) * MASKED > docs:
        mask = np.zeros(docs, np.bool_)
        mask[others] = True
        keep = np.flatnonzero(mask[documents])
        mask[others] = False
        mask[documents[keep]] = True
        return keep, np.flatnonzero(mask[others])
    at = others.searchsorted(documents)
    at[at == len(others)] = 0
    keep = np.flatnonzero(others[at] == documents) if len(others) else at[:0]
    return keep, at[keep]
