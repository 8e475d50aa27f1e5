# mypy: allow-untyped-decorators
"""The writing half of /api/v1: what is acknowledged is in the archive, on disk; the indexer follows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, g

from index.article import Article
from service import payloads
from service.api import PREFIX, Routes
from service.bodies import JSON, LINES, Refused, article_of, lines, media_type, one_record
from service.context import context
from service.errors import Problem, busy
from service.observing import count_records
from service.schemas import Wait, WriteParameters
from service.security import demand_write

BATCH = 500                 # records in one transaction
BATCH_CHARACTERS = 4_000_000
POLL = 0.02                 # seconds between looks at the index while a client waits
writing = Routes("writing", __name__, url_prefix=PREFIX, description="Adding, replacing and deleting articles")
_KEY: list[dict[str, list[str]]] = [{"key": []}]
_gate = threading.BoundedSemaphore(4)
"""Writes at work in one process; more would only wait for one another, so they are sent away with 503."""


@writing.before_request
def admit() -> None:
    """Refuse a write without a key that may write, and any while the index is too far behind."""
    demand_write(context().keys)
    waiting, limit = context().indexing.waiting(), context().settings.max_waiting
    if waiting > limit:
        raise busy(f"{waiting} changes wait to be indexed, more than {limit}; send this again later.", 30)
    if not _gate.acquire(blocking=False):
        raise busy("Too many writes at once; send this again.", 1)
    g.gate = _gate


@writing.teardown_request
def leave(_: BaseException | None = None) -> None:
    """Let the next write in."""
    gate = g.pop("gate", None)
    if gate is not None:
        gate.release()


@writing.route("/articles", methods=["POST"])
@writing.arguments(WriteParameters, location="query")
@writing.response(200, payloads.WriteAnswer)
@writing.alt_response(201, schema=payloads.WriteAnswer, success=True)
@writing.doc(security=_KEY, requestBody={"required": True, "content": {
    JSON: {"schema": payloads.ARTICLE}, LINES: {"schema": {"type": "string"}}}})
def add(wanted: dict[str, Any]) -> Response:
    """Add or update articles: one JSON object, or JSON lines with a result for each."""
    if media_type(JSON, LINES) == JSON:
        return _put_one(article_of(one_record(context().settings)), wanted["wait"])
    results = list(_put_lines(lines(context().settings)))
    if not results:
        raise Problem(422, "The body holds no record.", {"body": ["Holds no record."]})
    return _acknowledged(results, wanted["wait"])


@writing.route("/articles/<article_id:article_id>", methods=["PUT"])
@writing.arguments(WriteParameters, location="query")
@writing.response(200, payloads.WriteAnswer)
@writing.alt_response(201, schema=payloads.WriteAnswer, success=True)
@writing.doc(security=_KEY, requestBody={"required": True, "content": {JSON: {"schema": payloads.ARTICLE}}})
def replace(wanted: dict[str, Any], article_id: str) -> Response:
    """Add the article with this id, or put this one in its place."""
    media_type(JSON)
    return _put_one(article_of(one_record(context().settings), article_id), wanted["wait"])


@writing.route("/articles/<article_id:article_id>", methods=["DELETE"])
@writing.arguments(WriteParameters, location="query")
@writing.response(200, payloads.WriteAnswer)
@writing.doc(security=_KEY)
def delete(wanted: dict[str, Any], article_id: str) -> Response:
    """Delete an article."""
    if not context().archive.delete([article_id])[0]:
        raise Problem(404, "There is no article with this id.")
    return _acknowledged([{"id": article_id, "result": "deleted"}], wanted["wait"])


def _put_one(article: Article, wait: Wait | None) -> Response:
    (result,) = context().archive.put([article])
    response = _acknowledged([{"id": article.id, "result": result}], wait)
    if result == "created":
        response.status_code = 201
    return response


def _put_lines(records: Iterable[Article | Refused]) -> Iterator[dict[str, Any]]:
    """Put records in transactions of bounded size; give the results in the order of the records."""
    batch: list[Article | Refused] = []
    characters = 0
    for record in records:
        batch.append(record)
        characters += len(record.text) if isinstance(record, Article) else 0
        if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
            yield from _put_batch(batch)
            batch, characters = [], 0
    yield from _put_batch(batch)


def _put_batch(batch: list[Article | Refused]) -> Iterator[dict[str, Any]]:
    outcomes = iter(context().archive.put([record for record in batch if isinstance(record, Article)]))
    for record in batch:
        if isinstance(record, Article):
            yield {"id": record.id, "result": next(outcomes)}
        else:
            yield {"line": record.line, "id": record.id, "result": "rejected", "problems": dict(record.problems)}


def _acknowledged(results: list[dict[str, Any]], wait: Wait | None) -> Response:
    count_records(result["result"] for result in results)
    indexed = _until_indexed() if wait is Wait.INDEXED else False
    return payloads.json_response({"results": results, "indexed": indexed})


def _until_indexed() -> bool:
    """Wait until a generation with everything the archive holds now is served; 503 when that takes too long."""
    position, indexing = context().archive.position(), context().indexing
    end = time.monotonic() + context().settings.wait_limit
    indexing.nudge()
    while indexing.position() < position:
        if time.monotonic() > end:
            raise busy("The article is stored, but indexing takes longer than this request may wait.", 10)
        time.sleep(POLL)
    return True

