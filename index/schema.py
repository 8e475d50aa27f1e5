"""Schema: the fields of the index as Whoosh sees them. All words and names stand in one field, `content`."""

from __future__ import annotations

from whoosh.analysis import IDAnalyzer
from whoosh.fields import NUMERIC, TEXT, Schema

CONTENT = "content"


def schema() -> Schema:
    """The Whoosh schema: `content` with positions, and the archive's version number as stored field.

    Terms come ready-made from our analyzer, so Whoosh's own does nothing to them.
    """
    return Schema(**{CONTENT: TEXT(analyzer=IDAnalyzer(), phrase=True, stored=False)}, number=NUMERIC(stored=True))
