"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from search.buckets import edge_name, edges, interval_for
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import Bucket, Diagnostic, Facet

SPARSE = 2
"""Where there are fewer matches than one for so many buckets, those without any are made once for many answers."""
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
    counts, repeats = matches.buckets(dated, place, below, len(names))
    its, stories = counts.tolist(), (counts - repeats).tolist()
    day = ask.request.since if ask.request.since == ask.request.until else None
    if day is not None:
        buckets = list(map(Bucket, names, names, its, stories, [name == day for name in names]))
    elif matches.total * SPARSE < len(names):
        buckets = empty.copy()
        for at in counts.nonzero()[0].tolist():
            buckets[at] = Bucket(names[at], names[at], its[at], stories[at])
    else:
        buckets = list(map(Bucket, names, names, its, stories))
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
