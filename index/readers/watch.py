"""Watch: which files of folders came or changed since the last look, and are no longer being written."""

from __future__ import annotations

import os
from collections.abc import Sequence

from index.readers.document import ReadError
from index.readers.paths import files, is_url

Mark = tuple[int, int, int]
"""What tells one version of a file from another: inode, size in bytes, time of change in nanoseconds."""


class Watch:
    """Files and folders that are looked at again and again. Raises ReadError for what cannot be watched."""

    def __init__(self, paths: Sequence[str]) -> None:
        for path in paths:
            if path == "-" or is_url(path):
                raise ReadError(f"{path} cannot be watched: only files and folders can")
            if not os.path.exists(path):
                raise ReadError(f"{path} does not exist")
        self._paths = tuple(paths)
        self._given: dict[str, Mark] = {}
        self._seen: dict[str, Mark] | None = None

    def look(self) -> list[str]:
        """The first time all files; later those that are new or changed and were the same at the look before.

        So a file that is being written is given when it has settled, once. One that is gone is forgotten: its
        articles stay.
        """
        try:
            marks = self._marks()
        except OSError:                 # a file or folder went away meanwhile; the next look will not meet it
            return []
        settled = [path for path, mark in marks.items() if self._given.get(path) != mark
                   and (self._seen is None or self._seen.get(path) == mark)]
        self._given = {path: mark for path, mark in self._given.items() if path in marks}
        self._given.update((path, marks[path]) for path in settled)
        self._seen = marks
        return settled

    def _marks(self) -> dict[str, Mark]:
        present = files([path for path in self._paths if os.path.exists(path)])
        states = ((path, os.stat(path)) for path in present)
        return {path: (state.st_ino, state.st_size, state.st_mtime_ns) for path, state in states}
