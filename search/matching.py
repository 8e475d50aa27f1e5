"""Matching: a plan → the matching articles of every view, with BM25 scores, before any filter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from search.bits import Ranks, bits_of_numbers, held, mask_of, numbers_of, ranks
from search.generation import K1, Generation, Key, View
from search.limits import check_time, limits
from search.phrases import phrase_postings
from search.plan import AS_TYPED, All, Alternative, Clause, Either, Near, PlanNode, Side, Starts, Without
from search.postings import Documents, Postings, clause_postings, contains
from search.response import Diagnostic

DENSE = 32
"""A leaf in more than one article of this many is added up over all articles instead of being sorted in."""

KEPT = 1000
"""Scores of a leaf with so many articles are kept."""
MARKED = 16
"""The articles of a leaf in more than one of this many are kept as bits, once they are compared with a list that is not
short."""

MASKED = 128
"""Lists are compared as masks or bits of all articles where the shorter has more than one article of this many."""

Scores = NDArray[np.float32]


@dataclass(slots=True)
class Leaf:
    """A scored part of a plan: one posting list a view and its inverse document frequency."""

    node: PlanNode
    generation: Generation
    postings: list[Postings]
    idf: np.float32

    def scores(self, view: int) -> Scores:
        """BM25 of all postings of a view. Those of many are kept, like postings."""
        postings = self.postings[view]

        def make() -> Scores:
            return self._scores(postings.weights, self.generation.views[view].norm[postings.documents])
        if len(postings.documents) < KEPT:
            return make()
        return self.generation.cache.get(self.key("scores", view), make, lambda scores: scores.nbytes + 300)

    def scores_of(self, view: int, chosen: NDArray[np.int64], norm: Scores) -> Scores:
        """BM25 of the chosen postings (indices) of a view; `norm`: that of their articles."""
        known: Scores | None = None
        if len(self.postings[view].documents) >= KEPT:
            known = self.generation.cache.find(self.key("scores", view))
        return self._scores(self.postings[view].weights[chosen], norm) if known is None else known[chosen]

    def places(self, view: int, documents: Documents) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Which of some articles (indices) are in the postings of a view, and the place of each of these there.

        Where a leaf is in many articles, these are kept as bits.
        """
        others, docs, cache = self.postings[view].documents, self.generation.views[view].docs, self.generation.cache
        if len(others) * MARKED < docs or len(others) < KEPT:
            return common_places(documents, others, docs)
        marked: Ranks | None = cache.find(self.key("bits", view))
        if marked is None:
            if len(documents) * MASKED <= docs:
                return common_places(documents, others, docs)
            marked = ranks(bits_of_numbers(others, docs))
            cache.put(self.key("bits", view), marked, marked.nbytes)
        if len(documents) * MARKED > docs:
            keep = numbers_of(mask_of(marked.bits, docs)[documents])
        else:
            keep = np.flatnonzero(held(marked.bits, documents))
        return keep, marked.rank(documents[keep])

    def key(self, what: str, view: int) -> Key:
        """Where in the cache something of a view is."""
        return what, self.generation.key, view, self.node, limits().expansions

    def _scores(self, weights: Scores, norm: Scores) -> Scores:
        scores: Scores = weights * (self.idf * np.float32(K1 + 1)) / (weights + norm)
        return scores


@dataclass(frozen=True, slots=True)
class Found:
    """Matching articles of a view, ascending, and their scores (None: not scored).

    `key`: where in the cache the articles may be kept as bits.
    """

    documents: Documents
    scores: Scores | None
    key: Key | None = None


@dataclass(slots=True)
class Matcher:
    """Executes plan nodes over the views of one generation."""

    generation: Generation
    diagnostics: list[Diagnostic] = field(default_factory=list)
    expanded: dict[PlanNode, Clause] = field(default_factory=dict)
    _leaves: dict[PlanNode, Leaf] = field(default_factory=dict)

    def match(self, root: PlanNode) -> list[Found]:
        """The matching articles of each view, in the order of the generation's views."""
        return [self._found(root, number) for number in range(len(self.generation.views))]

    def leaf(self, node: Side | Starts | Near) -> Leaf:
        """The postings of a leaf node in every view."""
        if node not in self._leaves:
            postings = [self._postings(node, view) for view in self.generation.views]
            frequency = sum(len(part.documents) for part in postings)
            idf = np.float32(math.log(max(self.generation.articles, 1) / (frequency + 1)) + 1)
            self._leaves[node] = Leaf(node, self.generation, postings, idf)
        return self._leaves[node]

    def _postings(self, node: Side | Starts | Near, view: View) -> Postings:
        check_time()
        if isinstance(node, Side):
            if not node.clauses:
                return Postings(view.everything, np.zeros(len(view.everything), np.float32))
            if len(node.clauses) == 1:
                return clause_postings(self.generation, view, node.clauses[0], node.title)
            return self.generation.cache.get(
                ("phrase", *view.key, node), lambda: phrase_postings(self.generation, view, node.clauses, node.title),
                lambda postings: postings.nbytes)
        clause = self._expand(node)
        return self.generation.cache.get(
            ("expanded", self.generation.key, view.key, node, limits().expansions),
            lambda: clause_postings(self.generation, view, clause, node.title), lambda postings: postings.nbytes)

    def _expand(self, node: Starts | Near) -> Clause:
        """The words of the index that a prefix or fuzzy word stands for, as one clause."""
        if node not in self.expanded:
            most = limits().expansions
            find = _starting if isinstance(node, Starts) else _nearby
            forms: dict[str, set[str]] = {}
            cut = False
            for view in self.generation.views:
                found = self.generation.cache.get(
                    ("words", view.segment.name, node, most), partial(find, view, node, most),
                    lambda words: 200 * len(words))
                cut |= len(found) > most
                for term, form in found[:most]:
                    forms.setdefault(term, set()).add(form)
            if cut:
                self.diagnostics.append(Diagnostic(
                    "too-many-terms", f"{node.typed} stands for more than {most} words; the rest was left out.",
                    0, 0))
            alternatives = tuple(Alternative(term, AS_TYPED, frozenset(forms[term])) for term in sorted(forms))
            self.expanded[node] = Clause(node.typed, alternatives, label=node.typed)
        return self.expanded[node]

    def _found(self, node: PlanNode, view: int) -> Found:
        check_time()
        match node:
            case All():
                return self._all(node.nodes, view)
            case Either():
                return self._any(node.nodes, view)
            case Without():
                return self._all((node,), view)
            case _:
                leaf = self.leaf(node)
                return Found(leaf.postings[view].documents, leaf.scores(view), leaf.key("bits", view))

    def _all(self, nodes: Sequence[PlanNode], number: int) -> Found:
        """Articles that every node matches; the shortest list leads."""
        view = self.generation.views[number]
        wanted = [node for node in nodes if not isinstance(node, Without)]
        leaves = [self.leaf(node) for node in wanted if isinstance(node, Side | Starts | Near)]
        branches = [self._found(node, number) for node in wanted if not isinstance(node, Side | Starts | Near)]
        if not wanted:
            found = Found(view.everything, None)
        elif leaves:
            found = self._conjunction(leaves, number)
        else:
            found = branches.pop(0)
        for branch in branches:
            found = _both(found, branch, view.docs)
        for node in nodes:
            if isinstance(node, Without):
                drop = contains(self._found(node.node, number).documents, found.documents)
                found = Found(found.documents[~drop], found.scores[~drop] if found.scores is not None else None)
        return found

    def _conjunction(self, leaves: Sequence[Leaf], number: int) -> Found:
        """Articles of all leaves, found from the rarest on; scores are worked out for these alone.

        They are added up in the order typed, so that rounding does not depend on which is rarest in a view.
        """
        order = sorted(range(len(leaves)), key=lambda at: len(leaves[at].postings[number].documents))
        documents = leaves[order[0]].postings[number].documents
        chosen: dict[int, NDArray[Any]] = {order[0]: np.arange(len(documents))}
        for place in order[1:]:
            keep, at = leaves[place].places(number, documents)
            documents = documents[keep]
            chosen = {known: indices[keep] for known, indices in chosen.items()} | {place: at}
        norm = self.generation.views[number].norm[documents]
        scores = leaves[0].scores_of(number, chosen[0], norm)
        for place, leaf in enumerate(leaves[1:], 1):
            scores = scores + leaf.scores_of(number, chosen[place], norm)
        return Found(documents, scores)

    def _any(self, nodes: Sequence[PlanNode], number: int) -> Found:
        """Articles that some node matches, scores added in the order typed."""
        parts = [self._found(node, number) for node in nodes]
        docs = self.generation.views[number].docs
        if sum(len(part.documents) for part in parts) * DENSE > docs:
            total = np.zeros(docs, np.float32)
            seen = None                                  # where it is not above zero
            for place, part in enumerate(parts):
                if part.scores is not None:
                    total[part.documents] = total[part.documents] + part.scores if place else part.scores
                if part.scores is None or not part.scores.min(initial=1) > 0:
                    seen = np.zeros(docs, np.bool_) if seen is None else seen
                    seen[part.documents] = True
            documents = numbers_of(total > 0 if seen is None else seen | (total > 0))
            return Found(documents, total[documents])
        documents = np.unique(np.concatenate([part.documents for part in parts]))
        scores = np.zeros(len(documents), np.float32)
        for part in parts:
            if part.scores is not None:
                scores[np.searchsorted(documents, part.documents)] += part.scores
        return Found(documents, scores)


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


def _both(left: Found, right: Found, docs: int) -> Found:
    keep, at = common_places(left.documents, right.documents, docs)
    scores = [part for part in (left.scores[keep] if left.scores is not None else None,
                                right.scores[at] if right.scores is not None else None) if part is not None]
    return Found(left.documents[keep], sum(scores[1:], scores[0]) if scores else None)


def _starting(view: View, node: Starts | Near, most: int) -> list[tuple[str, str]]:
    """(term, form) of the words of a view that begin with a prefix."""
    assert isinstance(node, Starts)
    return _named(view, view.segment.words_with_prefix(node.prefix)[: most + 1])


def _nearby(view: View, node: Starts | Near, most: int) -> list[tuple[str, str]]:
    """(term, form) of the words of a view that begin with the same letter and are near enough, nearest first."""
    assert isinstance(node, Near)
    forms = view.segment.words_with_prefix(node.word[:1])
    texts = [view.segment.form_text(form).decode() for form in forms]
    near = extract(node.word, texts, scorer=DamerauLevenshtein.distance, score_cutoff=node.distance,
                   limit=most + 1)
    return _named(view, forms[[index for _, _, index in near]])


def _named(view: View, forms: NDArray[np.int64]) -> list[tuple[str, str]]:
    terms, _ = view.segment.terms_of_forms(forms)
    return [(view.segment.term_text(term).decode(), view.segment.form_text(form).decode())
            for term, form in zip(terms.tolist(), forms.tolist(), strict=True)]


