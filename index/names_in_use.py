"""NamesInUse: the names of a data folder with an analyzer over them, taken up anew when their reader changes them."""

from __future__ import annotations

from index.analysis.analyzer import Analyzer
from index.folder import DataFolder
from index.known_words import KnownWords
from index.names.registry import Names
from index.segment_writer import write_durably


class NamesInUse:
    """What an indexer analyses with. Between two calls of `take_up` the names are the same."""

    def __init__(self, data: DataFolder, names: Names | None = None) -> None:
        """`names`: those of this folder, where they are loaded already."""
        self._data = data
        self._analyzer = Analyzer(names) if names is not None else None
        self._known: tuple[Analyzer, KnownWords] | None = None
        self._stamp = self._stamp_now()

    def take_up(self) -> Names:
        """The names as they are now. Raises NamesError when the reader's cannot be read."""
        if self._analyzer is None or self._stamp_now() != self._stamp:
            stamp = self._stamp_now()
            self._analyzer = Analyzer(Names.load(self._data.names))
            self._stamp = stamp
        return self._analyzer.names

    @property
    def names(self) -> Names:
        """The names taken up last."""
        return self.analyzer.names

    @property
    def analyzer(self) -> Analyzer:
        """The analyzer over them; it keeps what it has learnt of words."""
        if self._analyzer is None:
            self.take_up()
        assert self._analyzer is not None
        return self._analyzer

    @property
    def known_words(self) -> KnownWords:
        """What builders have worked out of the analyzer's words."""
        analyzer = self.analyzer
        if self._known is None or self._known[0] is not analyzer:
            self._known = analyzer, KnownWords.of(analyzer.vocabulary)
        return self._known[1]

    def forget_words(self) -> None:
        """Begin with an empty vocabulary."""
        self._analyzer, self._known = Analyzer(self.names), None

    def keep(self) -> None:
        """Put the reader's names beside the index made with them, for its readers."""
        kept = self._data.names_of_index(self.names.digest)
        if self._data.names.exists() and not kept.exists():
            write_durably(kept, self._data.names.read_bytes(), "names")

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._data.names.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size
