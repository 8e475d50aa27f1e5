"""Buckets: the order in which a facet shows them, and the edges of those of time. Knows no engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.request import Interval
from search.response import Bucket

MAX_BUCKETS = 10_000
_SHORTEST = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 28}
"""Days of an interval that is not the longest."""


def leading(rows: Iterable[Bucket], size: int) -> tuple[Bucket, ...]:
    """The first `size` by count, then label; those that are selected are among them."""
    ordered = sorted(rows, key=lambda bucket: (-bucket.count, bucket.label.casefold(), bucket.value))
    chosen = [bucket for bucket in ordered[size:] if bucket.selected][:size]
    if not chosen:
        return tuple(ordered[:size])
    kept = [bucket for bucket in ordered[:size] if bucket.selected]
    others = [bucket for bucket in ordered[:size] if not bucket.selected][: max(0, size - len(chosen) - len(kept))]
    return tuple(sorted((kept + others + chosen)[:size], key=ordered.index))


def interval_for(asked: Interval, span: int) -> tuple[Interval, bool]:
    """The interval of time buckets over so many days, and whether a coarser one than asked for had to be taken."""
    if asked is Interval.AUTO:
        found = (Interval.DAY if span <= 31 else Interval.WEEK if span <= 26 * 7
                 else Interval.MONTH if span <= 6 * 366 else Interval.YEAR)
        return found, False
    length = _SHORTEST.get(asked)
    if length is not None and span / length > MAX_BUCKETS:
        return Interval.YEAR, True
    return asked, False


def edges(low: dt.date, high: dt.date, interval: Interval) -> list[dt.date]:
    """The first day of every bucket from the one that holds `low` to the one that holds `high`."""
    if interval is Interval.YEAR:
        return [dt.date(year, 1, 1) for year in range(low.year, high.year + 1)]
    if interval is Interval.MONTH:
        months = range(low.year * 12 + low.month - 1, high.year * 12 + high.month)
        return [dt.date(month // 12, month % 12 + 1, 1) for month in months]
    step = 7 if interval is Interval.WEEK else 1
    first = low.toordinal() - (low.weekday() if interval is Interval.WEEK else 0)
    return [dt.date.fromordinal(day) for day in range(first, high.toordinal() + 1, step)]


def names(low: dt.date, high: dt.date, interval: Interval) -> list[str]:
    """Every bucket from the one that holds `low` to the one that holds `high`."""
    return [edge_name(edge, interval) for edge in edges(low, high, interval)]


def edge_name(edge: dt.date, interval: Interval) -> str:
    """A bucket of time by its first day: YYYY, YYYY-MM or YYYY-MM-DD."""
    return edge.isoformat()[: {Interval.YEAR: 4, Interval.MONTH: 7}.get(interval, 10)]


def numbers(days: NDArray[np.integer[Any]], interval: Interval) -> NDArray[np.int64]:
    """The bucket of each day (since 1970-01-01), counted from the bucket of that day; weeks begin on Monday."""
    if len(days) and (low := int(days.min())) + len(days) > (high := int(days.max())) + 1:
        return numbers(np.arange(low, high + 1), interval)[days - days.dtype.type(low)]    # each day is worked out once
    every = days.astype(np.int64)
    if interval is Interval.DAY:
        return every
    if interval is Interval.WEEK:
        return (every + 3) // 7                       # 1970-01-01 was a Thursday
    unit = "M" if interval is Interval.MONTH else "Y"
    return every.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)
