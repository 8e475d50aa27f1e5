"""Request bodies: records from JSON or JSON lines, each with its problems; strict, bounded, one line at a time."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from index.article import Article, ArticleError, article_from_record
from service.errors import Problem
from service.settings import Settings

JSON = "application/json"
LINES = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is no article: its line (from 1), its id if it can be told, and what is wrong, by field."""

    line: int
    id: str | None
    problems: Mapping[str, str]


def media_type(*allowed: str) -> str:
    """The body's media type. Raises 415 unless it is one of `allowed`, in UTF-8 and not compressed."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in allowed or charset not in ("utf-8", "utf8"):
        raise Problem(415, f"Send {' or '.join(allowed)} in UTF-8 as Content-Type.",
                      headers={"Accept-Post": ", ".join(allowed)})
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "Send the body without Content-Encoding.", headers={"Accept-Encoding": "identity"})
    return request.mimetype


def one_record(settings: Settings) -> Any:
    """The JSON value of the whole body. Raises 400 if it is none, 413 if it is too long."""
    body = _read(settings.max_article + 1)
    if len(body) > settings.max_article:
        raise Problem(413, f"An article may take {settings.max_article} bytes.")
    try:
        return decoded(body)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}.", {"body": [str(error)]}) from None


def article_of(record: Any, identifier: str | None = None) -> Article:
    """The article that a record is. `identifier` is the id of the URL: it must be the record's own or take its place.

    Raises ArticleError.
    """
    if identifier is not None and isinstance(record, Mapping):
        if record.get("id", identifier) not in (identifier, None):
            raise ArticleError({"id": "differs from the id in the URL"})
        record = {**record, "id": identifier}
    return article_from_record(record)


def lines(settings: Settings) -> Iterator[Article | Refused]:
    """Each line of the body as an article or as what is wrong with it; empty lines count but are left out.

    A line that is too long is refused and passed over; at one record too many the rest is refused as a whole.
    """
    stream = io.BufferedReader(request.stream, 1 << 16)  # type: ignore[type-var]  # werkzeug's is a RawIOBase
    number = records = 0
    while line := _read_line(stream, settings.max_article + 1):
        number += 1
        if len(line) > settings.max_article:
            while not line.endswith(b"\n") and (line := _read_line(stream, 1 << 16)):
                pass
            yield Refused(number, None, {"record": f"is longer than the {settings.max_article} bytes it may take"})
        elif line.strip():
            records += 1
            if records > settings.max_records:
                limit = f"one request may bring {settings.max_records} records; the rest of the body was not read"
                yield Refused(number, None, {"record": limit})
                return
            yield _article_or_refusal(number, line)


def _article_or_refusal(number: int, line: bytes) -> Article | Refused:
    try:
        record = decoded(line)
    except ValueError as error:
        return Refused(number, None, {"record": f"is not JSON: {error}"})
    try:
        return article_from_record(record)
    except ArticleError as error:
        identifier = record.get("id") if isinstance(record, dict) else None
        named = isinstance(identifier, str) and "id" not in error.problems
        return Refused(number, str(identifier) if named else None, error.problems)


def decoded(body: bytes) -> Any:
    """One JSON value in UTF-8 as RFC 8259 has it: no NaN, nothing nested beyond reason. Raises ValueError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _read(size: int) -> bytes:
    try:
        return io.BufferedReader(request.stream, 1 << 16).read(size)  # type: ignore[type-var]
    except OSError as error:
        raise _unreadable(error) from error


def _read_line(stream: io.BufferedReader[Any], size: int) -> bytes:
    try:
        return stream.readline(size)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> Problem:
    return Problem(400, f"The body did not arrive whole: {error}.")
