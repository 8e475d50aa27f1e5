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
