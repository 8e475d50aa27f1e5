"""SearchRequest: what is asked, with every default of the contract, and nothing about HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FACETS = ("person", "place", "organisation", "source", "date", "spelling")
"""The facets given unless others are asked for, in their order on the page. `language` may be asked for too."""


class Match(StrEnum):
    VARIANTS = "variants"
    EXACT = "exact"


class Undated(StrEnum):
    INCLUDE = "include"
    EXCLUDE = "exclude"
    ONLY = "only"


class Interval(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    AUTO = "auto"


class Group(StrEnum):
    NONE = "none"
    STORY = "story"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class EntityOp(StrEnum):
    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class Filters:
    """Values to be had, or (as `exclude`) not to be had."""

    entity: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    spelling: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self is not NO_FILTERS and self != NO_FILTERS

    @property
    def entities(self) -> tuple[str, ...]:
        """The ids of all four entity parameters; the type is part of the id."""
        return (*self.entity, *self.person, *self.place, *self.organisation)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. `since` and `until` are the parameters `from` and `to`, as typed and checked (ISO prefixes)."""

    q: str = ""
    match: Match = Match.VARIANTS
    filters: Filters = NO_FILTERS
    exclude: Filters = NO_FILTERS
    entity_op: EntityOp = EntityOp.AND
    since: str | None = None
    until: str | None = None
    undated: Undated | None = None   # None: exclude as soon as since or until is given, else include
    facets: tuple[str, ...] = FACETS
    facet_size: int = 10
    interval: Interval = Interval.AUTO
    group: Group = Group.NONE
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 10
