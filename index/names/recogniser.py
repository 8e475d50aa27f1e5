"""Recogniser: the people, places and organisations that one article speaks of, for the facets.

1. Runs of capitalised words are found with array operations (`recogniser_runs`).
2. Each distinct run is analysed once: titles, heads, known names (`recogniser_parts`).
3. Words around a name add evidence for its type; spellings of the names files decide.
4. All mentions of a name get one type, short names join the full ones (`recogniser_resolve`).

A pure function of the article and the names: nothing is learnt from one article for another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Kind, Vocabulary
from index.names.model import EntityType, NameMatch
from index.names.recogniser_context import contexts
from index.names.recogniser_lexicon import NO_SCORES, Features, Lexicon, Word
from index.names.recogniser_parts import Part, Token, analyse
from index.names.recogniser_resolve import TYPES, Mention, Name, resolve
from index.names.recogniser_runs import Runs, find_runs

Names = Any

HEADING_NAME = 5
"""Tokens of the longest name looked for in a heading."""


@dataclass(frozen=True, slots=True)
class EntityMention:
    """An entity where it is mentioned: tokens `start` to `end` (exclusive), its id, type and label."""

    start: int
    end: int
    entity: str
    type: EntityType
    label: str


class Recogniser:
    """Finds the entities of one article after another; keeps only what is the same for all articles."""

    def __init__(self, names: Names, vocabulary: Vocabulary) -> None:
        self._names = names
        self._vocabulary = vocabulary
        self._lexicon = Lexicon.load()
        self._features = Features(self._lexicon, vocabulary)
        self._parts: dict[tuple[bytes, bool], list[Part]] = {}

    def mentions(self, numbers: NDArray[np.int32], matches: Sequence[NameMatch],
                 title_end: int = 0) -> list[EntityMention]:
        """Every mention of an entity in one article, in order.

        `numbers` are its tokens, `matches` the known spellings in it, the first `title_end` tokens its title.
        """
        if not len(numbers):
            return []
        self._features.extend()
        runs = find_runs(numbers, self._features, title_end)
        mentions = self._collect(numbers, runs, matches)
        names = resolve(mentions, self._acronyms(numbers, mentions))
        self._headings(numbers, runs.heading, names)
        return self._output(numbers, names)

    def _collect(self, numbers: NDArray[np.int32], runs: Runs, matches: Sequence[NameMatch]) -> list[Mention]:
        """The names of all runs, and the known spellings, with their context; in order, none overlaps another."""
        placed: list[tuple[int, int, Part]] = []
        for start, end, opens in zip(runs.start.tolist(), runs.end.tolist(), runs.opens.tolist(), strict=True):
            run = numbers[start:end]
            key = run.tobytes(), opens
            parts = self._parts.get(key)
            if parts is None:
                parts = self._parts[key] = self._analyse(run.tolist(), opens)
            for part in parts:
                placed.append((start + part.start, start + part.end, part))
        if not placed:
            return []
        own = np.array([part.scores for _, _, part in placed], np.float32)
        context = contexts(numbers, self._features, runs, [(start, end) for start, end, _ in placed], own)
        return [Mention(start, end, part.name, part.scores, (around[0], around[1], around[2]), part.fixed, team)
                for (start, end, part), around, team in zip(
                    placed, context.evidence.tolist(), context.team.tolist(), strict=True) if part.scores[0] > -5]

    def _analyse(self, numbers: list[int], opens: bool) -> list[Part]:
        normal, flags = self._vocabulary.normal, self._features.flags
        return analyse([Token(normal[n], int(flags[n])) for n in numbers], opens, self._lexicon)

    def _acronyms(self, numbers: NDArray[np.int32], mentions: list[Mention]) -> dict[str, str]:
        """Acronyms introduced in parentheses: National Bank of Ukraine (NBU). The long forms become mentions."""
        flags, found = self._features.flags, {}
        for mention in mentions[:]:
            if mention.end - mention.start == 1 and mention.start and mention.end < len(numbers) and (
                    flags[numbers[mention.start]] & Kind.UPPER and flags[numbers[mention.start - 1]] & Kind.OPEN
                    and flags[numbers[mention.end]] & Kind.CLOSE):
                start = self._long_form(numbers, mention.start - 1, mention.name)
                if start is not None:
                    end = mention.start - 1
                    mentions[:] = [other for other in mentions if other.end <= start or other.start >= end]
                    name = " ".join(self._vocabulary.normal[n] for n in numbers[start:end].tolist()
                                    if self._vocabulary.normal[n])
                    mentions.append(Mention(start, end, name, (-3.0, -1.0, 5.0), NO_SCORES, fixed=True))
                    found[mention.name] = name
        mentions.sort(key=lambda mention: mention.start)
        return found

    def _long_form(self, numbers: NDArray[np.int32], end: int, acronym: str) -> int | None:
        """Where the words before `end` begin that have the letters of the acronym as initials; None if none have."""
        normal, flags = self._vocabulary.normal, self._features.flags
        at, letter = end, len(acronym) - 1
        while letter >= 0 and at > 0 and end - at < 2 * len(acronym) + 2:
            at -= 1
            word = normal[numbers[at]]
            if not word:
                return None
            if flags[numbers[at]] & Kind.CAPITAL and word[0] == acronym[letter]:
                letter -= 1
            elif flags[numbers[at]] & Kind.CAPITAL or not flags[numbers[at]] & int(
                    Word.CONNECTOR | Word.NOT_NAME | Word.SMALL):
                return None
        return at if letter < 0 and len(acronym) > 1 else None

    def _headings(self, numbers: NDArray[np.int32], heading: NDArray[np.bool_], names: list[Name]) -> None:
        """Add the mentions in headings: names that the article has elsewhere, and known places and organisations."""
        positions = np.flatnonzero(heading).tolist()
        known = {name.name: name for name in names if name.type is not None}
        words = {at: self._vocabulary.normal[numbers[at]].replace(".", "") for at in positions}
        flags = self._features.flags
        reached = -1
        for at in positions:
            if at < reached or not words[at]:
                continue
            for end in range(min(at + HEADING_NAME, len(numbers)), at, -1):
                if end - 1 not in words or not words[end - 1]:
                    continue
                form = " ".join(words[place] for place in range(at, end) if words.get(place))
                name = known.get(form)
                scores = None
                if name is None:
                    scores = self._lexicon.names.get(form)
                    if scores is None or end - at == 1 and (max(scores) < 4 and flags[numbers[at]] & int(
                            Word.COMMON | Word.GIVEN | Word.SURNAME | Word.NOT_NAME)):
                        continue
                    name = known[form] = Name(form, form.split(" "), type=TYPES[scores.index(max(scores))])
                    names.append(name)
                name.mentions.append(Mention(at, end, form, scores or NO_SCORES, NO_SCORES))
                reached = end
                break

    def _output(self, numbers: NDArray[np.int32], names: list[Name]) -> list[EntityMention]:
        found = []
        for name in names:
            if name.type is None:
                continue
            full = name.full or name
            label = self._label(numbers, full.mentions[0])
            entity = f"{name.type}/{re.sub(r'[^a-z0-9]+', '-', full.name).strip('-')}"
            found += [EntityMention(m.start, m.end, entity, name.type, label) for m in name.mentions]
        found.sort(key=lambda mention: mention.start)
        return found

    def _label(self, numbers: NDArray[np.int32], mention: Mention) -> str:
        printed = [self._vocabulary.printed[n] for n in numbers[mention.start:mention.end].tolist()]
        return re.sub(r" (?=[.,])", "", " ".join(printed))
