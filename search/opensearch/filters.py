"""Filters: the groups of filters of a request as queries, so that a facet can leave its own out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from index.opensearch import mapping as m
from search.opensearch.queries import Query, all_of, any_of
from search.request import EntityOp, Filters, SearchRequest, Undated

PrintedIn = Callable[[str], Query]
"""Spelling → what passes the articles that print it."""


def groups(request: SearchRequest, printed_in: PrintedIn) -> dict[str, Query]:
    """Group (source, language, date, entity, spelling, exclude) → what passes it; only groups that bar anything."""
    found: dict[str, Query] = {}
    filters = request.filters
    if filters.source:
        found["source"] = _values(m.SOURCE, filters.source)
    if filters.language:
        found["language"] = _values(m.LANGUAGE, filters.language)
    if (date := _date(request)) is not None:
        found["date"] = date
    if filters.entities:
        together = all_of if request.entity_op is EntityOp.AND else any_of
        found["entity"] = together([mentioning(id) for id in filters.entities])
    if filters.spelling:
        found["spelling"] = any_of([printed_in(spelling) for spelling in filters.spelling])
    if request.exclude:
        found["exclude"] = {"bool": {"must_not": _barred(request.exclude, printed_in)}}
    return found


def mentioning(id: str) -> Query:
    """What passes the articles that mention an entity."""
    kind = id.partition("/")[0]
    return {"term": {kind: id}} if kind in m.ENTITY_TYPES else any_of([])


def _values(field: str, values: Sequence[str]) -> Query:
    return {"terms": {field: [value for value in values if value]}}


def _barred(exclude: Filters, printed_in: PrintedIn) -> list[Query]:
    barred = [mentioning(id) for id in exclude.entities] + [printed_in(spelling) for spelling in exclude.spelling]
    if exclude.source:
        barred.append(_values(m.SOURCE, exclude.source))
    if exclude.language:
        barred.append(_values(m.LANGUAGE, exclude.language))
    return barred


def _date(request: SearchRequest) -> Query | None:
    undated = request.undated
    if undated is None:
        undated = Undated.EXCLUDE if request.since is not None or request.until is not None else Undated.INCLUDE
    missing: Query = {"bool": {"must_not": [{"exists": {"field": m.DAY}}]}}
    if undated is Undated.ONLY:
        return missing
    bounds = [_bound(bound, last) for bound, last in ((request.since, False), (request.until, True))
              if bound is not None]
    if undated is Undated.INCLUDE:
        return any_of([all_of(bounds), missing]) if bounds else None
    return all_of([*bounds, {"exists": {"field": m.DAY}}])


def _bound(bound: str, last: bool) -> Query:
    """From a day or moment on, or up to it."""
    way = "lte" if last else "gte"
    if len(bound) > 10:
        moment = dt.datetime.fromisoformat(bound)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = int((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds())
        return {"range": {m.MOMENT: {way: seconds}}}
    return {"range": {m.DAY: {way: _day(bound, last).isoformat()}}}


def _day(bound: str, last: bool) -> dt.date:
    """The first (or last) day of YYYY, YYYY-MM or YYYY-MM-DD."""
    parts = [int(part) for part in bound.split("-")]
    if len(parts) == 3:
        return dt.date(*parts)
    year, month = parts[0], parts[1] if len(parts) == 2 else (12 if last else 1)
    if not last:
        return dt.date(year, month, 1)
    if (year, month) == (9999, 12):
        return dt.date.max
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)
