"""The facet of dates: buckets of time over all matches, the empty ones between them kept."""

from __future__ import annotations

from search.buckets import interval_for
from search.facet_request import FacetRequest
from search.request import Interval
from search.response import NO_BUCKETS, Buckets, Diagnostic, Facet


def dates(ask: FacetRequest) -> Facet:
    """Time buckets from the first to the last match."""
    generation, matches = ask.generation, ask.matches(None)
    days, (missing, dated) = generation.days, matches.days()
    if dated is None:
        asked = ask.request.interval
        return Facet(matches.total, missing, 0, NO_BUCKETS, str(Interval.MONTH if asked is Interval.AUTO else asked))
    first, last = dated
    interval, is_coarser = interval_for(ask.request.interval, int(days[last]) - int(days[first]) + 1)
    if is_coarser:
        message = "The dates span too long for this interval; years are shown."
        ask.diagnostics.append(Diagnostic("interval-coarsened", message, 0, 0))
    names, place, below = generation.time_axis(interval, first, last)
    counts, stories = matches.buckets(dated, place, below, len(names))
    since = ask.request.since
    selected = [name == since for name, _ in names] if since is not None and since == ask.request.until else ()
    return Facet(matches.total, missing, 0, Buckets(names, counts, stories, selected), str(interval))
