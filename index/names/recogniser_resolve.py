"""From the mentions of articles to their entities: one type a name, short names joined to the full ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.names.recogniser_context import Context
from index.names.recogniser_found import NONE, ORGANISATION, PERSON, PLACE, TYPES, Found, Strings
from index.names.recogniser_short import ShortForms

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

OF_PREFIX = {"pe": PERSON, "pl": PLACE, "or": ORGANISATION}
"""The first letters of an entity's id → its type."""


@dataclass(slots=True)
class Names:
    """The names of a batch, article by article, in order of first mention; one row a name.

    A name is all mentions of one normal form in an article (those that mean a club apart), or of one entity of the
    names files. `of`: the name of each mention. `start` and `end` of the first one; `text`: its normal form, as a
    number of the strings. `entity`: that of the names files, or -1; `type`: a place in TYPES, or NONE; `full`: the
    name that this one is short for, or itself. `begins`: where each article's names begin, shape (articles + 1,).
    """

    of: NDArray[np.intp]
    start: list[int]
    end: list[int]
    text: list[int]
    entity: list[int]
    team: list[bool]
    type: list[int]
    full: list[int]
    begins: list[int]

    def add(self, text: int, kind: int, start: int, end: int) -> int:
        """Add a name that is its own full one; returns its row."""
        row = len(self.text)
        self.team.append(False)
        for column, value in ((self.start, start), (self.end, end), (self.text, text), (self.entity, -1),
                              (self.type, kind), (self.full, row)):
            column.append(value)
        return row


class Resolver:
    """Makes names of mentions; keeps the short forms of names."""

    def __init__(self, strings: Strings) -> None:
        self._strings, self._short_forms = strings, ShortForms(strings)

    def resolve(self, found: Found, context: Context, article: NDArray[np.intp], count: int,
                acronyms: Mapping[int, Mapping[str, str]]) -> Names:
        """The names of `count` articles; `article` says whose each mention is. `acronyms` are those introduced in
        parentheses: article → acronym → name, both in normal form."""
        names, first = _grouped(found, context, article, self._strings)
        of_article, text = article[first], found.name[first]
        names.begins = np.searchsorted(of_article, np.arange(count + 1)).tolist()
        lengths = np.frombuffer(self._strings.lengths, np.intc)[text]
        types = np.array(names.type, np.intp)
        longer = np.flatnonzero((lengths > 1) & (types != NONE))
        longer = longer[np.lexsort((-lengths[longer], of_article[longer]))]     # the longest, mentioned first
        full = self._short_forms.full_names(text, types, of_article, longer, acronyms)
        short = (full >= 0) & (full != np.arange(len(full))) & (found.entity[first] < 0)
        short[names.team] = False
        self._join(names, np.flatnonzero(short).tolist(), full[short].tolist(), found.scores[first])
        return names

    def _join(self, names: Names, short: Sequence[int], longer: Sequence[int], scores: NDArray[np.float64]) -> None:
        text, types = self._strings.text, names.type
        for name, full in zip(short, longer, strict=True):
            kind, wanted = types[name], types[full]
            if kind == NONE and wanted == ORGANISATION and scores[name, 2] <= -1:
                continue    # an English word: Club, City
            if kind != wanted and kind != NONE:
                last = text[names.text[full]].rpartition(" ")[2]
                if not (wanted == PERSON and last == text[names.text[name]] and scores[name, kind] < SURE):
                    continue
            names.full[name], types[name] = full, wanted


def _grouped(found: Found, context: Context, article: NDArray[np.intp], strings: Strings
             ) -> tuple[Names, NDArray[np.intp]]:
    """The names with types, none joined yet, and the first mention of each."""
    team = context.team
    if team.any():
        called = article << 32 | found.name
        team = team | (np.isin(called, called[team]) & (context.evidence[:, 1] <= 0))
    key = np.where(found.entity >= 0, found.entity, found.name)
    _, first, of = np.unique(article << 33 | key << 1 | team, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    of, first = place[of], first[order]
    is_team, entity = team[first], found.entity[first]
    types = _types(found, context, of, first)
    files = np.flatnonzero(entity >= 0)
    types[files] = [OF_PREFIX[strings.text[number][:2]] for number in entity[files].tolist()]
    types[is_team] = ORGANISATION
    entity[is_team] = -1
    start, end, text = found.start[first].tolist(), found.end[first].tolist(), found.name[first].tolist()
    names = Names(of, start, end, text, entity.tolist(), is_team.tolist(), types.tolist(), list(range(len(first))), [])
    return names, first


def _types(found: Found, context: Context, of: NDArray[np.intp], first: NDArray[np.intp]) -> NDArray[np.intp]:
    """The type that the evidence of all mentions of each name speaks for; NONE if there is too little."""
    own_words = found.scores[first]
    count = np.bincount(of, minlength=len(first))
    roots = np.array([1.0, *(number ** -CONTEXT_POWER for number in range(1, int(count.max(initial=0)) + 1))])
    own = np.zeros((len(first), len(TYPES)))
    around = np.zeros_like(own)
    for which in range(len(TYPES)):
        own[:, which] = np.bincount(of, found.scores[:, which], len(first))
        around[:, which] = np.bincount(of, context.evidence[:, which].astype(np.float64), len(first))
    own *= (1 / count)[:, None]
    around *= roots[count][:, None]
    own += (REPEATED * np.minimum(count - 1, 2))[:, None] * (own > 0.5)
    most, types = _most(own + np.clip(around, -CONTEXT_LIMIT, CONTEXT_LIMIT))
    types[most <= THRESHOLD] = NONE
    most, sure = _most(own_words)
    return np.where(most >= SURE, sure, types)


def _most(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The highest of the three scores in each row, and the first place that it stands at."""
    person, place, organisation = scores.T
    most = np.maximum(np.maximum(person, place), organisation)
    return most, np.where(person == most, PERSON, np.where(place == most, PLACE, ORGANISATION))
