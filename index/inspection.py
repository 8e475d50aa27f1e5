"""Inspection: whether archive and index are whole and agree, and what to do where they do not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.archive import Archive, ArchiveError
from index.builder import article_key
from index.folder import DataFolder
from index.manifest import Manifest, ManifestError, live_column, open_segment, read_manifest, story_column
from index.segment import SegmentError

TRIES = 5
"""The index is looked at again when a new generation was published meanwhile, at most so often."""
_REINDEX = "`exonym reindex` makes the index anew from the archive; a running service does so by itself"
_RESTORE = "`exonym restore --force FILE` puts a backup in its place; `exonym export` saves the articles it still gives"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: with which part (archive, index, agreement), what it is, and what to do."""

    part: str
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A data folder, looked through."""

    articles: int = 0               # live, in the archive
    indexed: int = 0                # live, in the index
    generation: int = 0
    segments: int = 0
    waiting: int = 0                # changes of the archive that the index does not have yet: no fault
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """An index held against an archive. `position`: up to where in the log it goes; None: it cannot be read."""

    articles: int = 0
    generation: int = 0
    segments: int = 0
    position: int | None = None
    findings: tuple[Finding, ...] = ()


def inspect(data: DataFolder, look: Callable[[Archive], Look] | None = None) -> Inspection:
    """Read everything in a data folder, while others may be reading and writing. `look`: looks at an index that lies
    elsewhere."""
    if not data.archive.exists():
        return Inspection(findings=(Finding("archive", f"there is no archive in {data.path}",
                                            "name the right folder, or `exonym restore FILE` a backup into it"),))
    try:
        archive = Archive(data.archive)
        damage = archive.damage()
        articles = len(archive)
    except (ArchiveError, sqlite3.DatabaseError) as error:
        return Inspection(findings=(Finding("archive", f"{data.archive} cannot be read: {error}", _RESTORE),))
    findings = [Finding("archive", what, _RESTORE) for what in damage]
    seen = look(archive) if look is not None else _look(data.index, archive)
    waiting = archive.waiting(seen.position) if seen.position is not None else 0
    archive.close()
    return Inspection(articles, seen.articles, seen.generation, seen.segments, waiting, (*findings, *seen.findings))


def _look(folder: Path, archive: Archive) -> Look:
    """The index of a data folder."""
    for _ in range(TRIES):
        manifest, found = _index(folder, archive)
        if not found or manifest == _published(folder):
            break
    if manifest is None:
        return Look(findings=tuple(found))
    return Look(manifest.articles, manifest.generation, len(manifest.segments), manifest.position, tuple(found))


def _published(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except ManifestError:
        return None


def _index(folder: Path, archive: Archive) -> tuple[Manifest | None, list[Finding]]:
    try:
        manifest = read_manifest(folder)
    except ManifestError as error:
        return None, [Finding("index", str(error), _REINDEX)]
    damage = index_damage(folder, manifest)
    if damage:
        return manifest, [Finding("index", what, _REINDEX) for what in damage]
    try:
        return manifest, [Finding("agreement", what, _REINDEX) for what in disagreement(folder, manifest, archive)]
    except SegmentError as error:           # gone since it was looked at: another generation was published
        return manifest, [Finding("index", str(error), _REINDEX)]


def index_damage(folder: Path, manifest: Manifest) -> list[str]:
    """What in a generation is not as it was written: every byte of its segments is read."""
    found, segments = [], []
    for entry in manifest.segments:         # all are opened first: what is mapped stays when a sweep removes its name
        try:
            segments.append(open_segment(folder, entry))
            live_column(folder, entry)
            story_column(folder, entry)
        except SegmentError as error:
            found.append(str(error))
    for segment in segments:
        damaged = segment.damaged()
        if damaged:
            found.append(f"{segment.folder}: {', '.join(damaged)} {'do' if damaged[1:] else 'does'} not match the "
                         "checksum")
    return found


def disagreement(folder: Path, manifest: Manifest, archive: Archive) -> list[str]:
    """Where a generation does not hold the very articles that the archive had at its position of the log.

    Raises SegmentError.
    """
    if manifest.archive != archive.identity():
        if not manifest.segments and not len(archive):
            return []                       # nothing was ever put in
        return ["the index was made from another archive, or from none yet"]
    if manifest.position > archive.position():
        return ["the index knows more changes than the archive, which must be an older copy"]
    numbers, keys = _live(folder, manifest)
    wanted = archive.indexed(manifest.position)
    expected = np.fromiter(wanted, np.int64, len(wanted))
    expected_keys = np.fromiter(map(article_key, wanted.values()), np.uint64, len(wanted))
    found = []
    missing = len(archive.versions(np.setdiff1d(expected, numbers).tolist()))     # those that can be read
    extra = len(np.setdiff1d(numbers, expected))
    if missing:
        found.append(f"{missing} articles of the archive are not in the index")
    if extra:
        found.append(f"{extra} articles in the index are not in the archive")
    if len(np.unique(numbers)) < len(numbers):
        found.append(f"{len(numbers) - len(np.unique(numbers))} articles are in the index more than once")
    if not found:
        differing = int((keys != expected_keys[np.isin(expected, numbers)]).sum())
        if differing:
            found.append(f"{differing} articles have another id in the index")
    return found


def _live(folder: Path, manifest: Manifest) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Version numbers, ascending, and keys of the ids of all live articles of a generation."""
    numbers, keys = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for entry in manifest.segments:
        segment, live = open_segment(folder, entry), live_column(folder, entry)
        kept = slice(None) if live is None else live
        numbers.append(segment["numbers"][kept])
        keys.append(segment["keys"][kept])
    joined = np.concatenate(numbers)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(keys)[order]
