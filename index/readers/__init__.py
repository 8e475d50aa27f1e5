"""One module a format; every reader yields articles and rejects, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from index.article import Article, Reject
from index.readers.containers import BROKEN, reason
from index.readers.csv import read_csv
from index.readers.detection import UnknownFormatError, detect
from index.readers.document import Document, ReadError, ReadOptions, Validators
from index.readers.jsonl import read_jsonl
from index.readers.limits import Limits
from index.readers.paths import documents, total_bytes
from index.readers.text import read_text
from index.readers.watch import Watch

__all__ = ["FORMATS", "Limits", "ReadError", "ReadOptions", "Validators", "Watch", "read", "total_bytes"]

FORMATS = ("auto", "jsonl", "csv", "text", "html", "feed", "warc")
Reader = Callable[[Document, ReadOptions], Iterator[Article | Reject]]


def read(paths: Sequence[str], options: ReadOptions) -> Iterator[Article | Reject]:
    """The articles of files, folders, archives, standard input (`-`) and, with format feed, URLs.

    Everything streams. A path that does not exist and an unknown format raise ReadError before anything is read;
    whatever else goes wrong is a Reject with its place and reason, and the rest is read.
    """
    if options.format not in FORMATS:
        raise ReadError(f"unknown format {options.format!r}; known are {', '.join(FORMATS)}")
    for document in documents(paths, options):
        if isinstance(document, Reject):
            yield document
            continue
        try:
            yield from _read(document, options)
        except BROKEN as error:
            yield document.reject("", reason(error))


def _read(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    try:
        name = options.format if options.format != "auto" else detect(document.head(), document.name)
    except UnknownFormatError as error:
        yield document.reject("", str(error))
        return
    yield from _reader(name)(document, options)


def _reader(name: str) -> Reader:
    """The reader of a format; those with large libraries behind them are loaded when first needed."""
    if name == "html":
        from index.readers.html import read_html
        return read_html
    if name == "feed":
        from index.readers.feed import read_feed
        return read_feed
    if name == "warc":
        from index.readers.warc import read_warc
        return read_warc
    return {"jsonl": read_jsonl, "csv": read_csv, "text": read_text}[name]
