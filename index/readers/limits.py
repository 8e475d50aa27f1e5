"""Limits of reading, the budget that one input may spend while it is unpacked, and the stream that keeps to it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

MIB = 1 << 20
RATIO_FLOOR = 64 * MIB
"""Up to this many unpacked bytes the ratio is not looked at: short repetitive files compress without limit."""


class LimitError(Exception):
    """An input went over one of the Limits; the text names the limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep a hostile or broken input from taking the machine; bytes unless said otherwise."""

    document_bytes: int = 16 * MIB      # a page, a text, a feed: read whole
    record_bytes: int = 16 * MIB        # one line or record of a streamed format
    unpacked_bytes: int = 50 * 1024 * MIB   # everything one file gives when unpacked
    ratio: int = 200                    # unpacked : packed, beyond the first 64 MiB
    spool_bytes: int = 2 * 1024 * MIB   # a zip inside another archive or on standard input, kept in a temporary file
    depth: int = 3                      # archives inside archives
    members: int = 1_000_000            # files inside one archive, those of archives inside it included


class Budget:
    """What one input may still unpack. `size` tells how many packed bytes it has given so far (or has in all)."""

    def __init__(self, limits: Limits, size: Callable[[], int]) -> None:
        self._limits = limits
        self._size = size
        self._unpacked = 0
        self._members = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes; raises LimitError when there are too many."""
        self._unpacked += count
        if self._unpacked > self._limits.unpacked_bytes:
            raise LimitError(f"unpacks to more than {self._limits.unpacked_bytes:,} bytes (limit unpacked_bytes)")
        if self._unpacked > max(RATIO_FLOOR, self._limits.ratio * self._size()):
            raise LimitError(f"unpacks to more than {self._limits.ratio} times its size (limit ratio)")

    def open_member(self) -> None:
        """Count one file inside an archive; raises LimitError when there are too many, or nothing is left to spend."""
        self.spend(0)
        self._members += 1
        if self._members > self._limits.members:
            raise LimitError(f"holds more than {self._limits.members:,} files (limit members)")


class Metered(io.RawIOBase):
    """A readable raw stream over `source` that reports the length of every read to `spend`."""

    def __init__(self, source: BinaryIO, spend: Callable[[int], None]) -> None:
        super().__init__()
        self._source = source
        self._spend = spend
        self._given = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given      # warcio asks for it, to say where a record is at fault

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._source.read(len(buffer))
        self._spend(len(data))
        self._given += len(data)
        buffer[:len(data)] = data
        return len(data)


def metered(source: BinaryIO, spend: Callable[[int], None]) -> io.BufferedReader:
    """A buffered, peekable stream over `source` that reports what is read to `spend`."""
    return io.BufferedReader(Metered(source, spend), 1 << 16)
