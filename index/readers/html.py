"""Web pages: the article out of its boilerplate (trafilatura), with what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction

from index.article import Article, Reject
from index.readers.document import Document, ReadOptions
from index.readers.encoding import decode
from index.readers.metadata import Metadata, metadata
from index.sources import agency, host_of, outlet_of_host, unify

CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})"
                     rb"|^\s*<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{2,40})", re.IGNORECASE)
CHARSET_SCAN = 4096
SUSPICIOUS = 0.5
"""A text with less than this share of the page's paragraphs, and of the title's words, is from the wrong place."""
INVISIBLE = ("script", "style", "svg", "link", "meta", "iframe", "template")
_WORD = re.compile(r"\w{4,}")
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_html(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """The one article of a page; its file name is kept under `file`."""
    data = document.whole(options.limits.document_bytes)
    yield page(data, document, "", options, {"file": document.name} if document.name else {})


def page(data: bytes, document: Document, place: str, options: ReadOptions, own: dict[str, str]) -> Article | Reject:
    """The article of a page given as bytes, with the keys of `own` added; or why there is none."""
    tree = _parse(decode(data, document.charset or declared_charset(data)))
    if tree is None:
        return document.reject(place, "holds no markup")
    found = metadata(tree, document.url)
    text = _without_title(_text(tree, found), found.title or "")
    if not text:
        return document.reject(place, "no article text was found in the page")
    record: dict[str, object] = {
        "title": found.title, "text": text, "date": found.date, "url": found.url,
        "language": options.language or found.language, "authors": found.authors, **_source(found, options), **own}
    credit = agency(text, found.authors)
    if credit is not None:
        record["agency"] = credit
    return document.article(record, place, options)


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page declares in its first bytes, or None."""
    match = CHARSET.search(data[:CHARSET_SCAN])
    return (match[1] or match[2]).decode("ascii", "replace") if match else None


def _parse(markup: str) -> HtmlElement | None:
    markup = _NOT_XML.sub(" ", _XML.sub("", markup))
    if not markup.strip():
        return None
    try:
        parser = HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8")
        return document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _text(tree: HtmlElement, found: Metadata) -> str:
    """The article's paragraphs, apart by newlines.

    The fast way first; if that gives little of the page's paragraphs, and a menu or nothing of what the title
    speaks of, the thorough way as well, and the longer of the two is kept.
    """
    etree.strip_elements(tree, *INVISIBLE, with_tail=False)     # a third of the nodes, and never text
    offered = sum(len(part) for paragraph in tree.iter("p") for part in paragraph.itertext())
    text = _extract(tree, fast=True)
    if len(text) < SUSPICIOUS * offered and (_is_menu(text) or not _is_about(text, found.title or "")):
        text = max(text, _extract(tree, fast=False), key=len)
    return text


def _without_title(text: str, title: str) -> str:
    """The text without its first line, if that is the title again."""
    first, _, rest = text.partition("\n")
    return rest if rest and _letters(first) == _letters(title) else text


def _letters(line: str) -> str:
    return "".join(filter(str.isalnum, line.casefold()))


def _is_about(text: str, title: str) -> bool:
    """Does the text hold at least half of the longer words of its title?"""
    words = set(_WORD.findall(title.casefold()))
    text = text.casefold()
    return sum(word in text for word in words) >= SUSPICIOUS * len(words)


def _is_menu(text: str) -> bool:
    """Is it mostly lines of a few words?"""
    lines = sorted(map(len, text.split("\n")))
    return len(lines) > 20 and lines[len(lines) // 2] < 30


def _extract(tree: HtmlElement, fast: bool) -> str:
    extracted = bare_extraction(tree, fast=fast, include_comments=False, include_tables=False)
    return (getattr(extracted, "text", None) or "").strip()


def _source(found: Metadata, options: ReadOptions) -> dict[str, str]:
    """The outlet: what the options say, else whose host it is, else what the site calls itself, else the host."""
    if options.source is not None:
        return {"source": options.source}
    host = host_of(found.url) if found.url else None
    printed = found.source or host
    if printed is None:
        return {}
    source = (outlet_of_host(host) if host else None) or unify(printed)
    return {"source": source} if source == printed else {"source": source, "source_printed": printed}
