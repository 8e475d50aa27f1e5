"""Names that columns and front matter have in the wild, and the article's fields they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence

ALIASES = {
    "id": ("id", "article_id", "articleid", "doc_id", "document_id", "uuid"),
    "title": ("title", "headline", "head_line", "article_title", "news_title", "heading", "hed", "titre", "titel",
              "titulo", "заголовок", "назва"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "fulltext", "maintext", "main_text",
             "article_body", "articlebody", "story", "news_text", "texte", "texto", "текст"),
    "date": ("date", "published", "publish_date", "published_date", "publication_date", "date_published",
             "datepublished", "pubdate", "pub_date", "published_at", "publishedat", "publish_time", "published_time",
             "date_publish", "datetime", "timestamp", "article_date", "datum", "fecha", "дата"),
    "source": ("source", "outlet", "publisher", "publication", "newspaper", "media", "source_name", "site_name",
               "site", "source_domain", "domain", "джерело", "источник"),
    "url": ("url", "link", "article_url", "web_url", "weburl", "source_url", "permalink", "canonical_url", "uri",
            "href", "посилання", "ссылка"),
    "language": ("language", "lang", "language_code", "мова", "язык"),
    "authors": ("authors", "author", "byline", "by", "creator", "writer", "journalist", "автор"),
}
"""Field → the names it goes by, the likeliest first."""
_FIELD_OF = {name: field for field, names in ALIASES.items() for name in names}
_COMPUTED = frozenset({"story"})    # as a column of ours `story` is computed; in the wild it is a text
_INDEX = re.compile(r"(?:unnamed_\d+|index|level_\d+|row|row_number|)")
_NOT_WORD = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """The name in small letters, its words joined by `_`."""
    return _NOT_WORD.sub("_", name.casefold()).strip("_")


def field_of(name: str) -> str | None:
    """The article's field that a column of this name stands for, or None."""
    return _FIELD_OF.get(plain_name(name))


def map_columns(header: Sequence[str]) -> list[str | None]:
    """For each column the key it gets in the record: a field, its own name, or None to leave it out.

    A field goes to its likeliest column; the others that could have been it keep their own names. Columns
    without a name and running numbers (`Unnamed: 0`, `index`) are left out.
    """
    plain = [plain_name(name) for name in header]
    chosen: dict[int, str] = {}
    for field, names in ALIASES.items():
        for name in names:
            if name in plain and not (name in _COMPUTED and "entities" in plain):
                chosen[plain.index(name)] = field
                break
    keys: list[str | None] = []
    for number, name in enumerate(header):
        key = chosen.get(number)
        if key is None and not _INDEX.fullmatch(plain[number]):
            key = _unused(name.strip(), set(chosen.values()) | {key for key in keys if key})
        keys.append(key)
    return keys


def _unused(name: str, taken: set[str]) -> str:
    number, key = 1, name
    while key in taken:
        number += 1
        key = f"{name}.{number}"
    return key


def split_authors(byline: str) -> list[str]:
    """The persons of a byline: `By Ann Lee and Bo Carr` → two names."""
    byline = byline.strip()
    if byline[:3].lower() == "by ":
        byline = re.sub(r",? and |, ", " | ", byline[3:])
    return [name for part in re.split(r" \| |;", byline) if (name := " ".join(part.split()))]
