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
    interval, is_coarser, names, empty = _time_buckets(ask.request.interval, low, high)
    if is_coarser:
        message = "The dates span too long for this interval; years are shown."
        ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
    place = generation.bucket_of_days(interval)
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


@lru_cache(64)
def _time_buckets(asked: Interval, low: int, high: int) -> tuple[Interval, bool, list[str], list[Bucket]]:
    """The interval shown from one day to another where one is asked for, and whether it is coarser than that; the names
    of its buckets, and these without articles."""
    first, last = dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH)
    interval, is_coarser = interval_for(asked, first, last)
    names = [edge_name(day, interval) for day in edges(first, last, interval)]
    return interval, is_coarser, names, [Bucket(name, name, 0, 0) for name in names]
