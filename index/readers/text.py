"""Plain texts: the first line with words is the title, the rest the text; front matter may say more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.article import Article, Reject
from index.dates import DateError, date_in_name, parse_date
from index.readers.document import Document, ReadOptions
from index.readers.encoding import decode
from index.readers.fields import field_of, split_authors

TITLE_LIMIT = 200
"""A longer first line is a paragraph: such a text has no title."""
FRONT = re.compile(r"\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"([^\W\d][\w .-]{0,60}?)\s*:(?:\s+(.*))?")


def read_text(document: Document, options: ReadOptions) -> Iterator[Article | Reject]:
    """One article; its id is made from the content unless the front matter gives an id or url."""
    content = decode(document.whole(options.limits.document_bytes))
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    record, body = front_matter(content)
    if not record.get("title"):
        first, _, rest = body.lstrip().partition("\n")
        if len(first) <= TITLE_LIMIT:
            record["title"], body = " ".join(first.lstrip("#").split()), rest
    record["text"] = body.strip()
    printed = record.get("date") or date_in_name(document.name)
    if isinstance(printed, str):
        try:
            record["date"] = parse_date(printed)
        except DateError as error:
            yield document.reject("", f"date: {error}")
            return
    if document.name:
        record.setdefault("file", document.name)
    yield document.article(record, "", options)


def front_matter(content: str) -> tuple[dict[str, object], str]:
    """The keys between two lines of `---` at the start, known names mapped to fields, and the rest.

    Understood are `key: value`, lists as `[a, b]` or as lines of `- a`, and quotation marks around a value. All
    values stay text. A block with anything else is no front matter but part of the text.
    """
    match = FRONT.match(content)
    if match is None:
        return {}, content
    record: dict[str, object] = {}
    key = ""
    for line in match[1].split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = re.fullmatch(r"\s*-\s+(.*)", line)
        pair = _KEY.fullmatch(line.rstrip())
        if item is not None and key:
            items = record.setdefault(key, [])
            if not isinstance(items, list):
                return {}, content
            items.append(_plain(item[1]))
        elif pair is not None:
            key = field_of(pair[1]) or pair[1].strip()
            if pair[2]:
                record[key] = _value(pair[2])
        else:
            return {}, content
    byline = record.get("authors")
    if isinstance(byline, str):
        record["authors"] = split_authors(byline)
    return record, content[match.end():]


def _value(value: str) -> object:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return [_plain(part) for part in value[1:-1].split(",") if part.strip()]
    return _plain(value)


def _plain(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
