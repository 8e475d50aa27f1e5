"""Writing over HTTP: durable when acknowledged, a result for each record, found soon after; hostile bodies refused."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from service import writing
from service.context import EXTENSION, Context
from tests.service.conftest import WRITE, problem_of

ARTICLE = {"title": "Funiculars in Kiev", "text": "The funiculars ran.", "date": "2023-05-18",
           "section": ["a", {"b": 1}]}
LINES = {"Content-Type": "application/x-ndjson", **WRITE}


def stored(app: Flask, id: str) -> dict[str, Any] | None:
    """The record in the archive of an app."""
    about: Context = app.extensions[EXTENSION]
    article = about.archive.get(id)
    return article.record() if article is not None else None


def test_an_article_is_stored_when_acknowledged_and_found_when_waited_for(live: Flask) -> None:
    client = live.test_client()
    answer = client.post("/api/v1/articles?wait=indexed", json={**ARTICLE, "id": "new/1"}, headers=WRITE)
    assert answer.status_code == 201
    assert answer.json == {"results": [{"id": "new/1", "result": "created"}], "indexed": True}
    record = stored(live, "new/1")
    assert record is not None
    assert record.items() >= ARTICLE.items()
    found = client.get("/api/v1/search", query_string={"q": "funiculars Kyiv"}).json
    assert [hit["id"] for hit in found["hits"]] == ["new/1"]
    assert client.get("/api/v1/articles/new%2F1").json.items() >= ARTICLE.items()
    deleted = client.delete("/api/v1/articles/new%2F1?wait=indexed", headers=WRITE)
    assert deleted.json == {"results": [{"id": "new/1", "result": "deleted"}], "indexed": True}
    assert client.get("/api/v1/search?q=funiculars").json["total"] == 0


def test_without_waiting_it_is_found_all_the_same(live: Flask) -> None:
    client = live.test_client()
    client.post("/api/v1/articles", json={"id": "new/2", "title": "Lanterns on the quay"}, headers=WRITE)
    end, total = time.monotonic() + 120, 0
    while not total and time.monotonic() < end:
        total = client.get("/api/v1/search?q=lanterns+quay").json["total"]
    assert total == 1


def test_writing_twice_changes_nothing_and_deleting_leaves_nothing(empty: Flask) -> None:
    client = empty.test_client()
    words = [client.put("/api/v1/articles/twice", json=body, headers=WRITE).json["results"][0]["result"]
             for body in (ARTICLE, ARTICLE, {**ARTICLE, "title": "Funiculars in Kyiv"})]
    assert words == ["created", "unchanged", "updated"]
    assert client.delete("/api/v1/articles/twice", headers=WRITE).json["results"][0]["result"] == "deleted"
    problem_of(client.get("/api/v1/articles/twice"), 404)
    problem_of(client.delete("/api/v1/articles/twice", headers=WRITE), 404)


def test_each_line_has_its_result_and_a_bad_one_does_not_stop_the_rest(empty: Flask) -> None:
    good = json.dumps({**ARTICLE, "id": "line"})
    lines = [good, "", "{", '{"id": "x"}', '["list"]', '{"title": "\\ud800"}', '{"title": "t", "n": 1e999}',
             '{"title": "t", "n": NaN}', good, '{"id": 7, "title": "t", "date": "soon"}']
    body = "\n".join(lines).encode() + b'\n{"title": "\xff"}\r\n'
    answer = empty.test_client().post("/api/v1/articles", data=body, headers=LINES)
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [row["result"] for row in results] == ["created", *["rejected"] * 6, "unchanged", *["rejected"] * 2]
    assert [row.get("line") for row in results] == [None, 3, 4, 5, 6, 7, 8, None, 10, 11]
    assert (results[2]["id"], set(results[2]["problems"])) == ("x", {"text"})
    assert set(results[8]["problems"]) == {"date"}


@pytest.mark.parametrize(("body", "status"), [
    pytest.param(b"", 400, id="nothing"),
    pytest.param(b"{", 400, id="cut"),
    pytest.param(b"null", 422, id="null"),
    pytest.param(b"[1]", 422, id="list"),
    pytest.param(b"NaN", 400, id="NaN"),
    pytest.param(b"{}", 422, id="no fields"),
    pytest.param(b'{"title": "\xff"}', 400, id="not UTF-8"),
    pytest.param('{"title": "t"}'.encode("utf-16"), 400, id="UTF-16"),
    pytest.param(b"[" * 4000, 400, id="deep"),
    pytest.param(b'{"title": 5}', 422, id="number"),
    pytest.param(b'{"title": "x", "date": "2022-02-30"}', 422, id="no such day"),
    pytest.param(b'{"id": "' + b"b" * 3000 + b'", "title": "t"}', 422, id="long id"),
    pytest.param(b'{"title": "' + b"b" * 5000 + b'"}', 413, id="too long"),
])
def test_what_is_no_article_is_refused(empty: Flask, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json", **WRITE}
    problem_of(empty.test_client().post("/api/v1/articles", data=body, headers=headers), status)


@pytest.mark.parametrize(("headers", "status"), [
    pytest.param({"Content-Type": "text/plain"}, 415, id="text"),
    pytest.param({"Content-Type": "application/xml"}, 415, id="xml"),
    pytest.param({"Content-Type": "application/json; charset=utf-16"}, 415, id="charset"),
    pytest.param({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415, id="compressed"),
    pytest.param({"Content-Type": "application/json"}, 200, id="json"),
    pytest.param({"Content-Type": "application/json; charset=UTF-8"}, 200, id="json, charset named"),
])
def test_the_type_of_a_body_must_be_one_of_two(empty: Flask, headers: dict[str, str], status: int) -> None:
    client, body = empty.test_client(), json.dumps({**ARTICLE, "id": "typed"})
    client.post("/api/v1/articles", data=body, headers={"Content-Type": "application/json", **WRITE})
    answer = client.post("/api/v1/articles", data=body, headers={**headers, **WRITE})
    assert answer.status_code == status
    assert status == 200 or problem_of(answer, 415)["detail"].startswith("Send ")


@pytest.mark.parametrize("query", ["?wait=forever", "?foo=1", "?wait=indexed&wait=indexed"])
def test_parameters_of_writes_are_checked_too(empty: Flask, query: str) -> None:
    problem_of(empty.test_client().post(f"/api/v1/articles{query}", json=ARTICLE, headers=WRITE), 422)


def test_the_id_of_the_url_must_be_the_articles(empty: Flask) -> None:
    client = empty.test_client()
    answer = client.put("/api/v1/articles/one", json={**ARTICLE, "id": "two"}, headers=WRITE)
    assert set(problem_of(answer, 422)["errors"]) == {"id"}
    assert client.put("/api/v1/articles/one", json={"title": "t"}, headers=WRITE).status_code == 201
    assert stored(empty, "two") is None


@pytest.mark.parametrize("id", [
    "a/../../b", "x?y=1#z", "line\r\nbreak", "//two", "%2F", "Київ 🔥", "..", "a/", "<b>", "'"])
def test_any_id_leads_back_to_its_article(empty: Flask, id: str) -> None:
    client = empty.test_client()
    assert client.post("/api/v1/articles", json={**ARTICLE, "id": id}, headers=WRITE).status_code == 201
    found = client.get("/api/v1/articles/" + quote(id, safe=""))
    assert (found.status_code, found.json["id"]) == (200, id)
    assert client.get("/article/" + quote(id, safe="")).status_code == 200


def test_limits_of_a_body_hold_line_by_line(empty: Flask) -> None:
    client = empty.test_client()
    long, short = json.dumps({"title": "b" * 5000}), [f'{{"title": "limits {n}"}}' for n in range(60)]
    results = client.post("/api/v1/articles", data="\n".join([long, *short]), headers=LINES).json["results"]
    assert [row["result"] for row in results] == ["rejected", *["created"] * 50, "rejected"]
    assert "4096 bytes" in results[0]["problems"]["record"]
    assert "50 records" in results[-1]["problems"]["record"]
    problem_of(client.post("/api/v1/articles", data="\n\n\n", headers=LINES), 422)
    problem_of(client.post("/api/v1/articles", data=b" " * (2 << 20), headers=LINES), 413)


def test_too_many_writes_at_once_are_sent_away_and_may_come_again(empty: Flask) -> None:
    client, held = empty.test_client(), 0
    while writing._gate.acquire(blocking=False):
        held += 1
    answer = client.post("/api/v1/articles", json=ARTICLE, headers=WRITE)
    writing._gate.release(held)
    problem_of(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/api/v1/articles", json=ARTICLE, headers=WRITE).status_code in (200, 201)


def test_many_clients_at_once_lose_nothing(empty: Flask) -> None:
    outcomes: list[tuple[str, int]] = []

    def write(worker: int) -> None:
        client = empty.test_client()
        for number in range(10):
            id, status = f"many-{worker}-{number}", 503
            while status == 503:
                status = client.post("/api/v1/articles", json={**ARTICLE, "id": id}, headers=WRITE).status_code
            outcomes.append((id, status))

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for _, status in outcomes} == {201}
    assert all(stored(empty, id) is not None for id, _ in outcomes)
