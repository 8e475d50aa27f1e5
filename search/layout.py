"""Layout: the live articles of a generation in an order in which their stories can be counted as bits.

First come the articles that are a story of their own. The articles of a story of several stand in layers: stories of
up to two, three, four, eight, sixteen … articles have as many layers each, and a story has the same place in every
layer of its group. The stories that some articles are, are then the layers of their bits, put together by OR. All
parts begin at a full word of 64 bits; what is left over is nobody's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 16
"""Words that are worked on at a time."""

Bits = NDArray[np.uint64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """Stories of one range of sizes: where their layers begin among `shared` words, how many, and words of each."""

    start: int
    layers: int
    words: int


class Layout:
    """The place of each article: `places[view][document]`, bits; `nowhere` for those that are not live.

    The words from `own` on hold the articles that share their story, `groups` of them.
    """

    def __init__(self, stories: Sequence[NDArray[np.uint32]], live: Sequence[Mask | None],
                 sizes: NDArray[np.int64]) -> None:
        """`stories`: for each view the story of each article (0: its own); `sizes`: articles of each story."""
        self.places: list[NDArray[np.intp]] = []
        alone = 0
        for story, alive in zip(stories, live, strict=True):
            own = story == 0 if alive is None else (story == 0) & alive
            self.places.append(np.cumsum(own, dtype=np.intp) + (alone - 1))
            alone += int(np.count_nonzero(own))
        self.own = _words(alone)
        self.groups, shared = _shared_places(np.concatenate([np.zeros(0, np.uint32), *(
            story[story != 0] for story in stories)]), sizes)
        self.words = self.own + sum(group.layers * group.words for group in self.groups)
        self.nowhere = self.words * 64
        at = 0
        for place, story, alive in zip(self.places, stories, live, strict=True):
            several = np.flatnonzero(story)
            place[several] = shared[at : at + len(several)] + self.own * 64
            at += len(several)
            if alive is not None:
                place[~alive] = self.nowhere

    def mask(self, parts: Iterable[tuple[int, NDArray[Any]]]) -> Mask:
        """Articles (number of a view, its documents) as a mask over all places and `nowhere`."""
        mask = np.zeros(self.nowhere + 1, np.bool_)
        for view, documents in parts:
            mask[self.places[view][documents]] = True
        return mask

    def bits(self, mask: Mask) -> Bits:
        """A mask as bits, shape (words,)."""
        return np.packbits(mask[: self.nowhere]).view(np.uint64)

    def repeats(self, shared: Bits) -> NDArray[np.int64]:
        """For each row of bits of the places from `own` on: its articles less its stories, shape (rows,)."""
        found = _ones(shared)
        for group in self.groups:
            layers = shared[:, group.start : group.start + group.layers * group.words]
            found -= _ones(np.bitwise_or.reduce(layers.reshape(len(shared), group.layers, group.words), axis=1))
        return found


def count_shared(rows: Bits, bits: Bits) -> NDArray[np.int64]:
    """How many bits each row has in common with some bits; so many rows at a time as the processor's cache holds."""
    step = max(1, BLOCK // max(1, len(bits)))
    parts = [_ones(rows[start : start + step] & bits) for start in range(0, len(rows), step)]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])


def _ones(rows: Bits) -> NDArray[np.int64]:
    """How many bits of each row are set."""
    found: NDArray[np.int64] = np.bitwise_count(rows).sum(axis=1, dtype=np.uint32).astype(np.int64)
    return found


def _shared_places(story: NDArray[np.uint32], sizes: NDArray[np.int64]) -> tuple[list[Group], NDArray[np.intp]]:
    """The groups, and for each article that shares its story its place from the first of them on."""
    layers = np.where(sizes <= 3, sizes, 1 << np.ceil(np.log2(np.maximum(sizes, 1))).astype(np.int64))
    layers[0] = 0                                          # story 0 is nobody's
    first, width, number = (np.zeros(len(sizes), np.intp) for _ in range(3))
    groups: list[Group] = []
    start = 0
    for height in np.unique(layers[1:]).tolist():
        of_group = np.flatnonzero(layers == height)
        group = Group(start, height, _words(len(of_group)))
        first[of_group], width[of_group], number[of_group] = start * 64, group.words * 64, np.arange(len(of_group))
        groups.append(group)
        start += height * group.words
    order = np.argsort(story, kind="stable")
    ordered = story[order].astype(np.intp)
    begin = np.zeros(len(sizes), np.intp)
    begin[1:] = np.cumsum(sizes[1:]) - sizes[1:]
    layer = np.arange(len(story)) - begin[ordered]
    places = np.empty(len(story), np.intp)
    places[order] = first[ordered] + layer * width[ordered] + number[ordered]
    return groups, places


def _words(bits: int) -> int:
    return -(-bits // 64)
