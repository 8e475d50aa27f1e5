"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.counting import Matches, count_stories, repeats
from search.display import exact_key
from search.filtering import Selection
from search.generation import Generation
from search.limits import check_time
from search.opened import KINDS
from search.postings import Documents, within
from search.ranking import top
from search.request import EntityOp, Interval, SearchRequest
from search.response import Bucket, Diagnostic, Facet

__all__ = ["FacetRequest", "count_stories", "facet"]
MAX_BUCKETS = 10_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
ENTITY_FACETS = KINDS
FEW = 500
"""So many articles at most are looked up among the matches one by one, more by a mask."""


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

    _matches: dict[str | None, Matches] = field(default_factory=dict)

    def matches(self, leaving_out: str | None) -> Matches:
        """The matches that pass all groups of filters but one, the same for all facets."""
        group = leaving_out if any(leaving_out in selection.passing for selection in self.selections) else None
        if group not in self._matches:
            self._matches[group] = Matches(self.generation, self.selections, group)
        return self._matches[group]

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


def _values(name: str, ask: FacetRequest) -> Facet:
    generation, matches = ask.generation, ask.matches(name)
    values = generation.sources if name == "source" else generation.languages
    known = generation.source_ordinal if name == "source" else generation.language_ordinal
    ordinals = matches.values(name)
    counts = np.bincount(ordinals, minlength=len(values))
    repeated = matches.repeats(ordinals[matches.stories[0]], len(values))
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    missing = 0
    if "" in known:
        missing, counts[known[""]] = int(counts[known[""]]), 0
    candidates = dict.fromkeys(_leading(counts, ask.request.facet_size, ask, values))
    candidates |= dict.fromkeys(known[value] for value in chosen if value in known and ask.shows(value))
    rows = [(-int(counts[i]), values[i].casefold(), values[i], values[i], i) for i in candidates if counts[i]]
    shown = _first(rows, ask.request.facet_size, {known[value] for value in chosen if value in known})
    buckets = tuple(Bucket(value, label, -count, -count - int(repeated[i]), value in chosen)
                    for count, _, value, label, i in shown)
    return Facet(matches.total, missing, matches.total - missing - sum(bucket.count for bucket in buckets), buckets)


def _leading(counts: NDArray[np.int64], size: int, ask: FacetRequest, values: Sequence[str]) -> list[int]:
    """Places in `counts` that may be among the first `size` buckets: the greatest counts, ties included."""
    if ask.wanted is not None:
        counts = np.array([count if count and ask.shows(value) else 0
                           for count, value in zip(counts.tolist(), values, strict=True)], np.int64)
    some = np.flatnonzero(counts) if size else np.empty(0, np.int64)
    found: list[int] = some[top(counts[some], size)].tolist()
    return found


Row = tuple[int, str, str, str, int]
"""What may become a bucket, in the order of buckets: minus its count, folded label, value; then label and ordinal."""


def _first(rows: Iterable[Row], size: int, selected: Collection[int]) -> list[Row]:
    """By count, then label; what is selected is among them."""
    ordered = sorted(rows)
    shown = ordered[:size]
    chosen = [row for row in ordered[size:] if row[4] in selected][:size] if selected else []
    if chosen:
        kept = [row for row in shown if row[4] in selected]
        others = [row for row in shown if row[4] not in selected][: max(0, size - len(chosen) - len(kept))]
        shown = sorted((kept + others + chosen)[:size], key=ordered.index)
    return shown


# -- entities ---------------------------------------------------------------

def _entities(name: str, ask: FacetRequest) -> Facet:
    matches = ask.matches("entity" if ask.request.entity_op is EntityOp.OR else None)
    size = ask.request.facet_size
    selected = {ask.generation.entity_ordinal[id] for id in ask.request.filters.entities
                if id.startswith(name + "/") and id in ask.generation.entity_ordinal and ask.shows(id)}
    counts, are_all = _candidates(name, ask, matches)
    counts |= {entity: matches.count(entity) for entity in selected if entity not in counts}
    rows = [(-count, *order, entity) for (entity, count), order in zip(counts.items(), _orders(counts, ask),
                                                                       strict=True) if count]
    shown = _first(rows, size, selected)
    places = [entity for *_, entity in shown]
    repeated = matches.story_repeats(places).tolist()
    buckets = tuple(Bucket(value, label, -count, -count - repeat, entity in selected)
                    for (count, _, value, label, entity), repeat in zip(shown, repeated, strict=True))
    having = matches.having(name)
    others = 0 if are_all and len(shown) == len(counts) else having - matches.covered(name, places)
    return Facet(matches.total, matches.total - having, others, buckets)


def _orders(entities: Iterable[int], ask: FacetRequest) -> list[tuple[str, str, str]]:
    """What entities of equal counts are ordered by."""
    known = ask.generation.label_order
    found = []
    for entity in entities:
        order = known.get(entity)
        if order is None:
            id = ask.generation.entities[entity]
            label = ask.label(id)
            order = known[entity] = label.casefold(), id, label
        found.append(order)
    return found


def _candidates(name: str, ask: FacetRequest, matches: Matches) -> tuple[dict[int, int], bool]:
    """The entities of a type that may be among the first, with their counts, and whether there are no others."""
    size, ids = ask.request.facet_size, ask.generation.entities
    if ask.wanted is not None:
        of_kind = ask.generation.most_mentioned(name)[0]
        counts = matches.every_count[of_kind]
        at = _leading(counts, size, ask, [ids[entity] for entity in of_kind])
        return dict(zip(of_kind[at].tolist(), counts[at].tolist(), strict=True)), False
    if not size:
        return {}, False
    leaders = matches.leaders(name, size)
    entities, counts = leaders.entities, leaders.counts
    if len(entities) > size:
        best = top(counts, size)
        entities, counts = entities[best], counts[best]
    return dict(zip(entities.tolist(), counts.tolist(), strict=True)), len(entities) == len(leaders.entities) \
        and not matches.is_dense


# -- dates ------------------------------------------------------------------

def _dates(ask: FacetRequest) -> Facet:
    """Time buckets over all matches, the empty ones between them kept."""
    matches = ask.matches(None)
    every = matches.days
    low, high = (int(every.min()), int(every.max())) if len(every) else (int(UNDATED), int(UNDATED))
    dated = every
    if low == UNDATED:
        dated = every[every != UNDATED]
        low = int(dated.min()) if len(dated) else low
    missing = len(every) - len(dated)
    if not len(dated):
        asked = ask.request.interval
        return Facet(len(every), missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    interval = _interval(ask, low, high)
    edges, names = _edges(low, high, interval)
    counts = _count_days(dated, low, high, edges)
    several, stories = matches.stories
    when = every[several]
    if missing:
        stories, when = stories[when != UNDATED], when[when != UNDATED]
    repeated = repeats(np.searchsorted(edges, when, side="right") - 1, stories, len(edges))
    day = ask.request.since if ask.request.since == ask.request.until else None
    selected = [name == day for name in names]
    buckets = tuple(map(Bucket, names, names, counts.tolist(), (counts - repeated).tolist(), selected))
    return Facet(len(every), missing, 0, buckets, str(interval))


def _count_days(days: NDArray[np.int32], low: int, high: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each bucket (by its first day) the number of days in it."""
    if high - low > 8 * len(days):
        return np.bincount(np.searchsorted(edges, days, side="right") - 1, minlength=len(edges))
    each = np.bincount(days - np.int32(low), minlength=high - low + 1)
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


@lru_cache(64)
def _edges(low: int, high: int, interval: Interval) -> tuple[NDArray[np.int64], list[str]]:
    """First day and name of every bucket from the one that holds `low` to the one that holds `high`."""
    unit, width = {Interval.YEAR: ("Y", 4), Interval.MONTH: ("M", 7)}.get(interval, ("D", 10))
    first, last = (int(np.datetime64(day, "D").astype(f"datetime64[{unit}]").astype(np.int64)) for day in (low, high))
    step = 1
    if interval is Interval.WEEK:
        first, step = low - (low + 3) % 7, 7      # 1970-01-01 was a Thursday
    starts = np.arange(first, last + 1, step).astype(f"datetime64[{unit}]")
    names = [str(name)[:width] for name in np.datetime_as_string(starts)]
    return starts.astype("datetime64[D]").astype(np.int64), names


# -- spellings --------------------------------------------------------------

def _spellings(ask: FacetRequest) -> Facet:
    """How the names asked for are printed: for each form the matches that print it."""
    total = sum(len(selection.documents("spelling")) for selection in ask.selections)
    printing: dict[str, dict[int, Documents]] = {}
    for selection, table in zip(ask.selections, ask.spellings, strict=True):
        for form, documents in table.items():
            found = _passing(documents, selection)
            if len(found):
                printing.setdefault(form, {})[selection.number] = found
    forms = sorted(printing)
    rows = [(-sum(map(len, printing[form].values())), label.casefold(), label, label, number)
            for number, form in enumerate(forms) if ask.shows(label := ask.spelling_label(form))]
    chosen = {exact_key(spelling) for spelling in ask.request.filters.spelling}
    shown = _first(rows, ask.request.facet_size, {row[4] for row in rows if forms[row[4]] in chosen})
    buckets = tuple(Bucket(value, label, -count, _stories(printing[forms[number]], ask), forms[number] in chosen)
                    for count, _, value, label, number in shown)
    some = _together([printing[forms[row[4]]] for row in rows], ask)
    return Facet(total, total - some, some - _together([printing[forms[row[4]]] for row in shown], ask), buckets)


def _passing(documents: Documents, selection: Selection) -> Documents:
    """Those of some articles of a view that pass all but the filter of spellings."""
    passed = selection.documents("spelling")
    if min(len(documents), len(passed)) > FEW:
        return documents[selection.mask("spelling")[documents]]
    return within(documents, passed)


def _stories(printing: Mapping[int, Documents], ask: FacetRequest) -> int:
    """How many stories some articles of several views are."""
    story = [ask.generation.views[number].story[documents] for number, documents in printing.items()]
    alone = sum(int(np.count_nonzero(part == 0)) for part in story)
    return alone + len(np.unique(np.concatenate([part[part != 0] for part in story])))


def _together(printings: Sequence[Mapping[int, Documents]], ask: FacetRequest) -> int:
    """How many articles print some of several forms."""
    if len(printings) < 2:
        return sum(len(documents) for printing in printings for documents in printing.values())
    seen: dict[int, NDArray[np.bool_]] = {}
    for printing in printings:
        for number, documents in printing.items():
            if number not in seen:
                seen[number] = np.zeros(ask.generation.views[number].docs, np.bool_)
            seen[number][documents] = True
    return sum(int(np.count_nonzero(mask)) for mask in seen.values())
