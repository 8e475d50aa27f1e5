"""From the mentions of one article to its entities: one type a name, short names joined to the full ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.names.model import EntityType
from index.names.recogniser_lexicon import Scores

TYPES = (EntityType.PERSON, EntityType.PLACE, EntityType.ORGANISATION)
"""In the order of Scores."""

THRESHOLD = 1.4
"""Evidence a name needs to be an entity."""
CONTEXT_LIMIT = 4.0
"""What all contexts of a name together may add or take away."""


@dataclass(slots=True)
class Mention:
    """A name found in the article, with what its own words and what the text around it say of its type."""

    start: int
    end: int
    name: str
    scores: Scores
    context: Scores
    fixed: bool = False
    team: bool = False           # the name of a place that stands for its club
    entity: str | None = None    # an entity of the names files


@dataclass(slots=True)
class Name:
    """All mentions of one normal form, those that mean a club apart."""

    name: str
    words: list[str]
    team: bool = False
    entity: str | None = None
    mentions: list[Mention] = field(default_factory=list)
    type: EntityType | None = None
    full: Name | None = None     # the longer name that this one is short for

    def decide(self) -> None:
        """Set the type from the evidence of all mentions; None if there is too little."""
        if self.team:
            self.type = EntityType.ORGANISATION
            return
        if self.entity is not None:
            self.type = EntityType(self.entity.partition("/")[0])
            return
        totals = []
        for which in range(3):
            own = sum(mention.scores[which] for mention in self.mentions) / len(self.mentions)
            around = sum(mention.context[which] for mention in self.mentions)
            own += 0.4 * min(len(self.mentions) - 1, 2) * (own > 0.5)
            totals.append(own + max(-CONTEXT_LIMIT, min(CONTEXT_LIMIT, around)))
        best = max(range(3), key=totals.__getitem__)
        self.type = TYPES[best] if totals[best] >= THRESHOLD else None


def resolve(mentions: Sequence[Mention], acronyms: dict[str, str]) -> list[Name]:
    """The article's names with types; `full` leads from short names to the longest. In order of first mention.

    `acronyms` holds those introduced in parentheses: acronym → name, both in normal form.
    """
    clubs = {mention.name for mention in mentions if mention.team}
    names: dict[tuple[str, bool], Name] = {}
    for mention in mentions:
        team = mention.team or mention.name in clubs and mention.context[1] <= 0
        key = mention.entity or mention.name, team
        name = names.get(key)
        if name is None:
            name = names[key] = Name(mention.name, mention.name.split(" "), team, None if team else mention.entity)
        name.mentions.append(mention)
    for name in names.values():
        name.decide()
    full = [name for name in names.values() if len(name.words) > 1 and name.type is not None]
    full.sort(key=lambda name: -len(name.words))
    short = _short_forms(full, acronyms)
    for name in names.values():
        if not name.team and name.entity is None:
            _join(name, short.get(name.name))
    return list(names.values())


def _short_forms(full: list[Name], acronyms: dict[str, str]) -> dict[str, Name]:
    """Short form → the full name it stands for; the longest full name, mentioned first, keeps a form."""
    short: dict[str, Name] = {}
    by_name = {name.name: name for name in full}
    for acronym, long_form in acronyms.items():
        if long_form in by_name:
            short[acronym] = by_name[long_form]
    for name in full:
        words = name.words
        if name.type is EntityType.PERSON:
            short.setdefault(words[-1], name)
            short.setdefault(f"{words[0]} {words[-1]}", name)
            for first in range(1, len(words) - 1):
                short.setdefault(" ".join(words[first:]), name)
        elif name.type is EntityType.ORGANISATION:
            content = [word for word in words if word not in ("of", "the", "for", "and", "&")]
            if len(content) > 1:
                short.setdefault("".join(word[0] for word in content), name)
            for length in range(len(words) - 1, 0, -1):
                short.setdefault(" ".join(words[:length]), name)
            short.setdefault(words[-1], name)
    for name in full:
        if name.type is EntityType.PERSON:
            short.setdefault(name.words[0], name)
    return short


def _join(name: Name, full: Name | None) -> None:
    if full is None or full is name:
        return
    if name.type is None and full.type is EntityType.ORGANISATION and name.mentions[0].scores[2] <= -1:
        return    # an English word: Club, City
    if name.type is full.type or name.type is None:
        name.full = full
        name.type = full.type
        return
    own = max(mention.scores[TYPES.index(name.type)] for mention in name.mentions)
    if full.type is EntityType.PERSON and full.words[-1] == name.name and own < 4:
        name.full, name.type = full, full.type
