"""Stock Whoosh: its own codec, writer, searcher, collectors and facets; nothing of Exonym's.

Entities are counted with `allow_overlap`, as a field of several values must be, for which Whoosh walks all postings of
the field at each query. Where a source is chosen, the sources are counted by a second search without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.scoring import BM25F

from benchmarks.engine import TOP, Answer, Counts, Query, most
from benchmarks.spool import Document


class StockWhoosh:
    """The stock searcher with BM25F and the stock facets."""

    name = "stock Whoosh"

    def __init__(self, folder: Path) -> None:
        self._index = index.open_dir(str(folder))
        self._searcher = self._index.searcher(weighting=BM25F(B=0.75, K1=1.2))
        self.segments = len(self._searcher.reader().leaf_readers())

    @cached_property
    def _sources(self) -> sorting.Facets:
        return sorting.Facets().add_field("source", maptype=sorting.Count)

    @cached_property
    def _others(self) -> sorting.Facets:
        return (sorting.Facets().add_field("entities", allow_overlap=True, maptype=sorting.Count)
                .add_field("month", maptype=sorting.Count))

    @cached_property
    def _facets(self) -> sorting.Facets:
        return sorting.Facets().add_facets(self._others).add_facets(self._sources)

    def can(self, query: Query) -> bool:
        return True

    def search(self, query: Query) -> Answer:
        return _first(self._searcher.search(_query(query), limit=TOP, filter=_filter(query), **_order(query)))

    def facets(self, query: Query) -> tuple[Answer, list[dict[str, int]]]:
        found = self._searcher.search(_query(query), limit=TOP, filter=_filter(query),
                                      groupedby=self._others if query.source else self._facets, **_order(query))
        sources = found if not query.source else self._searcher.search(
            _query(query), scored=False, filter=_filter(replace(query, source="")), groupedby=self._sources)
        return _first(found), [found.groups("entities"), sources.groups("source"), found.groups("month")]

    def counts(self, query: Query, given: list[dict[str, int]]) -> Counts:
        entities, sources, months = given
        return Counts(
            most({entity: count for entity, count in entities.items() if entity is not None}), most(sources),
            {int(month[:4]) * 12 + int(month[5:7]) - 1: count for month, count in months.items() if month})

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


def _first(found: Any) -> Answer:
    return Answer(len(found), [(hit["id"], hit["title"], hit["text"]) for hit in found[:TOP]])


def _query(asked: Query) -> query.Query:
    words = list(asked.words)
    if asked.operator == "phrase":
        return query.Phrase(asked.field, words)
    if asked.operator == "prefix":
        return query.Prefix(asked.field, words[0])
    terms = [query.Term(asked.field, word) for word in words]
    if len(terms) == 1:
        return terms[0]
    return query.And(terms) if asked.operator == "all" else query.Or(terms)


def _order(asked: Query) -> dict[str, object]:
    return {"sortedby": sorting.FieldFacet("day", reverse=True)} if asked.newest else {}


def _filter(asked: Query) -> query.Query | None:
    parts: list[query.Query] = []
    if asked.source:
        parts.append(query.Term("source", asked.source))
    if asked.since:
        parts.append(query.TermRange("day", asked.since, asked.until))
    return query.And(parts) if parts else None


class Writer:
    """Words with positions, names, entities, source and date, the article stored."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        words = SpaceSeparatedTokenizer()
        self._writer = index.create_in(str(folder), fields.Schema(
            id=fields.ID(stored=True, unique=True), terms=fields.TEXT(analyzer=words),
            forms=fields.TEXT(analyzer=words), names=fields.KEYWORD(), entities=fields.KEYWORD(),
            source=fields.ID(sortable=True), month=fields.ID(sortable=True), day=fields.ID(sortable=True),
            title=fields.STORED(), text=fields.STORED(),
        )).writer(limitmb=512)

    def add(self, batch: Sequence[Document]) -> None:
        for document in batch:
            self._writer.add_document(
                id=document.id, terms=document.terms, forms=document.forms, names=document.names,
                entities=document.entities, source=document.source, month=document.day[:7], day=document.day,
                title=document.title, text=document.text)

    def close(self) -> None:
        self._writer.commit()
