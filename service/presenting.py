"""What the search page shows, in its words and links: made of a request and its response, before any HTML."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.article import Article
from search.request import Group, Interval, Match, SearchRequest, Sort, Undated
from search.response import Bucket, Expansion, Facet, Hit, Matched, SearchResponse
from service import links

FACET_TITLES = {"person": "People", "place": "Places", "organisation": "Organisations", "source": "Outlets",
                "date": "Dates", "spelling": "Spellings printed", "language": "Languages"}
ONE = {"entity": "named", "person": "person", "place": "place", "organisation": "organisation", "source": "outlet",
       "language": "language", "spelling": "spelling"}
SORTS = {Sort.RELEVANCE: "best match", Sort.NEWEST: "newest", Sort.OLDEST: "oldest"}
MORE = 50                   # buckets after a click on "more"
SPELLINGS_SHOWN = 8
BARS_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force and the search without it; of an entity also its page."""

    kind: str
    label: str
    excluded: bool
    without: SearchRequest
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A bucket with its links; `add` is None where there is nothing to add."""

    label: str
    count: int
    selected: bool
    toggle: str
    exclude: str | None


@dataclass(frozen=True, slots=True)
class FacetView:
    name: str
    title: str
    rows: tuple[Row, ...]
    more: str | None               # the facet's own page


@dataclass(frozen=True, slots=True)
class Bar:
    """A date bucket; `height` from 0 to 100."""

    label: str
    count: int
    height: float
    url: str


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: tuple[Bar, ...]
    interval: str
    undated: int
    undated_url: str
    wider: tuple[str, str] | None  # label and link of the range one step up
    all_time: str | None


@dataclass(frozen=True, slots=True)
class SpellingLink:
    spelling: str
    articles: int
    without: str


@dataclass(frozen=True, slots=True)
class AlsoSearched:
    """The line under the form: what a term was taken to mean, and the way out."""

    term: str
    label: str
    page: str | None               # of the entity
    how: str
    spellings: tuple[SpellingLink, ...]
    rest: tuple[SpellingLink, ...]
    only: str | None               # the search for this spelling alone


@dataclass(frozen=True, slots=True)
class PageLink:
    number: int | None             # None: a gap
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """In words why a hit matched: one term, the spellings printed, how they are related."""

    term: str
    printed: tuple[str, ...]
    how: str


def number(value: int, between: str = "\N{NARROW NO-BREAK SPACE}") -> str:
    """An integer with thin spaces (or `between`) between thousands."""
    return f"{value:,}".replace(",", between)


def counted(value: int, noun: str, between: str = "\N{NARROW NO-BREAK SPACE}") -> str:
    """A number with its noun: 1 article, 2 articles, 3 stories."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number(value, between)} {noun if value == 1 else plural}"


def labels(response: SearchResponse) -> dict[str, str]:
    """The label of every entity that the answer mentions."""
    found = {entity.id: entity.label for hit in response.hits for entity in hit.entities}
    found |= {item.entity: item.label for item in response.expansions if item.entity is not None}
    return found | {bucket.value: bucket.label for facet in response.facets.values() for bucket in facet.buckets}


def label_of(value: str, known: dict[str, str]) -> str:
    """The label of a filter's value; of an entity that the answer does not mention, made from its id."""
    if value in known:
        return known[value]
    kind, slash, slug = value.partition("/")
    return slug.replace("-", " ").title() if slash and kind in links.ENTITY_FACETS else value


def chips(request: SearchRequest, response: SearchResponse | None) -> list[Chip]:
    """Everything that narrows the search, each with the link that drops it."""
    known = labels(response) if response is not None else {}
    found = [Chip(ONE[name], label_of(value, known), excluded, links.remove(request, name, value),
                  links.entity_url(value) if name in (*links.ENTITY_FACETS, "entity") else None)
             for name, value, excluded in links.active(request)]
    if request.since is not None or request.until is not None:
        found.append(Chip("dates", range_words(request), False, links.between(request, None, None)))
    if request.undated is not None:
        found.append(Chip("undated", {"include": "too", "exclude": "left out", "only": "only"}[request.undated], False,
                          replace(request, undated=None, page=1)))
    if request.match is Match.EXACT:
        found.append(Chip("spelling", "only as typed", False, replace(request, match=Match.VARIANTS, page=1)))
    return found


def range_words(request: SearchRequest) -> str:
    """The dates asked for, in words."""
    if request.since == request.until and request.since is not None:
        return date_words(request.since)
    parts = [f"from {date_words(request.since)}" if request.since else "",
             f"to {date_words(request.until)}" if request.until else ""]
    return " ".join(part for part in parts if part)


def date_words(value: str | None) -> str:
    """A date for readers: 18 May 2023, May 2023, 2023; a date-time by its day."""
    if value is None:
        return "undated"
    try:
        if len(value) == 7:
            return dt.date.fromisoformat(f"{value}-01").strftime("%B ") + value[:4]
        day = dt.date.fromisoformat(value[:10])
    except ValueError:
        return value
    return f"{day.day} {day.strftime('%B')} {value[:4]}"


def feed_time(hits: Sequence[Hit]) -> str:
    """The newest date among `hits` as RFC 3339 has it; of undated ones, the beginning of 1970."""
    days = [hit.date for hit in hits if hit.date is not None]
    moments = [min(max(Article("", date=day).moment or 0, _FIRST), _LAST) for day in days]
    newest = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=max(moments, default=0))
    return newest.strftime(f"{newest.year:04}-%m-%dT%H:%M:%SZ")


_FIRST, _LAST = -62_135_596_800, 253_402_300_799        # the first and the last second that a datetime holds


def facet_view(request: SearchRequest, name: str, facet: Facet) -> FacetView:
    """A facet with the links that add, drop and exclude its values."""
    rows = tuple(_row(request, name, bucket) for bucket in facet.buckets)
    hidden = facet.other > 0 or len(facet.buckets) >= request.facet_size
    return FacetView(name, FACET_TITLES[name], rows, links.url(request, f"/facet/{name}") if hidden else None)


def _row(request: SearchRequest, name: str, bucket: Bucket) -> Row:
    selected = bucket.selected or bucket.value in links.selected(request, name)
    toggled = (links.remove if selected else links.add)(request, name, bucket.value)
    count = bucket.stories if request.group is Group.STORY else bucket.count
    excluded = None if selected else links.url(links.exclude(request, name, bucket.value))
    return Row(bucket.label, count, selected, links.url(toggled), excluded)


def facet_views(request: SearchRequest, response: SearchResponse) -> list[FacetView]:
    """Every facet of the answer but dates, in the order asked for; one without values is left out."""
    found = [facet_view(request, name, response.facets[name])
             for name in request.facets if name in response.facets and name != "date"]
    return [view for view in found if view.rows]


def timeline(request: SearchRequest, facet: Facet) -> Timeline | None:
    """The dates as bars, each a link to its own stretch of time; None if there is nothing to show."""
    interval = facet.interval or Interval.MONTH
    counts = [bucket.stories if request.group is Group.STORY else bucket.count for bucket in facet.buckets]
    if not counts or not any(counts) or len(counts) > BARS_LIMIT:
        return None
    highest = max(counts)
    bars = tuple(Bar(bucket_words(bucket.value, interval), count, round(100 * count / highest, 1),
                     links.url(links.between(request, *links.span(bucket.value, interval))))
                 for bucket, count in zip(facet.buckets, counts, strict=True))
    step = links.wider(request.since, request.until)
    dated = request.since is not None or request.until is not None
    return Timeline(bars, interval, facet.missing, links.url(_undated(request)),
                    (date_words(step[0]), links.url(links.between(request, *step))) if step else None,
                    links.url(links.between(request, None, None)) if dated else None)


def _undated(request: SearchRequest) -> SearchRequest:
    return replace(links.between(request, None, None), undated=Undated.ONLY)


def bucket_words(value: str, interval: str) -> str:
    """A date bucket for readers."""
    if interval == Interval.WEEK:
        return f"week of {date_words(value)}"
    return date_words(value) if len(value) > 4 else value


def also_searched(request: SearchRequest, expansion: Expansion) -> AlsoSearched:
    """An expansion with its ways out: without one spelling, or this spelling only."""
    found = tuple(SpellingLink(item.spelling, item.articles,
                               links.url(links.exclude(request, "spelling", item.spelling)))
                  for item in expansion.spellings if item.articles > 0)
    only = links.only_as_typed(request, expansion.term)
    page = links.entity_url(expansion.entity) if expansion.entity is not None else None
    return AlsoSearched(expansion.term, expansion.label, page, expansion.how, found[:SPELLINGS_SHOWN],
                        found[SPELLINGS_SHOWN:], links.url(only) if only.q != request.q else None)


def reasons(hit: Hit) -> list[Reason]:
    """Why a hit matched, one line for each term and relation, in the order found; plain matches last."""
    def key(item: Matched) -> tuple[str, str]:
        return item.term, item.how

    found = [Reason(term, tuple(dict.fromkeys(item.spelling for item in group)), how)
             for (term, how), group in itertools.groupby(sorted(hit.matched, key=key), key)]
    return sorted(found, key=lambda reason: reason.how == "as typed")


def pager(request: SearchRequest, response: SearchResponse) -> list[PageLink]:
    """Links to the first, the last and the neighbouring pages; gaps where pages are left out."""
    pages, here = response.page.pages, response.page.number
    if pages <= 1 and here <= 1:
        return []
    wanted = sorted({1, pages, *range(max(1, here - 2), min(pages, here + 2) + 1)} - {0})
    return list(_with_gaps(request, wanted, here))


def _with_gaps(request: SearchRequest, wanted: list[int], here: int) -> Iterator[PageLink]:
    before = 0
    for number_ in wanted:
        if number_ - before > 1:
            yield PageLink(None, "")
        yield PageLink(number_, links.url(links.on_page(request, number_)), number_ == here)
        before = number_


def web_address(url: str | None) -> str | None:
    """`url` if it is one that a page may link to: http or https."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else None


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs of a text stand: (start, end) of each run of lines between line breaks."""
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            begin = start + line.index(stripped[0])
            found.append((begin, begin + len(stripped)))
        start += len(line)
    return found
