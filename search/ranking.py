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
    stories: NDArray[np.uint64]      # equal for articles of one story


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
        _, first = np.unique(ranked.stories, return_index=True)
        if len(first) >= count or wanted >= matches:
            return _take(ranked, np.sort(first)[:count])
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
        documents, scores, rank = documents[at], scores[at], rank[at]
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
        return Ranked(empty, empty, empty.astype(np.float32), empty.astype(np.uint64))
    if len(parts) == 1:
        number, documents, scores, rank = parts[0]
        views = np.full(len(documents), number)
        moments, keys, stories = _columns(selections[number], documents)
    else:
        views = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
        documents, scores, rank = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
        at = kernels.KERNELS.top(rank, count)
        views, documents, scores, rank = views[at], documents[at], scores[at], rank[at]
        columns = [_columns(selections[number], documents[views == number]) for number in np.unique(views).tolist()]
        moments, keys, stories = (np.concatenate([part[i] for part in columns]) for i in range(3))
    order = np.lexsort((keys, -moments, -rank))[:count]
    return Ranked(views[order], documents[order], scores[order], stories[order])


def _columns(selection: Selection, documents: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    """Time, key and story of some articles of a view."""
    keys, story = selection.view.segment["keys"][documents], selection.view.story[documents]
    stories = np.where(story == 0, keys, story)         # an ordinal is never as large as a hash in practice
    return selection.view.opened.moments[documents], keys, stories


def _take(ranked: Ranked, which: slice | NDArray[np.int64]) -> Ranked:
    return Ranked(ranked.views[which], ranked.documents[which], ranked.scores[which], ranked.stories[which])
