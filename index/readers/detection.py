"""Which format a document has, told from its first bytes and its name."""

from __future__ import annotations

import re

from index.readers.fields import field_of

ENDINGS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "csv": "csv", "tsv": "csv", "tab": "csv",
           "txt": "text", "text": "text", "md": "text", "markdown": "text",
           "html": "html", "htm": "html", "xhtml": "html", "shtml": "html", "php": "html", "asp": "html",
           "rss": "feed", "atom": "feed", "rdf": "feed", "warc": "warc", "arc": "warc"}
FEED = re.compile(rb"^(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>)*"
                  rb"<(?:[a-zA-Z]\w*:)?(?:rss|feed|RDF|urlset|sitemapindex)[\s>]", re.DOTALL)
PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|article|div|p)\b", re.IGNORECASE)
TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


class UnknownFormatError(Exception):
    """No reader fits the document; the text says what was found."""


def detect(head: bytes, name: str) -> str:
    """One of FORMATS for a document that begins with `head`; raises UnknownFormatError.

    Signatures that no other format can have come first, then the name, then what the content looks like.
    """
    if head.startswith((b"WARC/", b"filedesc://")):
        return "warc"
    plain = _plain(head)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if FEED.match(plain) or (plain.startswith(b"{") and b"://jsonfeed.org/version/" in plain.replace(b"\\/", b"/")):
        return "feed"
    if ending in ENDINGS:
        return ENDINGS[ending]
    if not plain:
        raise UnknownFormatError("empty")
    if TEXT_CONTROLS.intersection(plain[:1024]):
        raise UnknownFormatError("not text in any known format (binary)")
    if plain.startswith(b"<"):
        if PAGE.search(plain):
            return "html"
        raise UnknownFormatError("markup that is neither a page nor a feed")
    if plain.startswith((b"{", b"[")):
        return "jsonl"
    if _is_header(plain.split(b"\n", 1)[0]):
        return "csv"
    if name and ending != "":
        raise UnknownFormatError(f"files ending in .{ending[:20]} are not read; say the format with --format")
    if name:
        raise UnknownFormatError("plain text whose name does not end in .txt or .md; to read it, say --format text")
    return "text"


def _plain(head: bytes) -> bytes:
    """The head without byte order mark, in a form in which ASCII stands as ASCII."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, "replace").encode().lstrip()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_header(line: bytes) -> bool:
    """Does the line name at least two of an article's fields, apart by one separator?"""
    text = line.decode("utf-8", "replace")
    return any(sum(field_of(cell.strip(' "')) is not None for cell in text.split(separator)) >= 2
               for separator in (",", ";", "\t", "|"))
