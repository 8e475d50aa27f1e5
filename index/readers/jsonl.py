"""JSON lines, JSON arrays, and JSON objects one after another; one record in memory at a time."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from index.article import Article, Reject
from index.readers.document import Document, ReadOptions
from index.readers.encoding import MARKS
from index.readers.limits import LimitError

FIRST_CHUNK = 1 << 16
_SPACE = re.compile("[ \\t\\r\\n\ufeff]*")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(figures: str) -> float:
    number = float(figures)
    if math.isinf(number):
        raise ValueError(f"{figures[:40]} is too large a number")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def read_jsonl(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """The records of a document: by line if its first line is a whole JSON value, else value after value."""
    if _by_line(document.head(), document.name):
        yield from _lines(document, options)
    else:
        yield from _values(document, options)


def _by_line(head: bytes, name: str) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    first = head.removeprefix(codecs.BOM_UTF8).lstrip().split(b"\n", 1)[0].strip()
    if name.endswith((".jsonl", ".ndjson")):
        return True
    return not first.startswith(b"[") and not (first.startswith(b"{") and first.endswith((b",", b"{")))


def _lines(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    limit, number = options.limits.record_bytes, 0
    readline = document.stream.readline
    while line := readline(limit + 1):
        number += 1
        place = f"line {number}"
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = readline(limit)
            yield document.reject(place, f"longer than {limit:,} bytes (limit record_bytes)")
            continue
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.isspace() or not line:
            continue
        try:
            record = _DECODER.decode(line.decode())
        except (ValueError, RecursionError) as error:
            yield document.reject(place, _problem(error))
            continue
        yield document.article(record, place, options)


def _problem(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{error.object[error.start]:02x} at {error.start + 1}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}"
    return f"not JSON: {error}"


def _values(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """Values that follow one another, bare or as elements of an array. After a value that cannot be read there is
    no telling where the next begins: what follows is rejected as one."""
    values, number = _Values(document, options.limits.record_bytes), 0
    while True:
        number += 1
        place = f"record {number}"
        try:
            found, value = values.next()
        except LimitError as error:
            yield document.reject(place, f"{error}; it and what follows it was left out")
            return
        except (ValueError, RecursionError) as error:
            yield document.reject(place, f"{_problem(error)}; it and what follows it was left out")
            return
        if not found:
            return
        yield document.article(value, place, options)


class _Values:
    """JSON values out of a stream, each decoded as soon as it is there as a whole."""

    def __init__(self, document: Document, limit: int) -> None:
        head = document.head()
        name = next((name for mark, name in MARKS if head.startswith(mark)), "utf-8")
        self._stream = document.stream
        self._decoder = codecs.getincrementaldecoder(name)()
        self._limit = limit
        self._text, self._at = "", 0
        self._ended = False
        self._in_array = False
        self._first = True

    def next(self) -> tuple[bool, Any]:
        """Whether there was another value, and the value. Raises ValueError, RecursionError, LimitError."""
        while sign := self._sign():
            if sign == "[" and not self._in_array:
                self._in_array = self._first = True
                self._at += 1
            elif sign == "]" and self._in_array:
                self._in_array = False
                self._at += 1
            else:
                if self._in_array and not self._first:
                    if sign != ",":
                        raise ValueError(f"a comma is missing before {self._text[self._at:self._at + 20]!r}")
                    self._at += 1
                    self._sign()
                self._first = False
                return True, self._value()
        if self._in_array:
            raise ValueError("the array is not closed: the file was cut")
        return False, None

    def _sign(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text) or self._ended:
                return self._text[self._at:self._at + 1]
            self._fill(FIRST_CHUNK)

    def _value(self) -> Any:
        chunk = FIRST_CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            except json.JSONDecodeError:
                if self._ended:
                    raise
            if len(self._text) - self._at > self._limit:
                raise LimitError(f"no record ends within {self._limit:,} characters (limit record_bytes)")
            self._fill(chunk)
            chunk *= 2

    def _fill(self, size: int) -> None:
        data = self._stream.read(size)
        self._ended = not data
        self._text = self._text[self._at:] + self._decoder.decode(data, not data)
        self._at = 0
