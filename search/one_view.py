"""Matches that are all in one view: what a facet shows of them in one call of kernels.c, since where there are few,
calling is what takes most of the time. counting.py has the same for several views, and where nothing is compiled."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from index.compiled_library import address
from search import kernels
from search.articles import IN_CACHE, Articles
from search.columns import SHOWN, Column
from search.compiled_kernels import SMALL, WAYS
from search.counting import Matches, Shown, ShownEntities
from search.filtering import Selection
from search.generation import Generation, View
from search.mentioning import by_bits, having_by_bits
from search.nearly_all import nearly_all

FAR = 800
"""In a larger view no more matches than these are counted here, if what columns say of them is kept: that stands
together."""
DENSE = 4
"""Where more than one entity in so many was met, all are gone through to find the leaders, instead of these."""
_ARRAY, _NUMBER, _WIDTH = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
_ROUND = 64


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one."""
    parts = [articles for selection in selections if selection.found.count
             and len(articles := selection.articles(leaving_out))]
    if len(parts) == 1 and kernels.KERNELS.library and _counted_here(parts[0]):
        return MatchesOfView(generation, parts[0], kernels.KERNELS.library)
    return Matches(generation, parts)


def _counted_here(articles: Articles) -> bool:
    """Whether to read the columns of the view takes no longer than to read what is kept of them, if anything is, and
    they are not so many that what all of the view have is kept."""
    return (articles.view.docs <= IN_CACHE or not articles.are_kept or len(articles) <= FAR) and not (
        articles.are_many or nearly_all(articles))


class MatchesOfView(Matches):
    """Matches that are all in one view."""

    def __init__(self, generation: Generation, articles: Articles, library: Any) -> None:
        super().__init__(generation, [articles])
        self._library, self._view = library, articles.view
        self._articles, self._pairs = articles, articles.pairs        # the latter held for its address
        self._chosen = _columns(generation, articles.view), articles.address, self.total
        self._paired = (self._pairs.address, len(self._pairs)) if len(self._pairs) > 1 else (None, 0)
        self._unranked: list[tuple[list[int], list[int]]] | None = None

    def first_values(self, name: str, size: int) -> tuple[int, Shown] | None:
        if name != "source" or not 0 < size <= SMALL:
            return None
        generation = self.generation
        many, ranks = len(generation.sources), generation.source_ranks
        room, begin = _room(1 + 3 * size, many)
        held = self._library.shown_sources(
            *self._chosen, *self._paired, many, generation.source_ordinal.get("", -1), ranks.address, size,
            *_spare(begin + 8 * (1 + 3 * size), many), begin, *_columns_from(begin + 8, size))
        return room[0], _shown(room, 1, size, held)

    def days(self) -> tuple[int, tuple[int, int] | None]:
        undated = _NUMBER()
        span = self._library.dated_span(*self._chosen, self.generation.first_day, ctypes.addressof(undated))
        return undated.value, None if span < 0 else (span >> 32, span & 0xFFFFFFFF)

    def buckets(self, span: tuple[int, int], place: Column, below: int, places: int) -> tuple[list[int], list[int]]:
        room, begin = _room(2 * places, places)
        self._library.shown_buckets(*self._chosen, *self._paired, place.address, below, places,
                                    *_spare(begin + 16 * places, places), begin, begin + 8 * places)
        return room[:places], room[places : 2 * places]

    def first_entities(self, kinds: Sequence[str], size: int) -> ShownEntities | None:
        if not 0 < size <= SMALL or len(kinds) > SHOWN:
            return None
        generation, view, many = self.generation, self._view, len(kinds)
        order, tally = generation.label_order("entity"), generation.tallies.take()
        bits, marks, ranks, having = view.kind_bits.take(), view.room.take(), order.ranks, many + 2 * SHOWN
        is_apart = by_bits(self._articles)
        room, begin = _room(having + 3 * many * size, 0)
        are_ranked = self._library.shown_entities(
            *self._chosen, *self._paired, *tally.addresses, generation.kind_edges(kinds).address, many, size,
            tally.size // DENSE, ranks.address, 0 if is_apart else bits.address, marks.address, begin, begin + 8 * many,
            *_columns_from(begin + 8 * having, many * size))
        if not are_ranked:
            edges = pairwise(accumulate(room[:many], initial=0))
            self._unranked = [(its[0].tolist(), its[1].tolist())
                              for its in (tally.found[:, begin:end] for begin, end in edges)]
        generation.tallies.give(tally)
        view.kind_bits.give(bits)
        view.room.give(marks)
        if not are_ranked:
            order.missed()
            return None
        how, its = room[:many], room[many:having]
        shown = _shown(room, having, many * size, sum(how))
        if is_apart:
            its = having_by_bits(self._articles, view.local_entity[shown[0]])
        return how, shown, its[:SHOWN], its[SHOWN:]

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]
                ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        if others or self._unranked is None:
            return super().leaders(kinds, size, others)
        return self._unranked, []               # first_entities has just found them, for the same types and size


@lru_cache
def _numbers(many: int) -> type[ctypes.Array[ctypes.c_int64]]:
    return _NUMBER * many


def _room(numbers: int, places: int) -> tuple[ctypes.Array[ctypes.c_int64], int]:
    """So many numbers, and `_spare` for so many places behind them, all 0; and where they stand."""
    room = _numbers((numbers + (3 * places + 2 * WAYS) // 2 + _ROUND) // _ROUND * _ROUND)()
    return room, ctypes.addressof(room)


def _spare(begin: int, places: int) -> tuple[int, int, int]:
    """Where a count of 32 bits for each place begins, and the two arrays in which repeats are counted."""
    return begin, begin + 4 * places, begin + 4 * (WAYS + 2 * places)


def _columns_from(begin: int, many: int) -> tuple[int, int, int]:
    """Where three columns of so many numbers begin."""
    return begin, begin + 8 * many, begin + 16 * many


def _shown(room: ctypes.Array[ctypes.c_int64], begin: int, many: int, held: int) -> Shown:
    """The first of what is in three columns of so many numbers."""
    return (room[begin : begin + held], room[begin + many : begin + many + held],
            room[begin + 2 * many : begin + 2 * many + held])


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
