"""The OpenAPI description: true to the routes, and what schemathesis makes of it is answered as it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from service.context import EXTENSION
from service.examples import PATHS
from service.schemas import SearchParameters
from tests.service.conftest import WRITE


@pytest.fixture(scope="session")
def description(reading_app: Flask) -> dict[str, Any]:
    """The description as it is served."""
    found: dict[str, Any] = json.loads(reading_app.test_client().get("/api/v1/openapi.json").data)
    return found


def test_every_route_of_the_api_is_described(reading_app: Flask, description: dict[str, Any]) -> None:
    rules = {rule.rule for rule in reading_app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert len(description["paths"]) == len(rules) - 1 > 5          # openapi.json itself is not
    assert description["openapi"] == "3.1.0"


def test_every_parameter_of_a_search_is_described(description: dict[str, Any]) -> None:
    given = {item["name"] for item in description["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert given == {field.data_key or name for name, field in SearchParameters().load_fields.items()}


def test_every_operation_answers_errors_as_problems(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "delete"):
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}, path
                assert operation["summary"], path
    error = description["components"]["responses"]["DEFAULT_ERROR"]
    assert list(error["content"]) == ["application/problem+json"]


def test_writing_needs_the_key(description: dict[str, Any]) -> None:
    assert description["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert description["paths"]["/api/v1/articles"]["post"]["security"] == [{"key": []}]
    assert "security" not in description["paths"]["/api/v1/search"]["get"]


OPERATIONS = [("GET", "/search"), ("GET", "/articles/{article_id}"), ("GET", "/names"),
              ("GET", "/names/{entity_id}/spellings"), ("GET", "/suggest"), ("GET", "/facets/{facet}"),
              ("GET", "/export.jsonl"), ("GET", "/export.csv"), ("POST", "/articles"),
              ("PUT", "/articles/{article_id}"), ("DELETE", "/articles/{article_id}"), ("GET", "/saved"),
               ("POST", "/saved"), ("DELETE", "/saved/{id}")]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=" ".join)
def test_generated_requests_are_answered_as_described(live: Flask, method: str, path: str) -> None:
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", live)[f"/api/v1{path}"][method]
    headers = {"Accept-Encoding": "identity", **(WRITE if method != "GET" else {})}
    # The description cannot say that the id of a body must be that of the URL, nor what is an id that exists.
    # A query value made into an object or left empty may be written into the URL as a good value, or not at all:
    # what bad parameters are refused is tested by test_parameters.py instead.
    # Nor can it say which text is the parameters of a search, and which name is taken.
    unsayable = {"PUT": [positive_data_acceptance], "GET": [negative_data_rejection]}.get(method, [])
    if path == "/saved" and method == "POST":
        unsayable = [positive_data_acceptance]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
           | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def check(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=unsayable)

    check()


def test_every_operation_has_a_name_and_examples(description: dict[str, Any]) -> None:
    operations = [(path, method, item[method]) for path, item in description["paths"].items()
                  for method in ("get", "post", "put", "delete") if method in item]
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    for path, method, operation in operations:
        given = [*operation.get("parameters", ()), *description["paths"][path].get("parameters", ())]
        assert all("example" in item for item in given if item.get("required")), path
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, path
        for status in {"200", "201"} & operation["responses"].keys():
            for kind, content in operation["responses"][status]["content"].items():
                assert kind != "application/json" or "example" in content, (path, method)


def keys(value: Any) -> Any:
    """The shape of an answer: the keys of its objects, the items of its lists taken together."""
    if isinstance(value, dict):
        return {name: keys(item) for name, item in value.items()}
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for item in value:
            merged |= keys(item) if isinstance(item, dict) else {}
        return merged
    return None


def fits(example: Any, answer: Any) -> bool:
    """Whether an example has no key that the answer has not, nor leaves one of its objects' keys out."""
    if not isinstance(example, dict) or not isinstance(answer, dict) or not example or not answer:
        return True
    return example.keys() == answer.keys() and all(fits(example[name], answer[name]) for name in example)


def answered(app: Flask, operation: dict[str, Any], method: str, address: str, **query: str) -> Any:
    """The answer to an operation's example, held against the example of its answer."""
    query |= {item["name"]: item["example"] for item in operation["parameters"] if "example" in item}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    answer = app.test_client().open(f"/api/v1{address}", method=method.upper(), query_string=query, json=body,
                                    headers=WRITE)
    assert str(answer.status_code) in operation["responses"], answer.text
    shown = operation["responses"][str(answer.status_code)]["content"].get("application/json", {}).get("example")
    if shown is not None:
        assert fits(keys(shown), keys(answer.json)), (keys(shown), keys(answer.json))
    assert answer.text
    return answer


@pytest.mark.parametrize("path", ["/search", "/articles/{article_id}", "/names", "/names/{entity_id}/spellings",
                                  "/suggest", "/facets/{facet}", "/export.jsonl", "/export.csv"])
def test_an_example_of_reading_is_answered_in_the_shape_shown(reading_app: Flask, description: dict[str, Any],
                                                              path: str) -> None:
    facets = {"facet": "source"} if path == "/search" else {}       # the answer shown has this one alone
    answered(reading_app, description["paths"][f"/api/v1{path}"]["get"], "get", path.format(**PATHS), **facets)


def test_examples_of_writing_are_answered_in_the_shape_shown(live: Flask, description: dict[str, Any]) -> None:
    paths = {path.removeprefix("/api/v1"): item for path, item in description["paths"].items()}
    article = paths["/articles/{article_id}"]
    answered(live, paths["/articles"]["post"], "post", "/articles")
    answered(live, article["put"], "put", "/articles/note-1")
    answered(live, article["delete"], "delete", "/articles/note-1")
    lines = paths["/articles"]["post"]["requestBody"]["content"]["application/x-ndjson"]["example"]
    sent = live.test_client().post("/api/v1/articles", data=lines, content_type="application/x-ndjson", headers=WRITE)
    assert [row["result"] for row in sent.json["results"]] == ["created"]
    answered(live, article["delete"], "delete", "/articles/note-1")
    kept = live.extensions[EXTENSION].saved
    for one in kept.all():              # what generated requests saved, the example perhaps among it
        kept.delete(one.id)
    saved = answered(live, paths["/saved"]["post"], "post", "/saved").json
    answered(live, paths["/saved"]["get"], "get", "/saved")
    gone = live.test_client().delete(f"/api/v1/saved/{saved['id']}", headers=WRITE)
    assert str(gone.status_code) in paths["/saved/{id}"]["delete"]["responses"]
