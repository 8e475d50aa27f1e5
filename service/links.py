"""A search as a URL and back: the page's links, the API's pages, the feed and the export all come from here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, urlencode

from search import did_you_mean
from search.request import FACETS, EntityOp, Filters, Group, Interval, Match, SearchRequest, Sort
from service.schemas import VALUES, SearchParameters

DEFAULT = SearchRequest()
ENTITY_FACETS = ("person", "place", "organisation")


def request_from(pairs: Iterable[tuple[str, str]]) -> SearchRequest:
    """The search that (name, value) pairs ask for. Raises marshmallow's ValidationError, by parameter."""
    request: SearchRequest = SearchParameters().load_pairs(pairs)
    return request


def pairs_of(request: SearchRequest) -> list[tuple[str, str]]:
    """The parameters that make `request`, without those at their default; `request_from` reads them back."""
    pairs = [("q", request.q)] if request.q else []
    for prefix, filters in (("", request.filters), ("exclude.", request.exclude)):
        pairs += [(prefix + name, value) for name in VALUES for value in getattr(filters, name)]
    for name, value in (("from", request.since), ("to", request.until), ("undated", request.undated)):
        if value is not None:
            pairs.append((name, str(value)))
    for name in ("match", "entity_op", "facet_size", "interval", "group", "sort", "size", "page"):
        if getattr(request, name) != getattr(DEFAULT, name):
            pairs.append((name, str(getattr(request, name))))
    if request.facets != FACETS:
        pairs += [("facet", name) for name in request.facets]
    return pairs


def url(request: SearchRequest, path: str = "/", **more: str) -> str:
    """`path` with the parameters of `request` (and `more`)."""
    pairs = pairs_of(request) + list(more.items())
    return f"{path}?{urlencode(pairs, errors='replace')}" if pairs else path


def article_url(identifier: str) -> str:
    """The page of an article."""
    return "/article/" + quote(identifier, safe="", errors="replace")


def entity_url(identifier: str) -> str:
    """The page of an entity."""
    return "/entity/" + quote(identifier, errors="replace")


def on_page(request: SearchRequest, number: int) -> SearchRequest:
    """The same search, another page of it."""
    return replace(request, page=number)


def add(request: SearchRequest, facet: str, value: str) -> SearchRequest:
    """Ask for `value` as well; if it was excluded, it no longer is."""
    request = remove(request, facet, value)
    return replace(request, filters=_with(request.filters, facet, value))


def exclude(request: SearchRequest, facet: str, value: str) -> SearchRequest:
    """Ask for articles without `value`; if it was asked for, it no longer is."""
    request = remove(request, facet, value)
    return replace(request, exclude=_with(request.exclude, facet, value))


def remove(request: SearchRequest, facet: str, value: str) -> SearchRequest:
    """Neither ask for `value` nor exclude it; an entity also under the parameter `entity`. Goes to page 1."""
    names = ("entity", facet) if facet in ENTITY_FACETS else (facet,)
    filters, excluded = request.filters, request.exclude
    for name in names:
        filters, excluded = _without(filters, name, value), _without(excluded, name, value)
    return replace(request, filters=filters, exclude=excluded, page=1)


def selected(request: SearchRequest, facet: str) -> tuple[str, ...]:
    """The values of a facet that are asked for, an entity's under either parameter."""
    found: tuple[str, ...] = getattr(request.filters, facet)
    if facet in ENTITY_FACETS:
        found += tuple(value for value in request.filters.entity if value.startswith(f"{facet}/"))
    return found


def unfiltered(request: SearchRequest) -> SearchRequest:
    """The same words without any filter or date."""
    return replace(request, filters=Filters(), exclude=Filters(), since=None, until=None, undated=None,
                   entity_op=EntityOp.AND, page=1)


def requery(request: SearchRequest, q: str) -> SearchRequest:
    """The same filters, other words."""
    return replace(request, q=q, page=1)


def sorted_by(request: SearchRequest, sort: Sort) -> SearchRequest:
    """The same search in another order."""
    return replace(request, sort=sort, page=1)


def grouped_by(request: SearchRequest, group: Group) -> SearchRequest:
    """The same search with a hit for every article, or for every story."""
    return replace(request, group=group, page=1)


def between(request: SearchRequest, since: str | None, until: str | None) -> SearchRequest:
    """Only articles of these days; with neither, of any day and of none."""
    undated = request.undated if since or until else None
    return replace(request, since=since, until=until, undated=undated, interval=Interval.AUTO, page=1)


def narrowed(request: SearchRequest, facet: str, value: str) -> SearchRequest:
    """Only `value` of a facet whose values are alternatives, whichever were asked for."""
    return add(replace(request, filters=replace(request.filters, **{facet: ()})), facet, value)


def within(request: SearchRequest, since: str, until: str) -> SearchRequest:
    """Only articles of these days that are among those asked for already."""
    if request.since is not None and _first_day(request.since) >= _first_day(since):
        since = request.since
    if request.until is not None and _last_day(request.until) <= _last_day(until):
        until = request.until
    return between(request, since, until)


def _first_day(value: str) -> str:
    return value[:10] + "-01-01"[{4: 0, 7: 3}.get(len(value), 6):]


def _last_day(value: str) -> str:
    """The last day of a year or month, near enough to compare: February has a 31st here."""
    return value[:10] + "-12-31"[{4: 0, 7: 3}.get(len(value), 6):]


def span(value: str, interval: str) -> tuple[str, str]:
    """The first and last day (or month, or year) of a date bucket: ("2022-05-02", "2022-05-08") for a week."""
    if interval != Interval.WEEK:
        return value, value
    last = min(dt.date.fromisoformat(value).toordinal() + 6, dt.date.max.toordinal())
    return value, dt.date.fromordinal(last).isoformat()


def wider(since: str | None, until: str | None) -> tuple[str, str] | None:
    """The range one step up from a day (its month) or a month (its year); None if there is no such step."""
    if since is None or since != until or len(since) not in (7, 10):
        return None
    return since[:-3], since[:-3]


def every_spelling(request: SearchRequest) -> SearchRequest:
    """The same search for every spelling: no `=` in the query, no `match=exact`, no spelling filtered."""
    q = did_you_mean.every_spelling(request.q)
    filters, excluded = replace(request.filters, spelling=()), replace(request.exclude, spelling=())
    return replace(request, q=q, match=Match.VARIANTS, filters=filters, exclude=excluded, page=1)


def only_as_typed(request: SearchRequest, term: str) -> SearchRequest:
    """The same search with `=` before one term, so that only this spelling of it is found."""
    quoted = f'"{term}"'
    if quoted in request.q:
        q = request.q.replace(quoted, "=" + quoted, 1)
    else:
        exact = f'="{term}"' if re.search(r"[\s-]", term) else f"={term}"
        q = re.sub(rf"(?<![\w=]){re.escape(term)}(?!\w)", lambda _: exact, request.q, count=1)
    return replace(request, q=q, page=1)


def _with(filters: Filters, name: str, value: str) -> Filters:
    return replace(filters, **{name: (*getattr(filters, name), value)})


def _without(filters: Filters, name: str, value: str) -> Filters:
    return replace(filters, **{name: tuple(item for item in getattr(filters, name) if item != value)})


def active(request: SearchRequest) -> list[tuple[str, str, bool]]:
    """Every filter in force, as (facet, value, excluded), in the order of the parameters."""
    found = [(name, value, False) for name in VALUES for value in getattr(request.filters, name)]
    return found + [(name, value, True) for name in VALUES for value in getattr(request.exclude, name)]
