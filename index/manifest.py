"""Manifest: which segments are the index now. One JSON file, replaced at once: that is publication.

A generation is never changed. Segments are immutable; which of their articles are live and which story each
belongs to may change between generations, so these two columns are files of their own, named in the manifest.
"""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segment_writer import sync_folder, write_durably

FORMAT = 1
FILE = "manifest.json"


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
    segments: tuple[SegmentEntry, ...] = ()

    @property
    def articles(self) -> int:
        return sum(entry.docs - entry.deleted for entry in self.segments)


def read_manifest(folder: Path) -> Manifest:
    """The published generation; an empty one if nothing was ever published. Raises ManifestError."""
    try:
        content: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
        if content.pop("format") != FORMAT:
            raise ManifestError(f"{folder / FILE} is of another version: run `exonym reindex`")
        segments = tuple(SegmentEntry(**entry) for entry in content.pop("segments"))
        return Manifest(**content, segments=segments)
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{folder / FILE} is damaged ({error}): run `exonym reindex`") from error


def publish(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the generation that readers see from now on. Its files must be on the disk already."""
    for entry in manifest.segments:
        sync_folder(folder / entry.name)
    sync_folder(folder)
    content = {"format": FORMAT, **asdict(manifest)}
    write_durably(folder / FILE, json.dumps(content, indent=1).encode())


def write_column(folder: Path, name: str, values: NDArray[Any]) -> str:
    """Write a column file (NumPy's own format, no pickle); returns its name."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, allow_pickle=False)
    write_durably(folder / name, buffer.getvalue())
    return name


def read_column(folder: Path, name: str) -> NDArray[Any]:
    """A column file, mapped into memory. Raises ManifestError."""
    try:
        values: NDArray[Any] = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ManifestError(f"{folder / name} is damaged ({error}): run `exonym reindex`") from error
    return values.view(np.ndarray)


def sweep(folder: Path, keep: tuple[Manifest, ...]) -> list[str]:
    """Remove what no generation in `keep` refers to: older generations, leftovers of a killed writer."""
    wanted = {FILE}
    for manifest in keep:
        for entry in manifest.segments:
            wanted |= {entry.name, *(name for name in (entry.live, entry.stories) if name is not None)}
    removed = []
    for path in sorted(folder.iterdir()):
        if path.name in wanted or not path.name.startswith(("seg-", "live-", "stories-", f"{FILE}.")):
            continue
        removed.append(path.name)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return removed
