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

from search import kernels
from search.alternatives import Alternatives
from search.generation import Generation, View
from search.leaves import Found, Leaf, Listed, common_places
from search.limits import check_time, limits
from search.phrases import phrase_postings
from search.plan import AS_TYPED, All, Alternative, Clause, Either, Near, PlanNode, Side, Starts, Without
from search.postings import Postings, alternative_postings, clause_postings, contains
from search.response import Diagnostic

SMALL = 200_000
"""In a view of so many articles alternatives are put together by their scores, of which there is one for every article
of it."""
DENSE = 32
"""In a larger one those whose articles are more than one of this many are put together as bits instead of being sorted
in."""


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
        leaf = self._leaves.get(node)
        if leaf is None:
            postings = [self._postings(node, view) for view in self.generation.views]
            frequency = sum([len(part.documents) for part in postings])
            idf = np.float32(math.log(max(self.generation.articles, 1) / (frequency + 1)) + 1)
            leaf = self._leaves[node] = Leaf(node, self.generation, postings, idf)
        return leaf

    def _postings(self, node: Side | Starts | Near, view: View) -> Postings:
        if isinstance(node, Side):
            if not node.clauses:
                return Postings(view.everything, np.zeros(len(view.everything), np.float32))
            if len(node.clauses) == 1:
                return self._of_word(node, view)
            return self.generation.cache.get(
                ("phrase", *view.key, node), lambda: phrase_postings(self.generation, view, node.clauses, node.title),
                lambda postings: postings.nbytes)
        clause = self._expand(node)
        return self.generation.cache.get(
            ("expanded", self.generation.key, view.key, node, limits().expansions),
            lambda: clause_postings(self.generation, view, clause, node.title), lambda postings: postings.nbytes)

    def _of_word(self, node: Side, view: View) -> Postings:
        """The postings of a word or a name; those of several terms together are kept as those of each are."""
        clause = node.clauses[0]
        if len(clause.alternatives) == 1:
            return alternative_postings(self.generation, view, clause.alternatives[0], node.title)
        return self.generation.cache.get(
            ("clause", *view.key, node), lambda: clause_postings(self.generation, view, clause, node.title),
            lambda postings: postings.nbytes)

    def _expand(self, node: Starts | Near) -> Clause:
        """The words of the index that a prefix or fuzzy word stands for, as one clause."""
        if node not in self.expanded:
            most = limits().expansions
            self.expanded[node], is_cut = self.generation.cache.get(
                ("stands for", self.generation.key, node, most), partial(self._stands_for, node, most),
                lambda found: 400 + 400 * len(found[0].alternatives))
            if is_cut:
                self.diagnostics.append(Diagnostic(
                    "too-many-terms", f"{node.typed} stands for more than {most} words; the rest was left out.",
                    0, 0))
        return self.expanded[node]

    def _stands_for(self, node: Starts | Near, most: int) -> tuple[Clause, bool]:
        """The clause, and whether there are more than `most` words in a view, so that some are left out."""
        find = _starting if isinstance(node, Starts) else _nearby
        forms: dict[str, set[str]] = {}
        is_cut = False
        for view in self.generation.views:
            found = self.generation.cache.get(
                ("words", view.segment.name, node, most), partial(find, view, node, most),
                lambda words: 200 * len(words))
            is_cut |= len(found) > most
            for term, form in found[:most]:
                forms.setdefault(term, set()).add(form)
        alternatives = tuple(Alternative(term, AS_TYPED, frozenset(forms[term])) for term in sorted(forms))
        return Clause(node.typed, alternatives, label=node.typed), is_cut

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
                return Listed(leaf.postings[view].documents, leaf.scores(view), leaf.articles_key(view))

    def _all(self, nodes: Sequence[PlanNode], number: int) -> Found:
        """Articles that every node matches; the shortest list leads."""
        view = self.generation.views[number]
        wanted = [node for node in nodes if not isinstance(node, Without)]
        leaves = [self.leaf(node) for node in wanted if isinstance(node, Side | Starts | Near)]
        branches = [self._found(node, number) for node in wanted if not isinstance(node, Side | Starts | Near)]
        if not wanted:
            found: Found = Listed(view.everything, None)
        elif leaves:
            found = self._conjunction(leaves, number)
        else:
            found = branches.pop(0)
        for branch in branches:
            found = _both(found, branch, view.docs)
        for node in nodes:
            if isinstance(node, Without):
                drop = contains(self._found(node.node, number).documents, found.documents)
                found = Listed(found.documents[~drop], found.scores[~drop] if found.scores is not None else None)
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
        return Listed(documents, scores)

    def _any(self, nodes: Sequence[PlanNode], number: int) -> Found:
        """Articles that some node matches, scores added in the order typed."""
        parts = [self._found(node, number) for node in nodes]
        docs = self.generation.views[number].docs
        if docs <= SMALL:
            documents, scores, bits = kernels.KERNELS.unite([(part.documents, part.scores) for part in parts], docs)
            return Listed(documents, scores, own=bits)
        if sum(part.count for part in parts) * DENSE > docs:
            return Alternatives(self.generation, parts, docs)
        documents = np.concatenate([part.documents for part in parts])
        documents.sort(kind="stable")               # which merges what is ascending, where np.unique makes a table
        is_first = np.ones(len(documents), np.bool_)
        is_first[1:] = documents[1:] != documents[:-1]
        documents = documents[is_first]
        scores = np.zeros(len(documents), np.float32)
        for part in parts:
            if part.scores is not None:
                scores[np.searchsorted(documents, part.documents)] += part.scores
        return Listed(documents, scores)


def _both(left: Found, right: Found, docs: int) -> Found:
    keep, at = common_places(left.documents, right.documents, docs)
    scores = [part for part in (left.scores[keep] if left.scores is not None else None,
                                right.scores[at] if right.scores is not None else None) if part is not None]
    return Listed(left.documents[keep], sum(scores[1:], scores[0]) if scores else None)


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


