"""Document: one file, member of an archive or answer of a server, as a stream of bytes with its names."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from index.article import Article, ArticleError, Reject, article_from_record
from index.readers.limits import LimitError, Limits

HEAD = 8192
"""Bytes at the start of a document that its format is told from."""


class ReadError(Exception):
    """The reading could not start: a path that does not exist, an unknown format, a URL without `--format feed`."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the version of a feed that was read last; sent back to it to learn of changes."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read.

    `format` is one of FORMATS. `source` and `language` are given to articles that name none themselves; what a
    reader only gathered (from the host of a page, say) gives way to them. `validators` keeps, by URL, what
    conditional requests need; the caller stores it from run to run. `timeout` is in seconds, for each step of a
    request; `allow_private` permits requests to addresses that are not public. `meter` is told the bytes of every read
    from a file (those read twice, twice).
    """

    format: str = "auto"
    source: str | None = None
    language: str | None = None
    limits: Limits = field(default_factory=Limits)
    allow_private: bool = False
    timeout: float = 20.0
    validators: MutableMapping[str, Validators] | None = None
    meter: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A stream of bytes to read articles from.

    `file` is the path as given (`-` for standard input); `member` the way inside archives, parts joined by ` > `.
    `charset` and `url` are what HTTP said of it, where it came that way.
    """

    file: str
    stream: io.BufferedReader[Any]
    member: str = ""
    charset: str | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """The last part of its path: file or member name; empty for standard input."""
        name = (self.member.rsplit(" > ", 1)[-1] if self.member else self.file).replace("\\", "/")
        return "" if name == "-" else posixpath.basename(name)

    def head(self) -> bytes:
        """The first bytes, left unread."""
        return self.stream.peek(HEAD)[:HEAD]

    def reject(self, place: str, reason: str, identifier: str | None = None) -> Reject:
        """A Reject of something at `place` of this document (`""`: of the whole of it)."""
        return Reject(self.file, ": ".join(part for part in (self.member, place) if part), reason, identifier)

    def whole(self, limit: int) -> bytes:
        """All bytes of a document that has to be in memory; raises LimitError when there are more than `limit`."""
        data = self.stream.read(limit + 1)
        if len(data) > limit:
            raise LimitError(f"holds more than {limit:,} bytes (limit document_bytes)")
        return data

    def article(self, record: object, place: str, options: ReadOptions) -> Article | Reject:
        """The record as an article, with the source and language of the options where it names none."""
        if isinstance(record, Mapping):
            record = {**record, **{name: value for name, value in (("source", options.source),
                                                                  ("language", options.language))
                                   if value is not None and _absent(record.get(name))}}
        try:
            return article_from_record(record)
        except ArticleError as error:
            identifier = record.get("id") if isinstance(record, Mapping) else None
            return self.reject(place, str(error), _short(identifier))


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _short(identifier: object) -> str | None:
    """An id fit for a report: a string of ordinary length, or none."""
    if not isinstance(identifier, str | int) or isinstance(identifier, bool):
        return None
    return str(identifier).encode("utf-8", "replace").decode()[:100] or None
