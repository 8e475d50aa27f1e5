"""One run of capitalised words: its tokens, and what the lists say of any stretch of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from index.names.recogniser_classes import WordClass
from index.names.recogniser_lexicon import Bit, Scores


class Part(NamedTuple):
    """A name inside a run: tokens `start` to `end` (exclusive) of the run, evidence for its type."""

    start: int
    end: int
    scores: Scores
    fixed: bool = False     # its own words decide, whatever stands around it


class Run:
    """The tokens of a run, to be looked at by position. All that rules can ask of a token is what its class tells."""

    def __init__(self, classes: Sequence[WordClass], listed: Mapping[tuple[int, int], Scores]) -> None:
        """`listed`: the evidence of those stretches of two tokens or more that are listed names."""
        self.classes = classes
        self.flags = [one.flags for one in classes]
        self._listed = listed

    def has(self, at: int, wanted: int) -> bool:
        """Whether the token has any of the wanted bits."""
        return bool(self.flags[at] & wanted)

    def word(self, at: int) -> str:
        """The token's normal form, if it is a word that rules name (else OTHER); "" for a mark."""
        return self.classes[at].word

    def words(self, start: int, end: int) -> list[int]:
        """The bits of the words in a stretch; marks left out."""
        return [one.flags for one in self.classes[start:end] if one.word]

    def known(self, start: int, end: int) -> Scores | None:
        """The evidence of a listed name; short acronyms that are words count in capitals only (US, us)."""
        return self.classes[start].known if end - start == 1 else self._listed.get((start, end))

    def is_place(self, start: int, end: int, least: float) -> bool:
        """Whether the stretch is a listed place with at least so much evidence."""
        scores = self.known(start, end)
        return scores is not None and scores[1] >= least

    def part(self, start: int, end: int, scores: Scores, fixed: bool = True) -> list[Part]:
        """The stretch as a name."""
        return [Part(start, end, scores, fixed)]

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
