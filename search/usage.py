"""Usage: how an entity is printed, by whom and when, and with whom it appears; counted by searches alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from search.request import Interval, SearchRequest
from search.response import Bucket, Buckets, EntityRef, Facet, IndexState, SearchResponse
from search.searcher import Searcher

TYPES = ("person", "place", "organisation")
ALL = 10_000                # buckets of a facet that is wanted whole
TRIES = 3


@dataclass(frozen=True, slots=True)
class SpellingUse:
    """One printed spelling: its articles and stories, the articles by outlet (most first) and by date (by time).

    Buckets without articles are left out. `no_source` and `undated`: articles in no bucket.
    """

    spelling: str
    articles: int
    stories: int
    sources: Sequence[Bucket]
    no_source: int
    dates: Sequence[Bucket]
    undated: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How an entity is printed in the articles that a search finds.

    `missing`: articles of which no printed spelling is known (the entity is in no names file). `other`: articles
    all of whose spellings are beyond those given. An article that prints two spellings counts for both.
    """

    entity: EntityRef
    articles: int
    stories: int
    spellings: tuple[SpellingUse, ...]
    other: int
    missing: int
    printed: Facet                      # every printed spelling
    sources: Facet
    dates: Facet
    together: Mapping[str, Facet]       # type → the entities that are named in the same articles, itself left out
    index: IndexState


def usage(searcher: Searcher, id: str, within: SearchRequest, most: int) -> Usage | None:
    """How the entity `id` is printed in what `within` finds, its `most` printed spellings one by one.

    None if neither names files nor index know it. A count is what the same search with this entity, spelling and
    outlet or date finds. Counted anew if the index was published anew meanwhile, so that counts fit one another.
    """
    for _ in range(TRIES):
        found, states = _count(searcher, id, within, most)
        if found is None or len(states) == 1:
            break
    return found


def _count(searcher: Searcher, id: str, within: SearchRequest, most: int) -> tuple[Usage | None, set[IndexState]]:
    kind = id.partition("/")[0]
    if kind not in TYPES:
        return None, set()
    filters = replace(within.filters, entity=(*within.filters.entity, id))
    asked = replace(within, filters=filters, page=1, size=1)
    whole = searcher.search(replace(asked, facets=(*TYPES, "source", "date", "spelling"), facet_size=ALL))
    snapshot = searcher.snapshot()
    if not whole.total and snapshot.names.entity(id) is None and not _known(searcher, id):
        return None, set()
    answers = [(bucket, searcher.search(_of_spelling(asked, bucket.value, whole)))
               for bucket in whole.facets["spelling"].buckets[:most]]
    shown = {answer.index for _, answer in answers} | {whole.index}
    made = Usage(
        EntityRef(id, snapshot.display.entity(id), kind), whole.total, whole.stories,
        tuple(_use(bucket.value, answer, within) for bucket, answer in answers),
        _beyond(searcher, asked, whole, most), whole.facets["spelling"].missing, whole.facets["spelling"],
        _asked_for(whole.facets["source"], within), whole.facets["date"],
        {name: _without(whole.facets[name], id) for name in TYPES}, whole.index)
    return made, shown


def _known(searcher: Searcher, id: str) -> bool:
    """Whether any article mentions the entity."""
    every = SearchRequest(facets=(), size=1)
    return searcher.search(replace(every, filters=replace(every.filters, entity=(id,)))).total > 0


def _of_spelling(asked: SearchRequest, spelling: str, whole: SearchResponse) -> SearchRequest:
    """The search for one spelling, its dates in the buckets of the whole."""
    filters = replace(asked.filters, spelling=(spelling,))
    interval = Interval(whole.facets["date"].interval or asked.interval)
    return replace(asked, filters=filters, facets=("source", "date"), facet_size=ALL, interval=interval)


def _beyond(searcher: Searcher, asked: SearchRequest, whole: SearchResponse, most: int) -> int:
    """How many articles print only spellings that are not shown."""
    if len(whole.facets["spelling"].buckets) <= most:
        return 0
    return searcher.search(replace(asked, facets=("spelling",), facet_size=most)).facets["spelling"].other


def _use(spelling: str, answer: SearchResponse, within: SearchRequest) -> SpellingUse:
    source, date = _asked_for(answer.facets["source"], within), answer.facets["date"]
    return SpellingUse(spelling, answer.total, answer.stories, source.buckets, source.missing,
                       tuple(bucket for bucket in date.buckets if bucket.count), date.missing)


def _asked_for(source: Facet, within: SearchRequest) -> Facet:
    """The outlets that `within` asks for: the facet itself leaves its own filter out."""
    if not within.filters.source:
        return source
    buckets = Buckets.of(bucket for bucket in source.buckets if bucket.selected)
    return Facet(sum(buckets.counts), 0, 0, buckets)


def _without(facet: Facet, id: str) -> Facet:
    return replace(facet, buckets=Buckets.of(bucket for bucket in facet.buckets if bucket.value != id))
