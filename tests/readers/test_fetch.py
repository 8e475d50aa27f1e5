"""Feeds over HTTP, from a server on this machine: conditional, bounded, and no way to a private address."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from index.readers import Limits, ReadOptions, Validators, read
from index.readers.fetch import is_public

FEED = b"<rss version='2.0'><channel><title>Harbour Post</title><item><title>Talks</title></item></channel></rss>"


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/feed" and self.headers["If-None-Match"] == '"v1"':
            self._answer(304)
        elif self.path == "/feed":
            self._answer(200, FEED, {"ETag": '"v1"', "Content-Type": "application/rss+xml"})
        elif self.path == "/packed":
            self._answer(200, gzip.compress(FEED), {"Content-Encoding": "gzip"})
        elif self.path == "/large":
            self._answer(200, b"<rss>" + b" " * 100_000)
        elif self.path == "/moved":
            self._answer(302, headers={"Location": "/feed"})
        elif self.path == "/loop":
            self._answer(302, headers={"Location": "/loop"})
        elif self.path == "/file":
            self._answer(302, headers={"Location": "file:///etc/hostname"})
        else:
            self._answer(404)

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def options(**given: object) -> ReadOptions:
    return ReadOptions(**{"format": "feed", "allow_private": True, "timeout": 5.0, **given})  # type: ignore[arg-type]


def test_a_private_address_is_refused_before_anything_is_sent(server):
    for address in (server, server.replace("127.0.0.1", "localhost"), "http://[::1]:9/", "http://169.254.1.1/"):
        [reject] = read([f"{address}/feed"], options(allow_private=False))
        assert "private address" in reject.reason


@pytest.mark.parametrize("path", ["/feed", "/packed", "/moved"])
def test_a_feed_is_read_from_its_address(server, path):
    [article] = read([server + path], options())
    assert (article.title, article.source) == ("Talks", "Harbour Post")


def test_a_feed_that_has_not_changed_gives_nothing(server):
    validators: dict[str, Validators] = {}
    assert len(list(read([f"{server}/feed"], options(validators=validators)))) == 1
    assert validators == {f"{server}/feed": Validators('"v1"')}
    assert list(read([f"{server}/feed"], options(validators=validators))) == []


@pytest.mark.parametrize(("path", "reason"), [
    pytest.param("/missing", "answered 404", id="not found"),
    pytest.param("/loop", "more than 5 redirects", id="endless redirects"),
    pytest.param("/file", "no http or https address", id="redirect to a file"),
    pytest.param("/large", "limit document_bytes", id="too large"),
])
def test_what_cannot_be_fetched_is_rejected_with_the_reason(server, path, reason):
    validators: dict[str, Validators] = {}
    [reject] = read([server + path], options(limits=Limits(document_bytes=50_000), validators=validators))
    assert reject.file == server + path
    assert reason in reject.reason
    assert validators == {}


def test_an_address_that_does_not_answer_is_rejected(server):
    [reject] = read(["http://127.0.0.1:1/feed"], options())
    assert "not fetched" in reject.reason


@pytest.mark.parametrize(("address", "public"), [
    pytest.param("93.184.216.34", True, id="public"), pytest.param("2606:2800:220:1::1", True, id="public v6"),
    pytest.param("10.1.2.3", False, id="private"), pytest.param("127.0.0.1", False, id="loopback"),
    pytest.param("169.254.169.254", False, id="link local"), pytest.param("100.64.0.1", False, id="carrier's"),
    pytest.param("0.0.0.0", False, id="unspecified"), pytest.param("224.0.0.1", False, id="multicast"),
    pytest.param("::ffff:10.0.0.1", False, id="v4 in v6"), pytest.param("64:ff9b::a00:1", False, id="NAT64"),
    pytest.param("2002:a00:1::", False, id="6to4"), pytest.param("fe80::1%eth0", False, id="with zone"),
])
def test_private_addresses_are_known_in_every_dress(address, public):
    assert is_public(address) is public
