"""One run of capitalised words: its tokens, and what the lists say of any stretch of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.names.recogniser_lexicon import Bit, Lexicon, Scores

SHORT = 4
"""Letters of the longest acronym that may be an English word."""


class Part(NamedTuple):
    """A name inside a run: tokens `start` to `end` (exclusive) of the run, its normal form, evidence for its type."""

    start: int
    end: int
    name: str
    scores: Scores
    fixed: bool = False     # its own words decide, whatever stands around it


class Run:
    """The tokens of a run, to be looked at by position."""

    def __init__(self, normals: Sequence[str], flags: Sequence[int], lexicon: Lexicon) -> None:
        """`normals`: the tokens' normal forms without full stops ("" for a mark); `flags`: their bits."""
        self.flags = flags
        self.lexicon = lexicon
        self._normals = normals

    def has(self, at: int, wanted: int) -> bool:
        """Whether the token has any of the wanted bits."""
        return bool(self.flags[at] & wanted)

    def word(self, at: int) -> str:
        """The token's normal form."""
        return self._normals[at]

    def words(self, start: int, end: int) -> list[int]:
        """The bits of the words in a stretch; marks left out."""
        return [flags for flags, normal in zip(self.flags[start:end], self._normals[start:end], strict=True) if normal]

    def name(self, start: int, end: int) -> str:
        """The normal form of a stretch."""
        if end - start == 1:
            return self._normals[start]
        return " ".join(filter(None, self._normals[start:end]))

    def known(self, start: int, end: int) -> Scores | None:
        """The evidence of a listed name; short acronyms that are words count in capitals only (US, us)."""
        if end - start == 1 and len(self.word(start)) <= SHORT and (
                self.has(start, Bit.COMMON) and not self.has(start, Bit.UPPER)):
            return None
        return self.lexicon.names.get(self.name(start, end))

    def is_place(self, start: int, end: int, least: float) -> bool:
        """Whether the stretch is a listed place with at least so much evidence."""
        scores = self.known(start, end)
        return scores is not None and scores[1] >= least

    def part(self, start: int, end: int, scores: Scores, fixed: bool = True) -> list[Part]:
        """The stretch as a name."""
        name = self.name(start, end)
        return [Part(start, end, self.lexicon.same.get(name, name), scores, fixed)]

    def trim(self, start: int, end: int) -> tuple[int, int]:
        """The stretch without marks, connectors and words that are no names at its ends."""
        while start < end and self._is_blank(start) and not self._begins(start, end):
            start += 1
        while start < end and self._is_blank(end - 1) and not self._closes(start, end - 1):
            end -= 1
        return start, end

    def _is_blank(self, at: int) -> bool:
        flags = self.flags[at]
        if not flags & Bit.CAPITAL:
            return not flags & Bit.NUMBER or not flags & Bit.WORD
        return bool(flags & Bit.NOT_NAME and not flags & (Bit.INITIAL | Bit.GIVEN))

    def _begins(self, at: int, end: int) -> bool:
        """IV Corps."""
        return at + 1 < end and self.has(at, Bit.PERSON_SUFFIX) and self.has(at + 1, Bit.ORG_HEAD)

    def _closes(self, start: int, last: int) -> bool:
        """Whether a word that is no name alone ends one: Acme Inc, John Paul II, Theresa May."""
        if last == start:
            return False
        if self.has(last, Bit.ORG_SUFFIX | Bit.PERSON_SUFFIX):
            return True
        return self.has(last, Bit.SURNAME) and self.has(last - 1, Bit.GIVEN)
