"""Layout: the live articles that share their story, in an order in which stories can be counted as bits.

The articles of a story stand in layers: stories of two, three, four, up to eight, up to sixteen … articles have as many
layers, and a story has the same place in every layer of its group. The stories that some articles are, are then the
layers of their bits, put together by OR. Layers begin at a full word of 64 bits; what is left over is nobody's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.bits import Bits, Mask, count_ones


@dataclass(frozen=True, slots=True)
class Group:
    """Stories of one range of sizes: the word where their layers begin, how many there are, and words of each."""

    start: int
    layers: int
    words: int


class Layout:
    """The place of each article that shares its story, `groups` of them, in `words` words."""

    def __init__(self, stories: Sequence[NDArray[np.uint32]], sizes: NDArray[np.int64]) -> None:
        """`stories`: for each view the story of each article (0: its own); `sizes`: articles of each story."""
        documents = [np.flatnonzero(story) for story in stories]
        several = [story[some] for story, some in zip(stories, documents, strict=True)]
        self.groups, places = _placed(np.concatenate([np.zeros(0, np.uint32), *several]), sizes)
        self.words = sum(group.layers * group.words for group in self.groups)
        ends = np.cumsum([len(some) for some in documents])
        self._shared = [(some, places[end - len(some) : end])
                        for some, end in zip(documents, ends.tolist(), strict=True)]
        self._nowhere = self.words * 64
        self._place: list[NDArray[np.intp]] = []
        for story, (some, its) in zip(stories, self._shared, strict=True):
            place = np.full(len(story), self._nowhere, np.intp)
            place[some] = its
            self._place.append(place)

    def of_masks(self, masks: Iterable[tuple[int, Mask]]) -> Bits:
        """The bits of articles given as masks: (number of a view, shape (docs,))."""
        mask = np.zeros(self._nowhere, np.bool_)
        for view, chosen in masks:
            documents, places = self._shared[view]
            mask[places] = chosen[documents]
        return np.packbits(mask).view(np.uint64)

    def of_lists(self, lists: Iterable[tuple[int, NDArray[Any]]]) -> Bits:
        """The bits of articles given as lists: (number of a view, local numbers)."""
        mask = np.zeros(self._nowhere + 1, np.bool_)
        for view, documents in lists:
            mask[self._place[view][documents]] = True
        return np.packbits(mask[: self._nowhere]).view(np.uint64)

    def of_values(self, columns: Sequence[NDArray[np.int64]], count: int) -> Bits:
        """For each of `count` values the bits of its articles; `columns`: for each view the value of each article."""
        column = np.full(self._nowhere, -1, np.int64)
        for (documents, places), values in zip(self._shared, columns, strict=True):
            column[places] = values[documents]
        rows = np.empty((count, self.words), np.uint64)
        for value in range(count):
            rows[value] = np.packbits(column == value).view(np.uint64)
        return rows

    def repeats(self, rows: Bits) -> NDArray[np.int64]:
        """For each row of bits its articles less its stories, shape (rows,)."""
        found = count_ones(rows)
        for group in self.groups:
            layers = rows[:, group.start : group.start + group.layers * group.words]
            found -= count_ones(np.bitwise_or.reduce(layers.reshape(len(rows), group.layers, group.words), axis=1))
        return found


def _placed(story: NDArray[np.uint32], sizes: NDArray[np.int64]) -> tuple[list[Group], NDArray[np.intp]]:
    """The groups, and the place of each article; `story`: that of each."""
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
