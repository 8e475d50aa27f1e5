"""Senses: all that one printed form may mean, sorted once for all places where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from index.names.given import is_given_name
from index.names.reading import Reading

Pairs = tuple[tuple[str, str | None], ...]
"""Name ids, each with the entity that the mention is, if that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Senses:
    """The readings of a form (its key), those of surnames apart.

    `others` are not surnames; where some have conditions, which are met, those alone. `is_open`: they hold in any
    context; `is_plain`: and none is a surname. `is_contested`: the form is one of an entity of the names files,
    whatever surname it is. `is_given`: the key is a given name. `sure`: the one name and entity of a word that never
    means another, no given name or surname in play. `place`: the gazetteer place that the first reading is. `inside`
    and `inside_person`: what is reported inside a longer name; `whole`: of a person's full name.
    """

    key: str
    readings: tuple[Reading, ...]
    surnames: tuple[str, ...]
    others: tuple[Reading, ...]
    is_open: bool
    is_plain: bool
    is_contested: bool
    is_given: bool
    sure: tuple[str, str | None] | None
    place: str | None
    whole: Pairs
    inside: Pairs
    inside_person: Pairs

    @classmethod
    def of(cls, key: str, readings: tuple[Reading, ...], are_all: bool = False) -> Senses:
        """The senses of a key: its readings that are allowed here. `are_all`: of a word, whatever its context."""
        surnames = tuple(reading.name for reading in readings if reading.is_surname)
        others = tuple(reading for reading in readings if not reading.is_surname)
        met = tuple(reading for reading in others if reading.only_with or reading.case or reading.guards)
        others = met if met and len(others) > 1 else others
        is_given, first = is_given_name(key), readings[0] if len(readings) == 1 else None
        sure = None
        if first is not None and are_all and not is_given and not (
                first.is_surname or first.only_with or first.is_adjectival or first.is_gazetteer):
            sure = first.name, first.entity
        is_open, place = all(reading.is_open for reading in readings), readings[0].name
        return cls(key, readings, surnames, others, is_open, is_open and not surnames,
                   any(not other.is_gazetteer for other in others), is_given, sure,
                   place if readings[0].is_gazetteer else None,
                   tuple((reading.name, reading.entity) for reading in readings),
                   tuple((reading.name, None) for reading in readings), tuple((name, None) for name in surnames))
