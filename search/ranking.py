"""Ranking: the best of many without sorting all, in an order that is total and the same in every index.

Articles are ordered by score (or time), then the newer first, then a hash of their id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.columns import Arrivals
from search.filtering import Selection
from search.opened import UNKNOWN
from search.request import Sort
from search.top import in_order


@dataclass(slots=True)               # not frozen, as each search makes one
class Ranked:
    """The best articles, best first: the view each is in, its local number, score and story."""

    views: NDArray[np.int64]
    documents: NDArray[np.int64]
    scores: NDArray[np.float32]


def best(selections: Sequence[Selection], sort: Sort, count: int) -> Ranked:
    """The first `count` articles in order."""
    matching = [selection for selection in selections if selection.count()]
    if len(matching) == 1:
        selection = matching[0]
        (documents, scores, rank), stand = _candidates(selection, sort, count)
        first = kernels.KERNELS.first(rank, documents, selection.view.opened.arrivals, count, stand)
        views = np.empty(len(first), np.int64)
        views.fill(selection.number)
        return Ranked(views, documents[first], scores[first])
    return _joined(selections, [_best_of_view(selection, sort, count) for selection in matching], count)


def best_of_stories(selections: Sequence[Selection], sort: Sort, count: int) -> Ranked:
    """The first article of each of the first `count` stories, in order."""
    matches = sum(selection.count() for selection in selections)
    wanted = count * 2
    while True:
        ranked = best(selections, sort, wanted)
        _, first = np.unique(_stories(selections, ranked), return_index=True)
        if len(first) >= count or wanted >= matches:
            which = np.sort(first)[:count]
            return Ranked(ranked.views[which], ranked.documents[which], ranked.scores[which])
        wanted *= 4


def _candidates(selection: Selection, sort: Sort, count: int) -> tuple[_Candidates, int]:
    """The articles of a view that may be among the first `count`: local numbers, scores, what they are ranked by; and
    where the numbers stand, if that is known."""
    few = selection.best(count) if sort is Sort.RELEVANCE else None
    documents, scores = (selection.documents(), selection.scores()) if few is None else few
    stand = selection.articles().address if few is None else 0
    by_time = sort is not Sort.RELEVANCE or scores is None
    rank: Any = _time(selection.articles().moments, sort) if by_time else scores
    return (documents, np.zeros(len(documents), np.float32) if scores is None else scores, rank), stand


def _best_of_view(selection: Selection, sort: Sort, count: int) -> tuple[int, _Candidates]:
    (documents, scores, rank), _ = _candidates(selection, sort, count)
    at = kernels.KERNELS.top(rank, count)
    return selection.number, (documents[at], scores[at], rank[at])


def _time(moments: NDArray[np.int64], sort: Sort) -> NDArray[np.int64]:
    """Greater is earlier in the order; undated articles come last in both directions."""
    return np.where(moments == UNKNOWN, UNKNOWN, -moments) if sort is Sort.OLDEST else moments


_Candidates = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[Any]]


def _joined(selections: Sequence[Selection], parts: Sequence[tuple[int, _Candidates]], count: int) -> Ranked:
    """The first `count` of several views; columns are read of those alone that may be among them."""
    if not parts:
        empty = np.empty(0, np.int64)
        return Ranked(empty, empty, empty.astype(np.float32))
    views = np.repeat([number for number, _ in parts], [len(its[0]) for _, its in parts])
    documents, scores, rank = (np.concatenate([its[i] for _, its in parts]) for i in range(3))
    at = kernels.KERNELS.top(rank, count)
    views, documents, scores, rank = views[at], documents[at], scores[at], rank[at]
    columns = [selections[number].view.opened.arrivals.of(documents[views == number])
                for number in np.unique(views).tolist()]
    order = in_order(rank, np.arange(len(at)), Arrivals.together(columns), np.arange(len(at)))[:count]
    return Ranked(views[order], documents[order], scores[order])


def _stories(selections: Sequence[Selection], ranked: Ranked) -> NDArray[np.uint64]:
    """A number for each article, equal for those of one story."""
    stories = np.empty(len(ranked.views), np.uint64)
    for number in np.unique(ranked.views).tolist():
        its, view = ranked.views == number, selections[number].view
        story, keys = view.story[ranked.documents[its]], view.segment["keys"][ranked.documents[its]]
        stories[its] = np.where(story == 0, keys, story)       # an ordinal is never as large as a hash in practice
    return stories
