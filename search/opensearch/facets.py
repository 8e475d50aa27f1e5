"""Facets on a cluster: a first look finds which buckets there are, a second counts what is shown of them, exactly.

Each kind of facet says what it wants of the first look, chooses its buckets from what was found, says what it wants of
the second, and makes the facet. All facets of a request share the two looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from index.opensearch import mapping as m
from search import buckets as b
from search.display import exact_key
from search.opensearch.queries import Query, any_of
from search.request import EntityOp, Interval, SearchRequest
from search.response import NO_BUCKETS, Bucket, Buckets, Diagnostic, Facet

Aggregations = dict[str, Any]

MOST_STORIES = 50_000
MOST_VALUES = 50_000
"""So many values of a facet, and stories of a bucket, are told apart; beyond that a diagnostic says so."""
REPEATS: Aggregations = {"terms": {"field": m.SHARED, "min_doc_count": 2, "size": MOST_STORIES,
                                   "shard_size": MOST_STORIES}}
"""The stories of which there are several articles: what stories are fewer by than articles."""


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """What the facets of one search need."""

    request: SearchRequest
    within: Callable[[str | None, Aggregations], Aggregations]      # over the matches, one group of filters left out
    ask: Callable[[Mapping[str, Any]], dict[str, Any]]
    forms: Mapping[str, Query]                                      # printed form → what prints it
    entity_label: Callable[[str], str]
    learn_labels: Callable[[Iterable[str]], None]
    spelling_label: Callable[[str], str]
    said: list[Diagnostic]
    wanted: Callable[[str], bool] | None = None

    def shows(self, value: str) -> bool:
        """Whether a value may be shown."""
        return self.wanted is None or self.wanted(value)


class _Kind(Protocol):
    """One facet of a request."""

    def first(self) -> Aggregations:
        """What the first look is to find."""

    def second(self, found: Mapping[str, Any]) -> Aggregations:
        """Choose the buckets; what the second look is to count. Empty: nothing."""

    def make(self, found: Mapping[str, Any], counted: Mapping[str, Any]) -> Facet:
        """The facet, from both looks."""


def look(name: str, ask: FacetRequest) -> Aggregations:
    """What a facet wants of the first look."""
    return _kind(name, ask).first()


def answer(names: Sequence[str], found: Mapping[str, Any], ask: FacetRequest) -> dict[str, Facet]:
    """The facets, after the first look; one more is taken for all of them together."""
    kinds = {name: _kind(name, ask) for name in names}
    wanted = {name: second for name, kind in kinds.items() if (second := kind.second(found[name]))}
    counted = ask.ask({"size": 0, "aggs": wanted})["aggregations"] if wanted else {}
    return {name: kind.make(found[name], counted.get(name, {})) for name, kind in kinds.items()}


def stories(bucket: Mapping[str, Any]) -> int:
    """How many stories the articles of a bucket are."""
    repeats: int = sum(story["doc_count"] - 1 for story in bucket["repeats"]["buckets"])
    return int(bucket["doc_count"]) - repeats


def _kind(name: str, ask: FacetRequest) -> _Kind:
    if name in ("source", "language"):
        return _Values(ask, name, name, getattr(ask.request.filters, name))
    if name == "date":
        return _Dates(ask)
    if name == "spelling":
        return _Spellings(ask)
    chosen = [id for id in ask.request.filters.entities if id.startswith(name + "/")]
    return _Values(ask, name, "entity" if ask.request.entity_op is EntityOp.OR else None, chosen)


class _Values:
    """A facet of a keyword column: an outlet, a language, or the entities of one type."""

    def __init__(self, ask: FacetRequest, field: str, own: str | None, chosen: Sequence[str]) -> None:
        self._ask, self._field, self._own, self._chosen = ask, field, own, chosen
        self._size = ask.request.facet_size
        self._rows: tuple[Bucket, ...] = ()

    def first(self) -> Aggregations:
        wanted: Aggregations = {"missing": {"missing": {"field": self._field}}}
        wanted |= self._terms(max(4 * self._size, 100) if self._ask.wanted is None else MOST_VALUES)
        if self._chosen:
            wanted["chosen"] = {"terms": {"field": self._field, "include": list(dict.fromkeys(self._chosen)),
                                          "size": len(self._chosen)}}
        return self._ask.within(self._own, wanted)

    def _terms(self, size: int) -> Aggregations:
        return {"values": {"terms": {"field": self._field, "size": size, "shard_size": min(3 * size, MOST_VALUES)}}}

    def second(self, found: Mapping[str, Any]) -> Aggregations:
        counts = {row["key"]: row["doc_count"] for row in (
            *self._all_leading(found["values"]), *found.get("chosen", {"buckets": ()})["buckets"])}
        counts = {value: count for value, count in counts.items() if count and self._ask.shows(value)}
        entity = self._field in m.ENTITY_TYPES
        if entity:
            self._ask.learn_labels(counts)
        self._rows = b.leading((Bucket(value, self._ask.entity_label(value) if entity else value, count, 0,
                                       value in self._chosen) for value, count in counts.items()), self._size)
        if not self._rows:
            return {}
        filters = {str(number): {"term": {self._field: row.value}} for number, row in enumerate(self._rows)}
        shown: Query = {"terms": {self._field: [row.value for row in self._rows]}}
        return self._ask.within(self._own, {
            "rows": {"filters": {"filters": filters}, "aggs": {"repeats": REPEATS}}, "covered": {"filter": shown}})

    def _all_leading(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The values with all that may be among the first, ties included; asked again, for more, until they are."""
        size = max(4 * self._size, 100)
        while not _settled(values, self._size):
            if size >= MOST_VALUES:
                self._ask.said.append(Diagnostic(
                    "facet-estimated", f"There are more than {MOST_VALUES:,} values of {self._field}; rare ones may be "
                    "counted too low.", 0, 0))
                break
            size = min(8 * size, MOST_VALUES)
            found = self._ask.ask({"size": 0, "aggs": {"more": self._ask.within(self._own, self._terms(size))}})
            values = found["aggregations"]["more"]["values"]
        rows: list[dict[str, Any]] = values["buckets"]
        return rows

    def make(self, found: Mapping[str, Any], counted: Mapping[str, Any]) -> Facet:
        total, missing = found["doc_count"], found["missing"]["doc_count"]
        if not self._rows:
            return Facet(total, missing, total - missing, NO_BUCKETS)
        counts = [counted["rows"]["buckets"][str(number)] for number in range(len(self._rows))]
        rows = Buckets.of(replace(row, count=count["doc_count"], stories=stories(count))
                          for row, count in zip(self._rows, counts, strict=True))
        return Facet(total, missing, total - missing - counted["covered"]["doc_count"], rows)


def _settled(values: Mapping[str, Any], size: int) -> bool:
    """Whether no value that was left out can be among the first `size`, and all of these are counted fully."""
    rows, error = values["buckets"], values["doc_count_error_upper_bound"]
    if not values["sum_other_doc_count"] or not size:
        return error == 0 or not size
    return len(rows) > size and error == 0 and bool(rows[-1]["doc_count"] < rows[size - 1]["doc_count"])


class _Dates:
    """Time buckets over all matches, the empty ones between them kept."""

    def __init__(self, ask: FacetRequest) -> None:
        self._ask = ask
        self._span: tuple[dt.date, dt.date] | None = None
        asked = ask.request.interval
        self._interval: Interval = Interval.MONTH if asked is Interval.AUTO else asked

    def first(self) -> Aggregations:
        return self._ask.within(None, {"missing": {"missing": {"field": m.DAY}}, "low": {"min": {"field": m.DAY}},
                                       "high": {"max": {"field": m.DAY}}})

    def second(self, found: Mapping[str, Any]) -> Aggregations:
        if found["low"]["value"] is None:
            return {}
        low, high = (dt.date.fromisoformat(found[end]["value_as_string"]) for end in ("low", "high"))
        self._span = low, high
        self._interval, coarser = b.interval_for(self._ask.request.interval, (high - low).days + 1)
        if coarser:
            message = "The dates span too long for this interval; years are shown."
            self._ask.said.append(Diagnostic("interval-coarsened", message, 0, 0))
        return self._ask.within(None, {"times": {
            "date_histogram": {"field": m.DAY, "calendar_interval": str(self._interval), "min_doc_count": 1,
                               "format": "yyyy-MM-dd"}, "aggs": {"repeats": REPEATS}}})

    def make(self, found: Mapping[str, Any], counted: Mapping[str, Any]) -> Facet:
        total, missing = found["doc_count"], found["missing"]["doc_count"]
        if self._span is None:
            return Facet(total, missing, 0, NO_BUCKETS, str(self._interval))
        counts = {row["key_as_string"]: row for row in counted["times"]["buckets"]}
        since, until = self._ask.request.since, self._ask.request.until
        rows = []
        for edge in b.edges(*self._span, self._interval):
            value, row = b.edge_name(edge, self._interval), counts.get(edge.isoformat())
            rows.append(Bucket(value, value, row["doc_count"] if row else 0, stories(row) if row else 0,
                               since == until == value))
        return Facet(total, missing, 0, Buckets.of(rows), str(self._interval))


class _Spellings:
    """How the names asked for are printed: for each form the matches that print it."""

    def __init__(self, ask: FacetRequest) -> None:
        self._ask = ask
        self._forms: dict[str, str] = {}        # value that is shown → form
        self._printed: list[str] = []           # all forms that may be shown
        self._rows: tuple[Bucket, ...] = ()

    def first(self) -> Aggregations:
        forms = dict(self._ask.forms)
        return self._ask.within("spelling", {"forms": {"filters": {"filters": forms}}} if forms else {})

    def second(self, found: Mapping[str, Any]) -> Aggregations:
        counts = {form: row["doc_count"] for form, row in found.get("forms", {"buckets": {}})["buckets"].items()}
        chosen = {exact_key(spelling) for spelling in self._ask.request.filters.spelling}
        rows = []
        for form in sorted(counts):
            label = self._ask.spelling_label(form)
            if counts[form] and self._ask.shows(label):
                self._printed.append(form)
                self._forms[label] = form
                rows.append(Bucket(label, label, counts[form], 0, form in chosen))
        self._rows = b.leading(rows, self._ask.request.facet_size)
        if not rows:
            return {}
        filters = {str(number): self._ask.forms[self._forms[row.value]] for number, row in enumerate(self._rows)}
        shown = {row.value for row in self._rows}
        wanted = {"some": {"filter": any_of([self._ask.forms[form] for form in self._printed])},
                  "covered": {"filter": any_of([self._ask.forms[form] for form in self._printed
                                                if self._ask.spelling_label(form) in shown])}}
        if filters:
            wanted["rows"] = {"filters": {"filters": filters}, "aggs": {"repeats": REPEATS}}
        return self._ask.within("spelling", wanted)

    def make(self, found: Mapping[str, Any], counted: Mapping[str, Any]) -> Facet:
        total = found["doc_count"]
        if not counted:
            return Facet(total, total, 0, NO_BUCKETS)
        rows = Buckets.of(replace(row, stories=stories(counted["rows"]["buckets"][str(number)]))
                          for number, row in enumerate(self._rows))
        some, covered = counted["some"]["doc_count"], counted["covered"]["doc_count"]
        return Facet(total, total - some, some - covered, rows)
