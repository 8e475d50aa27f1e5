"""Prints: the fingerprints of many articles as columns, read from their bytes all at once.

To make an object of each takes longer than all that is asked of most of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_HEAD = np.dtype([("day", "<i8"), ("word_runs", "<u4"), ("word_limit", "<u8"), ("words", "<u4"),
                  ("rare_runs", "<u4"), ("rare_limit", "<u8"), ("rare", "<u4")])
"""How the bytes of a fingerprint begin (`Fingerprint.to_bytes`); `words` and `rare`: how many values are kept."""


@dataclass(frozen=True, slots=True)
class Sketches:
    """Several sketches: the values of number i are `values[starts[i]:starts[i] + sizes[i]]`, sorted."""

    values: NDArray[np.uint32]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    limits: NDArray[np.int64]
    runs: NDArray[np.int64]

    def below(self, places: NDArray[np.intp], limits: NDArray[np.int64] | NDArray[np.uint32]) -> NDArray[np.int64]:
        """How many values of each of some sketches are below a limit of its own; the shape of `places`."""
        starts, sizes, counts = self.starts[places], self.sizes[places], np.zeros(len(places), np.int64)
        step = 1 << int(sizes.max(initial=0)).bit_length()
        while step := step // 2:
            at = counts + (step - 1)
            counts += step * ((at < sizes) & (self.values.take(starts + at, mode="clip") < limits))
        return counts


@dataclass(frozen=True)
class Prints:
    """Fingerprints, each a place in every column."""

    numbers: NDArray[np.int64]      # of the articles
    packed: Sequence[bytes]         # each as `Fingerprint.to_bytes` made it
    days: NDArray[np.int64]         # ordinals; `sketch.UNDATED`: it has none
    words: Sketches
    rare: Sketches

    @classmethod
    def of(cls, rows: Sequence[tuple[int, bytes]]) -> Prints:
        """The fingerprints of articles, given by number. Raises ValueError when bytes are cut short."""
        packed = [one for _, one in rows]
        lengths = np.array([len(one) for one in packed], np.int64)
        if len(packed) and lengths.min() < _HEAD.itemsize:
            raise ValueError(f"a fingerprint needs {_HEAD.itemsize} bytes or more, not {lengths.min()}")
        heads = np.frombuffer(b"".join([one[:_HEAD.itemsize] for one in packed]), _HEAD)
        middles = _HEAD.itemsize + 4 * heads["words"].astype(np.int64)
        ends = middles + 4 * heads["rare"].astype(np.int64)
        if (lengths < ends + heads["rare"]).any():
            raise ValueError(f"a fingerprint ends after {lengths.min()} bytes; its head says there are more")
        words = b"".join([one[_HEAD.itemsize:middle] for one, middle in zip(packed, middles.tolist(), strict=True)])
        rare = b"".join([one[middle:end] for one, middle, end in
                         zip(packed, middles.tolist(), ends.tolist(), strict=True)])
        return cls(np.array([number for number, _ in rows], np.int64), packed, heads["day"],
                   _sketches(words, heads["words"], heads["word_limit"], heads["word_runs"]),
                   _sketches(rare, heads["rare"], heads["rare_limit"], heads["rare_runs"]))

    def __len__(self) -> int:
        return len(self.packed)

    def take(self, places: NDArray[np.intp]) -> Prints:
        """Those at some places."""
        return Prints.of([(number, self.packed[place]) for number, place in
                          zip(self.numbers[places].tolist(), places.tolist(), strict=True)])

    @cached_property
    def articles(self) -> list[bytes]:
        """The articles' ids in UTF-8."""
        starts = _HEAD.itemsize + 4 * self.words.sizes + 5 * self.rare.sizes
        return [one[start:] for one, start in zip(self.packed, starts.tolist(), strict=True)]

    @cached_property
    def digests(self) -> NDArray[np.uint64]:
        """The ids' hashes (`sketch.word_hash`); with their bytes in reverse `ids.story_number`."""
        return np.frombuffer(b"".join([hashlib.blake2b(one, digest_size=8).digest() for one in self.articles]), "<u8")


def _sketches(values: bytes, counts: NDArray[np.uint32], limits: NDArray[np.uint64], runs: NDArray[np.uint32]
              ) -> Sketches:
    sizes = counts.astype(np.int64)
    return Sketches(np.frombuffer(values, "<u4"), np.cumsum(sizes) - sizes, sizes, limits.astype(np.int64),
                    runs.astype(np.int64))
