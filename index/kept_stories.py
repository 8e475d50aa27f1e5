"""KeptStories: the stories of a data folder, opened once, and made those of exactly the published articles."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import Analyzer, batches
from index.archive import Archive
from index.fingerprinting import Fingerprinter
from index.folder import DataFolder
from index.stories import Fingerprint, Stories, StoriesError


class KeptStories:
    """The file of stories of one data folder, for one indexer."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._stories: Stories | None = None

    def open(self, mend: Callable[[Stories], None]) -> Stories:
        """The stories. A file that cannot be read begins anew; one that was just opened is given to `mend`."""
        if self._stories is None:
            try:
                self._stories = Stories(self._data.stories)
            except (StoriesError, sqlite3.DatabaseError, ValueError, zlib.error) as error:
                if isinstance(error, sqlite3.OperationalError):     # a full disk, say: not the file's fault
                    raise
                self.remove()
                self._stories = Stories(self._data.stories)
            mend(self._stories)
        return self._stories

    def begin_anew(self) -> Stories:
        """Stories without articles, in the place of those that are there."""
        self.remove()
        self._stories = Stories(self._data.stories)
        return self._stories

    @property
    def now(self) -> Stories:
        """The stories, which are open."""
        assert self._stories is not None
        return self._stories

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._stories is not None:
            self._stories.close()
            self._stories = None

    def remove(self) -> None:
        """Remove the file with what belongs to it."""
        self.close()
        for path in self._data.index.glob(f"{self._data.stories.name}*"):
            path.unlink()


def reconcile(stories: Stories, published: NDArray[Any], archive: Archive, analyzer: Callable[[], Analyzer]) -> None:
    """Make the stories those of exactly the published versions: what a killed writer left out or put in is mended."""
    known = stories.numbers()
    stories.remove(np.setdiff1d(known, published).tolist())
    missing = np.setdiff1d(published, known).tolist()
    if missing:
        for some in fingerprints(missing, archive, analyzer()):
            stories.add(some)


def fingerprints(numbers: Sequence[int], archive: Archive, analyzer: Analyzer
                 ) -> Iterator[list[tuple[int, Fingerprint]]]:
    """The fingerprints of some versions, dozens at a time."""
    fingerprinter = Fingerprinter(analyzer.vocabulary)
    for some in batches(archive.numbered(numbers)):
        articles = [article for _, article in some]
        found = fingerprinter.of_all(articles, analyzer.analyse_all(articles))
        yield list(zip([number for number, _ in some], found, strict=True))
