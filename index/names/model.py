"""What a name is: entities, their spellings, and where a spelling is not the entity.

A *name* is a set of spellings that mean the same: `place/kyiv` is {Kyiv, Kiev, Київ, Киев …}. Names are what the
index posts and what a query for any spelling is turned into. Three kinds of name ids:

place/… organisation/… person/…   an entity; every mention of it, under any spelling, alone or inside a longer name
                                  (a person: the full names, and the surname where it stands for the person)
surname/…                         the spellings of one surname, whoever bears it
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class EntityType(StrEnum):
    """The three types of the contract."""

    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"


class SpellingKind(StrEnum):
    """Why a spelling is in use."""

    CURRENT = "current"              # the form most used now
    RUSSIAN = "russian"              # romanised from the Russian form
    ROMANISATION = "romanisation"    # another romanisation of the same form
    FORMER = "former"                # a name the place or body no longer has
    ACRONYM = "acronym"
    NICKNAME = "nickname"
    INFLECTED = "inflected"          # a case form, generated


@dataclass(frozen=True, slots=True)
class Guard:
    """A context in which a spelling is not this entity.

    The spelling is not the entity when one of `before` ends right before it, or one of `after` begins right
    after it (words compared in normal form; a comma may stand between). `example` is a sentence that shows it.
    """

    example: str
    forms: tuple[str, ...] = ()      # the spellings it holds for; empty: all
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    everywhere: bool = False         # where it holds once, the form is not this entity in the whole article


@dataclass(frozen=True, slots=True)
class Spelling:
    """One printed form of an entity's name."""

    form: str
    language: str = "en"             # en, uk, ru, be …; en for every romanised form
    kind: SpellingKind = SpellingKind.CURRENT
    case_sensitive: bool = False     # acronyms, and names that are words (Bar, Perm, US)
    only_with: tuple[str, ...] = ()  # counts only if the article also prints one of these
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, place or organisation of the authority file or the gazetteer."""

    id: str                          # type/slug, ours and stable
    type: EntityType
    label: str
    spellings: tuple[Spelling, ...]  # a person: the full names
    given: tuple[Spelling, ...] = ()
    surname: tuple[Spelling, ...] = ()
    surname_alone: bool = False      # whether the bare surname, with no full name before it, is this person
    guards: tuple[Guard, ...] = ()
    distinct_from: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()  # forms shared with another entity that lists them so too: they name none
    subtype: str | None = None       # city, oblast, river, ministry, party …; a person: the role
    wikidata: str | None = None
    geonames: int | None = None
    population: int = 0
    origin: str = "authority"        # authority, gazetteer, reader


class Outline(NamedTuple):
    """What is asked of an entity again and again, had without the rest of it."""

    type: EntityType
    label: str
    is_gazetteer: bool


class NameMatch(NamedTuple):
    """A known spelling found in a run of tokens.

    `start` and `end` count the tokens given (words and marks), end exclusive. `name` is the name id. `entity` is
    the entity this mention is, or None: a surname whose bearer is not known, a spelling inside a longer
    name (*Kyiv* in *Kyiv Post*), a spelling of several entities.
    """

    start: int
    end: int
    name: str
    entity: str | None
    spelling: str                    # the exact form printed: tokens' exact forms joined by a space
