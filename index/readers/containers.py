"""Archives opened: gzip, zip and tar, one inside another, as the documents they hold; nothing is unpacked to disk
by name, so no member can choose where it is written."""

from __future__ import annotations

import gzip
import shutil
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from index.article import Reject
from index.readers.document import Document
from index.readers.limits import Budget, LimitError, Limits, metered

BROKEN = (LimitError, EOFError, OSError, zlib.error, zipfile.BadZipFile, tarfile.TarError, NotImplementedError)
"""What reading from a broken, cut, encrypted or over-large input raises."""
MALFORMED = (ValueError, IndexError, struct.error)
"""What the zip reader of the standard library lets through where a name or a field is none."""
UNREAD = {b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"7z\xbc\xaf'\x1c": "7-Zip", b"Rar!\x1a\x07": "RAR",
          b"\x28\xb5\x2f\xfd": "Zstandard"}


def unpack(document: Document, limits: Limits, budget: Budget, depth: int = 0) -> Iterator[Document | Reject]:
    """The documents inside `document`, or itself if it is no archive. Each must be read before the next is taken."""
    try:
        kind = _kind(document.head())
    except BROKEN as error:
        yield document.reject("", reason(error))
        return
    if kind is None:
        yield document
    elif kind not in ("gzip", "zip", "tar"):
        yield document.reject("", f"{kind} archives are not read; unpack it first, or pack it with gzip or zip")
    elif depth >= limits.depth:
        yield document.reject("", f"an archive inside {depth} others (limit depth)")
    else:
        members = {"gzip": _gzip, "zip": _zip, "tar": _tar}[kind](document, limits, budget)
        try:
            for member in members:
                if isinstance(member, Reject):
                    yield member
                else:
                    yield from unpack(member, limits, budget, depth + 1)
        except BROKEN as error:
            yield document.reject("", reason(error, kind))


def reason(error: Exception, kind: str = "file") -> str:
    """Why an input could not be read, in words."""
    if isinstance(error, LimitError):
        return str(error)
    if isinstance(error, EOFError):
        return f"the {kind} ends in the middle: it was cut"
    return f"broken or unreadable {kind}: {error}"


def _kind(head: bytes) -> str | None:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return next((kind for magic, kind in UNREAD.items() if head.startswith(magic)), None)


def _inside(document: Document, name: str) -> str:
    return f"{document.member} > {name}" if document.member else name


def _gzip(document: Document, limits: Limits, budget: Budget) -> Iterator[Document | Reject]:
    name = document.name
    for ending, becomes in ((".tgz", ".tar"), (".gz", "")):
        if name.lower().endswith(ending):
            name = name.removesuffix(name[-len(ending):]) + becomes
            break
    with gzip.GzipFile(fileobj=document.stream) as stream:
        yield replace(document, stream=metered(cast(BinaryIO, stream), budget.spend), member=_inside(document, name))


def _zip(document: Document, limits: Limits, budget: Budget) -> Iterator[Document | Reject]:
    with tempfile.TemporaryFile() as spool:
        source = document.stream
        if not source.seekable():
            _spool(source, spool, limits.spool_bytes)
        with _opened_zip(source if source.seekable() else cast(BinaryIO, spool)) as archive:
            for info in archive.infolist():
                if info.filename.endswith("/") or _hidden(info.filename):
                    continue
                budget.open_member()
                if info.flag_bits & 1:
                    yield document.reject(info.filename, "encrypted: unpack it with its password first")
                    continue
                try:
                    stream = archive.open(info)
                except (*BROKEN, *MALFORMED) as error:
                    yield document.reject(info.filename, reason(error, "zip"))
                    continue
                with stream:
                    yield replace(document, stream=metered(cast(BinaryIO, stream), budget.spend),
                                  member=_inside(document, info.filename))


def _opened_zip(source: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except MALFORMED as error:
        raise zipfile.BadZipFile(f"its list of files is damaged ({error})") from error


def _tar(document: Document, limits: Limits, budget: Budget) -> Iterator[Document | Reject]:
    with tarfile.open(fileobj=document.stream, mode="r|") as archive:
        for info in archive:
            archive.members = []        # type: ignore[attr-defined]  # else it keeps every header it has met
            if not info.isreg() or _hidden(info.name):
                continue
            budget.open_member()
            stream = archive.extractfile(info)
            assert stream is not None
            yield replace(document, stream=metered(cast(BinaryIO, stream), budget.spend),
                          member=_inside(document, info.name))


def _spool(source: BinaryIO, spool: BinaryIO, limit: int) -> None:
    shutil.copyfileobj(metered(source, _Allowance(limit).spend), spool, 1 << 20)
    spool.seek(0)


class _Allowance:
    def __init__(self, limit: int) -> None:
        self._limit = self._left = limit

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise LimitError(f"a zip of more than {self._limit:,} bytes that is no file of its own (limit spool_bytes)")


def _hidden(name: str) -> bool:
    """Left-overs of systems (`.DS_Store`, `__MACOSX/…`), which no one means to index."""
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in name.split("/"))
