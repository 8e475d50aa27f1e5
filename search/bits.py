"""Bits: sets of numbers below a limit, a bit each, the lowest in a word of 64 first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address

BLOCK = 1 << 16
"""Words that are worked on at a time."""
NARROW = 2_000_000_000
"""Numbers below this fit into 32 bits."""

Bits = NDArray[np.uint64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.signedinteger[Any]]


def bits_of(mask: Mask) -> Bits:
    """A mask as bits, the last word padded."""
    packed = np.zeros(-(-len(mask) // 64) * 8, np.uint8)
    packed[: -(-len(mask) // 8)] = np.packbits(mask, bitorder="little")
    return packed.view("<u8")


def bits_of_numbers(numbers: NDArray[Any], limit: int) -> Bits:
    """Numbers below a limit as bits."""
    mask = np.zeros(limit, np.bool_)
    mask[numbers] = True
    return bits_of(mask)


def mask_of(bits: Bits, limit: int) -> Mask:
    """Bits as a mask over the numbers below a limit."""
    return np.unpackbits(bits.view(np.uint8), count=limit, bitorder="little").view(np.bool_)


def held(bits: Bits, numbers: Numbers) -> Mask:
    """For each number (ascending, from 0 on) whether its bit is set; there is none behind the last."""
    octets = bits.view(np.uint8)
    inside = numbers[: numbers.searchsorted(len(octets) * 8)]
    found = np.zeros(len(numbers), np.bool_)
    found[: len(inside)] = octets[inside >> 3] >> (inside & 7).astype(np.uint8) & np.uint8(1)
    return found


@dataclass(slots=True)
class KeptBits:
    """Bits that are kept; how many words, and where these stand, since they are asked again and again."""

    bits: Bits
    words: int = field(init=False, repr=False, compare=False)
    address: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.words, self.address = len(self.bits), address(self.bits, np.uint64)


@dataclass(frozen=True, slots=True)
class Ranks:
    """Bits, and how many of them are set below each word, one more word at the end."""

    bits: Bits
    below: Numbers

    @property
    def nbytes(self) -> int:
        return self.bits.nbytes + self.below.nbytes + 300

    def rank(self, numbers: Numbers) -> Numbers:
        """For each number how many of the set bits are lower; a number lies in the words there are."""
        word = numbers >> 6
        lower = (np.uint64(1) << (numbers & 63).astype(np.uint64)) - np.uint64(1)
        found: Numbers = self.below[word] + np.bitwise_count(self.bits[word] & lower)
        return found


def ranks(bits: Bits) -> Ranks:
    """Bits whose ranks can be asked for."""
    below: Numbers = np.zeros(len(bits) + 1, np.int32 if len(bits) < NARROW // 64 else np.int64)
    np.cumsum(np.bitwise_count(bits), out=below[1:])
    return Ranks(bits, below)


def count_set(bits: Bits) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))
