"""The one table from what went wrong to what the client is told: RFC 9457 problems, or an error page for readers."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import marshmallow as ma
from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from index.archive import ArchiveError
from index.article import ArticleError
from index.manifest import ManifestError
from index.opensearch.cluster import ClusterError
from index.segment import SegmentError
from search.limits import QueryLimitError, SearchTimeoutError
from service.saved import SavedError, SavedFileError

MEDIA = "application/problem+json"
RETRY_SECONDS = 5
_log = logging.getLogger("exonym")


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """An error answer: status, a sentence that says what and what to do, and messages by field."""

    status: int
    detail: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase


def busy(detail: str, seconds: int = RETRY_SECONDS) -> Problem:
    """503 with Retry-After: the request was in order, and may be sent again later."""
    return Problem(503, detail, headers={"Retry-After": str(seconds)})


def invalid(errors: Mapping[str, list[str]]) -> Problem:
    """422 with messages by field; the detail repeats the first of them."""
    name, messages = next(iter(errors.items()))
    rest = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem(422, f"{name[:60]}: {messages[0]}{rest}", errors)


def as_problem(error: Exception) -> Problem:
    """The table. An error that is not in it is ours, and answered as 500 without details."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _from_http(error)
        case ma.ValidationError():
            return invalid(dict(_messages(error.normalized_messages())))  # type: ignore[no-untyped-call]
        case SearchTimeoutError():
            return busy(f"{error} Ask for less, or send this again later.")
        case QueryLimitError():
            return invalid({"q": [str(error)]})
        case ArticleError():
            return invalid({name: [text] for name, text in error.problems.items()})
        case SavedFileError():
            return busy("The saved searches cannot be read; `exonym saved list` says why.")
        case SavedError():
            return invalid({error.field: [str(error)]})
        case ManifestError() | SegmentError():
            return busy("The index is damaged, and is being made anew.", 30)
        case ArchiveError():
            return busy(f"The archive cannot be read: {error}.", 60)
        case sqlite3.OperationalError():
            return busy(f"The archive cannot be used now: {error}.")
        case sqlite3.DatabaseError() if type(error) is sqlite3.DatabaseError:
            return busy(f"The archive is damaged ({error}): `exonym check` says what to do.", 60)
        case ClusterError():
            return busy("The cluster that holds the index does not answer now; /health/ready says why.")
        case OSError():
            return busy(f"The data folder cannot be used now: {error.strerror or error}.")
    return Problem(500, "This is a fault of the service, not of the request. It was logged.")


def _from_http(error: HTTPException) -> Problem:
    data = getattr(error, "data", None) or {}
    found = data.get("messages") or data.get("errors")
    if found:                                         # webargs: {location: {field: messages}}
        return as_problem(ma.ValidationError({name: text for tree in found.values() for name, text in _items(tree)}))
    headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "location")}
    return Problem(error.code or 500, error.description or error.name, headers=headers)


def _items(tree: object) -> Iterator[tuple[str, object]]:
    yield from tree.items() if isinstance(tree, Mapping) else [("request", tree)]


def _messages(tree: Mapping[str, object], at: str = "") -> Iterator[tuple[str, list[str]]]:
    """marshmallow's nested messages as (field, messages); an item of a list is named by its number."""
    for key, value in tree.items():
        name = at if key == "_schema" else f"{at}.{key}" if at else str(key)
        if isinstance(value, Mapping):
            yield from _messages(value, name)
        else:
            yield name or "request", [str(text) for text in (value if isinstance(value, list) else [value])]


def problem_response(problem: Problem) -> Response:
    """The answer for programs."""
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail,
            "instance": request.path, "errors": dict(problem.errors)}
    return Response(json.dumps(body), problem.status, dict(problem.headers), content_type=MEDIA)


def for_readers() -> bool:
    """Whether the request is of a person at a browser: every path but those of the machine interfaces."""
    machine = ("/api/", "/feed.atom", "/health/", "/metrics", "/opensearch.xml")
    return not request.path.startswith(machine) and not request.path.endswith("/feed.atom")


def register_errors(app: Flask) -> None:
    """Have every exception answered by the table."""
    from service.context import context

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
            return Response(status=error.code, headers=dict(error.get_headers()))  # redirects
        problem = as_problem(error)
        if problem.status == 500 or isinstance(error, ManifestError | SegmentError):
            context().indexing.suspect()        # a damaged index may raise anything
        if problem.status >= 500 and problem.status != 503:
            _log.error("%s %s", request.method, request.path, exc_info=error)
        elif problem.status == 503:
            why = error if isinstance(error, ClusterError) else problem.detail
            _log.warning("%s %s: %s", request.method, request.path, why)
        if not for_readers():
            return problem_response(problem)
        page = render_template("error.html", problem=problem)
        return Response(page, problem.status, dict(problem.headers), content_type="text/html; charset=utf-8")

    app.register_error_handler(Exception, answer)
