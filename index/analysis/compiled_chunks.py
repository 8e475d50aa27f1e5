"""Chunks looked up in C: the texts of many articles are one array of bytes (UTF-8), in which `kernels.c` finds the
chunks and looks each up in a hash table, asking for tens of them before it waits for the memory of the first."""

from __future__ import annotations

import ctypes
import secrets
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address

if TYPE_CHECKING:
    from index.analysis.chunks import Cut

LIMIT, BYTES = 1 << 19, 24 << 20
"""So many chunks are kept, with records of so many bytes (about 40 bytes each in all): more than a vocabulary has that
workers keep. Then all are forgotten, so that memory stays bounded."""
LONGEST = 64
"""As in kernels.c."""

_END = b"\xff"              # stands in no UTF-8


class _Table(ctypes.Structure):
    """As in kernels.c."""

    _fields_ = (("slots", ctypes.c_void_p), ("bits", ctypes.c_int64), ("records", ctypes.c_void_p),
                ("room", ctypes.c_int64), ("used", ctypes.c_int64), ("count", ctypes.c_int64))


class CompiledChunks:
    """Chunks (see there) in C."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._keys = np.frombuffer(secrets.token_bytes(8 * (LONGEST + 1)), np.uint64)   # nobody can make chunks collide
        self._forget()

    def _forget(self) -> None:
        self._slots, self._records = np.zeros(1 << 10, np.uint64), np.empty(1 << 14, np.uint8)
        self._table = _Table(address(self._slots), 10, address(self._records), len(self._records), 1, 1)
        self._ends, self._tokens = array("i", [0]), array("i")      # where each one's tokens end; chunk 0 is none

    def numbers(self, texts: Sequence[str], cut: Cut) -> list[NDArray[np.int32]]:
        if self._table.count > LIMIT or self._table.used > BYTES:
            self._forget()
        text = b"".join([part for one in texts for part in (one.encode("utf-8", "surrogatepass"), _END)])
        chunks = self._numbered(text, cut)
        tokens, edges = np.empty(len(text), np.int32), np.zeros(len(texts) + 1, np.int64)
        self._library.tokens_of_chunks(address(chunks), len(chunks), *map(_begin, (self._ends, self._tokens)),
                                       address(tokens), address(edges) + 8)
        return [tokens[start:end] for start, end in pairwise(edges.tolist())]

    def _numbered(self, text: bytes, cut: Cut) -> NDArray[np.int32]:
        """The number of each chunk; new ones are added."""
        numbers, known, reached = np.empty(len(text), np.int32), 0, np.zeros(2, np.int64)
        while reached[0] < len(text):
            fresh, before = np.empty((len(self._slots) // 2, 2), np.int64), self._table.count
            self._library.number_chunks(ctypes.byref(self._table), address(self._keys), text, len(text), reached[0],
                                        address(numbers) + 4 * known, address(fresh), address(reached))
            known += int(reached[1])
            self._add([text[start:end] for start, end in fresh[: self._table.count - before].tolist()], cut)
            if reached[0] < len(text):
                self._grow()
        return numbers[:known]

    def _add(self, chunks: Sequence[bytes], cut: Cut) -> None:
        """Cut new chunks into tokens."""
        if chunks:
            tokens, counts = cut(b" ".join(chunks).decode("utf-8", "surrogatepass").split(" "))
            self._tokens.extend(tokens)
            self._ends.extend(list(accumulate(counts, initial=self._ends[-1]))[1:])

    def _grow(self) -> None:
        """Make room in a table that has none."""
        if 2 * self._table.count > len(self._slots) - 1:
            slots = np.zeros(2 * len(self._slots), np.uint64)
            self._library.double_slots(ctypes.byref(self._table), address(slots))
            self._slots, self._table.slots, self._table.bits = slots, address(slots), self._table.bits + 1
        else:
            self._records = np.concatenate((self._records, np.empty_like(self._records)))
            self._table.records, self._table.room = address(self._records), len(self._records)


def _begin(numbers: array[int]) -> int:
    """Where an array stands."""
    return numbers.buffer_info()[0]
