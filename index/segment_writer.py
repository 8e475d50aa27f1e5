"""SegmentWriter: writes the folder that `segment.Segment` reads, term after term, never holding all of it."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.segment import FORMAT, NAME_SIGN
from index.strings import Strings
from index.widths import SIZES, parted

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """A run of terms in order of their bytes, with everything posted under them, term after term.

    `documents`, `frequencies`, `title_frequencies`: one a posting. `occurrences`: positions and ordinals of forms, in
    pieces, so that those of a very frequent word need not stand in memory as one.
    """

    texts: Strings
    document_frequencies: Array     # (T,)
    forms: Strings                  # printed forms, term after term
    form_counts: Array              # (T,)
    documents: Array                # (P,) local numbers, ascending within a term
    frequencies: Array              # (P,)
    title_frequencies: Array        # (P,)
    occurrences: Sequence[tuple[Array, Array]]      # (o,) each


@dataclass(frozen=True, slots=True)
class Columns:
    """One value an article, in order of local number; strings as ordinals of the lists."""

    numbers: Array                  # int64, the archive's version number
    keys: Array                     # uint64, a hash of the article's id: breaks ties, the same in every index
    days: Array                     # int32, days since 1970 or UNDATED
    moments: Array                  # int64, seconds since 1970
    lengths: Array                  # uint32, weighed words
    title_words: Array              # uint32
    source: Array
    sources: Sequence[str]
    language: Array
    languages: Sequence[str]
    entity_start: Array             # (N + 1,) into entity
    entity: Array
    entities: Sequence[tuple[str, str]]   # id, label
    cut_start: Array                # (N + 1,) into cuts
    cuts: Array                     # start, end, start, end …: the stretches of the text that are not indexed

    def by_frequency(self) -> Columns:
        """The same columns with the entities numbered from the most mentioned to the least."""
        counts = np.bincount(self.entity, minlength=len(self.entities))
        order = np.argsort(-counts, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return replace(self, entity=rank[self.entity], entities=[self.entities[old] for old in order.tolist()])


@dataclass(frozen=True, slots=True)
class Foldings:
    """Rows of a folding key's hash and a printed form that may be a name, in any order."""

    keys: Array                     # uint64
    forms: Array                    # int64: the number of the form, all terms' forms counted as they were added


class SegmentWriter:
    """Writes one segment; `add` in order of terms, then `close`."""

    def __init__(self, folder: Path, is_durable: bool = True) -> None:
        """`is_durable`: bring all of it to the disk. A segment that is merged before anything names it need not be."""
        self.folder, self._is_durable = folder, is_durable
        folder.mkdir(parents=True)
        step("segment:begun")
        self._files: dict[str, BinaryIO] = {}
        self._counts: dict[str, tuple[str, int, int]] = {}      # dtype, length, checksum
        self._tables: dict[str, list[Array]] = {}
        self._word_forms: list[Strings] = []

    def add(self, terms: Terms) -> None:
        """Append a run of terms that all follow those added before."""
        if not len(terms.texts):
            return
        df = terms.document_frequencies.astype(np.int64)
        start = np.concatenate([[0], np.cumsum(df)[:-1]])
        self._write("lexicon", terms.texts.own())
        self._table("term_text", terms.texts.lengths)
        self._write("forms", terms.forms.own())
        self._table("form_text", terms.forms.lengths)
        is_name = terms.texts.begin_with(NAME_SIGN.encode())
        is_word_form = ~np.repeat(is_name, terms.form_counts)
        self._table("word_forms", is_word_form)
        self._word_forms.append(terms.forms.take(np.flatnonzero(is_word_form)))
        self._table("term_post", df)
        self._table("term_form", terms.form_counts)
        occurrences = np.add.reduceat(terms.frequencies.astype(np.int64), start)
        self._table("term_occ", occurrences)
        self._documents(terms.documents, df, start)
        self._varied("freq", "freqs", np.where(np.maximum.reduceat(terms.frequencies, start) == 1, 0,
                     _width(np.maximum.reduceat(terms.frequencies, start))), df, [terms.frequencies])
        self._varied("form", "ordinals", np.where(terms.form_counts <= 1, 0, _width(terms.form_counts - 1)),
                     occurrences, [ordinals for _, ordinals in terms.occurrences])
        self._titles(terms.title_frequencies, df, start)
        for positions, _ in terms.occurrences:
            self._write("positions", positions.astype(np.uint32 if self._wide else np.uint16))

    def _documents(self, documents: Array, df: Array, start: Array) -> None:
        gaps = np.empty_like(documents)
        gaps[0] = 0
        np.subtract(documents[1:], documents[:-1], out=gaps[1:])
        gaps[start] = 0
        self._table("first", documents[start])
        self._varied("gap", "gaps", np.where(df == 1, 0, _width(np.maximum.reduceat(gaps, start))), df, [gaps])

    def _varied(self, table: str, stream: str, width: Array, counts: Array, pieces: Sequence[Array]) -> None:
        """Write each term's values, given in pieces, with the width chosen for that term, and where they begin."""
        width = width.astype(np.uint8)
        at = np.zeros(len(width), np.int64)
        for size in SIZES:
            begin = self._counts.get(f"{stream}{size}", ("", 0, 0))[1]
            own = np.where(width == size, counts, 0)
            at[width == size] = (begin + np.cumsum(own) - own)[width == size]
        if len(pieces) > 1 and len(width) > 1:
            pieces = [np.concatenate(pieces)]
        for values in pieces:                       # several, where all are of one term
            streams = parted(values, counts if len(pieces) == 1 else np.array([len(values)]), width)
            for size, its in zip(SIZES, streams, strict=True):
                self._write(f"{stream}{size}", its)
        self._table(f"{table}_width", width)
        self._table(f"{table}_at", at)

    def _titles(self, title_frequencies: Array, df: Array, start: Array) -> None:
        posts = np.flatnonzero(title_frequencies)
        term = np.searchsorted(start, posts, side="right") - 1
        self._table("term_title", np.bincount(term, minlength=len(df)))
        self._write("title_post", (posts - start[term]).astype(np.uint32))
        self._write("title_freq", title_frequencies[posts].astype(np.uint32))

    _wide = False

    def wide_positions(self) -> None:
        """Say, before the first `add`, that some position does not fit in 16 bits."""
        self._wide = True

    def close(self, columns: Columns, foldings: Foldings) -> None:
        """Write the term tables, the columns and the header."""
        columns = columns.by_frequency()
        for name in ("term_post", "term_occ", "term_form", "term_title"):
            self._finish(name, _offsets(self._joined(name)))
        for name in ("first", "gap_at", "freq_at", "form_at"):
            self._finish(name, self._joined(name))
        for name in ("gap_width", "freq_width", "form_width"):
            self._write(name, self._joined(name).astype(np.uint8))
        for name in ("term_text", "form_text"):
            self._finish(name, _offsets(self._joined(name)))
        order, _ = Strings.joined(self._word_forms).order()
        self._finish("sorted_forms", np.flatnonzero(self._joined("word_forms"))[order])
        order = np.lexsort((foldings.forms, foldings.keys))
        self._write("folding_keys", foldings.keys[order])
        self._finish("folding_forms", foldings.forms[order])
        for size in (1, 2, 4):
            for stream in ("gaps", "freqs", "ordinals"):
                self._write(f"{stream}{size}", np.empty(0, f"<u{size}"))
        for name, kind in (("lexicon", "u1"), ("forms", "u1"), ("title_post", "<u4"), ("title_freq", "<u4"),
                           ("positions", "<u4" if self._wide else "<u2")):
            self._write(name, np.empty(0, kind))
        self._columns(columns)
        header = {"format": FORMAT, "docs": len(columns.numbers), "arrays": self._counts,
                  "sources": list(columns.sources), "languages": list(columns.languages),
                  "entities": [list(entity) for entity in columns.entities]}
        for file in self._files.values():
            if self._is_durable:
                file.flush()
                os.fsync(file.fileno())
            file.close()
        step("segment:before-header")
        data = json.dumps(header, ensure_ascii=False).encode()
        if self._is_durable:
            write_durably(self.folder / "segment.json", data, "segment-header")
        else:
            (self.folder / "segment.json").write_bytes(data)

    def _columns(self, columns: Columns) -> None:
        for name in ("numbers", "keys", "days", "moments"):
            self._write(name, getattr(columns, name))
        for name in ("lengths", "title_words", "source", "language", "entity_start", "entity", "cut_start", "cuts"):
            self._finish(name, getattr(columns, name))
        start = columns.entity_start.astype(np.int64)
        document = np.repeat(np.arange(len(start) - 1), np.diff(start))
        order = np.argsort(columns.entity, kind="stable")
        self._finish("entity_document", document[order])
        self._finish("entity_document_start", _offsets(np.bincount(columns.entity, minlength=len(columns.entities))))

    def _table(self, name: str, values: Array) -> None:
        self._tables.setdefault(name, []).append(np.asarray(values))

    def _joined(self, name: str) -> Array:
        return np.concatenate(self._tables.get(name, [np.empty(0, np.int64)]))

    def _finish(self, name: str, values: Array) -> None:
        """Write unsigned values with the narrowest type that holds them."""
        top = int(values.max()) if len(values) else 0
        size = next(size for size in (1, 2, 4, 8) if top < 1 << (8 * size))
        self._write(name, values.astype(f"<u{size}"))

    def _write(self, name: str, values: Array) -> None:
        dtype = values.dtype.newbyteorder("<").str
        if name not in self._files:
            self._files[name] = open(self.folder / f"{name}.bin", "wb")  # noqa: SIM115 (closed in close)
            self._counts[name] = (dtype, 0, 0)
        kind, count, checksum = self._counts[name]
        assert kind == dtype, (name, dtype)
        data = np.ascontiguousarray(values).data
        self._files[name].write(data)
        self._counts[name] = (dtype, count + len(values), zlib.crc32(data, checksum))


def write_durably(path: Path, data: bytes, what: str, mode: int = 0o666) -> None:
    """Put `data` at `path` so that after a crash either the old or the new content is there, whole.

    `what`: names its steps (see `index.crash`). `mode`: who may read it, as far as the umask allows.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    step(f"{what}:before-rename")
    os.replace(part, path)
    sync_folder(path.parent)
    step(f"{what}:after-rename")


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _width(values: Array) -> Array:
    """Bytes needed for each value: 1, 2 or 4."""
    return np.where(values < 1 << 8, 1, np.where(values < 1 << 16, 2, 4))


def _offsets(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts.astype(np.int64))])
