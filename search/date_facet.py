"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from search.buckets import edge_name, edges, interval_for
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import Bucket, Diagnostic, Facet

_EPOCH = dt.date(1970, 1, 1).toordinal()


def dates(ask: FacetRequest) -> Facet:
    """Time buckets from the first to the last match."""
    generation, matches = ask.generation, ask.matches(None)
    days, (missing, dated) = generation.days, matches.days()
    if dated is None:
        asked = ask.request.interval
        return Facet(matches.total, missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    low, high = int(days[dated[0]]), int(days[dated[1]])
    interval = _interval(ask, low, high)
    place, (names, empty) = generation.bucket_of_days(interval), _named(low, high, interval)
    below = int(place.values[dated[0]]) - 1          # buckets before the first that is shown
    at, counts, stories = matches.buckets(dated, place, below, len(names))
    its = [names[number] for number in at]
    found, buckets = list(map(Bucket, its, its, counts, stories)), empty.copy()
    for number, bucket in zip(at, found, strict=True):
        buckets[number] = bucket
    if ask.request.since is not None and ask.request.since == ask.request.until:
        for bucket in found:
            bucket.selected = bucket.value == ask.request.since
    return Facet(matches.total, missing, 0, tuple(buckets), str(interval))


def _interval(ask: FacetRequest, low: int, high: int) -> Interval:
    interval, is_coarser = interval_for(ask.request.interval, dt.date.fromordinal(low + _EPOCH),
                                        dt.date.fromordinal(high + _EPOCH))
    if is_coarser:
        message = "The dates span too long for this interval; years are shown."
        ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
    return interval


@lru_cache(64)
def _named(low: int, high: int, interval: Interval) -> tuple[list[str], list[Bucket]]:
    """The names of the buckets from the one that holds `low` to the one that holds `high`; these without articles."""
    days = edges(dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH), interval)
    names = [edge_name(day, interval) for day in days]
    return names, [Bucket(name, name, 0, 0) for name in names]
