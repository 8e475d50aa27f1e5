"""Every match of a search, streamed: JSON lines, CSV, and the Atom feed of one page."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator

from search.request import SearchRequest
from search.response import ArticleView

COLUMNS = ("id", "title", "text", "date", "source", "url", "language", "authors", "story", "entities")
BATCH = 200                 # rows in a piece of the answer
SEPARATOR = " | "
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def json_lines(views: Iterable[ArticleView]) -> Iterator[str]:
    """One article a line, as GET /api/v1/articles/{id} gives it; several lines a piece."""
    for rows in _batches(views):
        yield "".join(json.dumps(view.as_json(), ensure_ascii=False) + "\n" for view in rows)


def csv_rows(views: Iterable[ArticleView]) -> Iterator[str]:
    """A header and one row an article; lists joined with ` | `; the story by its id, entities by theirs.

    A cell that a spreadsheet would compute has an apostrophe before it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for rows in itertools.chain([()], _batches(views)):
        for view in rows:
            writer.writerow(_cells(view))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cells(view: ArticleView) -> list[str]:
    article = view.article
    plain = [getattr(article, name) or "" for name in COLUMNS[:7]]
    entities = SEPARATOR.join(entity.id for entity in view.entities)
    return [no_formula(cell) for cell in (*plain, SEPARATOR.join(article.authors), view.story.id, entities)]


def no_formula(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe before the signs that begin a formula.

    After OWASP, CSV Injection: = + - @, tab, carriage return; their full-width forms, which some take for them.
    """
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _batches(views: Iterable[ArticleView]) -> Iterator[tuple[ArticleView, ...]]:
    views = iter(views)
    while rows := tuple(itertools.islice(views, BATCH)):
        yield rows


def xml_text(value: str) -> str:
    """`value` without the characters that XML 1.0 cannot hold (they become U+FFFD)."""
    return _NOT_XML.sub("�", value)


def file_name(request: SearchRequest, ending: str) -> str:
    """A name for the downloaded file, made of the query: ASCII letters, digits and hyphens."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", request.q).strip("-")[:40].lower()
    return f"exonym-{words or 'articles'}.{ending}"
