"""Ranges of whole numbers: many of them as one array of places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def expand(starts: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """starts[0], starts[0] + 1 … (counts[0] of them), then those of starts[1] and so on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    expanded: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return expanded
