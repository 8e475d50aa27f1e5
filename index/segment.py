"""Segment: one immutable part of the index, as raw little-endian arrays mapped into memory.

A segment is a folder. `segment.json` names every array with its type, length and checksum; each array is one file
`NAME.bin`. Nothing in it is executable and nothing is parsed but that JSON, whose names and types are held to the
few there can be, so that a folder made by somebody else can neither run anything nor have other files read.

Terms are sorted by their UTF-8 bytes and known by their ordinal. Postings of a term are its articles
(local numbers, ascending) with frequencies; occurrences are the positions in each article, in order, and
for a term with several printed forms the ordinal of the form at each. Per term:

lexicon[term_text[t] : term_text[t+1]]   its bytes
term_post[t+1] - term_post[t]            its postings (document frequency)
term_occ[t] : term_occ[t+1]              its occurrences in `positions`
first[t], gap_width[t], gap_at[t]        first article; bytes a gap (0: one posting only); start in gaps{width}
freq_width[t], freq_at[t]                bytes a frequency (0: all are one); start in freqs{width}
term_form[t] : term_form[t+1]            its printed forms (exact forms) in form_text / forms
form_width[t], form_at[t]                bytes an ordinal (0: a single form); start in ordinals{width}
sorted_forms                             the forms of all words (not of names), sorted by their bytes
folding_keys, folding_forms              hashes of folding keys, ascending, and the word's form that each is of
term_title[t] : term_title[t+1]          postings with title occurrences: index within the term (title_post) and
                                         how many (title_freq)
"""

from __future__ import annotations

import json
import re
import stat
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 2
TITLE_GAP = 10
"""Positions left free between the last word of the title and the first of the text."""
TITLE_WEIGHT = 3
"""A word in the title counts as much as this many in the text."""
NAME_SIGN = "@"
"""Begins a name term; no word does."""
UNDATED = np.int32(-(2**31))
"""The day of an article without a date."""

DTYPES = ("|u1", "<u2", "<u4", "<u8", "<i4", "<i8")
"""The types of arrays in a segment."""
BLOCK = 128
"""Every so many terms one is kept in memory: to find a term by bisection in the map alone takes twice as long."""
COLUMNS = ("numbers", "keys", "days", "moments", "lengths", "title_words", "source", "language")
"""The arrays with one value an article."""

Ints = NDArray[np.signedinteger[Any]]


class SegmentError(Exception):
    """A segment folder that is not whole; `exonym reindex` makes it anew from the archive."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The occurrences of one term: `start[i]:start[i+1]` are those of posting i."""

    start: NDArray[np.int64]
    positions: NDArray[np.unsignedinteger[Any]]
    forms: NDArray[np.unsignedinteger[Any]] | None   # None: all are form 0


class Segment:
    """Read access to one segment folder. Safe for threads: nothing changes but caches of the same value."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        try:
            regular_file(folder / "segment.json")
            header = json.loads((folder / "segment.json").read_text("utf-8"))
            if header["format"] != FORMAT:
                raise SegmentError(f"{folder} has format {header['format']}, not {FORMAT}: run `exonym reindex`")
            self.docs: int = header["docs"]
            self._arrays: Mapping[str, Any] = {
                name: open_array(folder, name, dtype, count) for name, (dtype, count, _) in header["arrays"].items()}
            self._checksums: Mapping[str, int] = {name: crc for name, (_, _, crc) in header["arrays"].items()}
            self.sources = _strings(header["sources"])
            self.languages = _strings(header["languages"])
            self.entities = _pairs(header["entities"])
            if any(len(self[name]) != self.docs for name in COLUMNS):
                raise ValueError(f"its columns are not of {self.docs} articles")
            self.terms = len(self["first"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SegmentError(f"{folder} is damaged ({error}): run `exonym reindex`") from error

    def damaged(self) -> list[str]:
        """The arrays whose bytes are not those that were written. Reads everything."""
        return [name for name, values in self._arrays.items()
                if zlib.crc32(np.ascontiguousarray(values).data) != self._checksums[name]]

    def __getitem__(self, name: str) -> Any:
        return self._arrays[name]

    @cached_property
    def _lexicon(self) -> memoryview:
        return memoryview(self["lexicon"])

    @cached_property
    def _forms(self) -> memoryview:
        return memoryview(self["forms"])

    def term_text(self, term: int) -> bytes:
        """The bytes of a term."""
        offsets = self["term_text"]
        return bytes(self._lexicon[offsets[term] : offsets[term + 1]])

    @cached_property
    def _guide(self) -> list[bytes]:
        """The first term of every block of BLOCK terms."""
        return [self.term_text(term) for term in range(0, self.terms, BLOCK)]

    def find(self, text: bytes) -> int:
        """The ordinal of the first term not below `text` (self.terms if there is none)."""
        start = max(0, bisect_right(self._guide, text) - 1) * BLOCK
        return bisect_left(range(self.terms), text, start, min(start + BLOCK, self.terms), key=self.term_text)

    def term(self, text: str) -> int:
        """The ordinal of a term, or -1."""
        wanted = text.encode()
        at = self.find(wanted)
        return at if at < self.terms and self.term_text(at) == wanted else -1

    def with_prefix(self, prefix: str) -> range:
        """The ordinals of all terms that begin with `prefix`."""
        start = prefix.encode()
        return range(self.find(start), self.find(start + b"\xff")) if start else range(self.terms)

    def document_frequency(self, term: int) -> int:
        offsets = self["term_post"]
        return int(offsets[term + 1]) - int(offsets[term])

    def documents(self, term: int) -> NDArray[np.int64]:
        """The articles of a term, ascending local numbers, shape (df,)."""
        count, first, width = self.document_frequency(term), int(self["first"][term]), int(self["gap_width"][term])
        if width == 0:
            return np.full(count, first, np.int64)
        at = int(self["gap_at"][term])
        documents: NDArray[np.int64] = np.cumsum(self[f"gaps{width}"][at : at + count], dtype=np.int64)
        documents += first
        return documents

    def frequencies(self, term: int) -> NDArray[np.unsignedinteger[Any]]:
        """Occurrences in each article of a term, shape (df,)."""
        count, width = self.document_frequency(term), int(self["freq_width"][term])
        if width == 0:
            return np.ones(count, np.uint8)
        at = int(self["freq_at"][term])
        frequencies: NDArray[np.unsignedinteger[Any]] = self[f"freqs{width}"][at : at + count]
        return frequencies

    def title_frequencies(self, term: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Which postings (indices into `documents(term)`) have occurrences in the title, and how many."""
        start, end = self["term_title"][term], self["term_title"][term + 1]
        return self["title_post"][start:end], self["title_freq"][start:end]

    def weights(self, term: int) -> NDArray[np.float32]:
        """Weighed frequencies, shape (df,), float32: occurrences, those in the title TITLE_WEIGHT times."""
        weights = self.frequencies(term).astype(np.float32)
        posts, counts = self.title_frequencies(term)
        weights[posts] += counts * np.float32(TITLE_WEIGHT - 1)
        return weights

    def occurrences(self, term: int) -> Occurrences:
        """Positions and forms of every occurrence of a term."""
        start = np.zeros(self.document_frequency(term) + 1, np.int64)
        np.cumsum(self.frequencies(term), out=start[1:])
        begin, end = int(self["term_occ"][term]), int(self["term_occ"][term + 1])
        width, at = int(self["form_width"][term]), int(self["form_at"][term])
        forms = self[f"ordinals{width}"][at : at + end - begin] if width else None
        return Occurrences(start, self["positions"][begin:end], forms)

    def forms(self, term: int) -> list[str]:
        """The printed forms of a term (exact forms), by ordinal."""
        return [self.form_text(form).decode()
                for form in range(int(self["term_form"][term]), int(self["term_form"][term + 1]))]

    def form_text(self, form: int) -> bytes:
        """The bytes of a printed form."""
        texts = self["form_text"]
        return bytes(self._forms[texts[form] : texts[form + 1]])

    def words_with_prefix(self, prefix: str) -> NDArray[np.int64]:
        """The printed forms of words that begin with `prefix`, as numbers of forms, in order of their bytes."""
        forms, start = self["sorted_forms"], prefix.encode()
        low = bisect_left(range(len(forms)), start, key=lambda i: self.form_text(forms[i]))
        high = bisect_left(range(len(forms)), start + b"\xff", key=lambda i: self.form_text(forms[i]))
        found: NDArray[np.int64] = forms[low:high].astype(np.int64)
        return found

    def terms_of_forms(self, forms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For numbers of forms: their terms, and their ordinals within these terms."""
        starts = self["term_form"]
        terms = np.searchsorted(starts, forms, side="right") - 1
        return terms, forms - starts[terms]

    def entity_documents(self, entity: int) -> NDArray[np.unsignedinteger[Any]]:
        """The articles that mention an entity (an ordinal of `entities`), ascending local numbers."""
        start = self["entity_document_start"]
        documents: NDArray[np.unsignedinteger[Any]] = self["entity_document"][start[entity] : start[entity + 1]]
        return documents

    def cuts(self, document: int) -> list[tuple[int, int]]:
        """The stretches (start, end) of an article's text that are not indexed."""
        start = self["cut_start"]
        edges = self["cuts"][start[document] : start[document + 1]].tolist()
        return list(zip(edges[::2], edges[1::2], strict=True))


def regular_file(path: Path) -> None:
    """Raises ValueError for a link, a pipe or a device in the place of a file of the index."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{path.name} is no regular file")


def _strings(values: object) -> list[str]:
    if not isinstance(values, list) or not set(map(type, values)) <= {str}:
        raise TypeError("a list of texts is something else")
    return values


def _pairs(values: object) -> list[tuple[str, str]]:
    if not isinstance(values, list) or not set(map(type, values)) <= {list}:
        raise TypeError("a list of pairs of texts is something else")
    _strings(list(chain.from_iterable(values)))
    return [(one, other) for one, other in values]


def open_array(folder: Path, name: str, dtype: object, count: object) -> NDArray[Any]:
    """One array of a segment's folder, mapped into memory. Raises OSError or ValueError when it is not there whole."""
    if not re.fullmatch(r"[a-z_]+[124]?", name, re.ASCII) or dtype not in DTYPES or not isinstance(count, int):
        raise ValueError(f"{name[:40]!r} is no array of it")
    path = folder / f"{name}.bin"
    regular_file(path)
    if path.stat().st_size != count * np.dtype(dtype).itemsize:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, not {count} x {dtype}")
    if count == 0:
        return np.empty(0, dtype)
    # A plain array over the map: np.memmap's own subclass costs a microsecond at every slice.
    return np.asarray(np.memmap(path, dtype, "r", shape=(count,))).view(np.ndarray)
