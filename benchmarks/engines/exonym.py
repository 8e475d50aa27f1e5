"""Exonym, asked through its own search layer in four ways.

`Exonym`        what the other engines do too: understand the query, match, count, rank, facets, fetch ten articles.
`ExonymUncached` the same with no cache of decoded postings: everything is read from the memory map at each query.
`ExonymSix`     as the first, with all six facets of the page: the spellings too, which no other engine has.
`ExonymWhole`   Searcher.search: all that the JSON answer holds (snippets, reasons, spellings, stories besides).

Its facets are three lists of entities by type, sources and months, with `missing`, `other` and stories; the benchmark
makes one list of the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.engine import ENTITIES, TOP, Answer, Counts, Query, most
from benchmarks.spool import Document
from index.archive import Archive
from index.folder import DataFolder
from index.writer import Indexer
from search.embedded import EmbeddedExecution
from search.generation import Generation
from search.request import FACETS as SIX
from search.request import NO_FILTERS, Filters, Interval, SearchRequest, Sort
from search.response import Facet
from search.searcher import Search, Searcher

FACETS = ("person", "place", "organisation", "source", "date")


def request(query: Query, facets: tuple[str, ...]) -> SearchRequest:
    """A query as our request."""
    filters = Filters(source=(query.source,)) if query.source else NO_FILTERS
    return SearchRequest(query.q, filters=filters, since=query.since or None, until=query.until or None,
                         facets=facets, facet_size=ENTITIES, interval=Interval.MONTH, size=TOP,
                         sort=Sort.NEWEST if query.newest else Sort.RELEVANCE)


class Exonym:
    """The engine part of a search."""

    name = "Exonym"
    cache: int | None = None
    facet_names = FACETS

    def __init__(self, folder: Path) -> None:
        self.searcher = Searcher(folder) if self.cache is None else Searcher(folder, cache_bytes=self.cache)
        self.segments = len(self.searcher.snapshot().published.generation.views)

    def can(self, query: Query) -> bool:
        return True

    def search(self, query: Query) -> Answer:
        return self._first(self._execution(query, ()))

    def facets(self, query: Query) -> tuple[Answer, dict[str, Facet]]:
        execution = self._execution(query, self.facet_names)
        facets = execution.facets()
        return self._first(execution), facets

    def counts(self, query: Query, given: dict[str, Facet]) -> Counts:
        entities = {bucket.value: bucket for name in FACETS[:3] for bucket in given[name].buckets}
        sources = {bucket.value: bucket for bucket in given["source"].buckets}
        months = {int(bucket.value[:4]) * 12 + int(bucket.value[5:7]) - 1: bucket
                  for bucket in given["date"].buckets if bucket.count}
        shown = Counts(most({value: bucket.count for value, bucket in entities.items()}),
                       most({value: bucket.count for value, bucket in sources.items()}),
                       {month: bucket.count for month, bucket in months.items()})
        stories = Counts({value: entities[value].stories for value in shown.entities},
                         {value: sources[value].stories for value in shown.sources},
                         {month: bucket.stories for month, bucket in months.items()})
        return replace(shown, stories=stories)

    def _execution(self, query: Query, facets: tuple[str, ...]) -> EmbeddedExecution:
        execution = Search(self.searcher.snapshot(), request(query, facets)).execution
        assert isinstance(execution, EmbeddedExecution)
        return execution

    def _first(self, execution: EmbeddedExecution) -> Answer:
        ranked = execution.ranked(TOP)
        found = execution.articles(list(zip(ranked.views.tolist(), ranked.documents.tolist(), strict=True)))
        return Answer(execution.total, [(article.id, article.title, article.text) for article in found
                                     if article is not None])

    def close(self) -> None:
        self.searcher.close()


class ExonymUncached(Exonym):
    """The engine part, nothing kept from one query to the next."""

    name = "Exonym, no cache"
    cache = 0


class ExonymSix(Exonym):
    """The engine part with all six facets."""

    name = "Exonym, six facets"
    facet_names = SIX


class ExonymWhole(Exonym):
    """The whole answer."""

    name = "Exonym, whole answer"

    def search(self, query: Query) -> Answer:
        response = self.searcher.search(request(query, ()))
        return Answer(response.total, [(hit.id, hit.title, "") for hit in response.hits])

    def facets(self, query: Query) -> tuple[Answer, dict[str, Facet]]:
        response = self.searcher.search(request(query, SIX))
        answer = Answer(response.total, [(hit.id, hit.title, "") for hit in response.hits])
        return answer, response.facets


def stories(folder: Path, generation: Generation) -> dict[str, int]:
    """The articles that share their story with others: id → number of the story, from 1."""
    archive = Archive(DataFolder(folder).archive)
    try:
        ids = archive.indexed(generation.manifest.position)
    finally:
        archive.close()
    return {ids[number]: story for view in generation.views for number, story in
            zip(view.segment["numbers"][view.story > 0].tolist(), view.story[view.story > 0].tolist(), strict=True)}


class Writer:
    """Archive, analysis, segments, publication: all that `exonym index` does once a file is read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._archive, self._indexer = Archive(DataFolder(folder).archive), Indexer(folder)

    def add(self, batch: Sequence[Document]) -> None:
        self._archive.put(document.article() for document in batch)

    def close(self) -> None:
        self._indexer.catch_up()

    def update(self, batch: Sequence[Document]) -> None:
        """New versions of articles, published."""
        self.add(batch)
        self.close()
