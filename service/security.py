"""Who may do what, how often, and which headers every answer carries."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, request
from werkzeug.datastructures import MultiDict

from service.errors import Problem, invalid
from service.keys import Key, Keys
from service.settings import Settings

PAGE_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
               "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
"""For every answer: nothing inline, nothing from elsewhere."""
DOCS_POLICY = ("default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
"""For /docs: Swagger UI makes its pictures as data:."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",       # nothing to others; with no-referrer our own forms have no Origin
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
CLIENTS_LIMIT = 10_000      # clients remembered by the rate limit


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen: float


class RateLimit:
    """A token bucket for each client of this process: `per_minute` requests, in bursts of a sixth of it."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst = per_minute / 60, max(1.0, per_minute / 6)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, client: str) -> float:
        """Take a token; 0 if there was one, else the seconds until there is."""
        if self.rate == 0:
            return 0.0
        now = self._clock()
        with self._lock:
            bucket = self._buckets.pop(client, None) or _Bucket(self.burst, now)
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.seen) * self.rate)
            bucket.seen = now
            self._buckets[client] = bucket
            while len(self._buckets) > CLIENTS_LIMIT:
                self._buckets.popitem(last=False)
            if bucket.tokens < 1:
                return (1 - bucket.tokens) / self.rate
            bucket.tokens -= 1
            return 0.0


def bearer() -> str | None:
    """The key that the request carries, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def caller(keys: Keys) -> Key | None:
    """The key of the request, if it is one that is taken."""
    token = bearer()
    return keys.find(token) if token is not None else None


def demand_write(keys: Keys) -> None:
    """Raise unless the request may write: 403 if writing is closed or the key only reads, 401 without a good key."""
    if not any(key.scope == "write" for key in keys.all()):
        raise Problem(403, "Writing over HTTP is closed: no key can write. "
                           "Make one with `exonym keys add NAME --scope write`, or set EXONYM_API_KEY.")
    key = g.key
    if key is None:
        raise no_key("Writing")
    if key.scope != "write":
        raise Problem(403, f"The key {key.name!r} may only read.")


def within(arguments: MultiDict[str, str], settings: Settings) -> None:
    """Raise 422 for a query that is longer, or a page that is further on, than the settings allow."""
    for name in ("q", "contains"):
        if any(len(value) > settings.max_query for value in arguments.getlist(name)):
            raise invalid({name: [f"Longer than {settings.max_query} characters, the limit of this service."]})
    page = arguments.get("page", "")
    if page.isascii() and page.isdigit() and len(page) < 19 and int(page) > settings.max_page:
        raise invalid({"page": [f"Must be 1 to {settings.max_page}; for all articles use the export."]})


def no_key(what: str) -> Problem:
    """401: `what` needs a key."""
    return Problem(401, f"{what} needs a key: send `Authorization: Bearer KEY`.",
                   headers={"WWW-Authenticate": 'Bearer realm="exonym"'})


def register_security(app: Flask, settings: Settings, keys: Keys, limit: RateLimit) -> None:
    """Check key and rate before each request; put the headers on each answer."""
    open_paths = ("/health/", "/static/")

    @app.before_request
    def admit() -> None:
        g.key = None
        if request.path.startswith(open_paths):
            return
        g.key = caller(keys)
        seconds = limit.wait(g.key.name if g.key is not None else f"address {request.remote_addr}")
        if seconds > 0:
            raise Problem(429, f"More than {settings.rate_limit} requests a minute; go on in {seconds:.1f} s.",
                          headers={"Retry-After": str(int(seconds) + 1)})
        if settings.read_access == "key" and g.key is None and request.method != "OPTIONS":
            raise no_key("Reading")

    @app.before_request
    def measure() -> None:
        within(request.args, settings)

    secure = (settings.public_url or "").startswith("https://")

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        _share(response, settings.cors_origins)
        return response


def _share(response: Response, origins: tuple[str, ...]) -> None:
    """CORS for the origins of the settings; without the setting, no header."""
    origin = request.headers.get("Origin")
    if not origins or not request.path.startswith("/api/"):
        return
    response.vary.add("Origin")
    if origin is None or not (origin in origins or "*" in origins):
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Request-ID"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "600"
