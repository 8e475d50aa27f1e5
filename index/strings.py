"""Strings: many byte strings as one array of bytes, so that taking, ordering and writing them are array operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from index.ranges import copy_runs

_WORD = 7
"""Bytes compared at once: with how many are left they make a number of 64 bits."""
_MORE = _WORD + 1
"""The lowest byte of that number, where there are more than these bytes."""
_MASKS = np.array([(1 << 64) - (1 << 8 * (8 - left)) for left in range(_WORD + 1)] + [(1 << 64) - 256], np.uint64)
"""What of eight bytes belongs to a string with so many left."""


@dataclass(frozen=True, slots=True, eq=False)
class Strings(Sequence[bytes]):
    """String i is `blob[start[i]:start[i + 1]]`; `start`, int64, has one more element than there are strings."""

    blob: NDArray[np.uint8]
    start: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Strings:
        """These strings."""
        start = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=start[1:])
        return cls(np.frombuffer(b"".join(texts), np.uint8), start)

    @classmethod
    def joined(cls, parts: Sequence[Strings]) -> Strings:
        """The strings of several, one after the other."""
        lengths = np.concatenate([np.zeros(1, np.int64), *(part.lengths for part in parts)])
        return cls(np.concatenate([np.zeros(0, np.uint8), *(part.own() for part in parts)]), np.cumsum(lengths))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bytes of each string, shape (len(self),)."""
        return np.diff(self.start)

    def __len__(self) -> int:
        return len(self.start) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> Strings: ...

    def __getitem__(self, at: int | slice) -> bytes | Strings:
        if isinstance(at, slice):
            first, last, _ = at.indices(len(self))
            return Strings(self.blob, self.start[first : max(first, last) + 1])
        at = range(len(self))[at]
        return self.blob[self.start[at] : self.start[at + 1]].tobytes()

    def own(self) -> NDArray[np.uint8]:
        """The bytes of all strings, one after the other."""
        return self.blob[self.start[0] : self.start[-1]]

    def begin_with(self, byte: bytes) -> NDArray[np.bool_]:
        """Which begin with this byte, shape (len(self),)."""
        some = np.flatnonzero(self.lengths)
        found = np.zeros(len(self), np.bool_)
        found[some] = self.blob[self.start[some]] == byte[0]
        return found

    def take(self, places: NDArray[np.integer[Any]]) -> Strings:
        """The strings at these places, in this order."""
        first = self.start[places]
        lengths = self.start[places + 1] - first
        start = np.zeros(len(places) + 1, np.int64)
        np.cumsum(lengths, out=start[1:])
        blob = np.empty(int(start[-1]), np.uint8)
        copy_runs(self.blob, first, lengths, blob, start[:-1])
        return Strings(blob, start)

    def order(self, groups: NDArray[np.integer[Any]] | None = None) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The places of the strings in the order of their bytes, equal ones as they stand; and which of them, in that
        order, are not equal to the one before.

        `groups`: a number each; the strings are ordered within these, and equal ones of different groups differ.
        """
        padded = np.concatenate([self.own(), np.zeros(8, np.uint8)])
        eights: NDArray[np.uint64] = np.ndarray((len(padded) - 7,), ">u8", padded.data, strides=(1,))
        order, new = np.arange(len(self)), np.zeros(len(self), np.bool_)
        new[:1] = True
        if groups is not None:
            order = np.argsort(groups, kind="stable")
            new[1:] = groups[order[1:]] != groups[order[:-1]]
        tied = _with_equals(new)                    # places in `order`
        done = 0                                    # bytes compared
        while len(tied):
            some = order[tied]
            left = (self.start[some + 1] - self.start[some] - done).clip(max=_MORE)
            words = eights[self.start[some] - self.start[0] + done].astype(np.uint64) & _MASKS[left]
            words |= left.astype(np.uint64)
            group = np.cumsum(new[tied])
            sorted_ = np.argsort(words, kind="stable") if group[-1] == 1 else np.lexsort((words, group))
            order[tied], words = some[sorted_], words[sorted_]
            differs = new[tied]
            differs[1:] |= words[1:] != words[:-1]
            new[tied] = differs
            equal = _with_equals(differs)
            tied = tied[equal[(words[equal] & np.uint64(255)) == _MORE]]
            done += _WORD
        return order, new


def _with_equals(new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of those that are equal to the one before or after; `new`: not equal to the one before."""
    equal = ~new
    equal[:-1] |= ~new[1:]
    return np.flatnonzero(equal)
