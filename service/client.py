"""A client of the HTTP interface, with the standard library alone.

    from service.client import Exonym

    news = Exonym("http://127.0.0.1:8000")
    for hit in news.search("Kiev", exclude_source="RT", size=5)["hits"]:
        print(hit["title"], hit["matched"])

Parameters have the names of `GET /api/v1/search`, with `_` for a dot (`exclude_source`) and `from_` for `from`; a list
repeats one. Answers are the JSON of the service as typed dictionaries. What goes wrong is an ExonymError.
"""

from __future__ import annotations

import gzip
import http.client
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, Unpack, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from service.client_types import (
    Answer,
    Article,
    Facet,
    Hit,
    Name,
    Parameters,
    Result,
    SavedSearch,
    Suggestion,
)

__all__ = ["Exonym", "ExonymError", "ProblemError", "UnreachableError"]
AGENT = "exonym-client/1"
LINES = "application/x-ndjson"


class ExonymError(Exception):
    """What a call could not do."""


class UnreachableError(ExonymError):
    """No answer, or one that broke off."""


class ProblemError(ExonymError):
    """The service said no: the fields of its problem document (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str, errors: Mapping[str, list[str]],
                 retry_after: int | None) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.errors = status, title, detail, errors
        self.retry_after = retry_after
        """Seconds after which the same request may succeed (429, 503)."""


class _Stay(HTTPRedirectHandler):
    """The interface redirects nowhere, and a key must not go where it was not meant to."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Exonym:
    """One service. Safe for threads: every call is a request of its own."""

    def __init__(self, url: str = "http://127.0.0.1:8000", *, key: str | None = None, timeout: float = 30.0) -> None:
        """`key`: made by `exonym keys add`, for writing and where reading needs one; `timeout`: seconds a step."""
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError(f"{url!r} is no http or https address")
        self.url, self.timeout = url.rstrip("/"), timeout
        self._headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._opener = build_opener(_Stay)

    # -- reading ------------------------------------------------------------

    def search(self, q: str = "", **parameters: Unpack[Parameters]) -> Answer:
        """One page of hits, with facets, spellings and diagnostics."""
        return cast(Answer, self._json("GET", "/search", _pairs(parameters, q=q)))

    def pages(self, q: str = "", **parameters: Unpack[Parameters]) -> Iterator[Answer]:
        """This page of hits and all that follow. For every match rather than the best, `export` asks once."""
        while True:
            answer = self.search(q, **parameters)
            yield answer
            if answer["page"]["number"] >= answer["page"]["pages"]:
                return
            parameters["page"] = answer["page"]["number"] + 1

    def hits(self, q: str = "", **parameters: Unpack[Parameters]) -> Iterator[Hit]:
        """The hits of this page and of all that follow."""
        for answer in self.pages(q, **parameters):
            yield from answer["hits"]

    def export(self, q: str = "", **parameters: Unpack[Parameters]) -> Iterator[Article]:
        """Every match with all its fields, best first, read as it is sent."""
        with self._open("GET", "/export.jsonl", _pairs(parameters, q=q)) as stream:
            for line in stream:
                yield json.loads(line)

    def facet(self, name: str, q: str = "", *, contains: str = "", **parameters: Unpack[Parameters]) -> Facet:
        """One facet of a search; `contains`: only values that hold this text, in any spelling."""
        path = f"/facets/{quote(name, safe='')}"
        return cast(Facet, self._json("GET", path, _pairs(parameters, q=q, contains=contains)))

    def article(self, id: str) -> Article:
        """An article with its story, its entities and the fields it came with."""
        return cast(Article, self._json("GET", f"/articles/{quote(id, safe='')}"))

    def names(self, q: str) -> list[Name]:
        """Which entities a name is, their spellings, the rule that decided, what guards against."""
        return cast(list[Name], self._json("GET", "/names", [("q", q)])["names"])

    def suggest(self, q: str, limit: int = 8) -> list[Suggestion]:
        """Entities that a half-typed text may mean, in any spelling."""
        return cast(list[Suggestion], self._json("GET", "/suggest", [("q", q), ("limit", str(limit))])["suggestions"])

    # -- writing ------------------------------------------------------------

    def put(self, article: Mapping[str, Any], *, wait: bool = False) -> Result:
        """Add or update one article; it is durable when this returns. `wait`: and can be found."""
        body = json.dumps(article).encode()
        answer = self._json("POST", "/articles", _waiting(wait), body, "application/json")
        return cast(Result, answer["results"][0])

    def put_all(self, articles: Iterable[Mapping[str, Any]], *, wait: bool = False, batch: int = 1000
                ) -> Iterator[Result]:
        """Add or update many, `batch` in each request; a result for each, in order, also for what is rejected."""
        lines: list[bytes] = []
        for article in articles:
            lines.append(json.dumps(article).encode() + b"\n")
            if len(lines) == batch:
                yield from self._put_lines(lines, wait)
                lines = []
        if lines:
            yield from self._put_lines(lines, wait)

    def _put_lines(self, lines: Sequence[bytes], wait: bool) -> list[Result]:
        return cast(list[Result], self._json("POST", "/articles", _waiting(wait), b"".join(lines), LINES)["results"])

    def delete(self, id: str, *, wait: bool = False) -> Result:
        """Delete an article."""
        answer = self._json("DELETE", f"/articles/{quote(id, safe='')}", _waiting(wait))
        return cast(Result, answer["results"][0])

    # -- saved searches -----------------------------------------------------

    def saved(self) -> list[SavedSearch]:
        """The saved searches, each with its matches, what is new, or why it cannot be made."""
        return cast(list[SavedSearch], self._json("GET", "/saved")["saved"])

    def save(self, name: str, q: str = "", **parameters: Unpack[Parameters]) -> SavedSearch:
        """Save a search under a name; what matches now is not new."""
        body = json.dumps({"name": name, "query": urlencode(_pairs(parameters, q=q))}).encode()
        return cast(SavedSearch, self._json("POST", "/saved", (), body, "application/json"))

    def forget(self, id: str) -> None:
        """Delete a saved search."""
        with self._open("DELETE", f"/saved/{quote(id, safe='')}"):
            pass

    # -- requests -----------------------------------------------------------

    def _json(self, method: str, path: str, pairs: Sequence[tuple[str, str]] = (), body: bytes | None = None,
              content_type: str | None = None) -> Any:
        with self._open(method, path, pairs, body, content_type) as stream:
            return json.load(stream)

    @contextmanager
    def _open(self, method: str, path: str, pairs: Sequence[tuple[str, str]] = (), body: bytes | None = None,
              content_type: str | None = None) -> Iterator[IO[bytes]]:
        """The body of a good answer. Raises ProblemError for another, UnreachableError for none or half of one."""
        url = f"{self.url}/api/v1{path}" + (f"?{urlencode(pairs)}" if pairs else "")
        headers = {**self._headers, **({"Content-Type": content_type} if content_type else {})}
        request = Request(url, body, headers, method=method)  # noqa: S310 (http or https, see __init__)
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                yield _unpacked(response)
        except HTTPError as error:
            with error:
                raise _problem(error) from error
        except (OSError, EOFError, http.client.HTTPException, zlib.error) as error:
            raise UnreachableError(f"{method} {url}: {error or type(error).__name__}") from error
        except ValueError as error:
            raise ExonymError(f"{method} {url} was not answered with JSON: {error}") from error


def _pairs(parameters: Mapping[str, Any], **more: str) -> list[tuple[str, str]]:
    """The parameters of a URL; None and the empty text say nothing."""
    found = []
    for name, value in {**more, **parameters}.items():
        key = "from" if name == "from_" else name.replace("exclude_", "exclude.", 1)
        values = [value] if isinstance(value, str | int) or value is None else value
        found += [(key, str(item)) for item in values if item not in (None, "")]
    return found


def _waiting(wait: bool) -> list[tuple[str, str]]:
    return [("wait", "indexed")] if wait else []


def _unpacked(response: Any) -> IO[bytes]:
    """The body of an answer, without its compression, read as it comes."""
    body = io.BufferedReader(_Body(response))
    packed = response.headers.get("Content-Encoding") == "gzip"
    return cast(IO[bytes], gzip.GzipFile(fileobj=body) if packed else body)


class _Body(io.RawIOBase):
    """The bytes of an answer as they come. http.client's own `readline` takes an answer that broke off for its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._response.read1(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _problem(error: HTTPError) -> ProblemError:
    """An answer that is no problem document, as of a proxy, gives one without detail."""
    try:
        found = json.load(_unpacked(error))
    except (OSError, EOFError, ValueError, http.client.HTTPException, zlib.error):
        found = None
    body = found if isinstance(found, dict) else {}
    after = error.headers.get("Retry-After", "")
    return ProblemError(error.code, body.get("title", error.reason), body.get("detail", ""), body.get("errors", {}),
                        int(after) if after.isdecimal() else None)
