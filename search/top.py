"""Top: the greatest of many values without sorting all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.columns import Arrivals

_BLOCK = 512


def top(values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Indices of the `count` greatest values and of all that equal the last of them, ascending.

    Whole blocks are passed over when their greatest value cannot be among the best.
    """
    blocks = len(values) // _BLOCK
    if blocks <= count or count <= 0:
        return _greatest(values, count)
    peaks = values[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    kept = _greatest(peaks, count)
    places = np.concatenate([(kept[:, None] * _BLOCK + np.arange(_BLOCK)).ravel(),
                             np.arange(blocks * _BLOCK, len(values))])
    return places[_greatest(values[places], count)]


def in_order(values: NDArray[np.float32] | NDArray[np.int64], articles: NDArray[np.int64], arrivals: Arrivals,
             some: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some indices in the order of their articles: by the greatest value, then the later, then the lesser key.

    `arrivals`: of all articles.
    """
    chosen = arrivals.of(articles[some])
    order: NDArray[np.int64] = np.lexsort((chosen.keys, -chosen.moments, -values[some]))
    return some[order]


def _greatest(values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
    if not len(values) > count > 0:
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, len(values) - count)[len(values) - count])
