"""Codec: lets Whoosh read our segments, so that its own searcher, queries and matchers run on them.

Whoosh's extension point is a codec: a terms reader, a reader of the documents' columns, a segment. Segments
are written by `builder` and `merge`, whole and at once, so the writing half of the interface is refused. The
stock searcher over `open_reader` is the oracle that the array execution is tested against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base
from whoosh.formats import Positions
from whoosh.matching import ListMatcher, ReadTooFar
from whoosh.query.spans import Span
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader, TermInfo

from index.schema import CONTENT, schema
from index.segment import Segment


class ArrayCodec(base.Codec):  # type: ignore[misc]  # Whoosh has no types
    """Reads segments of `index.segment`."""

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTerms:
        return ArrayTerms(segment.arrays)

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocuments:
        return ArrayDocuments(segment)

    def per_document_writer(self, storage: Any, segment: Any) -> Any:
        raise NotImplementedError("segments are written by index.builder")

    field_writer = postings_writer = new_segment = per_document_writer

    def postings_reader(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("postings are read through the terms reader")


class ArraySegment(base.Segment):  # type: ignore[misc]
    """One of our segments with the articles that are live in a generation, as Whoosh's kind of segment."""

    def __init__(self, arrays: Segment, live: NDArray[np.bool_]) -> None:
        super().__init__("exonym")
        self.arrays, self.live = arrays, live

    def codec(self) -> ArrayCodec:
        return ArrayCodec()

    def segment_id(self) -> str:
        return self.arrays.name

    def doc_count_all(self) -> int:
        return self.arrays.docs

    def deleted_count(self) -> int:
        return int(len(self.live) - self.live.sum())

    def deleted_docs(self) -> Iterator[int]:
        return iter(np.flatnonzero(~self.live).tolist())

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh's InverseMatcher asks about the number after the last as well.
        return docnum < len(self.live) and not self.live[docnum]

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        raise NotImplementedError("a segment never changes; index.writer publishes a new generation")


class ArrayTerms(base.TermsReader):  # type: ignore[misc]
    """The term dictionary of a segment."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return term[0] == CONTENT and self._segment.term(term[1].decode()) >= 0

    def indexed_field_names(self) -> list[str]:
        return [CONTENT]

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        raise NotImplementedError("fuzzy terms are found by search.execution")

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from(CONTENT, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        segment = self._segment
        return ((CONTENT, segment.term_text(term)) for term in range(segment.find(prefix), segment.terms))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from(CONTENT, b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        term = self._term(text)
        weights, documents = self._segment.weights(term), self._segment.documents(term)
        lengths = self._segment["lengths"][documents]
        return TermInfo(weight=float(weights.sum()), df=len(documents), minlength=int(lengths.min()),
                        maxlength=int(lengths.max()), maxweight=float(weights.max()),
                        minid=int(documents[0]), maxid=int(documents[-1]))

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self._segment.weights(self._term(text)).sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return self._segment.document_frequency(self._term(text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        return ArrayMatcher(self._segment, self._term(text), (fieldname, text), scorer)

    def _term(self, text: bytes) -> int:
        term = self._segment.term(text.decode())
        if term < 0:
            raise KeyError(text)
        return term


class ArrayMatcher(ListMatcher):  # type: ignore[misc]
    """Whoosh's own list matcher over a term's arrays; positions are decoded when asked for."""

    def __init__(self, segment: Segment, term: int, name: tuple[str, bytes], scorer: Any) -> None:
        super().__init__(segment.documents(term).tolist(), segment.weights(term).tolist(), format=Positions(),
                         scorer=scorer, term=name)
        self._occurrences = segment.occurrences(term)

    def copy(self) -> ArrayMatcher:
        twin = object.__new__(ArrayMatcher)
        twin.__dict__.update(self.__dict__)
        return twin

    def skip_to(self, id: int) -> None:
        if not self.is_active():
            raise ReadTooFar
        while self.is_active() and self.id() < id:
            self.next()

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        # Asked of every matcher once the best few are known; ListMatcher's own needs a TermInfo.
        return math.inf

    def value_as(self, astype: str) -> Any:
        start, positions = self._occurrences.start, self._occurrences.positions
        found = positions[start[self._i] : start[self._i + 1]].tolist()
        return found if astype == "positions" else len(found)

    def spans(self) -> list[Span]:
        return [Span(position) for position in self.value_as("positions")]


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """Lengths, deletions and version numbers of a segment's articles."""

    def __init__(self, segment: ArraySegment) -> None:
        self._segment, self._lengths = segment, segment.arrays["lengths"]

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        return self._segment.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._segment.deleted_docs()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._lengths.sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(self._lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, int]:
        return {"number": int(self._segment.arrays["numbers"][docnum])}


class _Nowhere:
    """Stands for Whoosh's storage: our segments open their own files."""

    def close(self) -> None:
        """Nothing is held."""


def open_reader(segments: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> IndexReader:
    """A Whoosh reader over segments and their live articles."""
    readers = [SegmentReader(_Nowhere(), schema(), ArraySegment(*pair)) for pair in segments]
    if not readers:
        return EmptyReader(schema())
    return readers[0] if len(readers) == 1 else MultiReader(readers)
