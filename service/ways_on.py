"""Ways on from a search that finds nothing: each with how many articles it would give, none that gives nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search.request import SearchRequest
from search.response import SearchResponse
from service import links
from service.presenting import Chip

FILTERS_LIMIT = 10          # filters that are tried one by one

Ask = Callable[[SearchRequest], SearchResponse]


@dataclass(frozen=True, slots=True)
class Way:
    """Another search: the query it makes, or the filter it drops."""

    label: str
    articles: int
    url: str


@dataclass(frozen=True, slots=True)
class WaysOn:
    queries: tuple[Way, ...]
    dropping: tuple[Way, ...]


def ways_on(ask: Ask, request: SearchRequest, found: SearchResponse, chips: Sequence[Chip]) -> WaysOn:
    """What finds something: the suggested queries, the search without one filter, and without any."""
    queries = [_way(ask, q, links.requery(request, q)) for q in found.suggestions]
    dropping = [_way(ask, f"{'not ' if chip.excluded else ''}{chip.kind}: {chip.label}", chip.without)
                for chip in chips[:FILTERS_LIMIT]]
    if len(chips) > 1:
        dropping.append(_way(ask, "any filter", links.unfiltered(links.every_spelling(request))))
    return WaysOn(tuple(way for way in queries if way.articles), tuple(way for way in dropping if way.articles))


def _way(ask: Ask, label: str, request: SearchRequest) -> Way:
    return Way(label, ask(replace(request, facets=(), page=1, size=1)).total, links.url(request))
