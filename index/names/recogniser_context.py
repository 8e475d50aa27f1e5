"""What the text around a name says of its type: the words beside it, ages, brackets, datelines, tables of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Kind
from index.names.recogniser_lexicon import Features, Word
from index.names.recogniser_runs import Runs

Mask = NDArray[np.bool_]

SPORT_WORDS = 4
"""An article with as many words of sports reports is one: in it a city that beats another is a club."""
PLACE, COUNTRY = 2.0, 4.5
"""Evidence from which a name is a known place, and a country."""

_AFTER_AGE = np.array((2.0, -0.5, -0.5), np.float32)
_BEFORE_COUNTRY = np.array((2.0, -0.5, -0.5), np.float32)
_BEFORE_STATE = np.array((-0.5, 1.5, -0.5), np.float32)
_DATELINE = np.array((-2.0, 3.5, -2.0), np.float32)
_OF_PLACE = np.array((-1.0, 2.0, -0.5), np.float32)
_QUOTED = np.array((-1.0, -1.0, -1.0), np.float32)
_DESIGNATION = np.array((-1.0, -1.0, -3.0), np.float32)
QUOTED_TITLE = 6
"""Tokens of the longest title in quotation marks."""
_NOUNS = int(Word.NOUN_PERSON | Word.NOUN_PLACE | Word.NOUN_ORG | Word.NOUN_OTHER)
_DEFINED = {
    Word.NOUN_PERSON: np.array((2.5, -1.5, -1.0), np.float32),
    Word.NOUN_ORG: np.array((-1.5, -1.0, 2.5), np.float32),
    Word.NOUN_PLACE: np.array((-1.5, 2.5, -1.0), np.float32),
    Word.NOUN_OTHER: np.array((-2.0, -2.0, -2.0), np.float32),
}
"""What a noun says of the name it defines; the first that fits."""
LIST_SHARE = 0.25
"""How much a name's own evidence counts for its neighbour in a list."""
DEFINITION = 9
"""Words of a definition that are read."""
PARENTHESIS = 30
"""Tokens of the longest parenthesis between a name and its definition."""
_TABLE = np.array((-0.5, -0.5, 2.0), np.float32)


@dataclass(frozen=True, slots=True)
class Context:
    """Evidence for each mention, shape (mentions, 3), and whether a place's name stands for its club."""

    evidence: NDArray[np.float32]
    team: Mask


def contexts(numbers: NDArray[np.int32], features: Features, runs: Runs, spans: Sequence[tuple[int, int]],
             own: NDArray[np.float32]) -> Context:
    """The context of each mention. `own`, shape (mentions, 3), is what the names say by themselves."""
    padded = np.concatenate((numbers, np.full(4, features.blank, np.int32)))
    flags = features.flags[padded]
    flags_of = flags.tolist()
    start, end = np.array(spans, np.intp).reshape(-1, 2).T
    before = np.where(start > 0, padded[start - 1], features.blank)
    evidence = features.left[before] + features.right[padded[end]]
    first, second, third = flags[end], flags[end + 1], flags[end + 2]
    aux = _has(first, Word.AUX) & _has(first, Kind.WORD)
    evidence += np.where(aux[:, None], features.right[padded[end + 1]], 0)
    earlier = np.where(start > 1, padded[start - 2], features.blank)
    evidence += np.where(_has(features.flags[before], Word.SMALL)[:, None], 0.5 * features.left[earlier], 0)
    of = _has(features.flags[before], Word.CONNECTOR) & _has(features.flags[earlier], Word.NOUN_PLACE | Word.PLACE_HEAD)
    evidence[of & ~_has(features.flags[earlier], Kind.CAPITAL)] += _OF_PLACE
    quoted = _has(features.flags[before], Kind.QUOTE) & _has(first, Kind.QUOTE)
    evidence[quoted] += _QUOTED
    evidence[_quoted_title(flags)[start] & ~quoted] += _QUOTED
    evidence[_has(flags[end - 1], Kind.UPPER) & (end - start == 1) & _has(first, Kind.NUMBER) & ~runs.table[start]] += _DESIGNATION
    comma, number = _has(first, Kind.COMMA), _has(second, Kind.NUMBER)
    evidence[comma & number & ~_has(second, Word.YEAR) & _has(third, Kind.COMMA | Kind.SENTENCE_END)] += _AFTER_AGE

    place = own[:, 1] >= PLACE
    country = own[:, 1] >= COUNTRY
    follows = np.zeros(len(start), np.bool_)
    follows[:-1] = start[1:] == end[:-1] + 1
    before_country = np.zeros_like(follows)
    before_country[:-1] = follows[:-1] & (own[1:, 1] >= 4)
    evidence[before_country & comma] += _BEFORE_STATE
    evidence[before_country & _has(first, Kind.OPEN) & ~place] += _BEFORE_COUNTRY

    line_start = _has(features.flags[before], Kind.BREAK)
    stop = _has(first, Kind.COMMA | Kind.OPEN | Kind.DASH) | _has(first, Word.YEAR)
    evidence[line_start & _has(flags[end - 1], Kind.UPPER) & stop & ~runs.heading[start]] += _DATELINE

    sums = _has(first, Kind.NUMBER) & ~_has(first, Word.YEAR) & runs.table[start]
    evidence[sums & (own[:, 0] < 2) & ~country] += _TABLE
    team = sums
    if np.count_nonzero(_has(flags, Word.SPORT)) >= SPORT_WORDS:
        said = _has(features.flags[before], Word.TEAM_LEFT) | _has(first, Word.TEAM_RIGHT)
        team = team | said
    joint = np.zeros_like(follows)
    joint[:-1] = follows[:-1] & (comma | _has(first, Word.AND))[:-1]
    evidence[1:] += LIST_SHARE * np.clip(own[:-1], 0, 4) * joint[:-1, None]
    evidence[:-1] += LIST_SHARE * np.clip(own[1:], 0, 4) * joint[:-1, None]
    for at in np.flatnonzero(aux | comma | _has(first, Kind.OPEN)).tolist():
        said = _definition(flags_of, int(end[at]))
        if said is not None:
            evidence[at] += said
    return Context(evidence, team & place & ~country)


def _quoted_title(flags: NDArray[np.int64]) -> Mask:
    """Tokens inside short quotations, which are titles of works and nicknames; a line opens no quotation for the next."""
    marks = np.flatnonzero(_has(flags, Kind.QUOTE | Kind.BREAK))
    inside = np.zeros(len(flags) + 1, np.int8)
    if len(marks) > 1:
        quote = _has(flags[marks], Kind.QUOTE)
        order = np.cumsum(quote)
        at_break = np.maximum.accumulate(np.where(quote, 0, order))
        opening = quote & ((order - at_break) % 2 == 1)
        short = opening[:-1] & quote[1:] & (np.diff(marks) <= QUOTED_TITLE + 1) & ~_has(flags[marks[1:] - 1], Kind.COMMA)
        inside[marks[:-1][short]] += 1
        inside[marks[1:][short]] -= 1
    return np.asarray(np.cumsum(inside[:-1]) > 0)


def _definition(flags: list[int], at: int) -> NDArray[np.float32] | None:
    """What *is a Japanese game company*, *, a village in* or *(born 1912) was a* says of the name before it."""
    if flags[at] & Kind.OPEN:
        for close in range(at + 1, min(at + PARENTHESIS, len(flags))):
            if flags[close] & Kind.CLOSE:
                at = close + 1
                break
        else:
            return None
        if not flags[at] & Word.AUX:
            return None
    if not flags[at + 1] & Word.SMALL:
        return None
    noun = 0
    for flag in flags[at + 2:at + 2 + DEFINITION]:
        if not flag & Kind.WORD or flag & Word.CONNECTOR and not flag & Kind.CAPITAL or flag & Word.AUX:
            break
        if not flag & Kind.CAPITAL and flag & _NOUNS:
            noun = flag & _NOUNS
    for which, evidence in _DEFINED.items():
        if noun & which:
            return evidence
    return None


def _has(flags: NDArray[np.int64], wanted: int) -> Mask:
    return (flags & int(wanted)) != 0
