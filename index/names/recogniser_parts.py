"""What a run of capitalised words is by itself: its names, each with evidence for its type.

Nothing here looks at the text around the run, so every distinct run is analysed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.names.recogniser_lexicon import NO_SCORES, Bit, Lexicon, Scores

LONGEST_PLACE = 5
"""Words of the longest name looked up inside a run."""

_ORGANISATION: Scores = (-2.0, -1.0, 4.0)
_PLACE: Scores = (-2.0, 4.0, -1.0)
NOTHING: Scores = (-5.0, -5.0, -5.0)


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a run: its normal form and its Kind | Word flags."""

    normal: str
    flags: int


class Part(NamedTuple):
    """A name inside a run: tokens `start` to `end` (exclusive) of the run, its normal form, evidence for its type."""

    start: int
    end: int
    name: str
    scores: Scores
    fixed: bool = False     # its own words decide, whatever stands around it


def analyse(tokens: Sequence[Token], opens: bool, lexicon: Lexicon) -> list[Part]:
    """The names in one run. `opens`: the run begins a sentence, its first word may be no name."""
    return _Run(tokens, lexicon).parts(0, len(tokens), opens)


class _Run:
    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.lexicon = lexicon

    def has(self, index: int, wanted: int) -> bool:
        return bool(self.tokens[index].flags & wanted)

    def name(self, start: int, end: int) -> str:
        return " ".join(token.normal.replace(".", "") for token in self.tokens[start:end] if token.normal)

    def known(self, start: int, end: int) -> Scores | None:
        return self.lexicon.names.get(self.name(start, end))

    def part(self, start: int, end: int, scores: Scores, fixed: bool = False) -> list[Part]:
        return [Part(start, end, self.name(start, end), scores, fixed)]

    def parts(self, start: int, end: int, opens: bool) -> list[Part]:
        start, end = self.trim(start, end)
        if start >= end:
            return []
        if end - start == 1:
            return self.single(start, opens)
        scores = self.known(start, end)
        if scores is not None:
            return self.part(start, end, scores, fixed=True)
        if opens and self.has(start, Bit.COMMON) and not self.has(start, self.keeps(start, end)):
            return self.parts(start + 1, end, False)
        if self.club(start, end):
            return self.part(start, end, (-3.0, -2.0, 6.0), fixed=True)
        if self.has(end - 1, Bit.ORG_SUFFIX) and not self.has(start, Bit.GIVEN):
            return self.part(start, end, (-3.0, -2.0, 6.0), fixed=True)
        parts = self.titled(start, end) or self.joined(start, end)
        if not parts and self.has(end - 1, Bit.ORG_SUFFIX):
            return self.part(start, end, (-3.0, -2.0, 6.0), fixed=True)
        return parts or self.headed(start, end) or self.plain(start, end)

    def club(self, start: int, end: int) -> bool:
        """Whether this is a place and the bare name of a team: Boston Red Sox."""
        for at in range(start + 1, end):
            team = self.known(at, end)
            if team is not None and team[2] >= 4 and self.has(end - 1, Bit.TEAM):
                place = self.known(start, at)
                if place is not None and place[1] >= 2:
                    return True
        return False

    def keeps(self, start: int, end: int) -> int:
        """Flags that save the first word of a sentence from being dropped."""
        heads = Bit.ORG_HEAD | Bit.PLACE_HEAD
        last = self.tokens[end - 1].flags
        keep = Bit.TITLE | Bit.GIVEN | Bit.PLACE_PRE | Bit.COMPASS | Bit.ORG_OF | Bit.DEMONYM
        organisation = any(token.flags & Bit.ORG_OF and token.flags & Bit.CAPITAL
                           for token in self.tokens[start + 1:end])
        return int(keep | (Bit.COMMON if last & heads or organisation else 0))

    def trim(self, start: int, end: int) -> tuple[int, int]:
        """Cut marks, connectors and words that are no names from both ends."""
        while start < end and self.blank(start):
            start += 1
        while start < end and self.blank(end - 1) and not self.closes(start, end - 1):
            end -= 1
        return start, end

    def closes(self, start: int, last: int) -> bool:
        """Whether a word that is no name alone ends one: Acme Inc, John Paul II, Theresa May."""
        if self.has(last, Bit.ORG_SUFFIX) or last == start:
            return self.has(last, Bit.ORG_SUFFIX)
        return self.has(last, Bit.PERSON_SUFFIX) or (self.has(last, Bit.SURNAME) and self.has(last - 1, Bit.GIVEN))

    def blank(self, index: int) -> bool:
        flags = self.tokens[index].flags
        if not flags & Bit.CAPITAL:
            return not flags & Bit.NUMBER or not flags & Bit.WORD
        return bool(flags & Bit.NOT_NAME and not flags & Bit.INITIAL)

    def single(self, at: int, opens: bool) -> list[Part]:
        token = self.tokens[at]
        flags = token.flags
        name = self.name(at, at + 1)
        if flags & (Bit.DEMONYM | Bit.MISC_HEAD | Bit.NOT_ALONE | Bit.INITIAL) and name not in self.lexicon.names:
            return []
        heads = Bit.TITLE | Bit.ORG_HEAD | Bit.PLACE_HEAD | Bit.TITLE_MODIFIER
        if flags & Bit.COMMON and flags & heads and max(self.lexicon.names.get(name, NO_SCORES)) < 3:
            return []
        scores = self.lexicon.names.get(name, NO_SCORES)
        if flags & (Bit.SURNAME | Bit.GIVEN) and scores[1] == 2:
            scores = (0.0, 1.0, 0.0)
        person = 0.8 * bool(flags & Bit.SURNAME) + 0.4 * bool(flags & Bit.GIVEN)
        if flags & Bit.GIVEN and not flags & Bit.COMMON and scores is NO_SCORES:
            person = 1.1
        if flags & Bit.COMMON and not flags & Bit.UPPER:
            if flags & Bit.TEAM and scores[2] == 4:
                scores = (0.0, 0.0, 1.0)
            scores = scores if max(scores) >= 3 or scores[2] else (scores[0] - 1, scores[1] - 2, scores[2] - 1)
            person /= 2
        elif flags & Bit.UPPER and len(name) <= 6 and max(scores) < 2:
            scores = (-1.0, -1.0, 1.1 if len(name) > 2 else 0.3)
            person = 0
        if flags & heads and max(scores) < 3:
            scores = (scores[0] - 1, scores[1] - 1, scores[2] - 1)
        return self.part(at, at + 1, (scores[0] + person, scores[1], scores[2]))

    def titled(self, start: int, end: int) -> list[Part]:
        """Deputy Foreign Minister Jan Novak: what stands before the title, and the person after it."""
        for at in range(end - 2, start - 1, -1):
            if not self.has(at, Bit.TITLE):
                continue
            first = self.after_title(at + 1, end)
            if first is None or not self.personal(first, end):
                continue
            before = at
            while (before > start and self.has(before - 1, Bit.TITLE | Bit.TITLE_MODIFIER | Bit.DEMONYM)) or (
                    before > start and not self.tokens[before - 1].normal):
                before -= 1
            left = self.parts(start, before, False) if before > start else []
            return left + self.part(first, end, (5.0, -2.0, -2.0), fixed=end - first > 1)
        return []

    def after_title(self, at: int, end: int) -> int | None:
        """Where the name after a title begins; None if the title is part of another name."""
        while at < end and not self.tokens[at].normal:
            at += 1
        if at < end and self.tokens[at].normal == "of":
            for stop in range(min(end - 1, at + 1 + LONGEST_PLACE), at + 1, -1):
                if self.known(at + 1, stop) is not None:
                    return stop
            return None
        return at if at < end else None

    def personal(self, start: int, end: int) -> bool:
        """Whether these words can be a person's name."""
        heads = Bit.ORG_HEAD | Bit.PLACE_HEAD | Bit.MISC_HEAD
        if end - start > 5 or (self.has(end - 1, heads) and not (
                self.has(end - 1, Bit.HEAD_OR_SURNAME) or (self.has(end - 1, Bit.SURNAME) and end - start > 1))):
            return False
        if any(token.normal in ("of", "&", "and", "for") for token in self.tokens[start:end]):
            return False
        return any(not token.flags & Bit.COMMON or token.flags & (Bit.GIVEN | Bit.SURNAME)
                   for token in self.tokens[start:end] if token.normal)

    def joined(self, start: int, end: int) -> list[Part]:
        """Names with *of*: one name if a head stands before it, else two."""
        for at in range(start + 1, end - 1):
            if self.tokens[at].normal not in ("of", "for", "on", "upon", "and"):
                continue
            head = self.tokens[at - 1].flags
            if self.name(at - 1, at + 2) == "hall of fame":
                scores = _ORGANISATION if at - 1 > start else NOTHING
                return self.part(start, at + 2, scores, fixed=True) + self.titled(at + 1, end)
            if self.has(start, Bit.GIVEN) and 2 <= at - start <= 3 and not head & (Bit.ORG_HEAD | Bit.PLACE_HEAD):
                return self.part(start, at, (4.0, -2.0, -2.0), fixed=True) + self.parts(at + 1, end, False)
            rest = at + 2 if self.tokens[at + 1].normal == "the" else at + 1
            if head & Bit.ORG_OF:
                return self.part(start, end, (-3.0, -1.0, 5.0), fixed=True)
            if self.tokens[at].normal in ("on", "upon", "and", "for"):
                continue
            if head & Bit.TITLE or self.tokens[at - 1].normal in ("city", "town", "village", "state", "province"):
                left = self.parts(start, at - 1, False) if at - 1 > start else []
                return left + self.parts(rest, end, False)
            if head & Bit.PLACE_HEAD:
                return self.part(start, end, (-3.0, 4.0, 0.0), fixed=True)
            if head & Bit.MISC_HEAD:
                return self.part(start, end, NOTHING, fixed=True)
            if head & Bit.ORG_HEAD:
                return self.part(start, end, _ORGANISATION, fixed=True)
            return self.parts(start, at, True) + self.parts(rest, end, False)
        return []

    def headed(self, start: int, end: int) -> list[Part]:
        """Names whose last or first word tells their type."""
        first, last = self.tokens[start].flags, self.tokens[end - 1].flags
        if last & Bit.PERSON_SUFFIX and self.has(end - 2, Bit.MISC_HEAD | Bit.ORG_HEAD | Bit.PLACE_HEAD):
            last = self.tokens[end - 2].flags
        if last & Bit.HEAD_OR_SURNAME and first & Bit.GIVEN and end - start <= 3 and self.personal(start, end):
            return []
        if last & Bit.DEMONYM and self.known(start, end) is None:
            end -= 1
            return self.parts(start, end, False) or self.part(start, end, NOTHING)
        if last & Bit.MISC_HEAD and not last & Bit.SURNAME:
            return self.part(start, end, NOTHING, fixed=True)
        if last & Bit.NATIONAL_HEAD and first & Bit.DEMONYM and end - start > 2:
            return self.part(start + 1, end, _ORGANISATION, fixed=True)
        if last & Bit.ORG_HEAD and not (last & Bit.TITLE and not last & Bit.ORG_OF):
            both = last & Bit.SURNAME and first & Bit.GIVEN and not last & Bit.COMMON
            return [] if both else self.part(start, end, _ORGANISATION, fixed=True)
        if last & Bit.PLACE_HEAD:
            return self.part(start, end, _PLACE, fixed=True)
        if first & Bit.COMPASS and self.known(start + 1, end) is not None:
            return self.part(start, end, _PLACE, fixed=True)
        return []

    def plain(self, start: int, end: int) -> list[Part]:
        """Names without a head: known names side by side, a person, or unknown."""
        if self.has(start, Bit.DEMONYM):
            return self.parts(start + 1, end, False)
        split = self.side_by_side(start, end)
        if split:
            return split
        while end - start > 1 and self.has(end - 1, Bit.TITLE) and not self.has(end - 1, Bit.SURNAME):
            end -= 1
        if end - start == 1:
            return self.single(start, False)
        words = [token.flags for token in self.tokens[start:end] if token.normal]
        if all(flags & Bit.INITIAL for flags in words):
            return []
        if self.has(start, Bit.PLACE_HEAD) and self.has(start, Bit.PLACE_PRE):
            return self.part(start, end, (-1.0, 3.0, -1.0))
        if words[-1] & Bit.PERSON_SUFFIX:
            return self.part(start, end, (4.0, -1.0, -1.0))
        initials = sum(1 for flags in words[1:-1] if flags & Bit.INITIAL)
        common = sum(1 for flags in words if flags & Bit.COMMON and not flags & (Bit.GIVEN | Bit.SURNAME))
        upper = sum(1 for flags in words if flags & Bit.UPPER)
        person = 2.5 * bool(words[0] & (Bit.GIVEN | Bit.INITIAL)) + 0.8 * bool(words[-1] & Bit.SURNAME)
        given = bool(words[0] & Bit.GIVEN and not words[0] & Bit.COMMON)
        person += initials + 0.3 - (0.7 if given else 1.5) * common - upper - 0.7 * max(0, len(words) - 3)
        place = 1.0 if self.has(start, Bit.PLACE_PRE) else 0.0
        known = self.known(start, start + 1)
        if known is not None and known[1] >= 4:
            person -= 2
        return self.part(start, end, (person, place - 0.5, 0.5 * (upper > 0)))

    def side_by_side(self, start: int, end: int) -> list[Part]:
        """The run cut into known names, if it is nothing but known names."""
        found: list[Part] = []
        at = start
        while at < end:
            for stop in range(min(end, at + LONGEST_PLACE), at, -1):
                scores = self.known(at, stop)
                if scores is not None and max(scores) >= (2 if stop > at + 1 else 3):
                    found += self.part(at, stop, scores, fixed=stop > at + 1)
                    at = stop
                    break
            else:
                return []
        return found
