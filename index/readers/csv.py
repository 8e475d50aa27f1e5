"""CSV and TSV as found in the wild: separator, encoding, column names and date order are told from the file."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import FIELDS, Article, Reject
from index.dates import DateError, Order, order_of, parse_date
from index.readers.document import HEAD, Document, ReadOptions
from index.readers.encoding import encoding_of
from index.readers.fields import field_of, map_columns, plain_name, split_authors

SAMPLE = 2_000
"""Rows looked at, before the first article is given, to tell the order of day and month."""
SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _Columns:
    keys: list[str | None]      # by column: the key in the record, None to leave it out
    names: list[str]            # by column: the name as printed
    order: Order | None


def read_csv(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """The rows below the header as articles. A file whose first row names no known column is rejected as a whole."""
    head = document.head()
    encoding = encoding_of(head, whole=len(head) < HEAD)
    text = io.TextIOWrapper(document.stream, encoding, "replace", newline="")
    try:
        yield from _rows(text, head.decode(encoding, "replace").lstrip("\ufeff"), document, options)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, head: str, document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    limit = options.limits.record_bytes
    csv.field_size_limit(limit)
    lines = _Lines(text, limit)
    rows = _parse(lines, head, document)
    first = next(rows, None)
    if not isinstance(first, tuple):
        yield document.reject("", "no rows") if first is None else first
        return
    header = [name.strip().lstrip("\ufeff") for name in first[1]]
    keys = map_columns(header)
    if "title" not in keys and "text" not in keys:
        yield document.reject("line 1", f"no column for title or text: the first row reads {_show(header)}")
        return
    sample = list(itertools.islice(rows, SAMPLE))
    columns = _Columns(keys, header, _order(sample, keys))
    for row in itertools.chain(sample, rows):
        yield row if isinstance(row, Reject) else _article(row[0], row[1], columns, document, options)


class _Lines:
    """The lines of a text, none longer than `limit` characters at once; counts them."""

    def __init__(self, text: io.TextIOWrapper, limit: int) -> None:
        self._text = text
        self._limit = limit
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(self._limit + 1):
            self.number += 1
            yield line if self.number > 1 else line.removeprefix("\ufeff")


def _parse(lines: _Lines, head: str, document: Document) -> Iterator[tuple[int, list[str]] | Reject]:
    """Rows with the number of their first line; rows without any content are left out."""
    separator = _separator(head)
    escape = "\\" if '\\"' in head and '""' not in head.replace(f'{separator}""', "") else None
    source = iter(lines)
    while True:
        rows = csv.reader(source, delimiter=separator, escapechar=escape, doublequote=escape is None)
        start = lines.number + 1
        try:
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield start, row
                start = lines.number + 1
            return
        except csv.Error as error:
            yield document.reject(f"line {start}", f"not CSV: {error}; lines up to {lines.number} were left out "
                                                   "(a quotation mark that is not closed?)")


def _separator(head: str) -> str:
    """The separator that gives the first line the most known columns, then the most columns."""
    line = head.lstrip("\r\n").split("\n", 1)[0]

    def worth(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            return 0, 0
        return sum(field_of(cell) is not None for cell in cells), len(cells)

    return max(SEPARATORS, key=worth)


def _order(sample: list[tuple[int, list[str]] | Reject], keys: list[str | None]) -> Order | None:
    if "date" not in keys:
        return None
    column = keys.index("date")
    return order_of(row[1][column] for row in sample if not isinstance(row, Reject) and column < len(row[1]))


def _article(line: int, row: list[str], columns: _Columns, document: Document,
             options: ReadOptions) -> Article | Reject:
    place = f"line {line}"
    if any(cell.strip() for cell in row[len(columns.keys):]):
        return document.reject(place, f"{len(row)} cells under {len(columns.keys)} columns")
    record: dict[str, object] = {}
    for key, name, cell in zip(columns.keys, columns.names, row, strict=False):
        if key is None or not cell.strip():
            continue
        record[key] = split_authors(cell) if key == "authors" and plain_name(name) not in FIELDS else cell
    printed = record.get("date")
    if isinstance(printed, str):
        try:
            record["date"] = iso_date(printed, columns.order)
        except DateError as error:
            return document.reject(place, f"date: {error}", str(record.get("id", ""))[:100] or None)
        if record["date"] != printed.strip():
            record.setdefault("date_printed", printed)
    return document.article(record, place, options)


def iso_date(printed: str, order: Order | None) -> str:
    """A date as given if it is ISO 8601 already, else what `parse_date` makes of it; raises DateError."""
    parsed = parse_date(printed, order)
    value = printed.strip()
    return value if value[:10] == parsed[:10] and (len(value) == 10 or value[10] in "T ") else parsed


def _show(header: list[str]) -> str:
    shown = ", ".join(name[:60] for name in header[:6])
    return repr(shown[:200]) + (" …" if len(header) > 6 or len(shown) > 200 else "")
