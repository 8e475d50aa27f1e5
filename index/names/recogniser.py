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
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.batch import MARGIN, Batch
from index.names.model import EntityType, NameMatch
from index.names.recogniser_context import contexts
from index.names.recogniser_features import Features
from index.names.recogniser_headings import add_headings
from index.names.recogniser_joins import Joins
from index.names.recogniser_known import Known, Names, Offers
from index.names.recogniser_lexicon import NO_SCORES, NOTHING, Bit, Lexicon
from index.names.recogniser_parts import analyse
from index.names.recogniser_resolve import Mention, Name, resolve
from index.names.recogniser_run import Part, Token
from index.names.recogniser_runs import Runs, find_runs

KEPT = 50_000
"""Distinct runs, and names, whose analysis is kept; then all are forgotten, so that memory stays bounded."""

_MARKS = re.compile(r" (?=[.,])|[\"“”„«»] ")
_POSSESSIVE = re.compile(r"(?:\W[sS]|\W)$")


Barred = tuple[int, int, str]
"""Where (start, end) a guard says that the words are not this name."""


class EntityMention(NamedTuple):
    """An entity where it is mentioned: tokens `start` to `end` (exclusive), its id, type and label."""

    start: int
    end: int
    entity: str
    type: EntityType
    label: str


class Recogniser:
    """Finds the entities of articles; keeps only what is the same for all articles."""

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
                 title_end: int = 0, barred: Sequence[Barred] = ()) -> list[EntityMention]:
        """Every mention of an entity in one article; see `of_batch`. The first `title_end` tokens are its title."""
        batch = Batch.of([(numbers[:title_end], numbers[title_end:])], self._vocabulary)
        return self.of_batch(batch, [matches], [barred])[0]

    def of_batch(self, batch: Batch, matches: Sequence[Sequence[NameMatch]],
                 barred: Sequence[Sequence[Barred]]) -> list[list[EntityMention]]:
        """Of each article every mention of an entity, in order; none overlaps another.

        `matches` are the known spellings in each. `barred` says what a guard took away: (start, end, name id); the
        words there are not that entity. All count an article's own tokens.
        """
        self._features.extend()
        tokens, runs = batch.tokens.tolist(), find_runs(batch, self._features)
        origins = (batch.begins[:-1] + MARGIN).tolist()
        found: list[list[Mention]] = []
        offers: list[Offers] = []
        for own, known, origin in zip(self._found(batch, runs), matches, origins, strict=True):
            mentions, offered = self._known.apply(own, tokens, known, origin)
            found.append(mentions)
            offers.append(offered)
        joined = Joins(tokens, runs, self._vocabulary.normal).join(found)
        self._place([mention for mentions, _ in joined for mention in mentions], batch, runs)
        headings = self._headings(batch, runs, tokens)
        answer = []
        for (mentions, acronyms), words, offered, taken, origin in zip(
                joined, headings, offers, barred, origins, strict=True):
            names = resolve(mentions, acronyms)
            if words:
                add_headings(names, runs.bits, words, self._lexicon)
            answer.append(_allowed(self._output(tokens, names, offered, origin), taken))
        return answer

    def _found(self, batch: Batch, runs: Runs) -> list[list[Mention]]:
        """The names in the runs, article by article."""
        found: list[Mention] = []
        reached = [0]
        raw, size, caches = batch.tokens.tobytes(), batch.tokens.itemsize, self._parts
        every = list(zip(runs.start.tolist(), runs.end.tolist(), runs.opens.tolist(), strict=True))
        for first_run, end_run in pairwise(batch.split(runs.start)):
            for start, end, opens in every[first_run:end_run]:
                cache = caches[opens]
                key = raw[start * size:end * size]
                parts = cache.get(key)
                if parts is None:
                    if len(cache) >= KEPT:
                        cache.clear()
                    parts = cache[key] = self._analyse(batch.tokens[start:end].tolist(), opens)
                for first, last, name, scores, fixed in parts:
                    found.append(Mention(start + first, start + last, name, scores, NO_SCORES, fixed))
            reached.append(len(found))
        return [found[start:end] for start, end in pairwise(reached)]

    def _headings(self, batch: Batch, runs: Runs, tokens: list[int]) -> list[dict[int, str]]:
        """The words of each article's headings, by position."""
        normal = self._vocabulary.normal
        places = np.flatnonzero(runs.heading)
        every = places.tolist()
        return [{at: normal[tokens[at]].replace(".", "") for at in every[first:last]}
                for first, last in pairwise(batch.split(places))]

    def _analyse(self, numbers: list[int], opens: bool) -> tuple[Part, ...]:
        normal = self._vocabulary.normal
        flags = self._features.flags[numbers].tolist()
        tokens = [Token(normal[number].replace(".", ""), flag) for number, flag in zip(numbers, flags, strict=True)]
        parts = analyse(tokens, opens, self._lexicon)
        return tuple(part for part in parts if part.scores != NOTHING)

    def _place(self, found: list[Mention], batch: Batch, runs: Runs) -> None:
        """Give each mention its context."""
        if not found:
            return
        spans = np.array([(mention.start, mention.end) for mention in found], np.intp).T
        own = np.array([mention.scores for mention in found], np.float32)
        context = contexts(batch, self._features, runs, spans, own)
        for mention, evidence, team in zip(found, context.evidence.tolist(), context.team.tolist(), strict=True):
            mention.context, mention.team = evidence, team

    def _output(self, tokens: list[int], names: list[Name], offered: Offers, origin: int) -> list[EntityMention]:
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
            found += [EntityMention(mention.start - origin, mention.end - origin, entity, name.type, label)
                      for mention in name.mentions]
        found.sort(key=itemgetter(0))
        return found

    def _label(self, tokens: list[int], name: Name) -> str:
        first = name.mentions[0]
        printed = self._vocabulary.printed
        numbers = tokens[first.start:first.end]
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


def _allowed(mentions: list[EntityMention], barred: Sequence[Barred]) -> list[EntityMention]:
    """The mentions that no guard denies."""
    if not barred:
        return mentions
    denied = {(name, at) for start, end, name in barred for at in range(start, end)}
    return [mention for mention in mentions
            if not any((mention.entity, at) in denied for at in range(mention.start, mention.end))]
