"""From the mentions of one article to its entities: one type a name, short names joined to the full ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.names.model import EntityType
from index.names.recogniser_lexicon import NO_SCORES, Scores

TYPES = (EntityType.PERSON, EntityType.PLACE, EntityType.ORGANISATION)
"""In the order of Scores."""
THRESHOLD = 1.4
"""Evidence a name needs to be an entity."""
CONTEXT_LIMIT = 4.0
"""What all contexts of a name together may add or take away."""
REPEATED = 0.4
"""What a second and a third mention add to a name's own evidence."""
CONTEXT_POWER = 0.5
"""Contexts of one name are no independent witnesses: their sum is divided by this power of their number."""
SURE = 4.0
"""Own evidence that decides: countries, well-known organisations, heads, persons with a title."""

_SMALL = frozenset({"of", "the", "for", "and", "&"})


@dataclass(slots=True)
class Mention:
    """A name found in the article, with what its own words and what the text around it say of its type.

    `start` and `end` count padded tokens. `fixed`: its own words decide. `team`: the name of a place that stands
    for its club. `entity`: the entity of the names files that it is.
    """

    start: int
    end: int
    name: str
    scores: Scores
    context: Scores = NO_SCORES
    fixed: bool = False
    team: bool = False
    entity: str | None = None


@dataclass(slots=True)
class Name:
    """All mentions of one normal form (those that mean a club apart), or of one entity of the names files."""

    name: str
    words: list[str]
    team: bool = False
    entity: str | None = None
    type: EntityType | None = None
    full: Name | None = None     # the longer name that this one is short for
    mentions: list[Mention] = field(default_factory=list)


def resolve(mentions: Sequence[Mention], acronyms: Mapping[str, str]) -> list[Name]:
    """The article's names with types; `full` leads from short names to the longest. In order of first mention.

    `acronyms` holds those introduced in parentheses: acronym → name, both in normal form.
    """
    clubs = {mention.name for mention in mentions if mention.team}
    names: dict[tuple[str, bool], Name] = {}
    for mention in mentions:
        team = mention.team or (mention.name in clubs and mention.context[1] <= 0)
        key = mention.entity or mention.name, team
        name = names.get(key)
        if name is None:
            words = mention.name.split(" ")
            name = names[key] = Name(mention.name, words, team, None if team else mention.entity)
        name.mentions.append(mention)
    for name in names.values():
        name.type = _type(name)
    full = [name for name in names.values() if len(name.words) > 1 and name.type is not None]
    full.sort(key=lambda name: -len(name.words))
    short = _short_forms(full, acronyms)
    for name in names.values():
        if not name.team and name.entity is None:
            _join(name, short.get(name.name))
    return list(names.values())


def _type(name: Name) -> EntityType | None:
    """The type that the evidence of all mentions speaks for; None if there is too little."""
    if name.team:
        return EntityType.ORGANISATION
    if name.entity is not None:
        return EntityType(name.entity.partition("/")[0])
    own_words = name.mentions[0].scores
    if max(own_words) >= SURE:
        return TYPES[own_words.index(max(own_words))]
    count = len(name.mentions)
    share, root, more = 1 / count, count ** -CONTEXT_POWER, REPEATED * min(count - 1, 2)
    best, found = THRESHOLD, None
    for which, entity_type in enumerate(TYPES):
        own = around = 0.0
        for mention in name.mentions:
            own += mention.scores[which]
            around += mention.context[which]
        own *= share
        around *= root
        if own > 0.5:
            own += more
        total = own + (CONTEXT_LIMIT if around > CONTEXT_LIMIT else max(around, -CONTEXT_LIMIT))
        if total > best:
            best, found = total, entity_type
    return found


def _short_forms(full: list[Name], acronyms: Mapping[str, str]) -> dict[str, Name]:
    """Short form → the full name it stands for; the longest full name, mentioned first, keeps a form."""
    short: dict[str, Name] = {}
    by_name = {name.name: name for name in full}
    for acronym, long_form in acronyms.items():
        if long_form in by_name:
            short[acronym] = by_name[long_form]
    for name in full:
        if name.type is EntityType.PERSON:
            words = name.words
            short.setdefault(f"{words[0]} {words[-1]}", name)
            for first in range(1, len(words)):
                short.setdefault(" ".join(words[first:]), name)
        elif name.type is EntityType.ORGANISATION:
            _short_organisations(name, short)
    for name in full:
        if name.type is EntityType.PERSON:
            short.setdefault(name.words[0], name)
    return short


def _short_organisations(name: Name, short: dict[str, Name]) -> None:
    words = name.words
    content = [word for word in words if word not in _SMALL]
    if len(content) > 1:
        short.setdefault("".join(word[0] for word in content), name)
    for length in range(len(words) - 1, 0, -1):
        short.setdefault(" ".join(words[:length]), name)
    short.setdefault(words[-1], name)


def _join(name: Name, full: Name | None) -> None:
    if full is None or full is name:
        return
    own = name.mentions[0].scores
    if name.type is None and full.type is EntityType.ORGANISATION and own[2] <= -1:
        return    # an English word: Club, City
    overruled = (name.type is not None and full.type is EntityType.PERSON and full.words[-1] == name.name
                 and own[TYPES.index(name.type)] < SURE)
    if name.type is full.type or name.type is None or overruled:
        name.full, name.type = full, full.type
