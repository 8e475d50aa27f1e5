"""DataFolder: what lies where in a data folder.

archive.sqlite    the articles
index/            the index, derived: segments, manifest, the reader's names it was made with
names.yml         the reader's own names, if any
keys.json         keys for HTTP, hashed
reports/          rejected records of past runs
feeds.json        which version of each feed was read last
saved.sqlite      saved searches, and what their readers have seen
exonym.toml       settings, if any
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KEPT = ("names.yml", "keys.json", "exonym.toml", "feeds.json", "saved.sqlite")
"""The files that go with the archive into a backup."""


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
    def settings(self) -> Path:
        return self.path / "exonym.toml"

    @property
    def restoring(self) -> Path:
        """The copy of a backup while it is being put back."""
        return self.path / "restore.part"

    def leftovers(self) -> list[Path]:
        """What a killed restore left; to be looked for by the holder of the writer lock."""
        parts = [self.path / f"{name}.part" for name in KEPT]
        return [*self.path.glob(f"{self.restoring.name}*"), *(part for part in parts if part.exists())]

    @property
    def indexing_fault(self) -> Path:
        """Why indexing does not get on, in words; blank while it does."""
        return self.path / "indexing-fault.txt"

    @property
    def suspect(self) -> Path:
        """There while the index has to be looked through, because a search met something that cannot be."""
        return self.path / "index-suspect"

    @property
    def stories(self) -> Path:
        return self.index / "stories.sqlite"

    @property
    def writer_lock(self) -> Path:
        return self.path / "writer.lock"

    def names_of_index(self, digest: str) -> Path:
        """The reader's names as they were when the index with this digest was made."""
        return self.index / f"names-{digest}.yml"
