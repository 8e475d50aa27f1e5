"""Answers that need not be made or sent in full: ETag by index generation, gzip."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request

from service.context import context

COMPRESSIBLE = ("text/", "application/json", "application/problem+json", "application/x-ndjson",
                "application/atom+xml", "application/xml", "image/svg+xml", "application/opensearchdescription+xml")
SMALL = 1_000               # bytes that are not worth compressing


def entity_tag(*more: str) -> str:
    """A weak tag: the index generation, its names, and everything in the request that the answer depends on;
    `more`: what else it depends on.

    The same tag means the same answer, so a request that brings it is answered 304 before anything is searched.
    """
    state = context().searcher.state()
    parts = (request.full_path, request.headers.get("HX-Request", ""), state.names, str(state.generation),
             *more)
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{state.generation}-{digest}"


def unchanged(tag: str) -> Response | None:
    """304 if the client has this answer already, else None."""
    return tagged(Response(status=304), tag) if request.if_none_match.contains_weak(tag) else None


def tagged(response: Response, tag: str) -> Response:
    """`response` with its tag; the client may keep it but must ask whether it still holds."""
    response.set_etag(tag, weak=True)
    response.cache_control.no_cache = True
    response.vary.update(("Accept-Encoding", "HX-Request", "Authorization"))
    return response


def register_compression(app: Flask) -> None:
    """Send text as gzip to clients that take it, streamed answers piece by piece."""

    @app.after_request
    def compress(response: Response) -> Response:
        if not _wanted(response):
            return response
        response.vary.add("Accept-Encoding")
        response.headers["Content-Encoding"] = "gzip"
        if response.is_streamed:
            response.response = _gzipped(response.iter_encoded())
            response.headers.pop("Content-Length", None)
        else:
            response.set_data(b"".join(_gzipped([response.get_data()])))
        return response


def _wanted(response: Response) -> bool:
    if response.status_code in (204, 304) or "Content-Encoding" in response.headers or response.direct_passthrough:
        return False
    if not response.content_type or not response.content_type.startswith(COMPRESSIBLE):
        return False
    if not response.is_streamed and len(response.get_data()) < SMALL:
        return False
    return request.accept_encodings["gzip"] > 0


def _gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(5, zlib.DEFLATED, 31)      # 31: the gzip format
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
