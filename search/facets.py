"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.display import exact_key
from search.filtering import Selection
from search.generation import Generation, View
from search.postings import Documents, expand, within
from search.request import EntityOp, Interval, SearchRequest
from search.response import Bucket, Diagnostic, Facet

MAX_BUCKETS = 10_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
ENTITY_FACETS = ("person", "place", "organisation")
_STRIDE = np.uint64(1 << 32)


@dataclass(slots=True)
class FacetRequest:
    """What the facets of one search need besides the matches."""

    generation: Generation
    request: SearchRequest
    selections: Sequence[Selection]
    label: Callable[[str], str]                      # entity id → label
    spellings: Sequence[Mapping[str, Documents]]     # for each view: printed form → articles
    spelling_label: Callable[[str], str]             # exact form → as names print it
    diagnostics: list[Diagnostic]
    wanted: Callable[[str], bool] | None = None      # only values that pass are shown

    def shows(self, value: str) -> bool:
        """Whether a value may be shown."""
        return self.wanted is None or self.wanted(value)


def facet(name: str, ask: FacetRequest) -> Facet:
    """One facet by name."""
    if name in ("source", "language"):
        return _values(name, ask)
    if name == "date":
        return _dates(ask)
    return _spellings(ask) if name == "spelling" else _entities(name, ask)


def count_stories(selections: Sequence[Selection]) -> int:
    """How many stories the matches are."""
    return _distinct([_story_pairs(selection.view, selection.documents(), None) for selection in selections])


def _values(name: str, ask: FacetRequest) -> Facet:
    generation = ask.generation
    values = generation.sources if name == "source" else generation.languages
    counts = np.zeros(len(values) + 1, np.int64)
    doubles: list[NDArray[np.uint64]] = []
    for selection in ask.selections:
        view, documents = selection.view, selection.documents(name)
        table = view.sources if name == "source" else view.languages
        ordinals = table[view.segment[name][documents]] if len(documents) else np.empty(0, np.int64)
        counts[: len(values)] += np.bincount(ordinals, minlength=len(values))
        doubles.append(_copies(view, documents, ordinals))
    repeated = _repeats(doubles, len(values))
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    missing = sum(int(counts[i]) for i, value in enumerate(values) if not value)
    rows = [Bucket(value, value, int(counts[i]), int(counts[i] - repeated[i]), value in chosen)
            for i, value in enumerate(values) if value and counts[i] and ask.shows(value)]
    total = int(counts.sum())
    buckets = _first(rows, ask.request.facet_size)
    return Facet(total, missing, total - missing - sum(bucket.count for bucket in buckets), buckets)


def _first(rows: Iterable[Bucket], size: int) -> tuple[Bucket, ...]:
    """By count, then label; what is selected is among them."""
    ordered = sorted(rows, key=lambda bucket: (-bucket.count, bucket.label.casefold(), bucket.value))
    shown = ordered[:size]
    chosen = [bucket for bucket in ordered[size:] if bucket.selected][:size]
    if chosen:
        kept = [bucket for bucket in shown if bucket.selected]
        others = [bucket for bucket in shown if not bucket.selected][: max(0, size - len(chosen) - len(kept))]
        shown = sorted((kept + others + chosen)[:size], key=ordered.index)
    return tuple(shown)


def _story_pairs(view: View, documents: Documents, buckets: NDArray[np.int64] | None
                 ) -> tuple[int, NDArray[np.uint64]]:
    """Articles that are stories of their own (how many), and bucket and story of the others as one number each."""
    story = view.story[documents]
    several = np.flatnonzero(story)
    numbers = story[several].astype(np.uint64)
    if buckets is not None:
        numbers += buckets[several].astype(np.uint64) * _STRIDE
    return len(documents) - len(several), numbers


def _distinct(parts: Sequence[tuple[int, NDArray[np.uint64]]]) -> int:
    alone = sum(count for count, _ in parts)
    shared = [numbers for _, numbers in parts if len(numbers)]
    return alone + (len(np.unique(np.concatenate(shared))) if shared else 0)


def _copies(view: View, documents: Documents, buckets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Bucket and story of the articles that are not alone in their story."""
    return _story_pairs(view, documents, buckets)[1]


def _repeats(parts: Sequence[NDArray[np.uint64]], buckets: int) -> NDArray[np.int64]:
    """For each bucket: articles less stories."""
    pairs = np.concatenate(list(parts)) if parts else np.empty(0, np.uint64)
    if not len(pairs):
        return np.zeros(buckets, np.int64)
    every = np.bincount((pairs // _STRIDE).astype(np.int64), minlength=buckets)
    once = np.bincount((np.unique(pairs) // _STRIDE).astype(np.int64), minlength=buckets)
    return every - once


# -- entities ---------------------------------------------------------------

def _entities(name: str, ask: FacetRequest) -> Facet:
    own = "entity" if ask.request.entity_op is EntityOp.OR else None
    counts = entity_counts(ask, own)
    kind = ask.generation.entity_kinds[name]
    if ask.wanted is not None:
        kind = np.array([entity for entity in kind.tolist() if ask.wanted(ask.generation.entities[entity])], np.int64)
    selected = set(ask.request.filters.entities)
    total = sum(len(selection.documents(own)) for selection in ask.selections)
    missing = total - sum(int(selection.view.entity_types[name][selection.documents(own)].sum())
                          for selection in ask.selections)
    ids = ask.generation.entities
    of_kind = counts[kind]
    most = np.sort(of_kind)[::-1][: ask.request.facet_size]
    floor = max(int(most[-1]) if len(most) else 1, 1)
    rows = [Bucket(ids[entity], ask.label(ids[entity]), int(counts[entity]), 0, ids[entity] in selected)
            for entity in kind[of_kind >= floor].tolist()]
    rows += [Bucket(id, ask.label(id), int(counts[ask.generation.entity_ordinal[id]]), 0, True)
             for id in selected if id.startswith(name + "/") and id in ask.generation.entity_ordinal and ask.shows(id)
             and 0 < counts[ask.generation.entity_ordinal[id]] < floor]
    buckets, covered = _with_stories(_first(rows, ask.request.facet_size), ask, own)
    return Facet(total, missing, total - missing - covered, buckets)


def entity_counts(ask: FacetRequest, leaving_out: str | None) -> NDArray[np.int64]:
    """For each entity of the generation: in how many matches it is mentioned."""
    counts = np.zeros(len(ask.generation.entities), np.int64)
    for selection in ask.selections:
        segment, documents = selection.view.segment, selection.documents(leaving_out)
        if not len(documents):
            continue
        start = segment["entity_start"]
        begin = start[documents].astype(np.int64)
        at = expand(begin, start[documents + 1].astype(np.int64) - begin)
        local = np.bincount(segment["entity"][at], minlength=len(segment.entities))
        counts[selection.view.entities] += local
    return counts


def _with_stories(buckets: Sequence[Bucket], ask: FacetRequest, leaving_out: str | None
                  ) -> tuple[tuple[Bucket, ...], int]:
    """Buckets of entities with their stories, and how many articles are in some bucket."""
    counted = []
    covered = 0
    unions = [np.zeros(selection.view.docs, np.bool_) for selection in ask.selections]
    for bucket in buckets:
        entity = ask.generation.entity_ordinal[bucket.value]
        parts = []
        for selection, seen in zip(ask.selections, unions, strict=True):
            local = selection.view.local_entity.get(entity)
            if local is None:
                continue
            mentions = selection.view.segment.entity_documents(local)
            documents = within(mentions, selection.documents(leaving_out))
            seen[documents] = True
            parts.append(_story_pairs(selection.view, documents, None))
        counted.append(Bucket(bucket.value, bucket.label, bucket.count, _distinct(parts), bucket.selected))
    covered = sum(int(seen.sum()) for seen in unions)
    return tuple(counted), covered


# -- dates ------------------------------------------------------------------

def _dates(ask: FacetRequest) -> Facet:
    """Time buckets over all matches, the empty ones between them kept."""
    days = [selection.view.segment["days"][selection.documents()] for selection in ask.selections]
    every = np.concatenate(days) if days else np.empty(0, np.int32)
    dated = every[every != UNDATED]
    missing = len(every) - len(dated)
    if not len(dated):
        asked = ask.request.interval
        return Facet(len(every), missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    low, high = int(dated.min()), int(dated.max())
    interval = _interval(ask, low, high)
    edges = _edges(low, high, interval)
    bucket_of = [np.where(part == UNDATED, -1, np.searchsorted(edges, part, side="right") - 1) for part in days]
    counts = np.bincount(np.concatenate(bucket_of) + 1, minlength=len(edges) + 1)[1:]
    doubles = []
    for selection, places in zip(ask.selections, bucket_of, strict=True):
        has = np.flatnonzero(places >= 0)
        doubles.append(_copies(selection.view, selection.documents()[has], places[has]))
    repeated = _repeats(doubles, len(edges))
    since, until = ask.request.since, ask.request.until
    buckets = tuple(Bucket(value, value, int(count), int(count - repeat), since == until == value)
                    for value, count, repeat in zip(_names(edges, interval), counts, repeated, strict=True))
    return Facet(len(every), missing, 0, buckets, str(interval))


def _interval(ask: FacetRequest, low: int, high: int) -> Interval:
    asked = ask.request.interval
    span = high - low + 1
    if asked is Interval.AUTO:
        return (Interval.DAY if span <= 31 else Interval.WEEK if span <= 26 * 7
                else Interval.MONTH if span <= 6 * 366 else Interval.YEAR)
    for coarser, length in ((Interval.DAY, 1), (Interval.WEEK, 7), (Interval.MONTH, 28)):
        if asked is coarser and span / length > MAX_BUCKETS:
            message = "The dates span too long for this interval; years are shown."
            ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
            return Interval.YEAR
    return asked


def _edges(low: int, high: int, interval: Interval) -> NDArray[np.int64]:
    """The first day of every bucket from the one that holds `low` to the one that holds `high`."""
    if interval is Interval.DAY:
        return np.arange(low, high + 1)
    if interval is Interval.WEEK:
        return np.arange(low - (low + 3) % 7, high + 1, 7)      # 1970-01-01 was a Thursday
    first, last = dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH)
    if interval is Interval.YEAR:
        starts = [dt.date(year, 1, 1) for year in range(first.year, last.year + 1)]
    else:
        starts = [dt.date(month // 12, month % 12 + 1, 1) for month in
                  range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]
    return np.array([day.toordinal() - _EPOCH for day in starts], np.int64)


def _names(edges: NDArray[np.int64], interval: Interval) -> list[str]:
    width = {Interval.YEAR: 4, Interval.MONTH: 7}.get(interval, 10)
    return [dt.date.fromordinal(int(edge) + _EPOCH).isoformat()[:width] for edge in edges]


# -- spellings --------------------------------------------------------------

def _spellings(ask: FacetRequest) -> Facet:
    """How the names asked for are printed: for each form the matches that print it."""
    forms = sorted({form for table in ask.spellings for form in table})
    total = sum(len(selection.documents("spelling")) for selection in ask.selections)
    chosen = {exact_key(spelling) for spelling in ask.request.filters.spelling}
    rows: list[tuple[Bucket, str]] = []
    for form in forms:
        parts, count = [], 0
        for selection, table in zip(ask.selections, ask.spellings, strict=True):
            documents = _printing(table, form, selection)
            count += len(documents)
            parts.append(_story_pairs(selection.view, documents, None))
        label = ask.spelling_label(form)
        if count and ask.shows(label):
            rows.append((Bucket(label, label, count, _distinct(parts), form in chosen), form))
    buckets = _first([bucket for bucket, _ in rows], ask.request.facet_size)
    shown = {bucket.value for bucket in buckets}
    some, covered = 0, 0
    for selection, table in zip(ask.selections, ask.spellings, strict=True):
        any_form, any_shown = np.zeros(selection.view.docs, np.bool_), np.zeros(selection.view.docs, np.bool_)
        for bucket, form in rows:
            documents = _printing(table, form, selection)
            any_form[documents] = True
            if bucket.value in shown:
                any_shown[documents] = True
        some += int(any_form.sum())
        covered += int(any_shown.sum())
    return Facet(total, total - some, some - covered, buckets)


def _printing(table: Mapping[str, Documents], form: str, selection: Selection) -> Documents:
    documents = table.get(form)
    return within(documents, selection.documents("spelling")) if documents is not None else np.empty(0, np.int64)
