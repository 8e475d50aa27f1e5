"""DataFolder: what lies where in a data folder.

archive.sqlite    the articles
index/            the index, derived: segments, manifest, the reader's names it was made with
names.yml         the reader's own names, if any
keys.json         keys for HTTP, hashed
reports/          rejected records of past runs
feeds.json        which version of each feed was read last
saved.sqlite      saved searches, and what their readers have seen
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths inside one data folder."""

    path: Path

    @property
    def archive(self) -> Path:
        return self.path / "archive.sqlite"

    @property
    def index(self) -> Path:
        return self.path / "index"

    @property
    def names(self) -> Path:
        return self.path / "names.yml"

    @property
    def keys(self) -> Path:
        return self.path / "keys.json"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def feeds(self) -> Path:
        return self.path / "feeds.json"

    @property
    def saved(self) -> Path:
        return self.path / "saved.sqlite"

    @property
    def stories(self) -> Path:
        return self.index / "stories.sqlite"

    @property
    def writer_lock(self) -> Path:
        return self.path / "writer.lock"

    def names_of_index(self, digest: str) -> Path:
        """The reader's names as they were when the index with this digest was made."""
        return self.index / f"names-{digest}.yml"
