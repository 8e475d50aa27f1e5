"""The Python client against a real service: the same answers, streams that are read as they come, clear errors."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, get_type_hints

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from service import client_types, payloads
from service.client import Exonym, ExonymError, ProblemError, UnreachableError
from service.client_types import Parameters
from service.schemas import SearchParameters
from tests.service.conftest import KEY


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An app on a port of this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def news(reading_app: Flask) -> Iterator[Exonym]:
    with served(reading_app) as url:
        yield Exonym(url)


@pytest.fixture(scope="module")
def desk(live: Flask) -> Iterator[Exonym]:
    """A client that may write."""
    with served(live) as url:
        yield Exonym(url, key=KEY)


def test_a_search_is_the_answer_of_the_service(news: Exonym, client: FlaskClient) -> None:
    found = news.search("Kiev", exclude_source=["Skerry Wire", "BBC"], from_="2018", to="2024", group="story", size=3,
                        facet="source")
    wanted = client.get("/api/v1/search?q=Kiev&exclude.source=Skerry+Wire&exclude.source=BBC&from=2018&to=2024"
                        "&group=story&size=3&facet=source").json
    assert {**found, "took_ms": 0} == {**wanted, "took_ms": 0}
    assert len(found["hits"]) == 3


def test_pages_and_hits_go_through_all_matches_once(news: Exonym) -> None:
    total = news.search("Kiev")["total"]
    pages = list(news.pages("Kiev", size=20))
    assert [page["page"]["number"] for page in pages] == list(range(1, -(-total // 20) + 1))
    ids = [hit["id"] for hit in news.hits("Kiev", size=20)]
    assert len(ids) == len(set(ids)) == total
    assert [answer["total"] for answer in news.pages("xyzzyx")] == [0]


def test_an_export_gives_every_match_with_all_fields(news: Exonym) -> None:
    rows = list(news.export("Kiev"))
    assert [row["id"] for row in rows] == [hit["id"] for hit in news.hits("Kiev", size=100)]
    assert rows[0] == news.article(rows[0]["id"])


def test_names_suggestions_and_facets_are_looked_up_in_any_spelling(news: Exonym) -> None:
    assert news.names("Київ")[0]["entity"] == "place/kyiv"
    assert news.suggest("Киї", limit=1)[0]["entity"] == "place/kyiv"
    facet = news.facet("place", "Kiev", contains="Одеса")
    assert [bucket["value"] for bucket in facet["buckets"]] == ["place/odesa"]


def test_articles_are_put_found_and_deleted(desk: Exonym) -> None:
    record = {"id": "a/b c\u00a0?", "title": "Trams in Kiev", "desk": "metro"}
    assert desk.put(record, wait=True)["result"] == "created"
    assert desk.put(record)["result"] == "unchanged"
    assert desk.article(record["id"])["desk"] == "metro"  # type: ignore[typeddict-item]
    results = list(desk.put_all(({"id": str(number), "title": number and "Trams"} for number in range(5)), batch=2))
    assert [result["result"] for result in results] == ["rejected", *["created"] * 4]
    assert results[0]["problems"]
    assert [desk.delete(id)["result"] for id in (record["id"], "1", "2", "3", "4")] == ["deleted"] * 5


def test_searches_are_saved_listed_and_forgotten(desk: Exonym) -> None:
    saved = desk.save("trams", "Trams", exclude_source="BBC", group="story")
    assert saved["query"] == "q=Trams&exclude.source=BBC&group=story"
    assert [row["name"] for row in desk.saved()] == ["trams"]
    desk.forget(saved["id"])
    assert desk.saved() == []


@pytest.mark.parametrize(("call", "status", "fields"), [
    pytest.param(lambda news: news.search(page=0), 422, {"page"}, id="a wrong parameter"),
    pytest.param(lambda news: news.search(colour="red"), 422, {"colour"}, id="an unknown parameter"),
    pytest.param(lambda news: list(news.export(from_="soon")), 422, {"from"}, id="an export"),
    pytest.param(lambda news: news.article("nothing"), 404, set(), id="no such article"),
    pytest.param(lambda news: news.put({"title": "a"}), 403, set(), id="no key")])
def test_problems_are_exceptions_with_their_fields(news: Exonym, call: Callable[[Exonym], Any], status: int,
                                                   fields: set[str]) -> None:
    with pytest.raises(ProblemError) as caught:
        call(news)
    assert caught.value.status == status
    assert set(caught.value.errors) == fields
    assert caught.value.detail in str(caught.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "127.0.0.1:8000", "http://"])
def test_only_http_addresses_are_asked(url: str) -> None:
    with pytest.raises(ValueError, match="no http or https"):
        Exonym(url)


@contextmanager
def answering(*pieces: bytes) -> Iterator[str]:
    """A server that sends these bytes whatever it is asked, and hangs up."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            for piece in pieces:
                self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("pieces", [
    pytest.param([CHUNKED, b'b\r\n{"id": "a"}\r\n'], id="between chunks"),
    pytest.param([CHUNKED, b'c\r\n{"id": "a"}\n\r\n40\r\n{"id"'], id="inside a chunk"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00"], id="inside gzip"),
    pytest.param([], id="before the answer")])
def test_an_answer_that_breaks_off_is_no_shorter_answer(pieces: list[bytes]) -> None:
    with answering(*pieces) as url, pytest.raises(UnreachableError):
        list(Exonym(url).export())


def test_nobody_there_is_told() -> None:
    with answering() as url:
        pass
    with pytest.raises(UnreachableError, match="refused"):
        Exonym(url).search("Kiev")


def test_an_answer_of_something_else_is_told() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"
    with answering(body) as url, pytest.raises(ExonymError, match="not answered with JSON"):
        Exonym(url).search("Kiev")
    body = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 6\r\n\r\n<html>"
    with answering(body) as url, pytest.raises(ProblemError) as caught:
        Exonym(url).search("Kiev")
    assert (caught.value.status, caught.value.retry_after, caught.value.title) == (503, 7, "Busy")


def test_a_redirect_is_not_followed_so_that_a_key_stays_here() -> None:
    with answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as url, \
            pytest.raises(ProblemError) as caught:
        Exonym(url, key="secret").search("Kiev")
    assert caught.value.status == 302


def test_an_export_is_read_as_it_comes() -> None:
    """The second row is sent only when the first has been read."""
    first_read = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(CHUNKED + b'c\r\n{"id": "a"}\n\r\n')
            if first_read.wait(30):
                self.wfile.write(b'c\r\n{"id": "b"}\n\r\n0\r\n\r\n')

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    rows = Exonym(f"http://127.0.0.1:{server.server_port}").export()
    assert next(rows)["id"] == "a"
    first_read.set()
    assert [row["id"] for row in rows] == ["b"]
    server.shutdown()
    server.server_close()


def test_every_parameter_of_a_search_has_its_type() -> None:
    names = {field.data_key or name for name, field in SearchParameters().load_fields.items()} - {"q"}
    typed = {"from" if name == "from_" else name.replace("exclude_", "exclude.") for name in get_type_hints(Parameters)}
    assert typed == names


@pytest.mark.parametrize(("schema", "typed"), [
    (payloads.SearchAnswer, "Answer"), (payloads.HitPart, "Hit"), (payloads.FacetAnswer, "Facet"),
    (payloads.ArticleAnswer, "Article"), (payloads.NamePart, "Name"), (payloads.SuggestionPart, "Suggestion"),
    (payloads.ResultPart, "Result"), (payloads.SavedPart, "SavedSearch")])
def test_the_types_have_the_fields_of_the_answers(schema: type, typed: str) -> None:
    assert set(get_type_hints(getattr(client_types, typed))) == set(schema().fields)


def test_the_client_needs_the_standard_library_alone() -> None:
    code = ("import json, sys; import service.client; own = ('service', 'search', 'index');"
            "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)))")
    loaded = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(loaded.stdout) == ["__main__", "service"]


def test_every_call_says_what_it_does() -> None:
    calls = {name: call for name, call in inspect.getmembers(Exonym, inspect.isfunction) if not name.startswith("_")}
    assert len(calls) == 14
    assert all(call.__doc__ and call.__annotations__["return"] for call in calls.values())
