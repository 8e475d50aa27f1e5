"""Recogniser: the people, places and organisations that one article speaks of, for the facets.

1. Runs of capitalised words are found with array operations (`recogniser_runs`).
2. Each distinct run is analysed once: titles, heads, known names (`recogniser_parts`).
3. Spellings of the names files take the place of what they cover (`recogniser_known`); parts of one name are joined
   (`recogniser_joins`).
4. Words around a name add evidence for its type (`recogniser_context`).
5. All mentions of a name get one type, short names join the full ones (`recogniser_resolve`), headings follow
   (`recogniser_headings`).

A pure function of the article and the names: nothing is learnt from one article for another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.model import EntityType, NameMatch
from index.names.recogniser_context import contexts
from index.names.recogniser_features import Features
from index.names.recogniser_headings import add_headings
from index.names.recogniser_joins import Joins
from index.names.recogniser_known import Known, Names
from index.names.recogniser_lexicon import NO_SCORES, NOTHING, Bit, Lexicon
from index.names.recogniser_parts import analyse
from index.names.recogniser_resolve import Mention, Name, resolve
from index.names.recogniser_run import Part, Token
from index.names.recogniser_runs import MARGIN, Runs, find_runs, padded

KEPT = 300_000
"""Distinct runs, and names, whose analysis is kept; then all are forgotten, so that memory stays bounded."""

_MARKS = re.compile(r" (?=[.,])|[\"“”„«»] ")
_POSSESSIVE = re.compile(r"(?:\W[sS]|\W)$")


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

    def __init__(self, names: Names, vocabulary: Vocabulary, lexicon: Lexicon | None = None) -> None:
        """`vocabulary` is the one that numbers the articles' tokens; a recogniser belongs to it. Not for threads.

        `lexicon`: the lists, if they are loaded already (50 ms).
        """
        self._names = names
        self._vocabulary = vocabulary
        self._lexicon = Lexicon.load() if lexicon is None else lexicon
        self._features = Features(self._lexicon, vocabulary)
        self._parts: tuple[dict[bytes, tuple[Part, ...]], ...] = ({}, {})    # of runs inside a sentence, opening one
        self._known = Known(names, self._features, vocabulary)
        self._slugs: dict[str, str] = {}

    def mentions(self, numbers: NDArray[np.int32], matches: Sequence[NameMatch],
                 title_end: int = 0, barred: Sequence[tuple[int, int, str]] = ()) -> list[EntityMention]:
        """Every mention of an entity in one article, in order; none overlaps another.

        `numbers` are its tokens, `matches` the known spellings in it, the first `title_end` tokens its title. `barred`
        says what a guard took away: (start, end, name id); the words there are not that entity.
        """
        self._features.extend()
        tokens = padded(numbers, self._features.blank)
        runs = find_runs(tokens, self._features, title_end + MARGIN)
        found, offered = self._known.apply(self._found(tokens, runs), tokens, matches)
        names: list[Name] = []
        if found:
            found, acronyms = Joins(tokens, runs.flags, self._vocabulary.normal).join(found)
            self._place(found, tokens, runs)
            names = resolve(found, acronyms)
        add_headings(names, runs, tokens, self._vocabulary.normal, self._lexicon)
        found_here = self._output(tokens, names, offered)
        if not barred:
            return found_here
        denied = {(name, at) for start, end, name in barred for at in range(start, end)}
        return [mention for mention in found_here
                if not any((mention.entity, at) in denied for at in range(mention.start, mention.end))]

    def _found(self, tokens: NDArray[np.int32], runs: Runs) -> list[Mention]:
        """The names in the runs."""
        found: list[Mention] = []
        raw, size = tokens.tobytes(), tokens.itemsize
        for start, end, opens in zip(runs.start.tolist(), runs.end.tolist(), runs.opens.tolist(), strict=True):
            cache = self._parts[opens]
            key = raw[start * size:end * size]
            parts = cache.get(key)
            if parts is None:
                if len(cache) >= KEPT:
                    cache.clear()
                parts = cache[key] = self._analyse(tokens[start:end].tolist(), opens)
            for first, last, name, scores, fixed in parts:
                found.append(Mention(start + first, start + last, name, scores, NO_SCORES, fixed))
        return found

    def _analyse(self, numbers: list[int], opens: bool) -> tuple[Part, ...]:
        normal = self._vocabulary.normal
        flags = self._features.flags[numbers].tolist()
        tokens = [Token(normal[number].replace(".", ""), flag) for number, flag in zip(numbers, flags, strict=True)]
        parts = analyse(tokens, opens, self._lexicon)
        return tuple(part for part in parts if part.scores != NOTHING)

    def _place(self, found: list[Mention], tokens: NDArray[np.int32], runs: Runs) -> None:
        """Give each mention its context."""
        spans = np.array([(mention.start, mention.end) for mention in found], np.intp).T
        own = np.array([mention.scores for mention in found], np.float32)
        context = contexts(tokens, self._features, runs, spans, own)
        for mention, evidence, team in zip(found, context.evidence.tolist(), context.team.tolist(), strict=True):
            mention.context, mention.team = evidence, team

    def _output(self, tokens: NDArray[np.int32], names: list[Name],
                offered: Mapping[tuple[int, int], str]) -> list[EntityMention]:
        found: list[EntityMention] = []
        for name in names:
            if name.type is None:
                continue
            full = name.full or name
            entity = full.entity
            if entity is None and offered:
                entity = self._known.offer(full, offered)
            if entity is None:
                entity, label = f"{name.type}/{self._slug(full.name)}", self._label(tokens, full)
            else:
                label = self._known.label(entity)
            found += [EntityMention(mention.start - MARGIN, mention.end - MARGIN, entity, name.type, label)
                      for mention in name.mentions]
        found.sort(key=lambda mention: mention.start)
        return found

    def _label(self, tokens: NDArray[np.int32], name: Name) -> str:
        first = name.mentions[0]
        printed = self._vocabulary.printed
        numbers = tokens[first.start:first.end].tolist()
        words = [printed[number] for number in numbers]
        if self._features.flags[numbers[-1]] & Bit.POSSESSIVE:
            words[-1] = _POSSESSIVE.sub("", words[-1])
        return words[0] if len(words) == 1 else _MARKS.sub("", " ".join(words))

    def _slug(self, name: str) -> str:
        slug = self._slugs.get(name)
        if slug is None:
            if len(self._slugs) >= KEPT:
                self._slugs.clear()
            slug = self._slugs[name] = re.sub(r"\W+", "-", name).strip("-")
        return slug
