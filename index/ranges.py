"""Ranges of whole numbers: many of them as one array of places; runs of values that stand in such ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.compiled_library import address


def expand(starts: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """starts[0], starts[0] + 1 … (counts[0] of them), then those of starts[1] and so on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    expanded: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return expanded


def copy_runs(values: NDArray[Any], starts: NDArray[np.int64], counts: NDArray[np.int64], copies: NDArray[Any],
              to: NDArray[np.int64]) -> None:
    """Copy runs of values, counts[0] of them from the place starts[0] on to the place to[0], and so on.

    Raises IndexError when a run is not all there, or has no room.
    """
    for array, first in ((values, starts), (copies, to)):
        if len(first) and (min(first.min(), counts.min()) < 0 or (first + counts).max() > len(array)):
            raise IndexError(f"runs up to {(first + counts).max()} of {len(array)}")
    if kernels.KERNELS is None:
        copies[expand(to, counts)] = values[expand(starts, counts)]
        return
    values = np.ascontiguousarray(values, copies.dtype)
    kernels.KERNELS.copy_runs(address(values), address(starts, np.int64), address(counts, np.int64, len(starts)),
                              len(starts), values.itemsize, address(to, np.int64, len(starts)), address(copies))
