"""Stock Whoosh: its own searcher, queries, collectors and facets, over Exonym's segments.

The codec of `index.codec` serves the words. What stock facets and filters read besides (postings of entities, sources
and days; columns of sources, months and days) is served from our arrays by the classes here, from memory: Whoosh is
spared its own decoding of these. Entities need `allow_overlap`, for which Whoosh walks all postings of the field at
each query.

Printed forms are no terms of that index, so exact forms and prefixes cannot be asked.
`StockWriter` is Whoosh's own writer with the same words, for the speed of indexing alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import columns, fields, index, query, reading, sorting
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.matching import ListMatcher
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from benchmarks.engine import TOP, Answer, Counts, Query, most
from benchmarks.spool import Document
from index.archive import Archive
from index.codec import ArrayCodec, ArrayDocuments, ArraySegment, ArrayTerms, _Nowhere
from index.folder import DataFolder
from index.manifest import read_manifest
from index.schema import CONTENT, schema
from index.segment import NAME_SIGN
from search.generation import Generation, View


class SideFields:
    """Entities, sources and days of a view as sorted terms with their articles, months and sources as columns."""

    def __init__(self, view: View) -> None:
        segment = view.segment
        days = np.datetime_as_string(segment["days"].astype("datetime64[D]"))
        self.columns = {"source": [segment.sources[i].encode() for i in segment["source"].tolist()],
                        "month": [day[:7].encode() for day in days.tolist()],
                        "day": [day.encode() for day in days.tolist()]}
        self.terms: dict[str, list[tuple[bytes, list[int]]]] = {
            "entity": sorted((id.encode(), segment.entity_documents(number).tolist())
                             for number, (id, _) in enumerate(segment.entities)),
            "source": _inverted(self.columns["source"]), "day": _inverted(self.columns["day"])}


def _inverted(values: Sequence[bytes]) -> list[tuple[bytes, list[int]]]:
    found: dict[bytes, list[int]] = {}
    for document, value in enumerate(values):
        found.setdefault(value, []).append(document)
    return sorted(found.items())


class SideSegment(ArraySegment):
    """A segment with its side fields."""

    def __init__(self, view: View) -> None:
        super().__init__(view.segment, np.ones(view.docs, np.bool_) if view.live is None else view.live)
        self.side = SideFields(view)

    def codec(self) -> ArrayCodec:
        return SideCodec()


class SideCodec(ArrayCodec):
    """The product's codec with side fields."""

    def terms_reader(self, storage: Any, segment: Any) -> ArrayTerms:
        return SideTerms(segment)

    def per_document_reader(self, storage: Any, segment: Any) -> ArrayDocuments:
        return SideDocuments(segment)


class SideTerms(ArrayTerms):
    """Postings of the side fields."""

    def __init__(self, segment: SideSegment) -> None:
        super().__init__(segment.arrays)
        self._side = segment.side.terms

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return super().__contains__(term) if term[0] == CONTENT else self._documents(*term) is not None

    def indexed_field_names(self) -> list[str]:
        return [CONTENT, *self._side]

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        if fieldname == CONTENT:
            return super().terms_from(fieldname, prefix)
        rows = self._side[fieldname]
        return ((fieldname, text) for text, _ in rows[bisect_left(rows, (prefix,)):])

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        if fieldname == CONTENT:
            return super().doc_frequency(fieldname, text)
        return len(self._documents(fieldname, text) or ())

    def term_info(self, fieldname: str, text: bytes) -> reading.TermInfo:
        if fieldname == CONTENT:
            return super().term_info(fieldname, text)
        documents = self._documents(fieldname, text)
        if documents is None:
            raise KeyError(text)
        return reading.TermInfo(len(documents), len(documents), 1, 1, 1.0, documents[0], documents[-1])

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        if fieldname == CONTENT:
            return super().matcher(fieldname, text, format_, scorer)
        return ListMatcher(self._documents(fieldname, text), format=format_, term=(fieldname, text))

    def _documents(self, fieldname: str, text: bytes) -> list[int] | None:
        rows = self._side[fieldname]
        at = bisect_left(rows, (text,))
        return rows[at][1] if at < len(rows) and rows[at][0] == text else None


class _Column(columns.ColumnReader):  # type: ignore[misc]
    def __init__(self, values: list[bytes]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._values)

    def __getitem__(self, docnum: int) -> bytes:
        return self._values[docnum]


class SideDocuments(ArrayDocuments):
    """Columns of source and month."""

    def __init__(self, segment: SideSegment) -> None:
        super().__init__(segment)
        self._columns = segment.side.columns

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._columns

    def column_reader(self, fieldname: str, column: Any) -> _Column:
        return _Column(self._columns[fieldname])


class StockWhoosh:
    """The stock searcher with BM25F and the stock facets."""

    name = "stock Whoosh"

    def __init__(self, folder: Path) -> None:
        data = DataFolder(folder)
        self._archive = Archive(data.archive)
        views = Generation(data.index, read_manifest(data.index)).views
        whole = schema()
        whole.add("entity", fields.ID())
        whole.add("day", fields.ID(sortable=True))
        whole.add("source", fields.ID(sortable=True))
        whole.add("month", fields.ID(sortable=True))
        readers = [reading.SegmentReader(_Nowhere(), whole, SideSegment(view)) for view in views]
        self.segments = len(readers)
        reader = readers[0] if len(readers) == 1 else reading.MultiReader(readers)
        self._searcher = Searcher(reader, weighting=BM25F(B=0.75, K1=1.2))

    @cached_property
    def _facets(self) -> sorting.Facets:
        return (sorting.Facets().add_field("entity", allow_overlap=True, maptype=sorting.Count)
                .add_field("source", maptype=sorting.Count).add_field("month", maptype=sorting.Count))

    def can(self, query: Query) -> bool:
        return query.field != "forms"

    def search(self, query: Query) -> Answer:
        return self._first(self._searcher.search(_query(query), limit=TOP, filter=_filter(query), **_order(query)))

    def facets(self, query: Query) -> tuple[Answer, list[dict[str, int]]]:
        found = self._searcher.search(_query(query), limit=TOP, filter=_filter(query), groupedby=self._facets,
                                      **_order(query))
        return self._first(found), [found.groups(name) for name in ("entity", "source", "month")]

    def counts(self, query: Query, given: list[dict[str, int]]) -> Counts:
        entities, sources, months = given
        return Counts(
            most({entity: count for entity, count in entities.items() if entity is not None}), most(sources),
            {int(month[:4]) * 12 + int(month[5:7]) - 1: count for month, count in months.items()})

    def _first(self, found: Any) -> Answer:
        numbers = [hit["number"] for hit in found[:TOP]]
        articles = self._archive.versions(numbers)
        return Answer(len(found), [(a.id, a.title, a.text) for a in (articles[number] for number in numbers)])

    def close(self) -> None:
        self._searcher.close()
        self._archive.close()


def _query(asked: Query) -> query.Query:
    words = [NAME_SIGN + word if asked.field == "names" else word for word in asked.words]
    terms = [query.Term(CONTENT, word) for word in words]
    if asked.operator == "phrase":
        return query.Phrase(CONTENT, words)
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


class StockWriter:
    """Whoosh's own codec and writer: words with positions, names, entities, source and date, the article stored."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        words = SpaceSeparatedTokenizer()
        self._writer = index.create_in(str(folder), fields.Schema(
            id=fields.ID(stored=True, unique=True), terms=fields.TEXT(analyzer=words),
            forms=fields.TEXT(analyzer=words), names=fields.KEYWORD(), entities=fields.KEYWORD(),
            source=fields.ID(sortable=True), month=fields.ID(sortable=True), day=fields.ID(),
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
