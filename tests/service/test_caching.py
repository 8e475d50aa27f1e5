"""Answers that need not be made or sent in full."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.service.conftest import WRITE

PATHS = ["/api/v1/search?q=Kiev", "/?q=Kiev", "/feed.atom?q=Kiev", "/api/v1/names?q=Kiev", "/api/v1/suggest?q=Ki",
         "/api/v1/facets/place?q=Kiev", "/api/v1/export.jsonl?q=Kiev", "/api/v1/export.csv?q=Kiev"]


@pytest.mark.parametrize("path", PATHS)
def test_the_same_answer_is_not_sent_twice(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    assert tag.startswith('W/"')
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(path.replace("Ki", "Ode"), headers={"If-None-Match": tag}).status_code == 200


def test_a_bad_request_is_not_called_unchanged(client: FlaskClient) -> None:
    tag = client.get("/api/v1/search?q=Kiev").headers["ETag"]
    assert client.get("/api/v1/search?q=Kiev&page=0", headers={"If-None-Match": tag}).status_code == 422
    assert client.get("/api/v1/search?q=Kiev", headers={"If-None-Match": '"'}).status_code == 200


def test_what_is_published_changes_the_tag_and_the_answer(live: Flask) -> None:
    client = live.test_client()
    before = client.get("/api/v1/search?q=weathercock")
    article = {"id": "weathercock", "title": "A weathercock for the town hall"}
    assert client.post("/api/v1/articles?wait=indexed", json=article, headers=WRITE).status_code == 201
    after = client.get("/api/v1/search?q=weathercock", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, before.json["total"], after.json["total"]) == (200, 0, 1)


@pytest.mark.parametrize("path", [*PATHS[:3], "/api/v1/export.jsonl?q=Kiev", "/static/exonym.css"])
def test_text_is_compressed_for_those_who_take_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    if "search" in path or path.startswith("/?"):       # both say how long they took
        assert len(packed.data) < len(plain.data) / 2
    else:
        assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0, br"}).headers
