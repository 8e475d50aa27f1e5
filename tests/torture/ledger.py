"""Ledger: what was acknowledged, noted outside the process that is killed, and what may or may not have happened."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

Batch = Mapping[str, str | None]
"""Article id → digest of the article put under it; None: deleted. One batch is one transaction."""


class Ledger:
    """Safe for threads. Every acknowledgement is on the disk before the writer goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.known: dict[str, str | None] = {}
        self.acknowledged = 0                   # records, over all lives
        self._doubtful: list[Batch] = []
        self._ever: set[tuple[str, str | None]] = set()
        self._other: dict[str, str] | None = None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def sent(self, batch: Batch) -> None:
        """A batch is about to be sent."""
        with self._lock:
            self._ever.update(batch.items())

    def acknowledge(self, batch: Batch) -> None:
        """A batch was acknowledged: from now on it must never be lost."""
        with self._lock:
            self._file.write(json.dumps(dict(batch)) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.known.update(batch)
            self.acknowledged += len(batch)

    def doubt(self, batch: Batch) -> None:
        """The process ended before it answered: the batch was taken whole, or not at all."""
        with self._lock:
            self._doubtful.append(batch)

    def allow(self, other: dict[str, str]) -> None:
        """Until the next `settle` the archive may as well hold exactly this: a backup is being put back."""
        self._other = other

    def invented(self, found: Mapping[str, str]) -> list[str]:
        """The articles in `found` that nobody ever sent."""
        return [id for id, digest in found.items() if (id, digest) not in self._ever]

    def settle(self, found: Mapping[str, str]) -> list[str]:
        """What of the acknowledged is not in `found`, the content of an archive; then `found` is what is known."""
        wrong: list[str] = []
        if self._other is None or dict(found) != self._other:
            for batch in self._doubtful:
                if all(found.get(id) == digest for id, digest in batch.items()):
                    self.known.update(batch)
                elif any(found.get(id) != self.known.get(id) for id in batch):
                    wrong.append(f"half of a transaction: {sorted(batch)}")
            wrong += [f"{id} is {found.get(id)}, acknowledged was {digest}"
                      for id, digest in self.known.items() if found.get(id) != digest]
            wrong += [f"{id} was never acknowledged" for id in found if id not in self.known]
        self._doubtful.clear()
        self._other = None
        self.known = dict(found)
        return wrong
