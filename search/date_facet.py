"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from index.segment import UNDATED
from search import kernels
from search.buckets import edge_name, edges, interval_for
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import Bucket, Diagnostic, Facet

_EPOCH = dt.date(1970, 1, 1).toordinal()


def dates(ask: FacetRequest) -> Facet:
    """Time buckets from the first to the last match."""
    generation, matches = ask.generation, ask.matches(None)
    days, every = generation.days, matches.value_counts("day")
    missing = int(every[0]) if len(days) and days[0] == UNDATED else 0
    dated = kernels.KERNELS.span(every, 1 if missing else 0)
    if dated is None:
        asked = ask.request.interval
        return Facet(matches.total, missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    low, high = int(days[dated[0]]), int(days[dated[1]])
    interval = _interval(ask, low, high)
    place, names = generation.bucket_of_days(interval), _names(low, high, interval)
    below = int(place.values[dated[0]]) - 1          # buckets before the first that is shown
    counts = kernels.KERNELS.add(every, dated, place, below, len(names))
    stories = counts - matches.value_repeats("day", place, below, len(names))
    columns = (names, names, counts.tolist(), stories.tolist())
    day = ask.request.since if ask.request.since == ask.request.until else None
    buckets = map(Bucket, *columns) if day is None else map(Bucket, *columns, [name == day for name in names])
    return Facet(matches.total, missing, 0, tuple(buckets), str(interval))


def _interval(ask: FacetRequest, low: int, high: int) -> Interval:
    interval, is_coarser = interval_for(ask.request.interval, dt.date.fromordinal(low + _EPOCH),
                                        dt.date.fromordinal(high + _EPOCH))
    if is_coarser:
        message = "The dates span too long for this interval; years are shown."
        ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
    return interval


@lru_cache(64)
def _names(low: int, high: int, interval: Interval) -> list[str]:
    """The buckets from the one that holds `low` to the one that holds `high`."""
    days = edges(dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH), interval)
    return [edge_name(day, interval) for day in days]
