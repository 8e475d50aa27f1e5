"""The page of an entity, before any HTML: who prints which spelling, when, with whom it is named; each count a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.names.model import Spelling
from search.display import exact_key
from search.request import Interval, SearchRequest
from search.response import Bucket, Facet
from search.usage import SpellingUse, Usage
from service import links
from service.presenting import BARS_LIMIT, Bar, bucket_words

COLUMNS = 8                 # spellings told apart on the page; the API gives more
OUTLETS = 20
COMPANY = 8                 # entities of each type named with this one
LANGUAGES = {"en": "In Latin letters", "uk": "Ukrainian", "ru": "Russian", "be": "Belarusian", "pl": "Polish",
             "crh": "Crimean Tatar", "ka": "Georgian", "hu": "Hungarian", "zh": "Chinese", "ro": "Romanian",
             "ps": "Pashto", "kk": "Kazakh", "hy": "Armenian", "de": "German", "el": "Greek"}
INFLECTED = "Other forms printed"
COMPANY_TITLES = {"person": "People", "place": "Places", "organisation": "Organisations"}


@dataclass(frozen=True, slots=True)
class Count:
    """A number with a name, and the search that gives exactly these articles."""

    label: str
    articles: int
    url: str
    page: str | None = None        # of an entity: its own page


@dataclass(frozen=True, slots=True)
class Outlet:
    """A row of the table: an outlet and how many of its articles print each spelling (None: none)."""

    whole: Count
    cells: tuple[Count | None, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One spelling over time; bars as high as its articles of the most that any spelling has in one bucket."""

    whole: Count
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The spellings of one language: those printed with their counts, the most printed first, and the others."""

    language: str
    printed: tuple[Count, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    every: SearchRequest                    # the search for all articles that name the entity
    spellings: tuple[Count, ...]            # the columns of the table
    outlets: tuple[Outlet, ...]
    outlets_left: int
    strips: tuple[Strip, ...]
    dates: tuple[Outlet, ...]               # the strips as a table
    known: tuple[Known, ...]
    company: tuple[tuple[str, tuple[Count, ...]], ...]


def portrait(found: Usage, within: SearchRequest, listed: Sequence[Spelling]) -> Portrait:
    """What there is to show of `found`, which was counted `within` a search; `listed`: the names files' spellings."""
    kind = found.entity.type
    every = links.add(replace(within, interval=Interval.AUTO), kind, found.entity.id)
    spellings = tuple(_of_spelling(every, use.spelling, use.articles) for use in found.spellings)
    dates = _dates(found)
    return Portrait(every, spellings, _outlets(found, every), max(0, len(found.sources.buckets) - OUTLETS),
                    _strips(found, every, dates), _moments(found, every, dates), _known(found, every, listed),
                    _company(found, every))


def _of_spelling(every: SearchRequest, spelling: str, articles: int) -> Count:
    return Count(spelling, articles, links.url(links.add(every, "spelling", spelling)))


def _cell(every: SearchRequest, use: SpellingUse, buckets: Iterable[Bucket], value: str) -> Count | None:
    """How many articles print a spelling in the bucket `value`; `every`: the search for that bucket."""
    count = next((bucket.count for bucket in buckets if bucket.value == value), 0)
    return _of_spelling(every, use.spelling, count) if count else None


def _outlets(found: Usage, every: SearchRequest) -> tuple[Outlet, ...]:
    rows = []
    for bucket in found.sources.buckets[:OUTLETS]:
        of_outlet = links.narrowed(every, "source", bucket.value)
        cells = tuple(_cell(of_outlet, use, use.sources, bucket.value) for use in found.spellings)
        rows.append(Outlet(Count(bucket.label, bucket.count, links.url(of_outlet)), cells))
    return tuple(rows)


def _dates(found: Usage) -> Sequence[Bucket]:
    """The buckets of the time axis; none if there are too many to be drawn, or only one."""
    buckets = found.dates.buckets
    return buckets if 1 < len(buckets) <= BARS_LIMIT else ()


def _strips(found: Usage, every: SearchRequest, dates: Sequence[Bucket]) -> tuple[Strip, ...]:
    highest = max((bucket.count for use in found.spellings for bucket in use.dates), default=0)
    return tuple(Strip(_of_spelling(every, use.spelling, use.articles), _bars(found, every, use, dates, highest))
                 for use in found.spellings if use.dates and dates)


def _bars(found: Usage, every: SearchRequest, use: SpellingUse, dates: Sequence[Bucket], highest: int
          ) -> tuple[Bar, ...]:
    counts = {bucket.value: bucket.count for bucket in use.dates}
    printed = links.add(every, "spelling", use.spelling)
    interval = str(found.dates.interval)
    return tuple(Bar(bucket_words(bucket.value, interval), counts.get(bucket.value, 0),
                     round(100 * counts.get(bucket.value, 0) / highest, 1),
                     links.url(links.within(printed, *links.span(bucket.value, interval)))) for bucket in dates)


def _moments(found: Usage, every: SearchRequest, dates: Sequence[Bucket]) -> tuple[Outlet, ...]:
    interval = str(found.dates.interval)
    rows = []
    for bucket in dates:
        if bucket.count:
            then = links.within(every, *links.span(bucket.value, interval))
            cells = tuple(_cell(then, use, use.dates, bucket.value) for use in found.spellings)
            rows.append(Outlet(Count(bucket_words(bucket.value, interval), bucket.count, links.url(then)), cells))
    return tuple(rows)


def _known(found: Usage, every: SearchRequest, listed: Sequence[Spelling]) -> tuple[Known, ...]:
    counts = {exact_key(bucket.value): bucket for bucket in found.printed.buckets}
    by_language: dict[str, dict[str, str]] = {}
    for spelling in listed:
        by_language.setdefault(spelling.language, {}).setdefault(exact_key(spelling.form), spelling.form)
    rows = [_language(LANGUAGES.get(language, language), forms, counts, every)
            for language, forms in sorted(by_language.items(), key=lambda item: _place(item[0]))]
    rest = {key: bucket.value for key, bucket in counts.items()
            if not any(key in forms for forms in by_language.values())}
    return (*rows, _language(INFLECTED, rest, counts, every)) if rest else tuple(rows)


def _place(language: str) -> tuple[int, str]:
    order = list(LANGUAGES)
    return (order.index(language) if language in order else len(order), language)


def _language(title: str, forms: dict[str, str], counts: dict[str, Bucket], every: SearchRequest) -> Known:
    printed = sorted((key for key in forms if key in counts), key=lambda key: (-counts[key].count, forms[key]))
    return Known(title, tuple(_of_spelling(every, counts[key].value, counts[key].count) for key in printed),
                 tuple(form for key, form in forms.items() if key not in counts))


def _company(found: Usage, every: SearchRequest) -> tuple[tuple[str, tuple[Count, ...]], ...]:
    return tuple((title, _members(found.together[kind], kind, every)) for kind, title in COMPANY_TITLES.items()
                 if found.together[kind].buckets)


def _members(facet: Facet, kind: str, every: SearchRequest) -> tuple[Count, ...]:
    return tuple(Count(bucket.label, bucket.count, links.url(links.add(every, kind, bucket.value)),
                       links.entity_url(bucket.value)) for bucket in facet.buckets[:COMPANY])

