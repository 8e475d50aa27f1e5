"""Matches that are all in one view: what a facet shows of them in one call of kernels.c, since where there are few,
calling is what takes most of the time. counting.py has the same for several views, and where nothing is compiled."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
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
from search.spare import Spare, Tally

FAR = 800
"""In a larger view no more matches than these are counted here, if what columns say of them is kept: that stands
together."""
DENSE = 4
"""Where more than one entity in so many was met, all are gone through to find the leaders, instead of these."""
FEW = SMALL
"""So many articles at most find by themselves which of them share their story, if that is not kept."""
AT_ONCE = 800
"""Of so many matches at most, if there are no more sources, these and the span of days are found with the entities."""
EACH_DAY = 4
"""So many matches a day are counted by day first, where fewer are looked at twice: for their span, and for buckets."""
ROOM = 4096
"""Most facets of one search are no more numbers than these together with what is counted for them."""
_ARRAY, _NUMBER, _WIDTH = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one."""
    parts = [articles for selection in selections if selection.found.count
             and len((articles := selection.articles(leaving_out)).documents)]
    if len(parts) == 1 and kernels.KERNELS.library and _counted_here(parts[0]):
        return MatchesOfView(generation, parts[0], kernels.KERNELS.library)
    return Matches(generation, parts)


def _counted_here(articles: Articles) -> bool:
    """Whether to read the columns of the view takes no longer than to read what is kept: of these, or of all where they
    are many."""
    if nearly_all(articles):
        return False
    return articles.view.docs <= IN_CACHE or (
        (not articles.are_kept or len(articles) <= FAR) and not by_bits(articles))


class MatchesOfView(Matches):
    """Matches that are all in one view."""

    def __init__(self, generation: Generation, articles: Articles, library: Any) -> None:
        super().__init__(generation, [articles])
        self._library, self._view = library, articles.view
        self._articles = articles
        self._found = self._made(is_headed=False)
        self._where = ctypes.addressof(self._found)
        self._unranked: list[tuple[list[int], list[int]]] | None = None
        self._sources: tuple[int, Shown] | None = None          # what is known of these before it is asked for
        self._dated: tuple[int, tuple[int, int] | None] | None = None

    def _made(self, *, is_headed: bool) -> _Found:
        """These, with all entities of their view or its heads alone."""
        articles, its = self._articles, _columns(self.generation, self._view, is_headed=is_headed)
        if self.total <= FEW and self._view.has_stories and not articles.are_kept:
            return _Found(its, articles.address, self.total, None, -1)
        pairs = articles.pairs                      # the articles hold them, for their address
        return _Found(its, articles.address, self.total,
                      *((pairs.address, len(pairs)) if len(pairs) > 1 else (None, 0)))

    def first_values(self, name: str, size: int) -> tuple[int, Shown] | None:
        if name != "source" or not 0 < size <= SMALL:
            return None
        if self._sources is not None:
            return self._sources
        generation = self.generation
        many = len(generation.sources)
        room = _room(1 + 3 * size, many)
        held = self._library.shown_sources(self._where, many, generation.source_ordinal.get("", -1),
                                           generation.source_ranks.address, size, room.address)
        its = _read(room, 1 + 2 * size + held)
        return its[0], _shown(its, 1, size, held)

    @property
    def _are_counted_by_day(self) -> bool:
        return self.total > EACH_DAY * len(self.generation.days)

    def days(self) -> tuple[int, tuple[int, int] | None]:
        if self._dated is not None:
            return self._dated
        if self._are_counted_by_day:
            return super().days()
        undated = _NUMBER()
        span = self._library.dated_span(self._where, self.generation.first_day, ctypes.addressof(undated))
        return undated.value, _span(span)

    def buckets(self, span: tuple[int, int], place: Column, below: int, places: int) -> tuple[list[int], list[int]]:
        if self._are_counted_by_day:
            return super().buckets(span, place, below, places)
        room = _room(2 * places, places)
        self._library.shown_buckets(self._where, place.address, below, places, room.address)
        its = _read(room, 2 * places)
        return its[:places], its[places:]

    def first_entities(self, kinds: Sequence[str], size: int) -> ShownEntities | None:
        if not 0 < size <= SMALL or len(kinds) > SHOWN:
            return None
        if not by_bits(self._articles):
            return self._in_order(kinds, size, self._where, _desks(self._view), is_many=False)
        if self._headed(kinds, size) is not None:
            made, desks = self._made(is_headed=True), _desks(self._view, is_headed=True)
            found = self._in_order(kinds, size, ctypes.addressof(made), desks, is_many=True)
            leaders = self._unranked if found is None else _of_kinds(found[0], *found[1][:2])
            if leaders is not None and self._decided(self._articles, kinds, size, leaders):
                return found
        return self._in_order(kinds, size, self._where, _desks(self._view), is_many=True)

    def _in_order(self, kinds: Sequence[str], size: int, where: int, desks: Spare[_Desk], *, is_many: bool
                  ) -> ShownEntities | None:
        """The same. `where`: stand these, as _Found. `is_many`: how many articles mention any is asked of bits."""
        generation, many, desk = self.generation, len(kinds), desks.take()
        order, sources = generation.label_order("entity"), len(generation.sources)
        sources = sources if max(self.total, sources) <= AT_ONCE else 0
        begin = 4 + 3 * size                        # of what there is of entities
        having, named = begin + many, begin + many + 2 * SHOWN
        ranks, room = order.ranks, _room(named + 3 * many * size, sources)
        held = self._library.shown_first(
            where, desk.address, generation.kind_edges(kinds).address, many, size, ranks.address,
            desk.tally.size // DENSE, not is_many, sources, generation.source_ordinal.get("", -1),
            generation.source_ranks.address, generation.first_day, room.address)
        its = _read(room, named + 2 * many * size + max(held, 0))
        how = its[begin:having]
        if sources:
            undated, span, shown_sources = its[:3]
            self._dated, self._sources = (undated, _span(span)), (its[3], _shown(its, 4, size, shown_sources))
        self._unranked = _of_kinds(how, *desk.tally.found[:, : sum(how)].tolist()) if held < 0 else None
        desks.give(desk)
        if held < 0:
            order.missed()
            return None
        shown = _shown(its, named, many * size, held)
        of_kinds = having_by_bits(self._articles, self._view.local_entity[shown[0]]) if is_many else its[having:named]
        return how, shown, of_kinds[:SHOWN], of_kinds[SHOWN:]

    def leaders(self, kinds: Sequence[str], size: int, others: Sequence[int]
                ) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
        if others or self._unranked is None:
            return super().leaders(kinds, size, others)
        return self._unranked, []               # first_entities has just found them, for the same types and size


class _Numbers:
    """Room for numbers that a call of kernels.c gives, and behind them for what it counts by value."""

    __slots__ = ("address", "values")

    def __init__(self, many: int) -> None:
        self.values = np.empty(many, np.int64)
        self.address = address(self.values, np.int64)


_ROOMS = Spare(lambda: _Numbers(ROOM))


def _room(numbers: int, places: int = 0) -> _Numbers:
    """Room for so many numbers, and behind them for what is counted for so many places."""
    room, needed = _ROOMS.take(), numbers + (3 * places + 2 * WAYS) // 2 + 1
    return room if len(room.values) >= needed else _Numbers(needed)


def _read(room: _Numbers, many: int) -> list[int]:
    """The first numbers of a room, which is given back."""
    its: list[int] = room.values[:many].tolist()
    _ROOMS.give(room)
    return its


def _shown(its: list[int], begin: int, size: int, held: int) -> Shown:
    """What is held of three columns of so many numbers."""
    second, third = begin + size, begin + 2 * size
    return its[begin : begin + held], its[second : second + held], its[third : third + held]


def _span(days: int) -> tuple[int, int] | None:
    """The first and the last day, if there is any."""
    return None if days < 0 else (days >> 32, days & 0xFFFFFFFF)


def _of_kinds(how: Sequence[int], ordinals: list[int], counts: list[int]) -> list[tuple[list[int], list[int]]]:
    """Of each type so many of some entities that stand one after the other, and their counts."""
    return [(ordinals[begin:end], counts[begin:end]) for begin, end in pairwise(accumulate(how, initial=0))]


class _Found(ctypes.Structure):
    """Some articles of a view."""

    _fields_ = (("its", _ARRAY), ("articles", _ARRAY), ("n", _NUMBER), ("pairs", _ARRAY), ("paired", _NUMBER),
                ("own", ctypes.c_uint64 * (SMALL + 1)))


class _Desk:
    """Room for what a search counts by entity."""

    def __init__(self, tally: Tally, bits: Column, places: Column) -> None:
        self.tally, self._held = tally, (bits, places)
        self._room = _Room(*tally.addresses, bits.address, places.address)
        self.address = ctypes.addressof(self._room)


class _Room(ctypes.Structure):
    """Where the arrays of a desk stand."""

    _fields_ = (
        ("counts", _ARRAY), ("seen", _ARRAY), ("heap", _ARRAY), ("found", _ARRAY), ("of_found", _ARRAY),
        ("group", _ARRAY), ("places", _ARRAY))


def _desks(view: View, *, is_headed: bool = False) -> Spare[_Desk]:
    """Those of a view, for all its entities or its heads alone; the view holds them."""
    desks = view.desks.get(is_headed)
    if desks is None:
        entities, bits, places = view.all_entities, view.kind_bits, view.head_room if is_headed else view.room
        desks = view.desks[is_headed] = Spare(lambda: _Desk(Tally(entities), bits.take(), places.take()))
    return desks


class _Columns(ctypes.Structure):
    """Where the columns of a view stand."""

    _fields_ = (
        ("start", _ARRAY), ("mention", _ARRAY), ("source", _ARRAY), ("day", _ARRAY), ("entity_table", _ARRAY),
        ("source_table", _ARRAY), ("day_table", _ARRAY), ("each", _ARRAY), ("local_entity", _ARRAY), ("story", _ARRAY),
        ("mentions", _NUMBER), ("ordinals", _NUMBER),
        ("mention_width", _WIDTH), ("source_width", _WIDTH), ("day_width", _WIDTH))


def _columns(generation: Generation, view: View, *, is_headed: bool) -> int:
    """Where it stands where the columns of a view do, all entities in them or the heads alone; the view holds it, and
    them."""
    if is_headed not in view.columns:
        opened = view.opened
        source, day = opened.column("source"), opened.column("day")
        mentions, entities, local = ((opened.heads.lists, view.heads, view.head_of) if is_headed else
                                     (opened.mentions, generation.table("entity", view), view.local_entity))
        view.columns[is_headed] = _Columns(
            *mentions.addresses, source.address, day.address, entities.address,
            *[generation.table(name, view).address for name in ("source", "day")],
            generation.each_value.address, address(local, np.int32), view.stories.address,
            len(mentions.values), mentions.size, mentions.values.itemsize, source.values.itemsize, day.values.itemsize)
    return ctypes.addressof(view.columns[is_headed])
