"""Keys, scopes, rates, headers: who may do what, and what every answer carries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from service.app import create_app
from service.keys import Keys, KeysError
from service.security import RateLimit
from service.settings import Settings
from tests.service.conftest import KEY, problem_of

ARTICLE = {"id": "kept-out", "title": "Kept out"}


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    token = keys.add("desk", "read")
    assert token not in (tmp_path / "keys.json").read_text()
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    found = Keys(tmp_path / "keys.json").find(token)
    assert found is not None
    assert (found.name, found.scope) == ("desk", "read")
    assert keys.find(token[:-1]) is None


def test_a_key_that_was_revoked_is_refused_by_everyone_at_once(tmp_path: Path) -> None:
    keys, other = Keys(tmp_path / "keys.json"), Keys(tmp_path / "keys.json")
    token = keys.add("desk", "write")
    assert other.find(token) is not None
    keys.revoke("desk")
    assert other.find(token) is None


def test_a_rotated_key_keeps_name_and_scope_and_the_old_one_is_refused(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    other, old = keys.add("paper", "write"), keys.add("desk", "read")
    new = keys.rotate("desk")
    found = keys.find(new)
    assert keys.find(old) is None
    assert found is not None
    assert (found.name, found.scope) == ("desk", "read")
    assert keys.find(other) is not None
    assert [key.name for key in keys.stored()] == ["paper", "desk"]
    with pytest.raises(KeysError, match="no key 'nobody'"):
        keys.rotate("nobody")


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\n"])
def test_a_key_needs_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeysError, match="no name"):
        Keys(tmp_path / "keys.json").add(name, "read")


def test_a_damaged_file_of_keys_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(KeysError, match="remove it"):
        Keys(tmp_path / "keys.json").all()


def test_without_any_key_writing_is_closed(reading_app: Flask) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = reading_app.test_client().post("/api/v1/articles", json=ARTICLE, headers=headers)
    assert "exonym keys add" in problem_of(answer, 403)["detail"]


@pytest.mark.parametrize("value", [
    None, "", "Bearer", "Bearer ", "Bearer wrong", f"bearer {KEY[:-1]}", "Basic eDp4", "Bearer ÿþ", f"Bearer {KEY} x",
    "Bearer " + "a" * 8000, "Digest x=y"])
def test_a_wrong_key_is_refused_with_the_way_in(empty: Flask, value: str | None) -> None:
    headers = {} if value is None else {"Authorization": value}
    answer = empty.test_client().post("/api/v1/articles", json=ARTICLE, headers=headers)
    problem_of(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_reading_key_may_not_write_and_closed_reading_needs_one(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path, api_key=KEY, read_access="key", rate_limit=60))
    reader = Keys(tmp_path / "keys.json").add("reader", "read")
    client, headers = app.test_client(), {"Authorization": f"Bearer {reader}"}
    problem_of(client.get("/api/v1/search"), 401)
    assert client.get("/").status_code == 401
    assert client.get("/health/ready").status_code == 200
    assert client.get("/api/v1/search", headers=headers).status_code == 200
    problem_of(client.post("/api/v1/articles", json=ARTICLE, headers=headers), 403)
    statuses = [client.get("/api/v1/search", headers=headers).status_code for _ in range(12)]
    assert statuses[-1] == 429
    limited = client.get("/api/v1/search", headers=headers)
    problem_of(limited, 429)
    assert int(limited.headers["Retry-After"]) >= 1


def test_the_rate_is_counted_for_each_client_and_fills_up_with_time() -> None:
    now = [0.0]
    limit = RateLimit(60, clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(10)] == [0.0] * 10
    assert limit.wait("a") == pytest.approx(1.0)
    assert limit.wait("b") == 0.0
    now[0] = 2.0
    assert [limit.wait("a") > 0 for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(("setting", "value", "fits", "too_much", "field"), [
    pytest.param("max_query", 10, "/api/v1/search?q=" + "b" * 10, "/api/v1/search?q=" + "b" * 11, "q", id="query"),
    pytest.param("max_query", 10, "/api/v1/facets/place?contains=K", "/api/v1/facets/place?contains=" + "K" * 11,
                 "contains", id="contains"),
    pytest.param("max_words", 2, "/api/v1/search?q=b+c", "/api/v1/search?q=b+c+d", "q", id="words"),
    pytest.param("max_words", 2, "/feed.atom?q=b+c", "/feed.atom?q=b+c+d", "q", id="words of a feed"),
    pytest.param("max_depth", 1, "/api/v1/export.csv?q=(b)", "/api/v1/export.csv?q=((b))", "q", id="depth"),
    pytest.param("max_depth", 1, "/api/v1/facets/place?q=(b)", "/api/v1/facets/place?q=((b))", "q", id="of a facet"),
    pytest.param("max_page", 3, "/api/v1/search?page=3", "/api/v1/search?page=4", "page", id="page"),
    pytest.param("max_query", 10, "/api/v1/export.csv?q=b", "/api/v1/export.csv?q=" + "b" * 11, "q", id="export"),
])
def test_a_limit_is_answered_with_what_it_is(newsroom: Path, setting: str, value: int, fits: str, too_much: str,
                                             field: str) -> None:
    client = create_app(Settings(newsroom, **{setting: value})).test_client()  # type: ignore[arg-type]
    assert client.get(fits).status_code == 200
    assert str(value) in problem_of(client.get(too_much), 422)["errors"][field][0]


def test_the_page_says_why_a_query_is_too_large(newsroom: Path) -> None:
    answer = create_app(Settings(newsroom, max_words=2)).test_client().get("/?q=b+c+d")
    assert answer.status_code == 422
    assert "<b>q</b>: The query has 3 words, and may have 2." in answer.text
    assert 'value="b c d"' in answer.text


def test_a_prefix_that_stands_for_too_many_words_is_answered_in_part_and_says_so(newsroom: Path) -> None:
    client = create_app(Settings(newsroom, max_expansions=1)).test_client()
    found = client.get("/api/v1/search", query_string={"q": "k*"}).json
    assert found["total"]
    assert [row["code"] for row in found["diagnostics"]] == ["too-many-terms"]


@pytest.mark.parametrize("path", ["/api/v1/search?q=Kiev", "/api/v1/facets/place?q=Kiev",
                                  "/api/v1/export.jsonl?q=Kiev"])
def test_a_search_that_takes_too_long_is_ended_with_the_reason(newsroom: Path, path: str) -> None:
    client = create_app(Settings(newsroom, query_timeout=-1.0)).test_client()       # over before it begins
    answer = client.get(path)
    assert "takes longer" in problem_of(answer, 503)["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.get(path).status_code == 503                                      # turns are given back: no hang
    assert client.get(path).status_code == 503
    assert client.get("/?q=Kiev").status_code == 503
    assert client.get("/api/v1/articles/none").status_code == 404


def test_a_service_reached_by_tls_says_so_to_browsers(newsroom: Path) -> None:
    for address, there in (("https://news.example", True), ("http://news.example", False), (None, False)):
        headers = create_app(Settings(newsroom, public_url=address)).test_client().get("/health/live").headers
        assert ("Strict-Transport-Security" in headers) == there


def test_every_answer_carries_the_headers(reading_app: Flask) -> None:
    for path in ("/", "/api/v1/search", "/api/v1/nothing", "/feed.atom", "/static/exonym.css", "/docs", "/nothing"):
        headers = reading_app.test_client().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "base-uri 'none'" in policy
        assert headers["X-Request-ID"]


def test_a_request_keeps_its_own_id_if_it_is_plain(reading_app: Flask) -> None:
    client = reading_app.test_client()
    assert client.get("/health/live", headers={"X-Request-ID": "desk-7"}).headers["X-Request-ID"] == "desk-7"
    assert client.get("/health/live", headers={"X-Request-ID": "<b>" * 9}).headers["X-Request-ID"].isalnum()


def test_other_origins_are_let_in_by_setting_alone(reading_app: Flask, tmp_path: Path) -> None:
    ask = {"Origin": "https://desk.example"}
    assert "Access-Control-Allow-Origin" not in reading_app.test_client().get("/api/v1/search", headers=ask).headers
    client = create_app(Settings(tmp_path, cors_origins=("https://desk.example",))).test_client()
    allowed = client.get("/api/v1/search", headers=ask).headers
    assert allowed["Access-Control-Allow-Origin"] == "https://desk.example"
    assert "Origin" in allowed["Vary"]
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/search", headers={"Origin": "https://x.example"}).headers
    assert "DELETE" in client.options("/api/v1/articles", headers=ask).headers["Access-Control-Allow-Methods"]


def test_logs_hold_no_key(empty: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        empty.test_client().get("/api/v1/search?q=x", headers={"Authorization": f"Bearer {KEY}"})
    assert caplog.records
    assert KEY not in json.dumps([record.getMessage() + str(vars(record)) for record in caplog.records])
