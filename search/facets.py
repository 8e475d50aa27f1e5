"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED, Segment
from search.display import exact_key
from search.filtering import Selection
from search.generation import Generation, View
from search.limits import check_time
from search.postings import Documents, expand, within
from search.ranking import top
from search.request import EntityOp, Interval, SearchRequest
from search.response import Bucket, Diagnostic, Facet

MAX_BUCKETS = 10_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
ENTITY_FACETS = ("person", "place", "organisation")
_STRIDE = np.uint64(1 << 32)
DENSE = 8
"""Matches in more than one article of this many are counted by masks over all articles, not one by one."""


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

    _entity_counts: dict[str | None, NDArray[np.int64]] = field(default_factory=dict)

    def entity_counts(self, leaving_out: str | None) -> NDArray[np.int64]:
        """The counts of all entities, worked out once for the three facets."""
        if leaving_out not in self._entity_counts:
            self._entity_counts[leaving_out] = entity_counts(self.generation, self.selections, leaving_out)
        return self._entity_counts[leaving_out]

    def shows(self, value: str) -> bool:
        """Whether a value may be shown."""
        return self.wanted is None or self.wanted(value)


def facet(name: str, ask: FacetRequest) -> Facet:
    """One facet by name."""
    check_time()
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
    known = generation.source_ordinal if name == "source" else generation.language_ordinal
    counts = np.zeros(len(values), np.int64)
    doubles: list[NDArray[np.uint64]] = []
    for selection in ask.selections:
        view, documents = selection.view, selection.documents(name)
        table = view.sources if name == "source" else view.languages
        ordinals = table[view.segment[name][documents]] if len(documents) else np.empty(0, np.int64)
        counts += np.bincount(ordinals, minlength=len(values))
        doubles.append(_copies(view, documents, ordinals))
    repeated = _repeats(doubles, len(values))
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    total, missing = int(counts.sum()), 0
    if "" in known:
        missing, counts[known[""]] = int(counts[known[""]]), 0
    candidates = dict.fromkeys(_leading(counts, ask.request.facet_size, ask, values))
    candidates |= dict.fromkeys(known[value] for value in chosen if value in known and ask.shows(value))
    rows = [Bucket(values[i], values[i], int(counts[i]), int(counts[i] - repeated[i]), values[i] in chosen)
            for i in candidates if counts[i]]
    buckets = _first(rows, ask.request.facet_size)
    return Facet(total, missing, total - missing - sum(bucket.count for bucket in buckets), buckets)


def _leading(counts: NDArray[np.int64], size: int, ask: FacetRequest, values: Sequence[str]) -> list[int]:
    """Ordinals that may be among the first `size` buckets: the greatest counts, ties included."""
    if ask.wanted is not None:
        counts = np.array([count if count and ask.shows(value) else 0
                           for count, value in zip(counts.tolist(), values, strict=True)], np.int64)
    some = np.flatnonzero(counts) if size else np.empty(0, np.int64)
    found: list[int] = some[top(counts[some], size)].tolist()
    return found


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
    if not view.has_stories:
        return len(documents), np.empty(0, np.uint64)
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
    counts = ask.entity_counts(own)
    kind = ask.generation.entity_kinds[name]
    total = sum(len(selection.documents(own)) for selection in ask.selections)
    missing = total - sum(_having(selection.view.entity_types[name], selection, own) for selection in ask.selections)
    buckets = _first(_entity_buckets(name, ask, kind, counts), ask.request.facet_size)
    places = {bucket.value: number for number, bucket in enumerate(buckets)}
    covered, repeated = _coverage(places, ask, own)
    shown = tuple(replace(bucket, stories=bucket.count - int(repeat))
                  for bucket, repeat in zip(buckets, repeated, strict=True))
    return Facet(total, missing, total - missing - covered, shown)


def _entity_buckets(name: str, ask: FacetRequest, kind: NDArray[np.int64], counts: NDArray[np.int64]
                    ) -> list[Bucket]:
    """The entities of a type that may be among the first, and all that are selected."""
    ids = ask.generation.entities
    candidates = dict.fromkeys(kind[place] for place in _leading(
        counts[kind], ask.request.facet_size, ask, [] if ask.wanted is None else [ids[entity] for entity in kind]))
    selected = {ask.generation.entity_ordinal[id] for id in ask.request.filters.entities
                if id.startswith(name + "/") and id in ask.generation.entity_ordinal and ask.shows(id)}
    candidates |= dict.fromkeys(np.int64(entity) for entity in selected if counts[entity])
    return [Bucket(ids[entity], ask.label(ids[entity]), int(counts[entity]), 0, entity in selected)
            for entity in candidates]


def _having(has: NDArray[np.bool_], selection: Selection, leaving_out: str | None) -> int:
    """How many of the matches an article mask holds for."""
    documents = selection.documents(leaving_out)
    if len(documents) * DENSE > selection.view.docs:
        return int(np.count_nonzero(has & selection.mask(leaving_out)))
    return int(np.count_nonzero(has[documents]))


def entity_counts(generation: Generation, selections: Sequence[Selection], leaving_out: str | None
                  ) -> NDArray[np.int64]:
    """For each entity of the generation: in how many matches it is mentioned, shape (entities,).

    Few matches: their mentions are gathered and counted. Many: the lists of articles of all entities are held
    against the mask of the matches, one sequential pass.
    """
    counts = np.zeros(len(generation.entities), np.int64)
    for selection in selections:
        segment, documents = selection.view.segment, selection.documents(leaving_out)
        if not len(documents) or not len(segment.entities):
            continue
        if len(documents) * DENSE > selection.view.docs:
            starts = segment["entity_document_start"][:-1].astype(np.int64)
            local = np.add.reduceat(selection.mask(leaving_out)[segment["entity_document"]], starts, dtype=np.int64)
        else:
            at, _ = _mentions(segment, documents)
            local = np.bincount(segment["entity"][at], minlength=len(segment.entities))
        counts[selection.view.entities] += local
    return counts


def _mentions(segment: Segment, documents: Documents) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where in the column of entities those of some articles stand, and how many each article has."""
    start = segment["entity_start"]
    begin = start[documents].astype(np.int64)
    each = start[documents + 1].astype(np.int64) - begin
    return expand(begin, each), each


def _coverage(places: Mapping[str, int], ask: FacetRequest, leaving_out: str | None
              ) -> tuple[int, NDArray[np.int64]]:
    """How many matches are in some bucket, and for each bucket its articles less its stories.

    `places`: entity id → number of its bucket.
    """
    covered, doubles = 0, []
    for selection in ask.selections:
        view, documents = selection.view, selection.documents(leaving_out)
        bucket_of = np.full(len(view.segment.entities), -1, np.int64)
        for id, number in places.items():
            local = view.local_entity.get(ask.generation.entity_ordinal[id])
            if local is not None:
                bucket_of[local] = number
        if len(documents) * DENSE > view.docs:
            seen = np.zeros(view.docs, np.bool_)
            for local in np.flatnonzero(bucket_of >= 0).tolist():
                seen[view.segment.entity_documents(local)] = True
            covered += int(np.count_nonzero(seen & selection.mask(leaving_out)))
        else:
            at, each = _mentions(view.segment, documents)
            article = np.repeat(np.arange(len(documents)), each)[bucket_of[view.segment["entity"][at]] >= 0]
            covered += int(np.count_nonzero(np.diff(article))) + bool(len(article))
        several = documents[view.story[documents] != 0] if view.has_stories else documents[:0]
        at, each = _mentions(view.segment, several)
        bucket = bucket_of[view.segment["entity"][at]]
        doubles.append(_copies(view, np.repeat(several, each)[bucket >= 0], bucket[bucket >= 0]))
    return covered, _repeats(doubles, len(places))


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
    counts = _count_days(dated, low, high, edges)
    doubles = []
    for selection in ask.selections:
        documents = selection.documents()
        several = documents[selection.view.story[documents] != 0] if selection.view.has_stories else documents[:0]
        when = selection.view.segment["days"][several]
        several, when = several[when != UNDATED], when[when != UNDATED]
        doubles.append(_copies(selection.view, several, np.searchsorted(edges, when, side="right") - 1))
    repeated = _repeats(doubles, len(edges))
    since, until = ask.request.since, ask.request.until
    buckets = tuple(Bucket(value, value, int(count), int(count - repeat), since == until == value)
                    for value, count, repeat in zip(_names(edges, interval), counts, repeated, strict=True))
    return Facet(len(every), missing, 0, buckets, str(interval))


def _count_days(days: NDArray[np.int32], low: int, high: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each bucket (by its first day) the number of days in it."""
    if high - low > len(days) + 4096:
        return np.bincount(np.searchsorted(edges, days, side="right") - 1, minlength=len(edges))
    each = np.bincount(days - low, minlength=high - low + 1)
    return np.add.reduceat(each, np.maximum(edges - low, 0))


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
