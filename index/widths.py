"""Widths: numbers of many terms, of each term with as few bytes as its greatest needs: 1, 2 or 4, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.compiled_library import address

SIZES = (1, 2, 4)

Stream = NDArray[np.unsignedinteger[Any]]


def parted(values: NDArray[np.int32], counts: NDArray[np.int64], widths: NDArray[np.uint8]) -> list[Stream]:
    """The values of each of SIZES, in order. `counts`: how many values each term has; `widths`: of how many bytes they
    are; 0: they are left out. Raises ValueError when a count is negative."""
    if kernels.KERNELS is not None:
        return _parted_in_c(values, counts, widths)
    each = np.repeat(widths, counts)
    return [values[each == size].astype(f"<u{size}") for size in SIZES]


def _parted_in_c(values: NDArray[np.int32], counts: NDArray[np.int64], widths: NDArray[np.uint8]) -> list[Stream]:
    library: Any = kernels.KERNELS
    _check(counts)
    streams = [np.empty(int(counts[widths == size].sum()), f"<u{size}") for size in SIZES]
    values = np.ascontiguousarray(values, np.int32)
    library.part_by_width(address(values, None, int(counts.sum())), address(counts, np.int64),
                          address(widths, np.uint8, len(counts)), len(counts), *map(address, streams))
    return streams


def joined(streams: Sequence[Stream], counts: NDArray[np.int64], widths: NDArray[np.uint8], default: int
           ) -> NDArray[np.int32]:
    """All values as they were before `parted`; `default` where they were left out. Raises ValueError when a count is
    negative, as it may be in a damaged segment."""
    if kernels.KERNELS is not None:
        return _joined_in_c(streams, counts, widths, default)
    each = np.repeat(widths, counts)
    values = np.full(len(each), default, np.int32)
    for size, stream in zip(SIZES, streams, strict=True):
        values[each == size] = stream
    return values


def _joined_in_c(streams: Sequence[Stream], counts: NDArray[np.int64], widths: NDArray[np.uint8], default: int
                 ) -> NDArray[np.int32]:
    library: Any = kernels.KERNELS
    _check(counts)
    values = np.empty(int(counts.sum()), np.int32)
    library.join_by_width(*[address(stream, np.dtype(f"<u{size}").type, int(counts[widths == size].sum()))
                            for size, stream in zip(SIZES, streams, strict=True)], address(counts, np.int64),
                          address(widths, np.uint8, len(counts)), len(counts), default, address(values))
    return values


def _check(counts: NDArray[np.int64]) -> None:
    """C goes on where a count says, which NumPy would not."""
    if counts.min(initial=0) < 0:
        raise ValueError(f"a term has {counts.min()} values")
