"""Known spellings among an article's mentions: what the names files say, and how far it is believed.

The full name of a person or an organisation, and a name of several words, is what the names files say it is. A place's
name of one word may be a person's or a part of another name: it is evidence, and an offer, taken up if the name turns
out to be a place. In Cyrillic text, where the rules find no runs, what the authority file knows is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.analysis.vocabulary import Vocabulary
from index.names.forms import is_cyrillic
from index.names.model import Entity, EntityType, NameMatch
from index.names.recogniser_features import Features
from index.names.recogniser_lexicon import Bit, Scores
from index.names.recogniser_resolve import Mention, Name

Offers = Mapping[tuple[int, int], str]
"""Span of tokens → the place that the names files know by that spelling."""

_SURE: dict[EntityType, Scores] = {
    EntityType.PERSON: (5.0, -2.0, -2.0), EntityType.PLACE: (-2.0, 4.0, -2.0),
    EntityType.ORGANISATION: (-2.0, -2.0, 5.0)}
WELL_KNOWN = 2.0
"""Evidence for a place that an offer adds nothing to."""
_OFFERED: Scores = (0.0, 3.0, 0.0)
"""Evidence of an offer of the authority file."""
_GAZETTEER: Scores = (0.0, 1.5, 0.0)
_DOUBTFUL: Scores = (0.0, 0.8, 0.0)
"""Evidence of an offer of the gazetteer, and of one whose name is a word or a person's name too."""


class Names(Protocol):
    """What the recogniser asks of the names in use."""

    def entity(self, name_id: str) -> Entity | None:
        """The entity of an id, or None."""
        ...


@dataclass(frozen=True, slots=True)
class _Facts:
    type: EntityType
    label: str
    gazetteer: bool


class Known:
    """Puts the finder's matches among the mentions of articles. Belongs to one vocabulary."""

    def __init__(self, names: Names, features: Features, vocabulary: Vocabulary) -> None:
        self._names, self._features, self._vocabulary = names, features, vocabulary
        self._facts: dict[str, _Facts] = {}

    def label(self, entity: str) -> str:
        """How the entity is called on a page."""
        return self._of(entity).label

    def offer(self, name: Name, offers: Offers) -> str | None:
        """The entity offered for a name, if it is of the name's type."""
        for mention in name.mentions:
            entity = offers.get((mention.start, mention.end))
            if entity is not None and self._of(entity).type is name.type and not name.team:
                return entity
        return None

    def apply(self, found: list[Mention], tokens: Sequence[int], matches: Sequence[NameMatch],
              origin: int) -> tuple[list[Mention], Offers]:
        """The mentions with sure spellings in place of what they cover, and the offers. `found` is in order.

        `origin`: where the tokens that `matches` count begin.
        """
        kept: list[Mention] = []
        offers: dict[tuple[int, int], str] = {}
        at, reached, total = 0, 0, len(found)
        for start, end, _, entity, _ in matches:
            start, end = start + origin, end + origin
            if entity is None or start < reached:
                continue
            while at < total and found[at].end <= start:
                kept.append(found[at])
                at += 1
            facts = self._facts.get(entity) or self._of(entity)
            covered = found[at] if at < total and found[at].start < end else None
            if covered is not None and covered.end - covered.start > end - start and covered.end >= end and (
                    covered.fixed or end - start == 1) and covered.start <= start:
                continue    # inside a longer name
            cyrillic = covered is None and is_cyrillic(self._vocabulary.normal[tokens[start]])
            if cyrillic and facts.gazetteer:
                continue
            if not cyrillic and (
                    (facts.type is EntityType.PLACE and end - start == 1) or (facts.gazetteer and covered is None)):
                offers[start, end] = entity
                if covered is not None and covered.scores[1] < WELL_KNOWN:
                    self._weigh(covered, facts, int(self._features.flags[tokens[start]]))
                continue
            while at < total and found[at].start < end:
                at += 1
            kept.append(self._mention(start, end, entity, facts, tokens))
            reached = end
        return kept + found[at:], offers

    def _mention(self, start: int, end: int, entity: str, facts: _Facts, tokens: Sequence[int]) -> Mention:
        normal = self._vocabulary.normal
        name = normal[tokens[start]] if end == start + 1 else " ".join(
            filter(None, [normal[number] for number in tokens[start:end]]))
        return Mention(start, end, name, _SURE[facts.type], fixed=True, entity=entity)

    def _weigh(self, mention: Mention, facts: _Facts, flags: int) -> None:
        evidence = _GAZETTEER if facts.gazetteer else _OFFERED
        if facts.gazetteer and flags & (Bit.COMMON | Bit.GIVEN | Bit.SURNAME):
            evidence = _DOUBTFUL
        own = mention.scores
        mention.scores = own[0] + evidence[0], own[1] + evidence[1], own[2] + evidence[2]

    def _of(self, entity: str) -> _Facts:
        facts = self._facts.get(entity)
        if facts is None:
            known = self._names.entity(entity)
            kind, _, slug = entity.partition("/")
            facts = _Facts(EntityType(kind), slug, False) if known is None else _Facts(
                known.type, known.label, known.origin == "gazetteer")
            self._facts[entity] = facts
        return facts
