"""Web archives (WARC, ARC): every stored page that is HTML, as the page reader sees it.

Records that hold no document of their own (warcinfo, request, metadata) are passed over. Stored answers that are no
pages are counted, and each reason gives one reject at the end.
"""

from __future__ import annotations

import contextlib
import io
import logging
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from index.article import Article, Reject
from index.readers.document import Document, ReadOptions
from index.readers.html import page
from index.readers.limits import LimitError

logging.getLogger("warcio").addHandler(logging.NullHandler())
PAGES = ("text/html", "application/xhtml+xml")
BROKEN = (ArchiveLoadFailed, ValueError, EOFError, OSError, zlib.error, LookupError, AttributeError, TypeError)
"""What warcio raises over records that are cut or damaged; it does not check all it takes apart."""


def read_warc(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """The pages of an archive; a record that cannot be read ends it, for the next one's start is then not known."""
    skipped: Counter[str] = Counter()
    number = articles = 0
    records = iter(ArchiveIterator(document.stream, arc2warc=True))
    while True:
        number += 1
        try:
            with contextlib.redirect_stderr(io.StringIO()):     # warcio prints what it repairs
                record = next(records, None)
            if record is None:
                break
            found = _page(record, document, f"record {number}", options)
        except LimitError as error:
            yield document.reject(f"record {number}", str(error))
            continue
        except BROKEN as error:
            yield document.reject(f"record {number}", f"broken: {str(error)[:200]}; the rest was left out")
            break
        if isinstance(found, str):
            skipped[found] += 1
        elif found is not None:
            articles += 1
            yield found
    skipped.pop("", None)
    for why, count in sorted(skipped.items()):
        yield document.reject(f"{count} record{'s' if count > 1 else ''}", why)
    if not articles and not skipped and number > 1:
        yield document.reject("", "holds no page")


def _page(record: Any, document: Document, place: str, options: ReadOptions) -> Article | Reject | str:
    """The article of a record, its reject, or why it is no page (`""`: it never was to be one)."""
    if record.rec_type not in ("response", "resource"):
        return "" if record.rec_type != "revisit" else "the same as an earlier record (revisit)"
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    if headers is None:
        return "no HTTP answer"
    status = headers.get_statuscode() if record.rec_type == "response" else "200"
    if status != "200":
        return f"the server answered {status[:20] or 'without a status'}"
    content = Message()
    content["Content-Type"] = headers.get_header("Content-Type") or "text/plain"
    if content.get_content_type() not in PAGES:
        return f"not HTML: {content.get_content_type()[:60]}"
    charset = content.get_content_charset()
    address = record.rec_headers.get_header("WARC-Target-URI")
    data = _payload(record, options.limits.document_bytes)
    url = address.strip("<>") if address else None
    return page(data, replace(document, charset=charset, url=url), f"{place} ({url})" if url else place, options, {})


def _payload(record: Any, limit: int) -> bytes:
    """The page, its chunks joined and unpacked; raises LimitError when there is more than the limit."""
    stream, parts, size = record.content_stream(), [], 0
    while part := stream.read(1 << 16):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise LimitError(f"holds more than {limit:,} bytes (limit document_bytes)")
    return b"".join(parts)
