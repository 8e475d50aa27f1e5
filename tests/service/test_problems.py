"""The one error body: RFC 9457 under /api/, a page for readers elsewhere; headers kept, nothing reflected raw."""

from __future__ import annotations

import sqlite3

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from index.article import ArticleError
from service.errors import Problem, as_problem
from tests.service.conftest import problem_of


@pytest.mark.parametrize(("path", "status", "fields"), [
    pytest.param("/api/v1/search?page=0&foo=1", 422, {"page", "foo"}, id="all faults at once"),
    pytest.param("/api/v1/search?facet=source&facet=x", 422, {"facet.1"}, id="which of a list"),
    pytest.param("/api/v1/search?q=a&q=b", 422, {"q"}, id="given twice"),
    pytest.param("/api/v1/suggest", 422, {"q"}, id="required"),
    pytest.param("/api/v1/export.csv?sort=up", 422, {"sort"}, id="export"),
    pytest.param("/api/v1/articles/none?x=1", 422, {"x"}, id="no parameters there"),
    pytest.param("/api/v1/articles/none", 404, set(), id="no article"),
    pytest.param("/api/v1/facets/colour?q=", 404, set(), id="no facet"),
    pytest.param("/api/v1/facets/..%2f..", 404, set(), id="no facet, odd path"),
    pytest.param("/api/v1/search/", 404, set(), id="slash too many"),
    pytest.param("/api/v2/search", 404, set(), id="no version"),
    pytest.param("/feed.atom?page=x", 422, {"page"}, id="feed"),
])
def test_errors_have_one_form(client: FlaskClient, path: str, status: int, fields: set[str]) -> None:
    assert set(problem_of(client.get(path), status)["errors"]) == fields


def test_a_facet_that_is_not_there_is_answered_with_those_that_are(client: FlaskClient) -> None:
    assert "person, place, organisation, source, date" in problem_of(
        client.get("/api/v1/facets/colour"), 404)["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"])
def test_a_method_that_is_not_there_is_answered_with_those_that_are(client: FlaskClient, method: str) -> None:
    answer = client.open("/api/v1/search?q=talks", method=method)
    problem_of(answer, 405)
    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))


def test_readers_get_a_page(client: FlaskClient) -> None:
    pages = {"/article/none": 404, "/nothing/here": 404, "/?page=0": 422, "/facet/place?page=0": 422}
    for path, status in pages.items():
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert "<main" in answer.text


@pytest.mark.parametrize(("error", "status"), [
    pytest.param(Problem(409, "x"), 409, id="problem"),
    pytest.param(NotFound(), 404, id="http"),
    pytest.param(ArticleError({"date": "no date"}), 422, id="article"),
    pytest.param(sqlite3.OperationalError("database or disk is full"), 503, id="full disk"),
    pytest.param(OSError(28, "No space left on device"), 503, id="file system"),
    pytest.param(KeyError("ours"), 500, id="ours"),
])
def test_the_table_of_errors(error: Exception, status: int) -> None:
    problem = as_problem(error)
    assert problem.status == status
    assert "ours" not in problem.detail
    assert (status == 503) == ("Retry-After" in problem.headers)
