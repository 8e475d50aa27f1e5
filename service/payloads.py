"""The shapes of JSON answers, as schemas for the OpenAPI description, and how answers are written."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields

from search.response import Buckets, Facet, Piece
from search.usage import Usage
from service.saved import Standing


def json_response(body: Any, status: int = 200) -> Response:
    """`body` as compact UTF-8 JSON; records of search/response.py in it become objects, as their `as_json` has them."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=fields_of)
    return Response(text, status, content_type="application/json")


def fields_of(record: Any) -> Any:
    """The fields of a record, without those that say nothing (a piece that is no match, a facet without interval); of
    buckets, which are columns, an object each."""
    if isinstance(record, Buckets):
        return record.as_json()
    found = {name: getattr(record, name) for name in record.__slots__}
    if isinstance(record, Piece) and not record.match:
        del found["match"]
    elif isinstance(record, Facet) and record.interval is None:
        del found["interval"]
    return found


class QueryEcho(ma.Schema):
    q = fields.String()
    match = fields.String()


class SpellingPart(ma.Schema):
    spelling = fields.String()
    articles = fields.Integer()


class ExpansionPart(ma.Schema):
    term = fields.String()
    entity = fields.String(allow_none=True)
    label = fields.String()
    spellings = fields.List(fields.Nested(SpellingPart))
    how = fields.String()


class DiagnosticPart(ma.Schema):
    code = fields.String()
    message = fields.String()
    start = fields.Integer()
    end = fields.Integer()


class PiecePart(ma.Schema):
    text = fields.String()
    match = fields.Boolean()


class MatchedPart(ma.Schema):
    term = fields.String()
    spelling = fields.String()
    entity = fields.String(allow_none=True)
    how = fields.String()


class EntityPart(ma.Schema):
    id = fields.String()
    label = fields.String()
    type = fields.String()


class StoryPart(ma.Schema):
    id = fields.String()
    size = fields.Integer()


class HitPart(ma.Schema):
    id = fields.String()
    title = fields.String()
    url = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    date = fields.String(allow_none=True)
    score = fields.Float()
    snippet = fields.List(fields.Nested(PiecePart))
    matched = fields.List(fields.Nested(MatchedPart))
    entities = fields.List(fields.Nested(EntityPart))
    story = fields.Nested(StoryPart)


class BucketPart(ma.Schema):
    value = fields.String()
    label = fields.String()
    count = fields.Integer()
    stories = fields.Integer()
    selected = fields.Boolean()


class FacetPart(ma.Schema):
    total = fields.Integer()
    missing = fields.Integer()
    other = fields.Integer()
    buckets = fields.List(fields.Nested(BucketPart))
    interval = fields.String()


class FacetAnswer(FacetPart):
    facet = fields.String()


class PagePart(ma.Schema):
    number = fields.Integer()
    size = fields.Integer()
    pages = fields.Integer()


class IndexPart(ma.Schema):
    generation = fields.Integer()
    articles = fields.Integer()
    names = fields.String()


class SearchAnswer(ma.Schema):
    """The answer of a search."""

    query = fields.Nested(QueryEcho)
    expansions = fields.List(fields.Nested(ExpansionPart))
    diagnostics = fields.List(fields.Nested(DiagnosticPart))
    total = fields.Integer()
    stories = fields.Integer()
    hits = fields.List(fields.Nested(HitPart))
    facets = fields.Dict(keys=fields.String(), values=fields.Nested(FacetPart))
    page = fields.Nested(PagePart)
    index = fields.Nested(IndexPart)
    took_ms = fields.Float()
    suggestions = fields.List(fields.String())


class PrintedPart(ma.Schema):
    spelling = fields.String()
    count = fields.Integer()


class ArticleEntityPart(EntityPart):
    spellings = fields.List(fields.Nested(PrintedPart))


ARTICLE: dict[str, Any] = {
    "type": "object",
    "description": "An article as input; other keys are kept and given back untouched.",
    "properties": {
        "id": {"type": ["string", "integer", "null"], "minLength": 1, "maxLength": 512, "pattern": r"\S",
               "description": "Made from `url`, else from the content, if it is missing."},
        "title": {"type": ["string", "null"]},
        "text": {"type": ["string", "null"]},
        "date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"},
                           {"type": "string", "pattern": r"^\s*$"}, {"type": "null"}]},
        "source": {"type": ["string", "null"]},
        "url": {"type": ["string", "null"]},
        "language": {"type": ["string", "null"]},
        "authors": {"type": ["array", "string", "null"], "items": {"type": "string"}},
    },
    "anyOf": [{"properties": {name: {"type": "string", "pattern": r"\S"}}, "required": [name]}
              for name in ("title", "text")],
}


class ArticleAnswer(ma.Schema):
    """An article with its story and its entities, and every other key it came with."""

    class Meta:
        unknown = ma.INCLUDE

    id = fields.String(allow_none=True)
    title = fields.String()
    text = fields.String()
    date = fields.String(allow_none=True, metadata={"description": "ISO 8601 date or date-time."})
    source = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    authors = fields.List(fields.String())
    story = fields.Nested(StoryPart)
    entities = fields.List(fields.Nested(ArticleEntityPart))


class NameSpellingPart(ma.Schema):
    spelling = fields.String()
    language = fields.String()
    kind = fields.String()
    articles = fields.Integer()


class NamePart(ma.Schema):
    entity = fields.String(allow_none=True)
    label = fields.String()
    type = fields.String(allow_none=True)
    rule = fields.String()
    spellings = fields.List(fields.Nested(NameSpellingPart))
    guards = fields.List(fields.String())
    distinct_from = fields.List(fields.String())


class NamesAnswer(ma.Schema):
    """What a name is."""

    q = fields.String()
    names = fields.List(fields.Nested(NamePart))


class BySource(ma.Schema):
    source = fields.String()
    articles = fields.Integer()


class ByDate(ma.Schema):
    date = fields.String()
    articles = fields.Integer()


class SpellingUsePart(ma.Schema):
    spelling = fields.String()
    articles = fields.Integer()
    stories = fields.Integer()
    sources = fields.List(fields.Nested(BySource))
    no_source = fields.Integer()
    dates = fields.List(fields.Nested(ByDate))
    undated = fields.Integer()


class UsageAnswer(ma.Schema):
    """How an entity is printed: each spelling with its articles by outlet and by date."""

    entity = fields.Nested(EntityPart)
    articles = fields.Integer()
    stories = fields.Integer()
    interval = fields.String()
    spellings = fields.List(fields.Nested(SpellingUsePart))
    other = fields.Integer(metadata={"description": "Articles all of whose spellings are beyond those given."})
    missing = fields.Integer(metadata={"description": "Articles of which no printed spelling is known."})
    index = fields.Nested(IndexPart)


def usage_body(found: Usage) -> dict[str, Any]:
    """The answer for one entity."""
    spellings = [{"spelling": use.spelling, "articles": use.articles, "stories": use.stories,
                  "sources": [{"source": bucket.value, "articles": bucket.count} for bucket in use.sources],
                  "no_source": use.no_source,
                  "dates": [{"date": bucket.value, "articles": bucket.count} for bucket in use.dates],
                  "undated": use.undated} for use in found.spellings]
    return {"entity": found.entity, "articles": found.articles, "stories": found.stories,
            "interval": found.dates.interval, "spellings": spellings, "other": found.other, "missing": found.missing,
            "index": found.index}


class SuggestionPart(ma.Schema):
    text = fields.String()
    entity = fields.String(allow_none=True)
    label = fields.String()
    type = fields.String(allow_none=True)
    articles = fields.Integer()


class SuggestAnswer(ma.Schema):
    """Suggestions, the best first."""

    q = fields.String()
    suggestions = fields.List(fields.Nested(SuggestionPart))


class ResultPart(ma.Schema):
    line = fields.Integer(metadata={"description": "Line of the body, from 1; JSON lines only."})
    id = fields.String(allow_none=True)
    result = fields.String(metadata={"description": "created, updated, unchanged, deleted or rejected."})
    problems = fields.Dict(keys=fields.String(), values=fields.String())


class WriteAnswer(ma.Schema):
    """A result for each record, in order; everything acknowledged is durable."""

    results = fields.List(fields.Nested(ResultPart))
    indexed = fields.Boolean(metadata={"description": "Whether it can be found already."})


class SavedPart(ma.Schema):
    """A saved search; `problem` says why it cannot be made, if it cannot."""

    id = fields.String()
    name = fields.String()
    query = fields.String(metadata={"description": "The parameters of the search, as in a URL."})
    created = fields.String()
    visited = fields.String(allow_none=True, metadata={"description": "When it was last visited on the page."})
    total = fields.Integer(allow_none=True)
    new = fields.Integer(allow_none=True, metadata={"description": "Matches not there at the last visit."})
    problem = fields.String(allow_none=True)
    feed = fields.String(metadata={"description": "Address of its feed."})


class SavedAnswer(ma.Schema):
    """All saved searches, by name."""

    saved = fields.List(fields.Nested(SavedPart))


def standing_row(one: Standing) -> dict[str, Any]:
    """A saved search and how it stands, as a JSON object."""
    return {**fields_of(one.saved), "total": one.total, "new": one.new, "problem": one.problem,
            "feed": f"/saved/{one.saved.id}/feed.atom"}
