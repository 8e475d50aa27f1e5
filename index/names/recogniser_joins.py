"""Names that a run of capitals does not hold whole: nicknames, ordinals, first halves, what an acronym stands for.

Everything here changes the mentions before types are decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.names.batch import Batch
from index.names.recogniser_found import Found, Strings
from index.names.recogniser_lexicon import Bit
from index.names.recogniser_runs import Runs

NICKNAME = 4
"""Words of the longest nickname in quotation marks inside a name."""
SHARED_HEADS = frozenset({"railway", "railroad", "company", "bank", "society", "association", "council", "museum",
                          "union", "trust", "university", "college", "line", "board", "service", "foundation"})
"""Heads of names of the form *the Franklin and Megantic Railway*."""

_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")


class Joins:
    """The mentions of a batch while they are joined. `normal`: the normal form of each token's number."""

    def __init__(self, batch: Batch, runs: Runs, found: Found, normal: Sequence[str], strings: Strings) -> None:
        self._batch, self._runs, self._flags, self._found = batch, runs, runs.bits, found
        self._normal, self._strings = normal, strings
        self._article = batch.of_position(found.start)
        self._dropped = np.zeros(len(found.start), np.bool_)
        self._long_forms: list[tuple[int, int]] = []
        self._acronyms: dict[int, dict[str, str]] = {}

    def join(self) -> tuple[Found, dict[int, dict[str, str]]]:
        """The mentions, joined ones in place of their parts, and the acronyms introduced: article → acronym → name."""
        ordinals, nicknames, halves, bracketed = self._signs()
        for at in ordinals:
            self._ordinal(at)
        for at in nicknames:
            self._nickname(at)
        for at in halves:
            self._first_half(at)
        for at in bracketed:
            self._acronym(at)
        if self._long_forms or self._dropped.any():
            return self._found.kept(~self._dropped, self._introduced()), self._acronyms
        return self._found, self._acronyms

    def _signs(self) -> list[list[int]]:
        """The mentions that an ordinal, a nickname, the other half of a name or an acronym may stand beside."""
        found, flags = self._found, self._runs.flags
        start, end, unknown = found.start, found.end, found.entity < 0
        before, after = flags[start - 1], flags[end]
        ordinal = ((before & Bit.NUMBER) != 0) & found.fixed & unknown
        nickname = ((after & Bit.QUOTE) != 0) & (found.scores[:, 0] >= 1) & unknown
        half = ((after & Bit.AND) != 0) & ~found.fixed & unknown
        acronym = ((before & Bit.OPEN) != 0) & ((after & Bit.CLOSE) != 0) & (end - start == 1)
        acronym &= (flags[start] & Bit.UPPER) != 0
        return [np.flatnonzero(sign).tolist() for sign in (ordinal, nickname, half, acronym)]

    def _introduced(self) -> Found:
        """The names in full that acronyms stand for."""
        count = len(self._long_forms)
        spans = np.array(self._long_forms, np.intp).reshape(-1, 2)
        names = [self._strings[self._text(start, end)] for start, end in self._long_forms]
        return Found(spans[:, 0], spans[:, 1], np.array(names, np.intp), np.full(count, -1, np.intp),
                     np.tile((-3.0, -1.0, 5.0), (count, 1)), np.ones(count, np.bool_))

    def _word(self, at: int) -> str:
        return self._normal[int(self._batch.tokens[at])]

    def _text(self, start: int, end: int) -> str:
        words = [self._normal[number] for number in self._batch.tokens[start:end].tolist()]
        return " ".join(word for word in words if word)

    def _called(self, at: int) -> str:
        return self._strings.text[int(self._found.name[at])]

    def _is_next(self, at: int, after: int) -> bool:
        """Whether there is a mention `after` in the article of the one `at`."""
        return after < len(self._article) and bool(self._article[at] == self._article[after])

    def _ordinal(self, at: int) -> None:
        """65th Air Division."""
        found = self._found
        word = self._word(found.start[at] - 1)
        if found.scores[at, 2] >= 4 and _ORDINAL.fullmatch(word):
            found.start[at] -= 1
            found.name[at] = self._strings[f"{word} {self._called(at)}"]

    def _nickname(self, at: int) -> None:
        """William "Buckshot" May."""
        found = self._found
        end = int(found.end[at])
        for close in range(end + 2, end + 2 + NICKNAME):
            if self._flags[close] & Bit.QUOTE:
                break
        else:
            return
        for last in (at + 1, at + 2):
            if self._is_next(at, last) and found.start[last] == close + 1 and (
                    found.end[last] - found.start[last] <= 2 and found.scores[last, 1:].max() < 3):
                self._dropped[at + 1:last + 1] = True
                found.end[at] = found.end[last]
                found.name[at] = self._strings[f"{self._called(at)} {self._called(last)}"]
                found.scores[at] = 4.0, -2.0, -2.0
                found.fixed[at] = True

    def _first_half(self, at: int) -> None:
        """The Franklin and Megantic Railway."""
        found, after = self._found, at + 1
        if self._is_next(at, after) and found.start[after] == found.end[at] + 1 and found.scores[after, 2] >= 4 and (
                found.fixed[after] and not found.fixed[at] and found.entity[after] < 0
                and self._word(found.start[at] - 1) == "the" and self._word(found.end[after] - 1) in SHARED_HEADS):
            self._dropped[at] = True
            found.start[after] = found.start[at]
            found.name[after] = self._strings[self._text(found.start[at], found.end[after])]

    def _acronym(self, at: int) -> None:
        """National Bank of Ukraine (NBU): the words whose initials the acronym has are one organisation."""
        found, acronym = self._found, self._called(at)
        end = int(found.start[at]) - 1
        start = self._long_form(end, acronym)
        if start is None:
            return
        acronyms = self._acronyms.setdefault(int(self._article[at]), {})
        inside = np.flatnonzero((found.end[:at] > start) & (found.start[:at] < end))
        known = inside[(found.entity[inside] >= 0) & (found.end[inside] == end)]
        if len(known):
            acronyms[acronym] = self._called(known[0])
            return
        self._dropped[inside] = True
        self._long_forms.append((start, end))
        acronyms[acronym] = self._text(start, end)

    def _long_form(self, end: int, acronym: str) -> int | None:
        """Where the words before `end` begin that have the acronym's letters as initials; None if none have."""
        at, letter = end, len(acronym) - 1
        if letter < 1:
            return None
        while letter >= 0 and at > 0 and end - at < 2 * len(acronym) + 2:
            at -= 1
            word, flag = self._word(at), self._flags[at]
            if not word:
                return None
            if flag & Bit.CAPITAL and word[0] == acronym[letter]:
                letter -= 1
            elif flag & Bit.CAPITAL or not flag & (Bit.CONNECTOR | Bit.NOT_NAME | Bit.SMALL | Bit.FOR | Bit.AND):
                return None
        return at if letter < 0 else None
