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
from search.filtering import Selection
from search.opened import UNKNOWN
from search.request import Sort


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best articles, best first: the view each is in, its local number, score and story."""

    views: NDArray[np.int64]
    documents: NDArray[np.int64]
    scores: NDArray[np.float32]


def best(selections: Sequence[Selection], sort: Sort, count: int) -> Ranked:
    """The first `count` articles in order."""
    parts = [_best_of_view(selection, sort, count) for selection in selections if selection.count()]
    return _joined(selections, parts, count)


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


def _best_of_view(selection: Selection, sort: Sort, count: int) -> _Part:
    few = selection.best(count) if sort is Sort.RELEVANCE else None
    documents, scores = (selection.documents(), selection.scores()) if few is None else few
    by_time = sort is not Sort.RELEVANCE or scores is None
    rank: Any = _time(selection.articles().moments, sort) if by_time else scores
    if scores is None:
        scores = np.zeros(len(documents), np.float32)
    if len(documents) > count:
        at = kernels.KERNELS.top(rank, count)
        documents, scores = documents[at], scores[at]
        rank = rank[at] if by_time else scores
    return selection.number, documents, scores, rank


def _time(moments: NDArray[np.int64], sort: Sort) -> NDArray[np.int64]:
    """Greater is earlier in the order; undated articles come last in both directions."""
    return np.where(moments == UNKNOWN, UNKNOWN, -moments) if sort is Sort.OLDEST else moments


_Part = tuple[int, NDArray[np.int64], NDArray[np.float32], NDArray[Any]]
"""Number of a view, and of its best articles: local numbers, scores, what they are ranked by."""


def _joined(selections: Sequence[Selection], parts: Sequence[_Part], count: int) -> Ranked:
    """The first `count` of all views; columns are read of those alone that may be among them."""
    if not parts:
        empty = np.empty(0, np.int64)
        return Ranked(empty, empty, empty.astype(np.float32))
    if len(parts) == 1:
        number, documents, scores, rank = parts[0]
        order = _order(rank, *_columns(selections[number], documents))[:count]
        return Ranked(np.full(len(order), number), documents[order], scores[order])
    views = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
    documents, scores, rank = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    at = kernels.KERNELS.top(rank, count)
    views, documents, scores, rank = views[at], documents[at], scores[at], rank[at]
    columns = [_columns(selections[number], documents[views == number]) for number in np.unique(views).tolist()]
    order = _order(rank, *(np.concatenate([part[i] for part in columns]) for i in range(2)))[:count]
    return Ranked(views[order], documents[order], scores[order])


def _order(rank: NDArray[Any], moments: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    order: NDArray[np.int64] = np.lexsort((keys, -moments, -rank))
    return order


def _columns(selection: Selection, documents: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Time and key of some articles of a view."""
    return selection.view.opened.moments[documents], selection.view.segment["keys"][documents]


def _stories(selections: Sequence[Selection], ranked: Ranked) -> NDArray[np.uint64]:
    """A number for each article, equal for those of one story."""
    stories = np.empty(len(ranked.views), np.uint64)
    for number in np.unique(ranked.views).tolist():
        its, view = ranked.views == number, selections[number].view
        story, keys = view.story[ranked.documents[its]], view.segment["keys"][ranked.documents[its]]
        stories[its] = np.where(story == 0, keys, story)       # an ordinal is never as large as a hash in practice
    return stories
