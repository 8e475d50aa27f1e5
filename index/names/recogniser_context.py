"""What the text around a name says of its type: the words beside it, ages, brackets, datelines, tables of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.names.batch import Batch
from index.names.recogniser_features import Features, Sign
from index.names.recogniser_lexicon import NO_SCORES, Bit, Scores
from index.names.recogniser_runs import Mask, Runs, Signs, has

SPORT_WORDS = 4
"""An article with as many words of sports reports is one: in it a city that beats another is a club."""
PLACE, STATE, COUNTRY = 2.0, 4.0, 4.5
"""Evidence from which a name is a known place, a state or more, a country."""
LIST_SHARE = 0.25
"""How much a name's own evidence counts for its neighbour in a list."""
DEFINITION = 9
"""Words of a definition that are read."""
PARENTHESIS = 30
"""Tokens of the longest parenthesis between a name and its definition."""
QUOTED_TITLE = 6
"""Tokens of the longest title in quotation marks."""

_WEIGHTS = np.array([
    (2.0, -0.5, -0.5),      # an age after the name
    (1.0, -0.5, -0.3),      # his sister, NAME
    (-1.0, 2.0, -0.5),      # village of NAME
    (-0.5, 1.5, -0.5),      # NAME, Texas
    (2.0, -0.5, -0.5),      # NAME (Ukraine)
    (-2.0, 3.5, -2.0),      # a dateline
    (-0.5, -0.5, 2.0),      # a number after it in a table
    (-1.0, -1.0, -1.0),     # in quotation marks
    (-1.0, -3.0, -1.0),     # inside a quoted title
    (-1.0, -1.0, -3.0),     # CH 53
], np.float32)
_DEFINED: dict[int, Scores] = {
    Bit.NOUN_PERSON: (2.5, -1.5, -1.0), Bit.NOUN_ORG: (-1.5, -1.0, 2.5),
    Bit.NOUN_PLACE: (-1.5, 2.5, -1.0), Bit.NOUN_OTHER: (-2.0, -2.0, -2.0),
}
"""What a noun says of the name it defines; the first that fits."""
_NOUNS = Bit.NOUN_PERSON | Bit.NOUN_PLACE | Bit.NOUN_ORG | Bit.NOUN_OTHER


@dataclass(frozen=True, slots=True)
class Context:
    """Evidence for each mention, shape (mentions, 3), and whether a place's name stands for its club."""

    evidence: NDArray[np.float32]
    team: Mask


def contexts(batch: Batch, features: Features, runs: Runs, spans: NDArray[np.intp],
             own: NDArray[np.float32]) -> Context:
    """The context of each mention.

    `spans`: starts and ends of the mentions, shape (2, mentions), by start; `own`, shape (mentions, 3): what the names
    say by themselves.
    """
    flags, tokens = runs.flags, batch.tokens
    start, end = spans
    article = batch.of_position(start)
    before, earlier, first, second = flags[start - 1], flags[start - 2], flags[end], flags[end + 1]
    evidence = features.left.take(tokens[start - 1], 0) + features.right.take(tokens[end], 0)   # faster than by index
    small, aux = has(before, Bit.SMALL), has(first, Bit.AUX)
    evidence += 0.5 * small[:, None] * features.left.take(tokens[start - 2], 0)
    evidence += aux[:, None] * features.right.take(tokens[end + 1], 0)
    place, country = own[:, 1] >= PLACE, own[:, 1] >= COUNTRY
    comma, number, opens = has(first, Bit.COMMA), has(first, Bit.NUMBER), has(first, Bit.OPEN)
    year, line = has(first, Bit.YEAR), has(before, Bit.BREAK)
    table = runs.table[start]
    acronym = has(flags[end - 1], Bit.UPPER)
    apart = ~has(earlier, Bit.CAPITAL)
    follows = np.zeros(len(start), np.bool_)
    follows[:-1] = start[1:] == end[:-1] + 1
    before_state = follows.copy()
    before_state[:-1] &= own[1:, 1] >= STATE
    sums = number & ~year & table
    stop = comma | opens | year | has(first, Bit.DASH)
    masks = np.array([
        comma & has(second, Bit.NUMBER) & ~has(second, Bit.YEAR) & has(flags[end + 2], Bit.COMMA | Bit.SENTENCE_END),
        has(before, Bit.COMMA) & has(earlier, Bit.NOUN_PERSON) & apart,
        has(before, Bit.CONNECTOR) & has(earlier, Bit.NOUN_PLACE | Bit.PLACE_HEAD | Bit.COMPASS) & apart,
        before_state & comma,
        before_state & opens & ~place,
        line & acronym & stop & ~runs.heading[start],
        sums & (own[:, 0] < 2) & ~country,
        has(before, Bit.QUOTE) & has(first, Bit.QUOTE),
        _quoted(runs.signs)[start],
        acronym & (end - start == 1) & number & ~table,
    ], np.float32)
    evidence += masks.T @ _WEIGHTS
    _lists(evidence, own, follows & (comma | has(first, Bit.AND)))
    _definitions(evidence, runs, end, batch.begins[article + 1], aux | comma | opens)
    sports = np.bincount(batch.of_position(np.flatnonzero(has(runs.signs, Sign.SPORT))), minlength=len(batch))
    sport = (sports >= SPORT_WORDS)[article]
    team = sums | (sport & (has(before, Bit.TEAM_LEFT) | has(first, Bit.TEAM_RIGHT)))
    return Context(evidence, team & place & ~country)


def _lists(evidence: NDArray[np.float32], own: NDArray[np.float32], joint: Mask) -> None:
    """Names in a list are of one type: each hears of its neighbours. `joint`: a comma or *and* leads to the next."""
    if joint.any():
        share = LIST_SHARE * np.clip(own, 0, 4)
        evidence[1:] += share[:-1] * joint[:-1, None]
        evidence[:-1] += share[1:] * joint[:-1, None]


def _definitions(evidence: NDArray[np.float32], runs: Runs, end: NDArray[np.intp], last: NDArray[np.intp],
                 maybe: Mask) -> None:
    """`last`: where each mention's article ends."""
    flags = runs.flags
    defined = np.flatnonzero(maybe & (has(flags[end + 1], Bit.SMALL) | has(flags[end], Bit.OPEN)))
    for at, after, stop in zip(defined.tolist(), end[defined].tolist(), last[defined].tolist(), strict=True):
        scores = _definition(runs.bits, after, min(after + PARENTHESIS + DEFINITION, stop))
        if scores is not NO_SCORES:
            evidence[at] += scores


def _definition(flags: Sequence[int], at: int, stop: int) -> Scores:
    """What *is a Japanese game company*, *, a village in* or *(born 1912) was a* at `at` says of the name before it."""
    if flags[at] & Bit.OPEN:
        last = min(at + PARENTHESIS, stop)
        while at < last and not flags[at] & Bit.CLOSE:
            at += 1
        if at == last or at + 1 >= stop or not flags[at + 1] & Bit.AUX:
            return NO_SCORES
        at += 1
    if at + 1 >= stop or not flags[at + 1] & Bit.SMALL:
        return NO_SCORES
    noun = 0
    for flag in flags[at + 2:min(at + 2 + DEFINITION, stop)]:
        if not flag & Bit.WORD or flag & Bit.AUX or (flag & Bit.CONNECTOR and not flag & Bit.CAPITAL):
            break
        if not flag & Bit.CAPITAL and flag & _NOUNS:
            noun = flag & _NOUNS
    return next((scores for which, scores in _DEFINED.items() if noun & which), NO_SCORES)


def _quoted(signs: Signs) -> Mask:
    """Tokens inside short quotations: titles of works, nicknames. A quotation ends with its line."""
    inside = np.zeros(len(signs), np.bool_)
    quotes = np.flatnonzero(has(signs, Sign.QUOTE))
    line = np.searchsorted(np.flatnonzero(has(signs, Sign.BREAK)), quotes)
    place = np.arange(len(quotes)) - np.searchsorted(line, line)      # of each quotation mark in its line
    pairs = np.flatnonzero((place[:-1] % 2 == 0) & (line[:-1] == line[1:]))
    opened, closed = quotes[pairs], quotes[pairs + 1]
    short = (closed - opened <= QUOTED_TITLE + 1) & ~has(signs[closed - 1], Sign.COMMA)
    for first, last in zip(opened[short].tolist(), closed[short].tolist(), strict=True):
        inside[first + 1:last] = True
    return inside
