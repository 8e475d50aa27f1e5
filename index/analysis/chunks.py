"""Chunks: what stands between two blanks of a text, and the tokens in it, looked up by the ten thousand in arrays.

No token holds a space or goes on beyond a line break, and most of what stands between them was seen before. But a
dictionary of so many strings waits for memory at nearly every look. So the texts of many articles are one array of
bytes here (UTF-8), and a chunk is sixteen of them: its own, zeros, its length. One hash table of these (open
addressing, linear probing) is asked for all chunks at once. What is new is cut into tokens one by one, in the order of
the texts.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, count, pairwise

import numpy as np
from numpy.typing import NDArray

LIMIT, TOKENS = 1 << 18, 1 << 20
"""So many chunks with so many tokens are kept (60 bytes each); then all are forgotten, so that memory stays bounded."""
LONGEST, LONGEST_KEPT = 15, 64
"""Bytes of the longest chunk that the table holds, and of the longest that the dictionary beside it keeps."""

_APART = b"\xff"            # stands in no UTF-8
_PADDING = bytes(16)
_BLANK, _OTHER, _BREAK = range(3)
_KINDS = bytes(_BLANK if byte in b" \xff" else _BREAK if byte == 10 else _OTHER for byte in range(256))
_MASKS = np.array([[(1 << 8 * min(length, 8)) - 1, (1 << 8 * max(length - 8, 0)) - 1]
                   for length in range(LONGEST + 2)], np.uint64).T.copy()
"""By length: which bits of the first and of the last eight bytes are a chunk's own."""
_LENGTH_AT = np.uint64(56)

Cut = Callable[[str], Sequence[int]]
"""Chunk → the numbers of its tokens, in order."""


class Chunks:
    """The chunks of one vocabulary and the numbers of their tokens."""

    def __init__(self) -> None:
        self._factors = [np.uint64(secrets.randbits(64) | 1) for _ in range(2)]     # nobody can make chunks collide
        self._forget()

    def _forget(self) -> None:
        self._count = 1                                         # row 0 is no chunk's
        self._keys = np.zeros((2, 1 << 10), np.uint64)          # the sixteen bytes of each
        self._table = np.zeros(1 << 11, np.int32)               # the hash table: row, or 0
        self._begins, self._sizes = array("i", [0]), array("i", [0])    # where each one's tokens stand, how many
        self._tokens = array("i")
        self._long: dict[bytes, int] = {}

    def numbers(self, texts: Sequence[str], cut: Cut) -> list[NDArray[np.int32]]:
        """The words and marks of each text as numbers, in order, dtype int32; `cut` is asked for new chunks."""
        if self._count > LIMIT or len(self._tokens) > TOKENS:
            self._forget()
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        raw = b"".join((_APART, _APART.join(encoded), _APART, _PADDING))
        starts, ends = _edges(raw)
        rows = self._found(raw, starts, ends, cut)
        begins, sizes = (np.frombuffer(column, np.int32)[rows] for column in (self._begins, self._sizes))
        after = np.concatenate(([0], np.cumsum(sizes)))         # tokens before each chunk
        places = np.arange(after[-1]) + np.repeat(begins - after[:-1], sizes)
        tokens = np.frombuffer(self._tokens, np.int32)[places]
        edges = after[np.searchsorted(starts, np.cumsum([len(text) + 1 for text in encoded]))].tolist()
        return [tokens[start:end] for start, end in pairwise((0, *edges))]

    def _found(self, raw: bytes, starts: NDArray[np.intp], ends: NDArray[np.intp], cut: Cut) -> NDArray[np.int32]:
        """The row of each chunk; new ones are added."""
        sizes = np.minimum(ends - starts, LONGEST + 1)
        eight = np.ndarray((len(raw) - 7,), "<u8", raw, strides=(1,))       # at every place the next eight bytes
        keys = np.stack((eight[starts] & _MASKS[0][sizes],
                         eight[starts + 8] & _MASKS[1][sizes] | sizes.astype(np.uint64) << _LENGTH_AT))
        rows = self._look_up(keys)
        missing = np.flatnonzero(rows == 0)
        if len(missing):
            chunks = [raw[start:end] for start, end in zip(
                starts[missing].tolist(), ends[missing].tolist(), strict=True)]
            long = self._long
            new = [chunk for chunk in dict.fromkeys(chunks) if chunk not in long]
            added = self._added(new, cut) if new else {}
            rows[missing] = [added[chunk] if chunk in added else long[chunk] for chunk in chunks]
            short = missing[sizes[missing] <= LONGEST]
            self._insert(rows[short], keys[:, short])
        return rows

    def _added(self, chunks: Sequence[bytes], cut: Cut) -> dict[bytes, int]:
        """New chunks, cut into tokens, with their rows."""
        found = [cut(chunk) for chunk in b" ".join(chunks).decode("utf-8", "surrogatepass").split(" ")]
        sizes = list(map(len, found))
        self._begins.extend(accumulate(sizes[:-1], initial=len(self._tokens)))
        self._sizes.extend(sizes)
        self._tokens.extend(chain.from_iterable(found))
        added = dict(zip(chunks, count(self._count)))
        self._count += len(chunks)
        self._long.update((chunk, row) for chunk, row in added.items() if LONGEST < len(chunk) <= LONGEST_KEPT)
        return added

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Where in the table each key is looked for first."""
        code = keys[0] * self._factors[0] + keys[1] * self._factors[1]
        code ^= code >> np.uint64(32)
        code *= self._factors[0]
        code >>= np.uint64(65 - len(self._table).bit_length())
        slots: NDArray[np.intp] = code.astype(np.intp)
        return slots

    def _look_up(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The row of each key, 0 where there is none."""
        slots = self._slots(keys)
        rows = self._table[slots]
        at = np.flatnonzero(self._differ(rows, keys))
        while len(at):
            slots[at] = (slots[at] + 1) & (len(self._table) - 1)
            rows[at] = self._table[slots[at]]
            at = at[self._differ(rows[at], keys[:, at])]
        return rows

    def _differ(self, rows: NDArray[np.int32], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which keys are not those of these rows, so that the next row is to be looked at."""
        found: NDArray[np.bool_] = ((self._keys[0][rows] != keys[0]) | (self._keys[1][rows] != keys[1])) & (rows != 0)
        return found

    def _insert(self, rows: NDArray[np.int32], keys: NDArray[np.uint64]) -> None:
        """Put new rows into the table, which is kept at most half full."""
        if self._count > self._keys.shape[1]:
            more = np.zeros((2, 2 * self._count - self._keys.shape[1]), np.uint64)
            self._keys = np.concatenate((self._keys, more), axis=1)
        self._keys[:, rows] = keys
        if 2 * self._count > len(self._table):
            self._table = np.zeros(1 << (3 * self._count).bit_length(), np.int32)
            rows = np.flatnonzero(self._keys[1]).astype(np.int32)
            keys = self._keys[:, rows]
        slots = self._slots(keys)
        while len(rows):
            free = self._table[slots] == 0
            self._table[slots[free]] = rows[free]       # of several, one
            left = self._table[slots] != rows
            rows, slots = rows[left], (slots[left] + 1) & (len(self._table) - 1)


def _edges(raw: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The start and the end of each chunk of the texts, a run of line breaks one of its own."""
    kinds = np.frombuffer(raw.translate(_KINDS), np.uint8, len(raw) - len(_PADDING))
    edges = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
    begins = kinds[edges] != _BLANK
    return edges[begins], edges[1:][begins[:-1]]
