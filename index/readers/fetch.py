"""Feeds fetched over HTTP: conditional, bounded in time and size, and never from a private address unless allowed.

1. The host of every hop is resolved, and all its addresses must be public; the connection goes to the address that
   was checked, so a name cannot change its meaning in between.
2. Redirects are followed up to five times, to http and https only.
3. What the server said of the version (`ETag`, `Last-Modified`) is sent back the next time; *304 Not Modified* gives
   no documents.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from typing import BinaryIO, cast
from urllib.parse import SplitResult, urljoin, urlsplit

from index.article import Reject
from index.readers.containers import unpack
from index.readers.document import Document, ReadOptions, Validators
from index.readers.limits import Budget, LimitError, metered

HOPS = 5
DEADLINE = 15
"""The whole answer may take this many times the time-out of a step."""
AGENT = "exonym (feed reader)"
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class FetchError(Exception):
    """A URL that was not or could not be fetched; the text says why."""


def fetch(url: str, options: ReadOptions) -> Iterator[Document | Reject]:
    """The feed at `url`, or nothing if it has not changed. Its validators are kept when it was read to its end."""
    known = (options.validators or {}).get(url, Validators())
    try:
        response, final = _open(url, known, options)
    except (FetchError, OSError, http.client.HTTPException, ValueError) as error:
        yield Reject(url, "", f"not fetched: {error}" if str(error) else f"not fetched: {type(error).__name__}")
        return
    with response:
        if response.status == http.HTTPStatus.NOT_MODIFIED:
            return
        yield from _documents(url, final, response, options)


def _documents(url: str, final: str, response: http.client.HTTPResponse,
               options: ReadOptions) -> Iterator[Document | Reject]:
    end = time.monotonic() + DEADLINE * options.timeout
    taken, ended = 0, False

    def count(length: int) -> None:
        nonlocal taken, ended
        taken, ended = taken + length, length == 0
        if taken > options.limits.document_bytes:
            raise LimitError(f"answers with more than {options.limits.document_bytes:,} bytes (limit document_bytes)")
        if time.monotonic() > end:
            raise LimitError(f"took more than {DEADLINE * options.timeout:g} seconds to answer")

    stream = metered(cast(BinaryIO, response), count)
    document = Document(url, stream, charset=response.headers.get_content_charset(), url=final)
    yield from unpack(document, options.limits, Budget(options.limits, lambda: taken))
    if ended and options.validators is not None:
        options.validators[url] = Validators(response.headers["ETag"], response.headers["Last-Modified"])


def _open(url: str, known: Validators, options: ReadOptions) -> tuple[http.client.HTTPResponse, str]:
    """The answer (200 or 304) and the address it came from, redirects followed."""
    for _ in range(HOPS + 1):
        response = _request(urlsplit(url), known, options)
        if response.status in (http.HTTPStatus.OK, http.HTTPStatus.NOT_MODIFIED):
            return response, url
        location = response.headers["Location"]
        response.close()
        if not 300 <= response.status < 400 or not location:
            raise FetchError(f"{url} answered {response.status} {response.reason}")
        url = urljoin(url, location)
    raise FetchError(f"more than {HOPS} redirects")


def _request(parts: SplitResult, known: Validators, options: ReadOptions) -> http.client.HTTPResponse:
    connection = guarded_connection(parts, options.timeout, options.allow_private)
    headers = {"User-Agent": AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip", "Connection": "close"}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers=headers)
    return connection.getresponse()


def guarded_connection(parts: SplitResult, timeout: float, allow_private: bool) -> http.client.HTTPConnection:
    """A connection, yet to be opened, to the host of a URL: to one of its addresses, all of which were checked.

    `timeout`: seconds for each step. Raises FetchError for a URL or an address that is not allowed, OSError for a
    name that has none.
    """
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{parts.geturl()} is no http or https address")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _address(parts.hostname, port, allow_private)
    return _Pinned(parts.hostname, port, address, timeout, secure)


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address under the name it was asked for."""

    def __init__(self, host: str, port: int, address: str, timeout: float, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._seconds = timeout
        self._secure = secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self._seconds)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _address(host: str, port: int, allow_private: bool) -> str:
    """An address of the host to connect to; raises FetchError if any of its addresses is private."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not allow_private and not is_public(address):
            raise FetchError(f"{host} has the private address {address}; allow private addresses to reach it")
    return found[0]


def is_public(address: str) -> bool:
    """Is this an address of the open internet? Addresses that carry another one inside are judged by that as well."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        return all(is_public(str(other)) for other in inner if other is not None)
    return True
