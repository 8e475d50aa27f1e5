"""Article: the frozen record that all stages share, and Reject: what could not be read, and why."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = ("id", "title", "text", "date", "source", "url", "language", "authors")
COMPUTED = ("story", "entities", "score")
"""Keys of an exported article that the index computes; on input they are dropped, so an export can be read back."""
ID_LIMIT = 512
TEXT_LIMIT = 2_000_000
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_ESCAPED = bytes(set(range(32)) - {10})
"""Characters that JSON escapes, but for those that news is full of."""


class ArticleError(ValueError):
    """A record that is no article. `problems` maps each field at fault to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.problems.items()))


@dataclass(frozen=True, slots=True)
class Article:
    """One news text.

    `date` is the ISO 8601 date or date-time as it was given, or None for an undated article.
    `extra` holds every other key of the input record, untouched.
    """

    id: str
    title: str = ""
    text: str = ""
    date: str | None = None
    source: str | None = None
    url: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The article as a JSON object: every input field, own keys included."""
        fields = {name: getattr(self, name) for name in FIELDS}
        return {**self.extra, **fields, "authors": list(self.authors)}

    def in_json(self) -> dict[str, bytes]:
        """The record with each value as JSON in UTF-8, the keys of objects in it sorted."""
        fields = {key: _in_json(value) for key, value in self.extra.items()} if self.extra else {}
        return {**fields, "id": _in_json(self.id), "title": json_string(self.title), "text": json_string(self.text),
                "date": _in_json(self.date), "source": _in_json(self.source), "url": _in_json(self.url),
                "language": _in_json(self.language), "authors": _in_json(self.authors) if self.authors else b"[]"}

    def digest(self, in_json: Mapping[str, bytes] | None = None) -> bytes:
        """16 bytes that differ when anything in the article differs: of its record as JSON, the keys sorted.

        `in_json`: the article in JSON, where it is at hand.
        """
        fields = self.in_json() if in_json is None else in_json
        if len(fields) == len(FIELDS):
            canonical = _PLAIN % tuple(map(fields.__getitem__, _IN_ORDER))
        else:
            canonical = b",".join([_in_json(key) + b":" + value for key, value in sorted(fields.items())])
        return hashlib.blake2b(b"{%b}" % canonical, digest_size=16).digest()

    @property
    def day(self) -> dt.date | None:
        """The calendar day as printed, in the article's own time zone; None if undated."""
        return dt.date.fromisoformat(self.date[:10]) if self.date is not None else None

    @property
    def moment(self) -> int | None:
        """Seconds since 1970 in UTC (a time without zone is taken as UTC, a bare day as its start)."""
        if self.date is None:
            return None
        moment = dt.datetime.fromisoformat(self.date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        epoch = dt.datetime(1970, 1, 1, tzinfo=moment.tzinfo)
        offset = moment.utcoffset()
        assert offset is not None
        return int((moment - epoch).total_seconds() - offset.total_seconds())


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that was not taken in: where it stood and why it was refused.

    `place` is a line or record number as a reader of the file counts them (from 1), or a name inside a container.
    """

    file: str
    place: str
    reason: str
    id: str | None = None


def _in_json(value: Any) -> bytes:
    if type(value) is str:
        return json_string(value)
    return b"null" if value is None else _SORTED.encode(value).encode()


_IN_ORDER = sorted(FIELDS)
_PLAIN = ",".join([f'"{name}":%b' for name in _IN_ORDER]).encode()
"""Of an article without fields of its own: its record as JSON, the keys sorted."""


def json_string(text: str) -> bytes:
    """A text as JSON in UTF-8, as `json.dumps` writes it with `ensure_ascii=False`: most in less than half of the time.
    """
    raw = text.encode()
    if len(raw) != len(raw.translate(None, _ESCAPED)):
        return json.dumps(text, ensure_ascii=False).encode()
    return b'"%b"' % raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def article_from_record(record: object) -> Article:
    """Check a decoded JSON object (or CSV row) and make an Article of it.

    The id, if none is given, is made from `url`, else from the content, so that the same record gets
    the same id on every run. Raises ArticleError that names every field at fault.
    """
    if not isinstance(record, Mapping):
        raise ArticleError({"record": f"must be a JSON object, not {_kind(record)}"})
    problems: dict[str, str] = {}
    texts = {name: _text(record, name, problems) for name in FIELDS if name != "authors"}
    authors = _authors(record.get("authors"), problems)
    extra = {str(k): v for k, v in record.items() if k not in FIELDS and k not in COMPUTED}
    _check_encodable(extra, problems)
    title, text = texts["title"] or "", texts["text"] or ""
    if "title" not in problems and "text" not in problems and not title.strip() and not text.strip():
        problems["text"] = "an article needs a title or a text"
    if len(text) > TEXT_LIMIT:
        problems["text"] = f"{len(text):,} characters; the limit is {TEXT_LIMIT:,}"
    if len(title) > TEXT_LIMIT:
        problems["title"] = f"{len(title):,} characters; the limit is {TEXT_LIMIT:,}"
    when = texts["date"]
    if when is not None and "date" not in problems:
        when = _date(when, problems)
    identifier = texts["id"]
    if identifier is not None and not 1 <= len(identifier.strip()) <= len(identifier) <= ID_LIMIT:
        problems["id"] = f"must hold 1 to {ID_LIMIT} characters"
    if problems:
        raise ArticleError(problems)
    article = Article("", title, text, when, _blank_to_none(texts["source"]), _blank_to_none(texts["url"]),
                      _blank_to_none(texts["language"]), authors, extra)
    return _with_id(article, identifier)


def _with_id(article: Article, identifier: str | None) -> Article:
    if identifier is None:
        seed = f"url\0{article.url}" if article.url is not None else "content\0" + article.digest().hex()
        identifier = hashlib.blake2b(seed.encode(), digest_size=10).hexdigest()
    return Article(identifier, article.title, article.text, article.date, article.source, article.url,
                   article.language, article.authors, article.extra)


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number", bool: "a boolean"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)


def _text(record: Mapping[Any, Any], name: str, problems: dict[str, str]) -> str | None:
    value = record.get(name)
    if name == "id" and type(value) is int:
        value = str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        problems[name] = f"must be a string, not {_kind(value)}"
        return None
    _check_encodable({name: value}, problems)
    return value


def _authors(value: object, problems: dict[str, str]) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(" | ") if part.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        problems["authors"] = "must be a list of strings"
        return ()
    _check_encodable({"authors": list(value)}, problems)
    return tuple(value)


def _check_encodable(values: Mapping[str, Any], problems: dict[str, str]) -> None:
    for name, value in values.items():
        try:
            # of a text JSON takes anything: to write it out only to see that takes twenty times as long
            (name + value if isinstance(value, str) else json.dumps({name: value}, ensure_ascii=False)).encode()
        except UnicodeEncodeError as error:
            problems[name if name.isprintable() else "key"] = (
                f"holds a lone surrogate (U+{ord(error.object[error.start]):04X}), which no text file can store")
        except (RecursionError, ValueError, TypeError):
            problems[name] = "is nested too deeply or is not JSON"


def _date(value: str, problems: dict[str, str]) -> str | None:
    value = value.strip()
    if not value:
        return None
    try:
        if len(value) < 10:
            raise ValueError
        dt.datetime.fromisoformat(value)
        dt.date.fromisoformat(value[:10])
    except ValueError:
        problems["date"] = f"{value[:40]!r} is not an ISO 8601 date or date-time such as 2023-05-18"
        return None
    return value


def _blank_to_none(value: str | None) -> str | None:
    return value if value is not None and value.strip() else None
