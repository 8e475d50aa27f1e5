"""Chunks: what stands between two blanks of a text, and the tokens in it, looked up instead of cut again.

No token holds a space or goes on beyond a line break, and most of what stands between them was seen before. What is new
is cut into tokens, in the order of the texts. (In C the marks that never belong to a word are chunks too, so that fewer
are told apart.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.analysis.compiled_chunks import CompiledChunks

LIMIT = 1 << 18
"""So many chunks are kept in a dictionary (200 bytes each); then all are forgotten, so that memory stays bounded."""
LONGEST = 64
"""Letters of the longest chunk that the dictionary keeps."""

_CHUNK = re.compile(r"[^ \n]+|\n+")

Cut = Callable[[Collection[str]], tuple[list[int], list[int]]]
"""Chunks → the numbers of all their tokens, in order, and how many tokens each has."""


class Chunks(Protocol):
    """The chunks of one vocabulary and the numbers of their tokens."""

    def numbers(self, texts: Sequence[str], cut: Cut) -> list[NDArray[np.int32]]:
        """The words and marks of each text as numbers, in order, dtype int32; `cut` is asked for new chunks."""


def new_chunks() -> Chunks:
    """No chunks yet."""
    return DictionaryOfChunks() if kernels.KERNELS is None else CompiledChunks(kernels.KERNELS)


class DictionaryOfChunks(dict[str, Sequence[int]]):
    """Chunks (see there) in Python alone: chunk → the numbers of its tokens."""

    def numbers(self, texts: Sequence[str], cut: Cut) -> list[NDArray[np.int32]]:
        self._cut = cut
        if len(self) > LIMIT:
            self.clear()
        found = [chain.from_iterable(map(self.__getitem__, _CHUNK.findall(text))) for text in texts]
        return [np.fromiter(numbers, np.int32) for numbers in found]

    def __missing__(self, chunk: str) -> Sequence[int]:
        found, _ = self._cut((chunk,))
        if len(chunk) <= LONGEST:
            self[chunk] = found
        return found
