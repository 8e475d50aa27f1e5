"""Compaction: what becomes of a generation's segments: replaced articles masked, story columns written anew."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.manifest import (
    Manifest,
    SegmentEntry,
    live_column,
    segment_numbers,
    story_column,
    write_column,
)
from index.stories import Changed


def segment_name() -> str:
    """A name that no segment has."""
    return f"seg-{secrets.token_hex(8)}"


def live(folder: Path, entry: SegmentEntry) -> NDArray[np.bool_]:
    """Which articles of a segment are live, shape (docs,)."""
    column = live_column(folder, entry)
    return np.ones(entry.docs, np.bool_) if column is None else column


def live_numbers(folder: Path, manifest: Manifest) -> NDArray[np.int64]:
    """The versions that a generation finds."""
    return np.concatenate([np.empty(0, np.int64), *(
        segment_numbers(folder, entry)[live(folder, entry)] for entry in manifest.segments)])


def without(folder: Path, current: Manifest, removed: Sequence[int]) -> list[SegmentEntry]:
    """The entries of a generation with some versions no longer live."""
    gone = np.array(sorted(removed), np.int64)
    entries = []
    for entry in current.segments:
        places = _places(segment_numbers(folder, entry), gone)
        if len(places):
            kept = live(folder, entry).copy()
            kept[places] = False
            name = write_column(folder, f"live-{current.generation + 1}-{entry.name}.npy", kept)
            entry = replace(entry, live=name, deleted=int(len(kept) - np.count_nonzero(kept)))
        if entry.deleted < entry.docs:
            entries.append(entry)
    return entries


def with_stories(folder: Path, manifest: Manifest, changed: Changed) -> Manifest:
    """A generation with the story columns written anew of those segments in which some article's story has changed."""
    if not len(changed) and not changed.is_all:
        return manifest
    entries = []
    for entry in manifest.segments:
        here, column = segment_numbers(folder, entry), story_column(folder, entry)
        places = _places(here, changed.numbers)
        fresh = np.zeros_like(column) if changed.is_all else column.copy()
        fresh[places] = changed.stories[np.searchsorted(changed.numbers, here[places])]
        if not np.array_equal(fresh, column):
            name = write_column(folder, f"stories-{manifest.generation}-{entry.name}.npy", fresh)
            entry = replace(entry, stories=name)
        entries.append(entry)
    return replace(manifest, segments=tuple(entries))


def _places(numbers: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in a segment's numbers some versions (ascending) stand."""
    if not len(some) or not len(numbers):
        return np.empty(0, np.int64)
    near = np.flatnonzero((numbers >= some[0]) & (numbers <= some[-1]))
    found: NDArray[np.int64] = near[np.isin(numbers[near], some)]
    return found
