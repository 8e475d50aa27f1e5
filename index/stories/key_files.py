"""KeyFiles: runs of keys as files mapped into memory, so that a million articles' keys need no memory of their own.

A run is written whole and synced, then never changed: NAME.codes and NAME.numbers, little-endian. Merging reads and
writes it a piece at a time. The names that count are noted elsewhere, in one transaction with what they replace.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.segment_writer import sync_folder

_PIECE = 1 << 20
"""Entries merged at a time (about 50 MB)."""
_SUFFIXES = (".codes", ".numbers")
_BLOCK = 256
"""Codes of a run of which one is in its guide."""
_LARGE, _MANY = 1 << 20, 4096
"""A run of so many codes gets a guide when it is first asked for so many at once: it has to be read whole for that."""


@dataclass(frozen=True)
class KeyRun:
    """Entries in order of their codes."""

    codes: NDArray[np.uint64]     # key in the high half, rank in the low one; sorted
    numbers: NDArray[np.uint32]   # the article, same shape
    name: str = ""                # of its file; empty: in memory

    @classmethod
    def empty(cls) -> KeyRun:
        """A run without entries."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.uint32))

    def places(self, codes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each of some codes how many of this run are below it: `self.codes.searchsorted(codes)`.

        That waits for memory at nearly every step from one half to the next. Where codes are many, all of them take
        each step together: 15,000 codes in a run of 17 million in less than half the time.
        """
        if len(self.codes) < _LARGE or (len(codes) < _MANY and "_guide" not in self.__dict__):
            return self.codes.searchsorted(codes)
        places: NDArray[np.int64] = self._guide.searchsorted(codes) * _BLOCK
        step, last = _BLOCK // 2, len(self.codes) - 1
        while step:
            places += step * (self.codes[np.minimum(places + (step - 1), last)] < codes)
            step //= 2
        return np.minimum(places, last + 1)

    @cached_property
    def _guide(self) -> NDArray[np.uint64]:
        """The last code of each whole block."""
        return self.codes[_BLOCK - 1 :: _BLOCK].copy()


class KeyFiles:
    """The runs of one set of stories. Their files' names begin with `stem`."""

    def __init__(self, stem: Path | None, names: Sequence[tuple[str, int]] = ()) -> None:
        """`stem`: None keeps everything in memory. `names`: the runs that count, with their lengths; any other file of
        that stem is a killed writer's and removed. Raises ValueError or OSError for a run that is not whole."""
        self._stem = stem
        self.runs = [self._open(name, count) for name, count in names]
        self._dropped: list[str] = []
        if stem is not None:
            kept = {f"{stem.name}{name}{suffix}" for name, _ in names for suffix in _SUFFIXES}
            for path in stem.parent.glob(f"{stem.name}*"):
                if path.name not in kept:
                    path.unlink()

    def names(self) -> list[tuple[str, int]]:
        """The runs that count, with their lengths."""
        return [(run.name, len(run.codes)) for run in self.runs if run.name]

    def append(self, run: KeyRun) -> None:
        """Write a run."""
        self.runs.append(self._write(iter([run])))

    def merge_last(self) -> None:
        """Make one run of the last two."""
        before, last = self.runs[-2:]
        self.runs[-2:] = [self._write(_pieces(before, last))]
        self._drop(before, last)

    def rewrite(self, gone: NDArray[np.uint32]) -> None:
        """Write every run anew without the entries of some articles (their numbers, sorted)."""
        old = self.runs
        self.runs = [self._write(_without(run, gone)) for run in old]
        self._drop(*old)

    def remove_dropped(self) -> None:
        """Remove the files of runs that were replaced; to be called once that is on the disk."""
        while self._dropped:
            for suffix in _SUFFIXES:
                self._path(self._dropped[-1], suffix).unlink(missing_ok=True)
                step("keys:one-removed")
            self._dropped.pop()

    def _drop(self, *runs: KeyRun) -> None:
        self._dropped += [run.name for run in runs if run.name]

    def _path(self, name: str, suffix: str) -> Path:
        assert self._stem is not None
        return self._stem.with_name(f"{self._stem.name}{name}{suffix}")

    def _write(self, pieces: Iterator[KeyRun]) -> KeyRun:
        if self._stem is None:
            every = [KeyRun.empty(), *pieces]
            return KeyRun(np.concatenate([piece.codes for piece in every]),
                          np.concatenate([piece.numbers for piece in every]))
        name, count = secrets.token_hex(8), 0
        with open(self._path(name, ".codes"), "wb") as codes, open(self._path(name, ".numbers"), "wb") as numbers:
            for piece in pieces:
                codes.write(piece.codes.astype("<u8", copy=False).data)
                numbers.write(piece.numbers.astype("<u4", copy=False).data)
                count += len(piece.codes)
                step("keys:begun")
            for file in (codes, numbers):
                file.flush()
                os.fsync(file.fileno())
        sync_folder(self._stem.parent)
        step("keys:written")
        return self._open(name, count)

    def _open(self, name: str, count: int) -> KeyRun:
        arrays = []
        for suffix, dtype in zip(_SUFFIXES, ("<u8", "<u4"), strict=True):
            path = self._path(name, suffix)
            if path.stat().st_size != count * np.dtype(dtype).itemsize:
                raise ValueError(f"{path} has {path.stat().st_size} bytes; {count} entries were written")
            mapped = np.memmap(path, dtype, "r", shape=(count,)) if count else np.zeros(0, dtype)
            arrays.append(np.asarray(mapped).view(np.ndarray))
        return KeyRun(arrays[0], arrays[1], name)


def merged(before: KeyRun, last: KeyRun) -> KeyRun:
    """Two runs as one; of equal codes those of `before` first."""
    places = np.searchsorted(before.codes, last.codes, "right") + np.arange(len(last.codes))
    old = np.ones(len(before.codes) + len(places), np.bool_)
    old[places] = False
    codes, numbers = np.empty(len(old), np.uint64), np.empty(len(old), np.uint32)
    codes[places], codes[old] = last.codes, before.codes
    numbers[places], numbers[old] = last.numbers, before.numbers
    return KeyRun(codes, numbers)


def _pieces(before: KeyRun, last: KeyRun) -> Iterator[KeyRun]:
    """The merge of two runs, piece after piece; no code lies in two pieces."""
    longer = max(before.codes, last.codes, key=len)
    edges = np.unique(longer[_PIECE::_PIECE])
    cuts = [[0, *np.searchsorted(run.codes, edges).tolist(), len(run.codes)] for run in (before, last)]
    for i in range(len(edges) + 1):
        yield merged(*(KeyRun(run.codes[cut[i]:cut[i + 1]], run.numbers[cut[i]:cut[i + 1]])
                       for run, cut in zip((before, last), cuts, strict=True)))


def _without(run: KeyRun, gone: NDArray[np.uint32]) -> Iterator[KeyRun]:
    for start in range(0, len(run.codes), _PIECE):
        part = slice(start, start + _PIECE)
        kept = ~np.isin(run.numbers[part], gone)
        yield KeyRun(run.codes[part][kept], run.numbers[part][kept])
