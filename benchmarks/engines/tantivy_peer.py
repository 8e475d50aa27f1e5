"""Tantivy through its Python package: fast fields for source, month, date and entities, aggregations for facets.

All matches are counted, as everywhere; those of a single word the index knows, so Tantivy need not count them and may
skip blocks. Aggregations run the query a second time: the package offers no way to collect both at once. Where a source
is chosen, the sources are counted by a third search without it, since a facet of alternatives shows what the others
would give. Its merge policy is its own; how many segments that leaves is printed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.engine import ENTITIES, TOP, Answer, Counts, Query
from benchmarks.spool import Document

_EXACT = 1 << 20
"""Entities counted in each segment: with Tantivy's own 10 * size, counts over several segments are estimates."""
_SOURCES = {"sources": {"terms": {"field": "source", "size": ENTITIES}}}
_OTHERS = {
    "entities": {"terms": {"field": "entities", "size": ENTITIES, "segment_size": _EXACT}},
    "months": {"histogram": {"field": "month", "interval": 1.0, "min_doc_count": 1}},
}


def schema() -> tantivy.Schema:
    """Positions in terms and forms (phrases, also exact ones), none elsewhere."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("terms", tokenizer_name="words", index_option="position")
    builder.add_text_field("forms", tokenizer_name="words", index_option="position")
    builder.add_text_field("names", tokenizer_name="words", index_option="freq")
    builder.add_text_field("entities", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("date", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("month", fast=True)
    builder.add_bytes_field("text", stored=True)
    return builder.build()


def open_index(folder: Path) -> tantivy.Index:
    """The index in a folder, made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(schema(), str(folder))
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


class Tantivy:
    """Search and aggregations."""

    name = "Tantivy"

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder)
        self._schema, self._searcher = self._index.schema, self._index.searcher()
        self.segments = self._searcher.num_segments
        segments = json.loads((folder / "meta.json").read_text("utf-8"))["segments"]
        self._deleted = any(segment["deletes"] for segment in segments)

    def can(self, query: Query) -> bool:
        return True

    def search(self, query: Query) -> Answer:
        return self._first(self._query(query), query)

    def facets(self, query: Query) -> tuple[Answer, dict[str, Any]]:
        asked = self._query(query)
        first = self._first(asked, query)
        if not query.source:
            return first, self._searcher.aggregate(asked, _OTHERS | _SOURCES)
        every_source = self._query(replace(query, source=""))
        return first, self._searcher.aggregate(asked, _OTHERS) | self._searcher.aggregate(every_source, _SOURCES)

    def counts(self, query: Query, given: dict[str, Any]) -> Counts:
        return Counts(*({row["key"]: row["doc_count"] for row in given[name]["buckets"]}
                        for name in ("entities", "sources")),
                      {int(row["key"]): row["doc_count"] for row in given["months"]["buckets"]})

    def _first(self, asked: tantivy.Query, query: Query) -> Answer:
        known = self._known(query)
        found = self._searcher.search(asked, TOP, count=known is None, order_by_field="date" if query.newest else None)
        documents = [self._searcher.doc(address) for _, address in found.hits]
        return Answer(found.count if known is None else known,
                      [(document.get_first("id"), document.get_first("title"),
                        bytes(document.get_first("text")).decode()) for document in documents])

    def _known(self, query: Query) -> int | None:
        """The matches of a single word, as the index knows them; its number counts deleted articles too."""
        if self._deleted or query.source or query.since or query.operator != "all" or len(query.words) > 1:
            return None
        return self._searcher.doc_freq(query.field, query.words[0])

    def _query(self, query: Query) -> tantivy.Query:
        q, schema = tantivy.Query, self._schema
        if query.operator == "phrase":
            root = q.phrase_query(schema, query.field, list(query.words))
        elif query.operator == "prefix":
            root = q.regex_query(schema, query.field, query.words[0] + ".*")
        else:
            occur = tantivy.Occur.Must if query.operator == "all" else tantivy.Occur.Should
            terms = [q.term_query(schema, query.field, word, "freq") for word in query.words]
            root = q.boolean_query([(occur, term) for term in terms]) if len(terms) > 1 else terms[0]
        filters = []
        if query.source:
            filters.append(q.const_score_query(q.term_query(schema, "source", query.source, "basic"), 0.0))
        if query.since:
            low, high = (int(day.replace("-", "")) for day in (query.since, query.until))
            filters.append(q.const_score_query(
                q.range_query(schema, "date", tantivy.FieldType.Unsigned, low, high), 0.0))
        return q.boolean_query([(tantivy.Occur.Must, part) for part in (root, *filters)]) if filters else root

    def close(self) -> None:
        """Nothing is held that needs closing."""


class Writer:
    """One writing thread, 256 MB of heap."""

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder)
        self._writer = self._index.writer(256_000_000, 1)

    def add(self, batch: Sequence[Document]) -> None:
        for document in batch:
            found = tantivy.Document(id=document.id, title=document.title, terms=document.terms, forms=document.forms,
                                     names=document.names, entities=document.entities.split(), source=document.source)
            found.add_unsigned("date", document.date)
            found.add_unsigned("month", max(document.month, 0))
            found.add_bytes("text", document.text.encode())
            self._writer.add_document(found)

    def close(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()

    def update(self, batch: Sequence[Document]) -> None:
        """New versions of articles, committed; the writer stays open."""
        for document in batch:
            self._writer.delete_documents_by_term("id", document.id)
        self.add(batch)
        self._writer.commit()
