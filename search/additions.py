"""Additions: the matches of a search that somebody has not seen yet, in the order in which they came into the archive.

What was seen is a set of article keys (64-bit hashes of ids), so an article is new once: whenever it was written,
however often it is changed, and also when it matches only now because it was changed or a name was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.filtering import Selection
from search.response import Hit

Keys = NDArray[np.uint64]
"""Keys of articles, ascending, each once."""
NO_KEYS: Keys = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Additions:
    """How many articles match, how many of them are new, and some of the new ones with their keys."""

    total: int
    new: int
    hits: tuple[Hit, ...]
    keys: Keys                     # of the hits, ascending


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Matches not seen, by arrival: the view each is in, its local number, score and key; shapes (new,)."""

    views: NDArray[np.int64]
    documents: NDArray[np.int64]
    scores: NDArray[np.float32]
    keys: Keys


def match_keys(selections: Sequence[Selection]) -> Keys:
    """The keys of all matches."""
    return np.unique(np.concatenate([NO_KEYS, *(
        selection.view.segment["keys"][selection.documents()] for selection in selections)]))


def arrivals(selections: Sequence[Selection], seen: Keys, latest_first: bool) -> Arrivals:
    """The matches whose keys are not among those seen, by the number that the archive gave their version."""
    parts = [_unseen(selection, seen) for selection in selections]
    views, documents, scores, keys, numbers = (
        np.concatenate([np.empty(0, kind), *(part[at] for part in parts)])
        for at, kind in enumerate((np.int64, np.int64, np.float32, np.uint64, np.int64)))
    order = np.argsort(-numbers if latest_first else numbers, kind="stable")
    return Arrivals(views[order], documents[order], scores[order], keys[order])


def _unseen(selection: Selection, seen: Keys) -> tuple[NDArray[np.generic], ...]:
    segment, documents = selection.view.segment, selection.documents()
    documents = documents[~np.isin(segment["keys"][documents], seen)]
    scores = np.zeros(len(documents), np.float32)
    if selection.found.scores is not None:
        scores = selection.found.scores[np.searchsorted(selection.found.documents, documents)]
    return (np.full(len(documents), selection.number), documents, scores, segment["keys"][documents],
            segment["numbers"][documents].astype(np.int64))
