"""Feeds: RSS and Atom (feedparser), JSON Feed, and sitemaps.

An entry becomes an article with what the feed gives of it: the whole text in some, a few lines in most. A sitemap
has no texts: of it only entries with a `news:title` are read; the others are counted in one reject.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import feedparser
from lxml import etree

from index.article import Article, Reject
from index.dates import DateError, parse_date
from index.readers.document import Document, ReadOptions
from index.readers.markup import plain_text
from index.readers.metadata import language_code
from index.sources import agency, host_of, outlet_of_host, unify

FAULTS = (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)
"""What feedparser raises over feeds that are damaged in odd ways; it takes most faults in its stride."""
DATES = ("published", "created", "updated")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def read_feed(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """The entries of a feed; the reject of an entry names its number."""
    data = document.whole(options.limits.document_bytes)
    start = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        yield from _json_feed(data, document, options)
    elif b"<urlset" in data[:4096] or b"<sitemapindex" in data[:4096]:
        yield from _sitemap(data, document, options)
    else:
        yield from _xml_feed(data, document, options)


def _xml_feed(data: bytes, document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    headers = {"content-type": f"application/xml; charset={document.charset}"} if document.charset else {}
    if document.url:
        headers["content-location"] = document.url
    try:
        parsed = feedparser.parse(io.BytesIO(data), response_headers=headers)
    except FAULTS as error:
        yield document.reject("", f"broken feed: {type(error).__name__} {str(error)[:200]}")
        return
    if not parsed.entries:
        known = parsed.get("version")
        yield document.reject("", "a feed without entries" if known else "neither RSS, Atom nor a sitemap")
        return
    for number, entry in enumerate(parsed.entries, 1):
        bodies = [item.get("value") or "" for item in entry.get("content", ())] + [entry.get("summary") or ""]
        origin = entry.get("source") if isinstance(entry.get("source"), Mapping) else {}
        names = [name for author in entry.get("authors", ()) if (name := author.get("name"))]
        yield _entry({
            "title": entry.get("title"), "text": max(bodies, key=len), "url": entry.get("link"), "authors": names,
            "guid": entry.get("id"), "language": entry.get("language") or parsed.feed.get("language"),
            "site": (origin or {}).get("title") or parsed.feed.get("title"),
            # `dict.get`: feedparser's own gives `published` for a missing `updated`, with a warning
            "dates": [(dict.get(entry, name), dict.get(entry, f"{name}_parsed")) for name in DATES],
        }, document, f"entry {number}", options)


def _json_feed(data: bytes, document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    try:
        feed = json.loads(data)
        items = feed["items"]
        if not isinstance(items, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        yield document.reject("", "not a JSON Feed: no list of items")
        return
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            yield document.reject(f"entry {number}", "must be a JSON object")
            continue
        authors = item.get("authors") or item.get("author") or feed.get("authors") or feed.get("author") or []
        authors = authors if isinstance(authors, list) else [authors]
        yield _entry({
            "title": item.get("title"),
            "text": item.get("content_html") or item.get("content_text") or item.get("summary"),
            "url": item.get("url") or item.get("external_url"), "guid": item.get("id"),
            "authors": [author.get("name") for author in authors if isinstance(author, dict)],
            "language": item.get("language") or feed.get("language"), "site": feed.get("title"),
            "dates": [(item.get("date_published"), None), (item.get("date_modified"), None)],
        }, document, f"entry {number}", options)


def _sitemap(data: bytes, document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True,
                             remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.LxmlError as error:
        yield document.reject("", f"not well-formed: {error}")
        return
    if root is None:
        yield document.reject("", "not well-formed")
        return
    bare = number = 0
    for number, entry in enumerate(root.iter("{*}url", "{*}sitemap"), 1):
        title = entry.findtext(f"{NEWS}news/{NEWS}title")
        if not title:
            bare += 1
            continue
        yield _entry({
            "title": title, "url": (entry.findtext(f"{SITEMAP}loc") or "").strip() or None,
            "language": entry.findtext(f"{NEWS}news/{NEWS}publication/{NEWS}language"),
            "site": entry.findtext(f"{NEWS}news/{NEWS}publication/{NEWS}name"),
            "dates": [(entry.findtext(f"{NEWS}news/{NEWS}publication_date"), None)],
        }, document, f"entry {number}", options)
    if bare or not number:
        yield document.reject(f"{bare} entries", "a sitemap gives addresses of pages, not their texts: "
                                                 "fetch the pages and index those")


def _entry(entry: Mapping[str, Any], document: Document, place: str, options: ReadOptions) -> Article | Reject:
    """An entry in our terms (`dates`: as printed and, from feedparser, as read) to an article."""
    text = {name: plain_text(value) if isinstance(value := entry.get(name), str) else "" for name in ("title", "text")}
    names = (" ".join(name.split()) for name in entry.get("authors", ()) if isinstance(name, str))
    authors = list(dict.fromkeys(name for name in names if name))
    url = entry.get("url")
    language = entry.get("language")
    record: dict[str, object] = {
        "title": " ".join(text["title"].split()), "text": text["text"], "url": url, "authors": authors,
        "language": options.language or (language_code(language) if isinstance(language, str) else None),
        **_date(entry["dates"]), **_source(entry.get("site"), url, options)}
    own = {"guid": entry.get("guid"), "agency": agency(text["text"], authors)}
    record |= {key: value for key, value in own.items() if isinstance(value, str) and value and value != url}
    return document.article(record, place, options)


def _date(dates: list[tuple[object, time.struct_time | None]]) -> dict[str, str]:
    """The first of the dates that can be read, its zone kept; if none can, what was printed instead."""
    printed = [(text, read) for text, read in dates if isinstance(text, str) and text.strip()]
    for text, read in printed:
        try:
            return {"date": parse_date(text)}
        except DateError:
            if read is not None and 1000 <= read.tm_year <= 2200:
                return {"date": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", read), "date_printed": text}
    return {"date_printed": printed[0][0]} if printed else {}


def _source(site: object, url: object, options: ReadOptions) -> dict[str, str]:
    """The outlet: what the options say, else whose host the entry links to, else the feed's title, else the host."""
    if options.source is not None:
        return {"source": options.source}
    host = host_of(url) if isinstance(url, str) else None
    printed = " ".join(plain_text(site).split()) if isinstance(site, str) and site.strip() else host
    if not printed:
        return {}
    source = (outlet_of_host(host) if host else None) or unify(printed)
    return {"source": source} if source == printed else {"source": source, "source_printed": printed}
