"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.buckets import edge_name, edges, interval_for, numbers
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import Bucket, Diagnostic, Facet

_EPOCH = dt.date(1970, 1, 1).toordinal()


def dates(ask: FacetRequest) -> Facet:
    """Time buckets from the first to the last match."""
    matches = ask.matches(None)
    dated = every = matches.days
    if len(every) and every.min() == UNDATED:
        dated = every[every != UNDATED]
    missing = len(every) - len(dated)
    if not len(dated):
        asked = ask.request.interval
        return Facet(len(every), missing, 0, (), str(Interval.MONTH if asked is Interval.AUTO else asked))
    low, high = int(dated.min()), int(dated.max())
    interval = _interval(ask, low, high)
    first, starts, names = _buckets(low, high, interval)
    counts = _count_days(dated, low, high, starts)
    stories = counts - matches.time_repeats(interval, first, first + len(names) - 1)
    day = ask.request.since if ask.request.since == ask.request.until else None
    selected = [name == day for name in names]
    buckets = tuple(map(Bucket, names, names, counts.tolist(), stories.tolist(), selected))
    return Facet(len(every), missing, 0, buckets, str(interval))


def _interval(ask: FacetRequest, low: int, high: int) -> Interval:
    interval, is_coarser = interval_for(ask.request.interval, dt.date.fromordinal(low + _EPOCH),
                                        dt.date.fromordinal(high + _EPOCH))
    if is_coarser:
        message = "The dates span too long for this interval; years are shown."
        ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
    return interval


def _count_days(days: NDArray[np.int32], low: int, high: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each bucket (by its first day) the number of days in it."""
    if high - low > 8 * len(days):
        return np.bincount(np.searchsorted(starts, days, side="right") - 1, minlength=len(starts))
    each = np.bincount(days - np.int32(low), minlength=high - low + 1)
    return np.add.reduceat(each, np.maximum(starts - low, 0))


@lru_cache(64)
def _buckets(low: int, high: int, interval: Interval) -> tuple[int, NDArray[np.int64], list[str]]:
    """The buckets from the one that holds `low` to the one that holds `high`: number of the first, days, names."""
    days = edges(dt.date.fromordinal(low + _EPOCH), dt.date.fromordinal(high + _EPOCH), interval)
    starts = np.array([day.toordinal() - _EPOCH for day in days], np.int64)
    return int(numbers(starts[:1], interval)[0]), starts, [edge_name(day, interval) for day in days]
