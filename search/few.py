"""Few matches, all in one view: what facets count of them, in few calls of kernels.c, since most of the time would go
into calling. counting.py has the same for any number of matches and views."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address
from search import kernels
from search.articles import Articles
from search.columns import SHOWN, Column
from search.compiled_kernels import RANGES
from search.counting import Matches
from search.filtering import Selection
from search.generation import Generation, View
from search.nearly_all import nearly_all
from search.opened import KINDS

MOST = 3000
"""So many matches at most are few."""
IN_CACHE, FAR = 1 << 18, 800
"""The columns of so many articles stay in the processor's cache. In larger views no more matches than the second number
are few, unless nothing is kept of them: what is kept stands together."""
DENSE = 4
"""Where more than one entity in so many was met, all are gone through to find the leaders, instead of these."""
WAYS = 4
"""As in kernels.c."""

_ARRAY, _NUMBER, _WIDTH = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
_HAVING = _NUMBER * (2 * SHOWN)


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one."""
    parts = [articles for selection in selections if selection.found.count
             and len(articles := selection.articles(leaving_out))]
    if len(parts) == 1 and _are_few(parts[0]) and kernels.KERNELS.library:
        return FewMatches(generation, parts[0], kernels.KERNELS.library)
    return Matches(generation, parts)


def _are_few(articles: Articles) -> bool:
    most = FAR if articles.are_kept and articles.view.docs > IN_CACHE else MOST
    return len(articles) <= most and nearly_all(articles) is None


class FewMatches(Matches):
    """Few matches, all in one view."""

    def __init__(self, generation: Generation, articles: Articles, library: Any) -> None:
        super().__init__(generation, [articles])
        self._library, self._view = library, articles.view
        self._pairs = articles.pairs                                  # held for its address
        self._chosen = _columns(generation, articles.view), articles.address, self.total
        self._paired = (self._pairs.address, len(self._pairs)) if len(self._pairs) > 1 else (None, 0)

    def values(self, name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        if name != "source":
            return super().values(name)
        rows = _Rows(len(self.generation.sources))
        self._library.few_sources(*self._chosen, *self._paired, *rows.addresses)
        return rows.counts, rows.again

    def days(self) -> tuple[int, tuple[int, int] | None]:
        undated = _NUMBER()
        span = self._library.few_days(*self._chosen, self.generation.first_day, ctypes.addressof(undated))
        return undated.value, None if span < 0 else (span >> 32, span & 0xFFFFFFFF)

    def buckets(self, span: tuple[int, int], place: Column, below: int, places: int
                ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        rows = _Rows(places)
        self._library.few_buckets(*self._chosen, *self._paired, place.address, below, *rows.addresses)
        return rows.counts, rows.again

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]
                ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        if others:
            return super().leaders(kinds, size, others)
        tallies, edges = self.generation.tallies, self.generation.kind_edges(kinds)
        tally, how = tallies.take(), RANGES[len(kinds)]()
        self._library.few_leaders(*self._chosen, *tally.addresses, address(edges), len(kinds), size,
                                  tally.size // DENSE, how)
        leaders, begin = [], 0
        for many in how:
            ordinals, counts = tally.found[:, begin : begin + many].tolist()
            leaders.append((ordinals, counts))
            begin += many
        tallies.give(tally)
        return leaders, []

    def shown(self, entities: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        some, rows, having, view = np.array(entities, np.uint32), _Rows(len(entities)), _HAVING(), self._view
        bits, room = view.kind_bits.take(), view.room.take()
        self._library.few_shown(*self._chosen, *self._paired, address(some), len(some), bits.address, room.address,
                                having, *rows.addresses)
        view.kind_bits.give(bits)
        view.room.give(room)
        return rows.again.tolist(), having[: len(KINDS)], having[SHOWN : SHOWN + len(KINDS)]


class _Rows:
    """A count for each of some places, and what repeats are counted in."""

    def __init__(self, places: int) -> None:
        room = np.zeros(2 * WAYS + 3 * places, np.uint32)
        self.counts, self.again = room[:places], room[2 * WAYS + 2 * places :]
        begin = address(room)
        self.addresses = begin, begin + 4 * places, begin + 4 * (WAYS + 2 * places)


class _Columns(ctypes.Structure):
    """Where the columns of a view stand."""

    _fields_ = (
        ("start", _ARRAY), ("mention", _ARRAY), ("source", _ARRAY), ("day", _ARRAY), ("entity_table", _ARRAY),
        ("source_table", _ARRAY), ("day_table", _ARRAY), ("each", _ARRAY), ("local_entity", _ARRAY),
        ("mentions", _NUMBER), ("mention_width", _WIDTH), ("source_width", _WIDTH), ("day_width", _WIDTH))


def _columns(generation: Generation, view: View) -> int:
    """Where it stands where the columns of a view do; the view holds it, and them."""
    if view.columns is None:
        opened = view.opened
        mentions, source, day = opened.mentions, opened.column("source"), opened.column("day")
        view.columns = _Columns(
            *mentions.addresses, source.address, day.address,
            *[generation.table(name, view).address for name in ("entity", "source", "day")],
            generation.each_value.address, address(view.local_entity, np.int32),
            len(mentions.values), mentions.values.itemsize, source.values.itemsize, day.values.itemsize)
    return ctypes.addressof(view.columns)
