"""Additions: the matches of a search that somebody has not seen yet, in the order in which they came into the archive.

What was seen is a set of article keys (64-bit hashes of ids), so an article is new once: whenever it was written,
however often it is changed, and also when it matches only now because it was changed or a name was learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.response import Hit

Keys = NDArray[np.uint64]
"""Keys of articles, shape (articles,)."""
NO_KEYS: Keys = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Additions:
    """How many articles match, how many of them are new, and some of the new ones with their keys."""

    total: int
    new: int
    hits: tuple[Hit, ...]
    keys: Keys                     # of the hits, ascending


def unseen(arrived: Keys, seen: Keys, *, latest_first: bool) -> Keys:
    """The keys of `arrived` (by arrival) that are not among those seen."""
    found: Keys = arrived[~np.isin(arrived, seen)]
    return found[::-1] if latest_first else found
