"""Cache: what outlives a generation, so many bytes of it, the least used thrown out."""

from __future__ import annotations

import mmap
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from search.opened import OpenSegments

T = TypeVar("T")
Key = tuple[Hashable, ...]
"""Of a value: what it is, whose it is, and anything more."""

CACHE_BYTES = 256 << 20
ENTRY_BYTES = 400
"""What an entry of the cache takes besides its value: key, tuples, places in tables (measured with tracemalloc)."""
OWN_MAP = 1 << 14
"""An array of so many bytes that is kept has a map of its own; a process may have some 65,000 maps."""


class Hashed:
    """Parts of a key, hashed once for all the times it is looked up: plans are trees."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, *parts: Hashable) -> None:
        self._parts, self._hash = parts, hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hashed) and self._parts == other._parts


@dataclass(slots=True)
class _Entry:
    value: Any
    size: int
    is_used: bool = False


class Cache:
    """What outlives a generation: open segments, and decoded arrays by key. When these exceed a number of bytes, the
    oldest are thrown out that were not used since their last turn (a "second chance" or "clock" cache, Corbató 1968): a
    use is a mark then, where the order of uses would have to be kept. Safe for threads.

    A key is what the value is, whose it is (a segment's name, a generation's key or state, an archive's identity), and
    anything more.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.bytes = limit, 0
        self.segments = OpenSegments()
        self._values: OrderedDict[Key, _Entry] = OrderedDict()
        self._owners: Set[Hashable] | None = None
        self._lock = threading.Lock()

    def find(self, key: Key) -> Any | None:
        """The value at `key`, if it is there."""
        found = self._values.get(key)
        if found is None:
            return None
        found.is_used = True
        return found.value

    def find_all(self, keys: Sequence[Key]) -> list[Any | None]:
        """The value at each of some keys, if it is there."""
        values: list[Any | None] = []
        for entry in map(self._values.get, keys):
            if entry is None:
                values.append(None)
            else:
                entry.is_used = True
                values.append(entry.value)
        return values

    def put(self, key: Key, value: T, size: int) -> T:
        """Keep a value of so many bytes, if it fits and its owner is not gone; returns it as it is kept."""
        size += ENTRY_BYTES
        if size <= self.limit and (self._owners is None or key[1] in self._owners):
            value = cast(T, _apart(value))
            with self._lock:
                if key not in self._values:
                    self._values[key] = _Entry(value, size)
                    self.bytes += size
                while self.bytes > self.limit:
                    oldest, entry = self._values.popitem(last=False)
                    if entry.is_used:
                        entry.is_used, self._values[oldest] = False, entry
                    else:
                        self.bytes -= entry.size
        return value

    def keep(self, owners: Set[Hashable]) -> None:
        """Forget what belongs to nobody among these, and keep nothing of others from now on: segments and generations
        that are gone, though an answer may still be at work on them.

        A key's second part is its owner (see `Generation.owners`).
        """
        with self._lock:
            self._owners = owners
            for key in [key for key in self._values if key[1] not in owners]:
                self.bytes -= self._values.pop(key).size

    def get(self, key: Key, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The value at `key`; made, and kept if it fits, when it is not there."""
        found = self._values.get(key)
        if found is not None:
            found.is_used = True
            kept: T = found.value
            return kept
        value = make()
        return self.put(key, value, size(value))


def _apart(value: Any) -> Any:
    """A value with its large arrays in maps of their own, so that their memory goes back to the system when they are
    thrown out: on the heap each would leave a hole among what is small, and no two are of one size."""
    if isinstance(value, np.ndarray):
        return _mapped(value)
    if isinstance(value, dict):
        return {key: _apart(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_apart, value))
    if is_dataclass(value) and not isinstance(value, type):
        large = {part.name: _mapped(array) for part in fields(value)
                 if isinstance(array := getattr(value, part.name), np.ndarray) and array.nbytes >= OWN_MAP}
        return replace(value, **large) if large else value
    return value


def _mapped(array: NDArray[Any]) -> NDArray[Any]:
    """A copy of a large array in a map of its own; what is mapped already, a segment's files too, is left."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if array.nbytes < OWN_MAP or isinstance(owner, mmap.mmap) or not hasattr(mmap, "MAP_ANONYMOUS"):
        return array
    try:
        memory = mmap.mmap(-1, array.nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError:                                 # a large cache has as many maps as a process may have
        return array
    mapped: NDArray[Any] = np.ndarray(array.shape, array.dtype, memory)
    mapped[...] = array
    return mapped
