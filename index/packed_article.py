"""How the archive keeps an article: its digest, and a record of bytes."""

from __future__ import annotations

import json

from index.article import FIELDS, Article
from index.deflate import compress, decompress

SHORT = 300
"""Records of fewer bytes are not compressed."""
_COMPRESSED, _PLAIN = b"z", b"j"
_KEPT = ("title", "text", "date", "source", "url", "language", "authors")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def packed(article: Article) -> tuple[bytes, bytes]:
    """An article's digest, and its record as the file keeps it: a list in JSON of all but its id."""
    fields = article.in_json()
    extra = _JSON.encode(dict(article.extra)).encode() if article.extra else b"{}"     # its keys in their order
    raw = b"[%b]" % b",".join([*map(fields.__getitem__, _KEPT), extra])
    return article.digest(fields), _PLAIN + raw if len(raw) < SHORT else _COMPRESSED + compress(raw)


def unpacked(id: str, record: bytes) -> Article:
    """The article of a record. Raises ValueError, KeyError or TypeError if it is damaged."""
    raw = decompress(record[1:]) if record[:1] == _COMPRESSED else record[1:]
    title, text, date, source, url, language, authors, extra = json.loads(raw.decode())
    return Article(id, title, text, date, source, url, language, tuple(authors), extra)


assert ("id", *_KEPT) == FIELDS
