"""From what the command line names (files, folders, `-`, URLs) to documents."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.article import Reject
from index.readers.containers import unpack
from index.readers.document import Document, ReadError, ReadOptions
from index.readers.limits import Budget, metered

_NOTES = frozenset(("README", "LICENSE", "COPYING", "CHANGELOG"))
"""Files that speak of a folder and are no articles of it; named on the command line they are read all the same."""


def documents(paths: Sequence[str], options: ReadOptions) -> Iterator[Document | Reject]:
    """Every document below `paths`, folders in sorted order. Raises ReadError before the first if a path is wrong."""
    for path in paths:
        _check(path, options)
    for path in paths:
        if path == "-":
            yield from _standard_input(options)
        elif is_url(path):
            from index.readers.fetch import fetch  # http and ssl are loaded by those who need them
            yield from fetch(path, options)
        elif os.path.isdir(path):
            for file in walk(path):
                yield from _file(file, options)
        else:
            yield from _file(path, options)


def is_url(path: str) -> bool:
    """Is this an address rather than a path?"""
    return path.lower().startswith(("http://", "https://"))


def walk(folder: str) -> Iterator[str]:
    """The files below a folder in sorted order; hidden ones, notes on the folder such as README.md, and folders
    reached by links are left out."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith(".") or entry.name.partition(".")[0] in _NOTES:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif not entry.is_dir():
            yield entry.path


def files(paths: Sequence[str]) -> Iterator[str]:
    """The files that `paths` stand for; standard input and addresses left out."""
    for path in paths:
        if os.path.isdir(path):
            yield from walk(path)
        elif path != "-" and not is_url(path):
            yield path


def total_bytes(paths: Sequence[str]) -> int | None:
    """How many bytes there are to read; None when nobody can know, as of standard input."""
    if any(path == "-" or is_url(path) for path in paths):
        return None
    return sum(os.path.getsize(path) for path in files(paths) if os.path.isfile(path))


def _check(path: str, options: ReadOptions) -> None:
    if is_url(path):
        if options.format != "feed":
            raise ReadError(f"{path} is a URL: only feeds are fetched, with --format feed")
    elif path != "-" and not Path(path).exists():
        raise ReadError(f"{path} does not exist")


def _file(path: str, options: ReadOptions) -> Iterator[Document | Reject]:
    if not (os.path.isfile(path) or Path(path).is_fifo()):
        yield Reject(path, "", "neither a file nor a folder")
        return
    try:
        stream = io.BufferedReader(_Counted(path, options.meter) if options.meter else io.FileIO(path), 1 << 16)
    except OSError as error:
        yield Reject(path, "", f"cannot be opened: {error.strerror}")
        return
    with stream:
        size = os.fstat(stream.fileno()).st_size
        yield from unpack(Document(path, stream), options.limits, Budget(options.limits, lambda: size))


class _Counted(io.FileIO):
    """A file that tells `meter` the length of every read."""

    def __init__(self, path: str, meter: Callable[[int], None]) -> None:
        super().__init__(path)
        self._meter = meter

    def readinto(self, buffer: Any, /) -> int | None:
        count = super().readinto(buffer)
        self._meter(count or 0)
        return count


def _standard_input(options: ReadOptions) -> Iterator[Document | Reject]:
    given = 0

    def count(length: int) -> None:
        nonlocal given
        given += length

    stream = metered(sys.stdin.buffer, count)
    yield from unpack(Document("-", stream), options.limits, Budget(options.limits, lambda: given))
