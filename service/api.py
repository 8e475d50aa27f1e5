# mypy: allow-untyped-decorators, allow-subclassing-any
"""The reading half of /api/v1: search, article, names, suggestions, facets, exports, and the OpenAPI description."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Flask, Response, request
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

from search.request import SearchRequest
from search.response import ArticleView, SearchResponse
from search.usage import usage
from service import links, payloads
from service.bodies import LINES
from service.caching import entity_tag, tagged, unchanged
from service.context import context
from service.errors import MEDIA, Problem
from service.examples import Examples
from service.export import csv_rows, file_name, json_lines
from service.schemas import (
    ALL_FACETS,
    FacetParameters,
    NamesParameters,
    NoParameters,
    ProblemSchema,
    SearchParameters,
    SuggestParameters,
    UsageParameters,
)

PREFIX = "/api/v1"


class ArticleId(BaseConverter):
    """The rest of the path, whatever it holds: ids may contain slashes and line breaks."""

    regex = "(?s:.+)"
    part_isolating = False


class FacetName(BaseConverter):
    """One of ALL_FACETS; that another is none is for the operation to say."""


class Parser(FlaskParser):
    """webargs as we need it: an unknown parameter is an error, and so is one given twice."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 (read by webargs, never changed)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE,
    }

    def load_querystring(self, req: Any, schema: Any) -> Any:
        """The query string as a dictionary, lists where the schema has lists."""
        return schema.grouped(req.args.items(multi=True))


class Routes(Blueprint):
    """A blueprint with our parser."""

    ARGUMENTS_PARSER = Parser()


class Description(Api):
    """flask-smorest with problem+json as the error of every operation, and our error handlers instead of its own."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Ours are registered by service.errors."""

    def _register_responses(self) -> None:
        body = {MEDIA: {"schema": self.ERROR_SCHEMA}}
        put = self.spec.components.response
        put("DEFAULT_ERROR", {"description": "Problem", "content": body}, lazy=True)
        for status in HTTPStatus:
            content = {"content": body} if status >= 400 else {}
            put(status.name, {"description": status.phrase, **content}, lazy=True)


reading = Routes("reading", __name__, url_prefix=PREFIX, description="Searching and looking up")


def conditional(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Give the answer a tag, or 304 before it is made."""

    def wrapped(*args: Any, **kwargs: Any) -> Response:
        tag = entity_tag()
        return unchanged(tag) or tagged(answer(*args, **kwargs), tag)

    wrapped.__name__, wrapped.__doc__ = answer.__name__, answer.__doc__
    wrapped._apidoc = getattr(answer, "_apidoc", {})  # type: ignore[attr-defined]
    return wrapped


@reading.route("/search")
@reading.response(200, payloads.SearchAnswer)
@reading.arguments(SearchParameters, location="query")
@conditional
def search(wanted: SearchRequest) -> Response:
    """Search: hits with reasons, facets, spellings."""
    found = context().results.search(wanted)
    response = payloads.json_response(found)
    _link_pages(response, wanted, found)
    return response


def _link_pages(response: Response, wanted: SearchRequest, found: SearchResponse) -> None:
    """RFC 8288 links to the other pages."""
    last = max(1, found.page.pages)
    around = {"first": 1, "last": last}
    if wanted.page > 1:
        around["prev"] = min(wanted.page - 1, last)
    if wanted.page < last:
        around["next"] = wanted.page + 1
    response.headers["Link"] = ", ".join(
        f'<{links.url(links.on_page(wanted, number), PREFIX + "/search")}>; rel="{relation}"'
        for relation, number in around.items())


@reading.route("/articles/<article_id:article_id>")
@reading.response(200, payloads.ArticleAnswer)
@reading.arguments(NoParameters, location="query")
def article(_: dict[str, Any], article_id: str) -> Response:
    """One article, with its story and its entities."""
    return payloads.json_response(stored_article(article_id))


def stored_article(identifier: str) -> dict[str, Any]:
    """The newest version of an article, with its story and entities. Raises 404."""
    view = context().searcher.article(identifier)
    if view is None:
        raise Problem(404, "There is no article with this id.")
    return view.as_json()


@reading.route("/names")
@reading.response(200, payloads.NamesAnswer)
@reading.arguments(NamesParameters, location="query")
@conditional
def names(wanted: dict[str, Any]) -> Response:
    """Which entity a name is, its spellings, which rule decided, what guards against."""
    with context().results as searcher:
        entries = searcher.names(wanted["q"])
    return payloads.json_response({"q": wanted["q"], "names": entries})


@reading.route("/names/<article_id:entity_id>/spellings")
@reading.response(200, payloads.UsageAnswer)
@reading.arguments(UsageParameters, location="query")
@conditional
def spellings(wanted: tuple[SearchRequest, int], entity_id: str) -> Response:
    """How an entity is printed: each spelling by outlet and by date."""
    with context().results as searcher:
        found = usage(searcher, entity_id, *wanted)
    if found is None:
        raise no_entity()
    return payloads.json_response(payloads.usage_body(found))


def no_entity() -> Problem:
    """The answer to an id of no entity."""
    return Problem(404, "No names file and no article has an entity with this id; ids look like place/kyiv.")


@reading.route("/suggest")
@reading.response(200, payloads.SuggestAnswer)
@reading.arguments(SuggestParameters, location="query")
@conditional
def suggest(wanted: dict[str, Any]) -> Response:
    """Names that begin like what was typed, in any spelling."""
    with context().results as searcher:
        found = searcher.suggest(wanted["q"], wanted["limit"])
    return payloads.json_response({"q": wanted["q"], "suggestions": found})


@reading.route("/facets/<facet_name:facet>")
@reading.response(200, payloads.FacetAnswer)
@reading.arguments(FacetParameters, location="query")
@conditional
def facet(wanted: tuple[SearchRequest, str], facet: str) -> Response:
    """One facet of a search; `contains` looks inside it, in any spelling."""
    if facet not in ALL_FACETS:
        raise Problem(404, f"There is no facet of this name; there are {', '.join(ALL_FACETS)}.")
    with context().results as searcher:
        found = searcher.facet(facet, *wanted)
    return payloads.json_response({"facet": facet, **payloads.fields_of(found)})


@reading.route("/export.jsonl")
@reading.response(200, {"type": "string"}, content_type=LINES)
@reading.arguments(SearchParameters, location="query")
@conditional
def export_jsonl(wanted: SearchRequest) -> Response:
    """Every match, one JSON object a line, streamed."""
    return _download(json_lines(_matches(wanted)), f"{LINES}; charset=utf-8", file_name(wanted, "jsonl"))


@reading.route("/export.csv")
@reading.response(200, {"type": "string"}, content_type="text/csv")
@reading.arguments(SearchParameters, location="query")
@conditional
def export_csv(wanted: SearchRequest) -> Response:
    """Every match, one row an article, streamed."""
    return _download(csv_rows(_matches(wanted)), "text/csv; charset=utf-8", file_name(wanted, "csv"))


def _matches(wanted: SearchRequest) -> Iterator[ArticleView]:
    """The matches, the first of them fetched already, so that what goes wrong at once is answered as an error."""
    with context().results as searcher:
        found = searcher.export(wanted)
        first = list(itertools.islice(found, 1))
    return itertools.chain(first, found)


def _download(pieces: Iterator[str], content_type: str, name: str) -> Response:
    response = Response(pieces, content_type=content_type)
    if request.method == "HEAD":
        response = Response(content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def register_api(app: Flask) -> None:
    """Add /api/v1 with its description at /api/v1/openapi.json."""
    from service.saved_api import saved_api
    from service.writing import writing

    app.config.update(API_TITLE="Exonym", API_VERSION="v1", OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=PREFIX)
    security = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
                "info": {"description": "News search that finds a name under every spelling."}}
    api = Description(app, spec_kwargs={**security, "extra_plugins": [Examples(PREFIX)]})
    api.register_converter(ArticleId, lambda converter: {"type": "string", "minLength": 1})
    api.register_converter(FacetName, lambda converter: {"type": "string", "enum": list(ALL_FACETS)})
    api.register_blueprint(reading)
    api.register_blueprint(writing)
    api.register_blueprint(saved_api)
