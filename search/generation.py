"""Generation: one published state of the index, opened. A request sees one generation from start to end."""

from __future__ import annotations

import ctypes
import datetime as dt
from collections.abc import Hashable, Sequence, Set
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.manifest import Manifest, SegmentEntry, live_column, story_column
from index.segment import UNDATED
from search.buckets import MAX_BUCKETS, names, numbers
from search.cache import CACHE_BYTES, Cache
from search.columns import Column
from search.label_order import LabelOrder
from search.opened import KINDS, Opened
from search.request import Interval
from search.response import Named
from search.spare import Spare, Tally

_EPOCH = dt.date(1970, 1, 1).toordinal()
LARGE = 8192
"""A segment of so many articles is large."""
K1, B = 1.2, 0.75
"""BM25's constants (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009)."""


class View:
    """A segment as one generation sees it: which articles are live, and local values as the generation's.

    Local numbers are positions in the segment. `live` is None when every article is.
    """

    def __init__(self, opened: Opened, entry: SegmentEntry, live: NDArray[np.bool_] | None) -> None:
        self.opened, self.live = opened, live
        self.segment = segment = opened.segment
        self.key = (entry.name, entry.live)          # of all that depends on the segment and what is live in it
        self.docs = segment.docs
        self.story = np.zeros(segment.docs, np.uint32)
        """The story of each article as an ordinal of the generation's stories; 0: it is a story of its own."""
        self.has_stories = False
        self.sources: NDArray[np.int64] = np.empty(0, np.int64)      # local ordinal → the generation's
        self.languages: NDArray[np.int64] = np.empty(0, np.int64)
        self.entities: NDArray[np.int64] = np.empty(0, np.int64)
        self.all_entities = 0                                        # of the generation
        self.tables: dict[str, Column] = {}                          # filled by Generation.table
        self.columns: dict[bool, ctypes.Structure] = {}              # this and the next by one_view.py
        self.desks: dict[bool, Spare[Any]] = {}
        self.norm: NDArray[np.float32] = np.empty(0, np.float32)     # k1 (1 - b + b length / average)

    @property
    def is_large(self) -> bool:
        """Whether what is made of it is worth keeping for generations to come."""
        return self.docs >= LARGE

    @cached_property
    def everything(self) -> NDArray[np.int64]:
        """All live articles."""
        return np.arange(self.docs) if self.live is None else np.flatnonzero(self.live)

    @cached_property
    def room(self) -> Spare[Column]:
        """For each entity 16 bits, all 0."""
        many = len(self.entities)                  # by itself: nothing here may hold the view
        return Spare(lambda: Column(np.zeros(many, np.uint16), 1))

    @cached_property
    def heads(self) -> Column:
        """Each head of the segment as the generation's entity."""
        return Column(self.entities[self.opened.heads.entities].astype(np.uint32), self.all_entities)

    @cached_property
    def head_of(self) -> NDArray[np.int32]:
        """The generation's entity ordinal → which head of the segment it is, or -1."""
        head = np.full(self.all_entities, -1, np.int32)
        head[self.heads.values] = np.arange(len(self.heads), dtype=np.int32)
        return head

    @cached_property
    def head_room(self) -> Spare[Column]:
        """For each head 16 bits, all 0."""
        many = len(self.heads)
        return Spare(lambda: Column(np.zeros(many, np.uint16), 1))

    @cached_property
    def kind_bits(self) -> Spare[Column]:
        """For each entity bit n, if its type has number n in KINDS."""
        bits = self.opened.kind_bits
        return Spare(lambda: Column(bits.copy(), 256))

    @cached_property
    def stories(self) -> Column:
        """The story of each article, as `story` has it."""
        return Column(self.story, 1 << 32)

    @cached_property
    def local_entity(self) -> NDArray[np.int32]:
        """The generation's entity ordinal → the local one, or -1."""
        local = np.full(self.all_entities, -1, np.int32)
        local[self.entities] = np.arange(len(self.entities), dtype=np.int32)
        return local


class Generation:
    """The views of a generation and its tables of values, in a fixed order."""

    def __init__(self, folder: Path, manifest: Manifest, cache: Cache | None = None) -> None:
        self.manifest = manifest
        self.cache = cache if cache is not None else Cache(CACHE_BYTES)
        self.views = [
            View(self.cache.segments.get(folder, entry), entry, live_column(folder, entry))
            for entry in manifest.segments]
        self.story_keys, self.story_sizes = _number_stories(folder, self.views, manifest)
        self.articles = manifest.articles
        self.key = hash(tuple(view.key for view in self.views))
        """Of all that depends on which segments there are and what is live in them."""
        self.state = hash((self.key, tuple(entry.stories for entry in manifest.segments)))
        """Of all that depends on the stories too."""
        self.sources, maps = _union([view.segment.sources for view in self.views])
        for view, table in zip(self.views, maps, strict=True):
            view.sources = table
        self.languages, maps = _union([view.segment.languages for view in self.views])
        for view, table in zip(self.views, maps, strict=True):
            view.languages = table
        self._number_entities()
        self._norms()

    def _number_entities(self) -> None:
        """Type after type; the most mentioned first, so that what is counted most stands together."""
        entities, maps = _union([view.opened.entity_ids for view in self.views])
        mentions = np.zeros(len(entities), np.int64)
        kinds = np.zeros(len(entities), np.int8)
        for view, table in zip(self.views, maps, strict=True):
            mentions[table] += np.diff(view.segment["entity_document_start"].astype(np.int64))
            kinds[table] = view.opened.entity_kinds
        order = np.lexsort((-mentions, kinds))
        self.entities = [entities[entity] for entity in order.tolist()]
        self.entity_kind: NDArray[np.int8] = kinds[order]
        """The type of each entity as its number in KINDS, -1 for any other, shape (entities,)."""
        first, last = (np.searchsorted(self.entity_kind, range(len(KINDS)), side) for side in ("left", "right"))
        self.of_kind = dict(zip(KINDS, map(range, first.tolist(), last.tolist()), strict=True))
        """Type → its entities."""
        number = np.empty(len(entities), np.int64)
        number[order] = np.arange(len(order))
        for view, table in zip(self.views, maps, strict=True):
            view.entities, view.all_entities = number[table], len(entities)

    def _norms(self) -> None:
        lengths = [view.segment["lengths"] for view in self.views]
        total = sum(int((length if view.live is None else length[view.live]).sum(dtype=np.int64))
                    for view, length in zip(self.views, lengths, strict=True))
        average = total / self.articles if total else 1.0
        for view, length in zip(self.views, lengths, strict=True):
            view.norm = (K1 * (1 - B) + (K1 * B / average) * length).astype(np.float32)

    @property
    def owners(self) -> Set[Hashable]:
        """Whose values in the cache are of use to this generation."""
        return {self.key, self.state, self.manifest.archive, *(view.segment.name for view in self.views)}

    @cached_property
    def entity_ordinal(self) -> dict[str, int]:
        return dict(zip(self.entities, range(len(self.entities)), strict=True))

    @cached_property
    def source_ordinal(self) -> dict[str, int]:
        return {source: ordinal for ordinal, source in enumerate(self.sources)}

    @cached_property
    def language_ordinal(self) -> dict[str, int]:
        return {language: ordinal for ordinal, language in enumerate(self.languages)}

    @cached_property
    def entity_labels(self) -> dict[str, str]:
        """Entity id → label as the index has it (the names file's label goes before)."""
        labels: dict[str, str] = {}
        for view in reversed(self.views):       # the first to have it is the last to say it
            labels.update(view.opened.entity_labels)
        return labels

    def label_order(self, name: str) -> LabelOrder:
        """The order of the sources, languages or entities."""
        return (self._entity_order if name == "entity" else self._source_order if name == "source"
                else self._language_order)

    @cached_property
    def _entity_order(self) -> LabelOrder:
        return LabelOrder(self.entities)

    @cached_property
    def _source_order(self) -> LabelOrder:
        return LabelOrder(self.sources)

    @cached_property
    def source_ranks(self) -> Column:
        """Of each source its rank in their order."""
        order = self.label_order("source")
        order.of(range(len(self.sources)))
        order.rank()
        return order.ranks

    @cached_property
    def _language_order(self) -> LabelOrder:
        return LabelOrder(self.languages)

    @cached_property
    def each_value(self) -> Column:
        """A place for each source or language."""
        many = max(len(self.sources), len(self.languages))
        return Column(np.arange(1, many + 1, dtype=np.uint32), many + 1)

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """The days of all articles, ascending, each once; UNDATED, if there is any, first."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *(view.opened.days for view in self.views)]))

    @cached_property
    def first_day(self) -> int:
        """Which of `days` is the first that is one."""
        return int(len(self.days) > 0 and self.days[0] == UNDATED)

    def kind_edges(self, kinds: Sequence[str]) -> Column:
        """Where the entities of each of some types begin and end, two numbers a type."""
        key = tuple(kinds)
        found = self._kind_edges.get(key)
        if found is None:
            edges = [edge for kind in kinds for edge in (self.of_kind[kind].start, self.of_kind[kind].stop)]
            found = self._kind_edges[key] = Column(np.array(edges, np.uint32), len(self.entities) + 1)
        return found

    @cached_property
    def _kind_edges(self) -> dict[tuple[str, ...], Column]:
        return {}

    @cached_property
    def tallies(self) -> Spare[Tally]:
        """Of entities."""
        many = len(self.entities)
        return Spare(lambda: Tally(many))

    def values(self, name: str) -> Sequence[str] | NDArray[np.int64]:
        """The sources, languages, days or entities of all views."""
        return (self.sources if name == "source" else self.languages if name == "language"
                else self.days if name == "day" else self.entities)

    def table(self, name: str, view: View) -> Column:
        """For each source (language, day, entity) of a view its place among those of all."""
        if name not in view.tables:
            places = (view.sources if name == "source" else view.languages if name == "language"
                      else self.days.searchsorted(view.opened.days) if name == "day" else view.entities)
            view.tables[name] = Column(places.astype(np.uint32), len(self.values(name)))
        return view.tables[name]

    def bucket_of_days(self, interval: Interval) -> Column:
        """The bucket of each of `days`, from 1 on; 0: undated."""
        if interval not in self._bucket_of_days:
            dated = self.days[self.days != UNDATED]
            buckets = numbers(dated, interval)
            its = np.append(np.zeros(len(self.days) - len(dated), np.int64), buckets - buckets[:1] + 1)
            self._bucket_of_days[interval] = Column(its.astype(np.uint32), int(its.max(initial=0)) + 1)
        return self._bucket_of_days[interval]

    def time_axis(self, interval: Interval, first: int, last: int) -> tuple[Sequence[Named], Column, int]:
        """The names of the buckets from that of one of `days` to that of another, both dated; the bucket of each of
        `days`, and how many are before the first named."""
        place = self.bucket_of_days(interval)
        if place.size > MAX_BUCKETS:
            return self._named(interval, first, last), place, int(place.values[first]) - 1
        every = self._bucket_names.get(interval)
        if every is None:
            every = self._bucket_names[interval] = self._named(interval, self.first_day, len(self.days) - 1)
        below = int(place.values[first]) - 1
        return every[below : int(place.values[last])], place, below

    def _named(self, interval: Interval, first: int, last: int) -> list[Named]:
        low, high = (dt.date.fromordinal(int(self.days[day]) + _EPOCH) for day in (first, last))
        return [(name, name) for name in names(low, high, interval)]

    @cached_property
    def _bucket_names(self) -> dict[Interval, list[Named]]:
        return {}

    @cached_property
    def _bucket_of_days(self) -> dict[Interval, Column]:
        return {}


def _number_stories(folder: Path, views: Sequence[View], manifest: Manifest
                    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the views their stories as small ordinals; the key and the size of each story (ordinal 0 is nobody's).

    A story of one article, whatever the column says, is no ordinal: its article is alone in this generation.
    """
    places, keys = [], []
    for view, entry in zip(views, manifest.segments, strict=True):
        column = story_column(folder, entry)
        if view.live is not None:
            column = np.where(view.live, column, 0)
        places.append(np.flatnonzero(column))
        keys.append(column[places[-1]])
    every, ordinals, sizes = np.unique(
        np.concatenate([np.zeros(0, np.uint64), *keys]), return_inverse=True, return_counts=True)
    shared = sizes > 1
    number = np.where(shared, np.cumsum(shared), 0).astype(np.uint32)
    at = 0
    for view, place in zip(views, places, strict=True):
        view.story[place] = number[ordinals[at : at + len(place)]]
        view.has_stories = bool(view.story.any())
        at += len(place)
    return np.concatenate([[np.uint64(0)], every[shared]]), np.concatenate([[1], sizes[shared]])


def _union(lists: Sequence[Sequence[str]]) -> tuple[list[str], list[NDArray[np.int64]]]:
    """All values of several lists, each once, and for each list the places of its values among them."""
    values = list(dict.fromkeys(chain.from_iterable(lists)))
    place = dict(zip(values, range(len(values)), strict=True)).__getitem__
    return values, [np.fromiter(map(place, some), np.int64, len(some)) for some in lists]
