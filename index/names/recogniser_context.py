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
_TABLE = np.array((-0.5, -0.5, 2.0), np.float32)


@dataclass(frozen=True, slots=True)
class Context:
    """Evidence for each mention, shape (mentions, 3), and whether a place's name stands for its club."""

    evidence: NDArray[np.float32]
    team: Mask


def contexts(numbers: NDArray[np.int32], features: Features, runs: Runs, spans: Sequence[tuple[int, int]],
             own: NDArray[np.float32]) -> Context:
    """The context of each mention. `own`, shape (mentions, 3), is what the names say by themselves."""
    padded = np.concatenate((numbers, np.full(3, features.blank, np.int32)))
    flags = features.flags[padded]
    start, end = np.array(spans, np.intp).reshape(-1, 2).T
    before = np.where(start > 0, padded[start - 1], features.blank)
    evidence = features.left[before] + features.right[padded[end]]
    first, second, third = flags[end], flags[end + 1], flags[end + 2]
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
    return Context(evidence, team & place & ~country)


def _has(flags: NDArray[np.int64], wanted: int) -> Mask:
    return (flags & int(wanted)) != 0
