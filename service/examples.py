"""Examples in the OpenAPI description: a request and an answer of every operation, of the sample newsroom.

The tests send the requests and hold the answers' shape against the real ones.
"""

from __future__ import annotations

from typing import Any

from apispec import BasePlugin

PATHS: dict[str, str] = {"article_id": "skerry-2022-07-22-grain", "entity_id": "place/odesa", "facet": "source",
                         "id": "Zs1n6mS0ybmPkfYk"}
QUERY: dict[str, dict[str, str]] = {
    "": {"q": "Odesa grain"}, "/names": {"q": "Одеса"}, "/suggest": {"q": "Оде"},
    "/facets/{facet}": {"q": "Odesa", "contains": "wire"}, "/names/{entity_id}/spellings": {}}
"""Examples of parameters by path; those under the empty path are for every other one that has such a parameter."""
CONDITIONAL = ("/search", "/names", "/names/{entity_id}/spellings", "/suggest", "/facets/{facet}", "/export.jsonl",
               "/export.csv")
"""What is answered 304 to who has it already."""

_SPELLINGS = [{"spelling": "Odesa", "articles": 5}, {"spelling": "Odessa", "articles": 4}]
_ENTITY = {"id": "place/odesa", "label": "Odesa", "type": "place"}
_STORY = {"id": "7235cf340b36401d", "size": 3}
_ARTICLE = {"id": "skerry-2022-07-22-grain", "title": "Russia, Ukraine sign deals to open Black Sea ports for grain",
            "url": "https://skerry.example/2022/07/22/grain", "source": "Skerry Wire",
            "date": "2022-07-22T17:30:00+03:00"}
_FACET = {"total": 9, "missing": 1, "other": 6, "buckets": [
    {"value": "Skerry Wire", "label": "Skerry Wire", "count": 2, "stories": 2, "selected": False}]}
_INDEX = {"generation": 1, "articles": 278, "names": "5f0c8d4be2a97d16"}
_RESULTS = {"results": [{"id": "note-1", "result": "created"}], "indexed": False}
_SAVED = {"id": "Zs1n6mS0ybmPkfYk", "name": "Grain by sea", "query": "q=grain&group=story",
          "created": "2024-05-18T09:30:00+00:00", "visited": None, "total": 11, "new": 0, "problem": None,
          "feed": "/saved/Zs1n6mS0ybmPkfYk/feed.atom"}
_NOTE = {"id": "note-1", "title": "Trams in Kiev", "text": "The trams run again.", "date": "2024-05-18"}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/articles"): {"application/json": _NOTE, "application/x-ndjson": '{"id": "note-1", "title": "Trams"}\n'},
    ("put", "/articles/{article_id}"): {"application/json": {"title": "Trams in Kiev", "date": "2024-05-18"}},
    ("post", "/saved"): {"application/json": {"name": "Grain by sea", "query": "q=grain&group=story"}}}
ANSWERS: dict[tuple[str, str], Any] = {
    ("get", "/search"): {
        "query": {"q": "Odesa grain", "match": "variants"},
        "expansions": [{"term": "Odesa", "entity": "place/odesa", "label": "Odesa", "spellings": _SPELLINGS,
                        "how": "same name"}],
        "diagnostics": [], "total": 9, "stories": 7,
        "hits": [{**_ARTICLE, "score": 6.1,
                  "snippet": [{"text": "… to let "}, {"text": "grain", "match": True}, {"text": " ships leave "},
                              {"text": "Odesa", "match": True}, {"text": " and two other ports …"}],
                  "matched": [{"term": "Odesa", "spelling": "Odesa", "entity": "place/odesa", "how": "as typed"},
                              {"term": "grain", "spelling": "grain", "entity": None, "how": "as typed"}],
                  "entities": [_ENTITY], "story": _STORY}],
        "facets": {"source": _FACET}, "page": {"number": 1, "size": 10, "pages": 1}, "index": _INDEX,
        "took_ms": 1.9, "suggestions": []},
    ("get", "/articles/{article_id}"): {
        **_ARTICLE, "text": "Russia and Ukraine signed agreements to let grain ships leave Odesa …", "language": "en",
        "authors": [], "section": "World", "story": _STORY,
        "entities": [{**_ENTITY, "spellings": [{"spelling": "Odesa", "count": 3}]}]},
    ("get", "/names"): {"q": "Одеса", "names": [
        {"entity": "place/odesa", "label": "Odesa", "type": "place", "rule": "authority file", "distinct_from": [],
         "spellings": [{"spelling": "Odessa", "language": "en", "kind": "variant", "articles": 40}],
         "guards": ["not where the text speaks of Texas"]}]},
    ("get", "/names/{entity_id}/spellings"): {
        "entity": _ENTITY, "articles": 60, "stories": 51, "interval": "year", "other": 0, "missing": 0,
        "spellings": [{"spelling": "Odessa", "articles": 40, "stories": 36,
                       "sources": [{"source": "Harbour Courier", "articles": 9}], "no_source": 1,
                       "dates": [{"date": "2022", "articles": 12}], "undated": 2}],
        "index": _INDEX},
    ("get", "/suggest"): {"q": "Оде", "suggestions": [
        {"text": "Одеса", "entity": "place/odesa", "label": "Odesa", "type": "place", "articles": 60}]},
    ("get", "/facets/{facet}"): {"facet": "source", **_FACET},
    ("post", "/articles"): _RESULTS, ("put", "/articles/{article_id}"): _RESULTS,
    ("delete", "/articles/{article_id}"): {"results": [{"id": "note-1", "result": "deleted"}], "indexed": False},
    ("get", "/saved"): {"saved": [_SAVED]}, ("post", "/saved"): _SAVED}


class Examples(BasePlugin):
    """Puts the examples into the description, names its operations, and says what may be answered with 304."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def path_helper(self, path: str | None = None, operations: dict[str, Any] | None = None,
                    parameters: list[dict[str, Any]] | None = None, **kwargs: Any) -> str | None:
        """Examples for what stands in the path."""
        for parameter in parameters or ():
            parameter["example"] = PATHS[parameter["name"]]
        return None

    def operation_helper(self, path: str | None = None, operations: dict[str, Any] | None = None,
                         **kwargs: Any) -> None:
        """Examples for the rest."""
        below = (path or "").removeprefix(self._prefix)
        for method, operation in (operations or {}).items():
            words = [part.strip("{}") for part in below.replace(".", "/").split("/") if part]
            operation["operationId"] = "_".join([method, *words])
            _show(operation, QUERY.get(below, QUERY[""]), BODIES.get((method, below), {}), ANSWERS.get((method, below)))
            if below in CONDITIONAL:
                operation["responses"]["304"] = {"description": "Not modified: the client has this answer (its tag was "
                                                                "sent as `If-None-Match`)."}


def _show(operation: dict[str, Any], query: dict[str, str], bodies: dict[str, Any], answer: Any) -> None:
    for parameter in operation.get("parameters", ()):
        if isinstance(parameter, dict) and parameter.get("name") in query:
            parameter["example"] = query[parameter["name"]]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        content["example"] = bodies[kind]
    for status, response in operation.get("responses", {}).items():
        if str(status) in ("200", "201") and answer is not None:
            response["content"]["application/json"]["example"] = answer
