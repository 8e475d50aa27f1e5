"""Manifest: which segments are the index now. One JSON file, replaced at once: that is publication.

A generation is never changed. Segments are immutable; which of their articles are live and which story each
belongs to may change between generations, so these two columns are files of their own, named in the manifest.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.segment import Segment, SegmentError, open_array, regular_file
from index.segment_writer import sync_folder, write_durably

FORMAT = 2
FILE = "manifest.json"
LARGEST = 2**63 - 1
_SEGMENT = r"seg-[0-9a-f]{16}"
_NAMES = {"name": _SEGMENT, "live": rf"live-\d+-{_SEGMENT}\.npy", "stories": rf"stories-(?:\d+-)?{_SEGMENT}\.npy"}
"""The only names that a manifest may give to files: none leads out of the index folder."""


class ManifestError(Exception):
    """The manifest cannot be read; `exonym reindex` makes the index anew."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a generation. `live` and `stories` name files in the index folder (None: all live)."""

    name: str
    docs: int
    deleted: int = 0
    live: str | None = None
    stories: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of the index."""

    generation: int = 0
    position: int = 0                # of the archive's log: everything up to it is in the index
    names: str = ""                  # digest of the names it was made with
    analysis: str = ""               # version of the analysis it was made with
    archive: str = ""                # identity of the archive it was made from
    segments: tuple[SegmentEntry, ...] = ()

    @property
    def articles(self) -> int:
        return sum(entry.docs - entry.deleted for entry in self.segments)


def read_manifest(folder: Path) -> Manifest:
    """The published generation; an empty one if nothing was ever published. Raises ManifestError."""
    try:
        content = json.loads((folder / FILE).read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ManifestError(f"{folder / FILE} is of another version: run `exonym reindex`")
        return _manifest(content)
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ManifestError(f"{folder / FILE} is damaged ({error}): run `exonym reindex`") from error


def _manifest(content: Mapping[str, Any]) -> Manifest:
    """The manifest in decoded JSON; ValueError, KeyError or TypeError where it is not one."""
    names, analysis, archive = (_word(content[name], r"[0-9a-f]{0,64}") for name in ("names", "analysis", "archive"))
    if not isinstance(content["segments"], list):
        raise TypeError("segments is no list")
    return Manifest(_count(content["generation"]), _count(content["position"]), names, analysis, archive,
                    tuple(map(_entry, content["segments"])))


def _entry(row: Mapping[str, Any]) -> SegmentEntry:
    docs, deleted = _count(row["docs"]), _count(row["deleted"])
    if deleted > docs:
        raise ValueError(f"{deleted} of {docs} articles are deleted")
    files = {name: None if row[name] is None else _word(row[name], _NAMES[name]) for name in ("live", "stories")}
    return SegmentEntry(_word(row["name"], _SEGMENT), docs, deleted, **files)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise ValueError(f"{str(value)[:40]!r} is no count")
    return value


def _word(value: object, pattern: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise ValueError(f"{str(value)[:40]!r} is no name for it")
    return value


def publish(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the generation that readers see from now on. Its files must be on the disk already."""
    for entry in manifest.segments:
        sync_folder(folder / entry.name)
    sync_folder(folder)
    step("publish:begun")
    content = {"format": FORMAT, **asdict(manifest)}
    write_durably(folder / FILE, json.dumps(content, indent=1).encode(), "publish")


def write_column(folder: Path, name: str, values: NDArray[Any]) -> str:
    """Write a column file (NumPy's own format, no pickle); returns its name."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, allow_pickle=False)
    write_durably(folder / name, buffer.getvalue(), "column")
    return name


def open_segment(folder: Path, entry: SegmentEntry) -> Segment:
    """The segment of an entry. Raises SegmentError, also when it is not of the size that the manifest says."""
    segment = Segment(folder / entry.name)
    if segment.docs != entry.docs:
        raise SegmentError(f"{segment.folder} holds {segment.docs} articles, not {entry.docs}: run `exonym reindex`")
    return segment


def segment_numbers(folder: Path, entry: SegmentEntry) -> NDArray[np.int64]:
    """The archive's version number of each article of a segment, shape (docs,); nothing else of it is opened.

    Raises SegmentError.
    """
    try:
        return open_array(folder / entry.name, "numbers", "<i8", entry.docs)
    except (OSError, ValueError) as error:
        raise SegmentError(f"{folder / entry.name} is damaged ({error}): run `exonym reindex`") from error


def live_column(folder: Path, entry: SegmentEntry) -> NDArray[np.bool_] | None:
    """Which articles of a segment are live, shape (docs,); None: all. Raises SegmentError."""
    return None if entry.live is None else _column(folder / entry.live, entry.docs, np.dtype(np.bool_))


def story_column(folder: Path, entry: SegmentEntry) -> NDArray[np.uint64]:
    """The story of each article of a segment as the number of its id, shape (docs,); 0: alone. Raises SegmentError."""
    if entry.stories is None:
        return np.zeros(entry.docs, np.uint64)
    return _column(folder / entry.stories, entry.docs, np.dtype("<u8"))


def _column(path: Path, docs: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A column file, mapped into memory."""
    try:
        regular_file(path)
        values = np.lib.format.open_memmap(path, mode="r")      # refuses objects, which would be pickled
        if values.dtype != dtype or values.shape != (docs,):
            raise ValueError(f"it holds {values.dtype} of shape {values.shape}, not {dtype} of ({docs},)")
    except (OSError, ValueError, TypeError, SyntaxError, OverflowError) as error:
        raise SegmentError(f"{path} is damaged ({error}): run `exonym reindex`") from error
    return values.view(np.ndarray)


def sweep(folder: Path, keep: tuple[Manifest, ...]) -> list[str]:
    """Remove what no generation in `keep` refers to: older generations, leftovers of a killed writer."""
    wanted = {FILE}
    for manifest in keep:
        wanted.add(f"names-{manifest.names}.yml")
        for entry in manifest.segments:
            wanted |= {entry.name, *(name for name in (entry.live, entry.stories) if name is not None)}
    removed = []
    for path in sorted(folder.iterdir()):
        if path.name in wanted or not path.name.startswith(("seg-", "live-", "stories-", "names-", f"{FILE}.")):
            continue
        removed.append(path.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        step("sweep:one-removed")
    return removed
