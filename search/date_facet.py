"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search import kernels
from search.buckets import edge_name, edges, interval_for, numbers
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import Bucket, Diagnostic, Facet

_EPOCH = dt.date(1970, 1, 1).toordinal()


def dates(ask: FacetRequest) -> Facet:
    """Time buckets from the first to the last match."""
    matches, days = ask.matches(None), ask.generation.days
    every = matches.value_counts("day")
    missing = int(every[0]) if len(days) and days[0] == UNDATED else 0
    dated = every.nonzero()[0][1 if missing else 0 :]
    if not len(dated):
        asked = ask.request.interval
        return Facet(matches.total, missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    begin, last = int(dated[0]), int(dated[-1])
    low, high = int(days[begin]), int(days[last])
    interval = _interval(ask, low, high)
    number, names = _buckets(low, high, interval)
    place = np.zeros(len(days), np.uint32)           # of each day its bucket, from 1 on
    place[begin : last + 1] = _bucket_of_days(ask, interval)[begin : last + 1] - (number - 1)
    counts = kernels.KERNELS.add(every, place, len(names) + 1)[1:]
    stories = counts - matches.value_repeats("day", place, len(names))
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


def _bucket_of_days(ask: FacetRequest, interval: Interval) -> NDArray[np.int64]:
    """The number of the bucket of each day of the generation; what it is of UNDATED means nothing."""
    known = ask.generation.buckets_of_days
    if interval not in known:
        known[interval] = numbers(ask.generation.days, interval)
    return known[interval]


@lru_cache(64)
def _buckets(low: int, high: int, interval: Interval) -> tuple[int, list[str]]:
    """The buckets from the one that holds `low` to the one that holds `high`: number of the first, names."""
    days = edges(dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH), interval)
    return int(numbers(np.array([low]), interval)[0]), [edge_name(day, interval) for day in days]
