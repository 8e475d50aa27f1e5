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
FEW = 100
"""So many articles at most find by themselves which of them share their story, if that is not kept. As in kernels.c."""
EACH_DAY = 4
"""So many matches a day are counted by day first, where fewer are looked at twice: for their span, and for buckets."""
ROOM = 4096
"""Most facets of one search are no more numbers than these together with what is counted for them."""
_ARRAY, _NUMBER, _WIDTH = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32


def matches(generation: Generation, selections: Sequence[Selection], leaving_out: str | None) -> Matches:
    """The matches that pass all groups of filters but one."""
    parts = [articles for selection in selections if selection.found.count
             and len(articles := selection.articles(leaving_out))]
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

    def _made(self, *, is_headed: bool) -> _Found:
        """These, with all entities of their view or its heads alone."""
        articles, its = self._articles, _columns(self.generation, self._view, is_headed=is_headed)
        if self._view.has_stories and len(articles) <= FEW and not articles.are_kept:
            return _Found(its, articles.address, len(articles), None, -1)
        pairs = articles.pairs                      # the articles hold them, for their address
        return _Found(its, articles.address, len(articles),
                      *((pairs.address, len(pairs)) if len(pairs) > 1 else (None, 0)))

    def first_values(self, name: str, size: int) -> tuple[int, Shown] | None:
        if name != "source" or not 0 < size <= SMALL:
            return None
        generation = self.generation
        many = len(generation.sources)
        room = _room(1 + 3 * size, many)
        held = self._library.shown_sources(self._where, many, generation.source_ordinal.get("", -1),
                                           generation.source_ranks.address, size, room.address)
        (missing,), shown = _given(room, 1, size, held)
        return missing, shown

    @property
    def _are_counted_by_day(self) -> bool:
        return self.total > EACH_DAY * len(self.generation.days)

    def days(self) -> tuple[int, tuple[int, int] | None]:
        if self._are_counted_by_day:
            return super().days()
        undated = _NUMBER()
        span = self._library.dated_span(self._where, self.generation.first_day, ctypes.addressof(undated))
        return undated.value, None if span < 0 else (span >> 32, span & 0xFFFFFFFF)

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
        generation, many = self.generation, len(kinds)
        order, desk, having = generation.label_order("entity"), desks.take(), many + 2 * SHOWN
        ranks, room = order.ranks, _room(having + 3 * many * size)
        held = self._library.shown_entities(
            where, desk.address, generation.kind_edges(kinds).address, many, size, ranks.address,
            desk.tally.size // DENSE, not is_many, room.address)
        if held < 0:
            how = _read(room, many)
            self._unranked = _of_kinds(how, *desk.tally.found[:, : sum(how)].tolist())
            desks.give(desk)
            order.missed()
            return None
        desks.give(desk)
        self._unranked = None
        named, shown = _given(room, having, many * size, held)
        its = having_by_bits(self._articles, self._view.local_entity[shown[0]]) if is_many else named[many:]
        return named[:many], shown, its[:SHOWN], its[SHOWN:]

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


def _given(room: _Numbers, named: int, size: int, held: int) -> tuple[list[int], Shown]:
    """The numbers that are named, and of the three columns of so many numbers behind these what is held."""
    its, second, third = _read(room, named + 2 * size + held), named + size, named + 2 * size
    return its[:named], (its[named : named + held], its[second : second + held], its[third:])


def _of_kinds(how: Sequence[int], ordinals: list[int], counts: list[int]) -> list[tuple[list[int], list[int]]]:
    """Of each type so many of some entities that stand one after the other, and their counts."""
    return [(ordinals[begin:end], counts[begin:end]) for begin, end in pairwise(accumulate(how, initial=0))]


class _Found(ctypes.Structure):
    """Some articles of a view."""

    _fields_ = (("its", _ARRAY), ("articles", _ARRAY), ("n", _NUMBER), ("pairs", _ARRAY), ("paired", _NUMBER),
                ("own", ctypes.c_uint64 * (FEW + 1)))


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
