"""Names that a run of capitals does not hold whole: nicknames, ordinals, first halves, what an acronym stands for.

Everything here changes the lists of the articles' mentions before types are decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.names.recogniser_lexicon import Bit
from index.names.recogniser_resolve import Mention
from index.names.recogniser_runs import Runs

NICKNAME = 4
"""Words of the longest nickname in quotation marks inside a name."""
SHARED_HEADS = frozenset({"railway", "railroad", "company", "bank", "society", "association", "council", "museum",
                          "union", "trust", "university", "college", "line", "board", "service", "foundation"})
"""Heads of names of the form *the Franklin and Megantic Railway*."""

_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")


class Joins:
    """The tokens of a batch, as needed to join mentions. `normal`: the normal form of each number."""

    def __init__(self, tokens: list[int], runs: Runs, normal: Sequence[str]) -> None:
        self._tokens, self._flags, self._normal = tokens, runs.bits, normal
        self._array = runs.flags

    def join(self, articles: Sequence[list[Mention]]) -> list[tuple[list[Mention], dict[str, str]]]:
        """Of each article the mentions, joined ones in place of their parts, and the acronyms introduced:
        acronym → name."""
        signs = self._signs([mention for mentions in articles for mention in mentions])
        ends = np.cumsum(list(map(len, articles)))
        found: list[tuple[list[Mention], dict[str, str]]] = [(mentions, {}) for mentions in articles]
        for article in np.unique(np.searchsorted(ends, np.flatnonzero(signs.any(0)), "right")).tolist():
            mentions = articles[article]
            found[article] = self._joined(mentions, signs[:, ends[article] - len(mentions):ends[article]])
        return found

    def _signs(self, mentions: Sequence[Mention]) -> NDArray[np.bool_]:
        """Which mentions an ordinal, a nickname, the other half of a name or an acronym may stand beside: (4, all)."""
        flags = self._array
        start = np.array([mention.start for mention in mentions], np.intp)
        end = np.array([mention.end for mention in mentions], np.intp)
        before, first, after = flags[start - 1], flags[start], flags[end]
        bracketed = ((before & Bit.OPEN) != 0) & ((first & Bit.UPPER) != 0) & ((after & Bit.CLOSE) != 0)
        return np.array([(before & Bit.NUMBER) != 0, (after & Bit.QUOTE) != 0, (after & Bit.AND) != 0,
                         bracketed & (end - start == 1)])

    def _joined(self, mentions: list[Mention], signs: NDArray[np.bool_]) -> tuple[list[Mention], dict[str, str]]:
        ordinals, nicknames, halves, bracketed = (np.flatnonzero(sign).tolist() for sign in signs)
        dropped: set[int] = set()
        for at in ordinals:
            self._ordinal(mentions[at])
        for at in nicknames:
            self._nickname(mentions, at, dropped)
        for at in halves:
            self._first_half(mentions, at, dropped)
        acronyms: dict[str, str] = {}
        for at in bracketed:
            self._acronym(mentions, at, dropped, acronyms)
        if dropped:
            mentions = [mention for at, mention in enumerate(mentions) if at not in dropped]
        mentions.sort(key=lambda mention: mention.start)
        return mentions, acronyms

    def _word(self, at: int) -> str:
        return self._normal[self._tokens[at]]

    def _text(self, start: int, end: int) -> str:
        words = [self._normal[number] for number in self._tokens[start:end]]
        return " ".join(word for word in words if word)

    def _ordinal(self, mention: Mention) -> None:
        """65th Air Division."""
        word = self._word(mention.start - 1)
        if mention.fixed and mention.scores[2] >= 4 and mention.entity is None and _ORDINAL.fullmatch(word):
            mention.start -= 1
            mention.name = f"{word} {mention.name}"

    def _nickname(self, mentions: list[Mention], at: int, dropped: set[int]) -> None:
        """William "Buckshot" May."""
        mention = mentions[at]
        if mention.scores[0] < 1 or mention.entity is not None:
            return
        for close in range(mention.end + 2, mention.end + 2 + NICKNAME):
            if self._flags[close] & Bit.QUOTE:
                break
        else:
            return
        for place in range(at + 1, min(at + 3, len(mentions))):
            last = mentions[place]
            if last.start == close + 1 and last.end - last.start <= 2 and max(last.scores[1:]) < 3:
                dropped.update(range(at + 1, place + 1))
                mention.end, mention.name = last.end, f"{mention.name} {last.name}"
                mention.scores, mention.fixed = (4.0, -2.0, -2.0), True

    def _first_half(self, mentions: list[Mention], at: int, dropped: set[int]) -> None:
        """The Franklin and Megantic Railway."""
        if at + 1 == len(mentions):
            return
        mention, after = mentions[at], mentions[at + 1]
        if after.start == mention.end + 1 and after.scores[2] >= 4 and after.fixed and not mention.fixed and (
                after.entity is None and mention.entity is None
                and self._word(mention.start - 1) == "the" and self._word(after.end - 1) in SHARED_HEADS):
            dropped.add(at)
            after.start, after.name = mention.start, self._text(mention.start, after.end)

    def _acronym(self, mentions: list[Mention], at: int, dropped: set[int], acronyms: dict[str, str]) -> None:
        """National Bank of Ukraine (NBU): the words whose initials the acronym has are one organisation."""
        acronym = mentions[at]
        end = acronym.start - 1
        start = self._long_form(end, acronym.name)
        if start is None:
            return
        inside = [place for place in range(at) if mentions[place].end > start and mentions[place].start < end]
        known = next((mentions[place] for place in inside if mentions[place].entity is not None
                      and mentions[place].end == end), None)
        if known is not None:
            acronyms[acronym.name] = known.name
            return
        dropped.update(inside)
        name = self._text(start, end)
        mentions.append(Mention(start, end, name, (-3.0, -1.0, 5.0), fixed=True))
        acronyms[acronym.name] = name

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
