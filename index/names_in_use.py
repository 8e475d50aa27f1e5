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
        self._names = names
        self._digest = None if names is None else names.digest
        self._analyzer: Analyzer | None = None
        self._known: tuple[Analyzer, KnownWords] | None = None
        self._stamp = self._stamp_now()

    def take_up(self) -> str:
        """The digest of the names as they are now. Raises NamesError when the reader's cannot be read.

        Ours alone are not loaded before they are asked for: where processes of their own build, nobody does.
        """
        stamp = self._stamp_now()
        if self._digest is None or stamp != self._stamp:
            names = None if stamp is None else Names.load(self._data.names)
            self._digest = Names.digest_of(None) if names is None else names.digest
            self._names, self._analyzer, self._stamp = names, None, stamp
        return self._digest

    @property
    def digest(self) -> str:
        """That of the names taken up last."""
        return self._digest or self.take_up()

    @property
    def names(self) -> Names:
        """The names taken up last."""
        if self._digest is None:
            self.take_up()
        if self._names is None:
            self._names = Names.load(None)
        return self._names

    @property
    def analyzer(self) -> Analyzer:
        """The analyzer over them; it keeps what it has learnt of words."""
        if self._analyzer is None:
            self._analyzer = Analyzer(self.names)
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
        kept = self._data.names_of_index(self.digest)
        if self._data.names.exists() and not kept.exists():
            write_durably(kept, self._data.names.read_bytes(), "names")

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._data.names.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size
