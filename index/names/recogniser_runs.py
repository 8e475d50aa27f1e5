"""Candidate names of one article: runs of capitalised words, found with array operations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Kind
from index.names.recogniser_lexicon import Features, Word

Flags = NDArray[np.int64]
Mask = NDArray[np.bool_]

_ENDS = Kind.SENTENCE_END | Kind.BREAK
_OPENS = _ENDS | Kind.QUOTE | Kind.OPEN | Kind.DASH | Kind.OTHER
_NO_NAME = Word.NOT_NAME | Word.DATE
HEADING_WORDS = 4
"""A line with fewer words is no heading."""
HEADING_SHARE = 0.8
"""A line in which at least this share of the words has a capital is a heading."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of tokens that may hold names: `start` and `end` (exclusive), shape (runs,).

    `opens` says that the run begins a sentence or a quotation, so that its first capital means nothing.
    `heading` masks the tokens of headings (all words with a capital, or all in capitals); no run is in one.
    `table` masks the tokens of lines with names and numbers alone, as in tables of results.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    opens: Mask
    heading: Mask
    table: Mask


def find_runs(numbers: NDArray[np.int32], features: Features, title_end: int) -> Runs:
    """Runs of capitalised words, joined over *of*, *de*, *&*, initials and abbreviations with a full stop."""
    flags = features.flags[numbers]
    capital = _has(flags, Kind.CAPITAL) & ~_has(flags, _NO_NAME)
    bridge, initial = _bridges(flags, capital)
    capital |= initial | _has(flags, Word.PERSON_SUFFIX) & _has(flags, Kind.CAPITAL) & _shift(capital, -1)
    ends = _has(flags, _ENDS) & ~bridge
    heading, table = _lines(flags, ends, title_end)
    opens = np.empty(len(numbers), np.bool_)
    opens[:1] = True
    opens[1:] = (_has(flags, _OPENS) & ~bridge)[:-1]
    inside = (capital | bridge) & ~heading
    begun = _opening_words(numbers, features, flags, inside, opens)
    inside &= ~begun
    linked = inside[1:] & inside[:-1] & ~_has(flags[:-1], Kind.POSSESSIVE)
    start = np.flatnonzero(inside & ~np.concatenate(([False], linked)))
    end = np.flatnonzero(inside & ~np.concatenate((linked, [False]))) + 1
    return Runs(start, end, opens[start], heading, table)


def _has(flags: Flags, wanted: int) -> Mask:
    return (flags & int(wanted)) != 0


def _shift(mask: Mask, by: int) -> Mask:
    """mask[i + by] at i, False beyond the ends."""
    moved = np.zeros_like(mask)
    if by > 0:
        moved[:-by] = mask[by:]
    else:
        moved[-by:] = mask[:by]
    return moved


def _bridges(flags: Flags, capital: Mask) -> tuple[Mask, Mask]:
    """Tokens without capital that join two parts of a name; initials that belong to one."""
    before, after = _shift(capital, -1), _shift(capital, 1)
    stop = _has(flags, Kind.SENTENCE_END)
    single = _has(flags, Kind.INITIAL)
    initial = single & (_shift(stop, 1) & _shift(capital | single, 2) | before & after)
    named = capital | initial
    before, after = _shift(named, -1), _shift(named, 1)
    lower = ~_has(flags, Kind.CAPITAL)
    joint = _has(flags, Word.CONNECTOR) & lower & before
    bridge = joint & after
    second = _shift(joint, -1) & lower & _has(flags, Word.CONNECTOR | Word.NOT_NAME) & after
    second &= _has(flags, Kind.WORD)
    bridge |= second | _shift(second, 1)
    short = _shift(initial | _has(flags, Word.ABBREVIATION) & capital, -1)
    bridge |= stop & short & after
    common = _has(flags, Word.COMMON) & capital
    head = _shift(_has(flags, Word.ORG_OF) & capital, -3) & _shift(bridge, -2)
    bridge |= _has(flags, Word.TITLE_MODIFIER) & lower & before & after & (
        head | _shift(common, -1) & _shift(common, 1)) & _has(flags, Word.NOT_NAME)
    return bridge, initial


def _lines(flags: Flags, ends: Mask, title_end: int) -> tuple[Mask, Mask]:
    """Tokens of headings (capitals tell nothing there), and of tables (names and numbers, no sentence)."""
    line = np.cumsum(ends)
    line[title_end:] += 1
    line[:title_end] = 0
    size = int(line[-1]) + 1
    word = _has(flags, Kind.WORD)
    number = _has(flags, Kind.NUMBER)
    capital = word & _has(flags, Kind.CAPITAL)
    lower = word & ~capital & ~number & ~_has(flags, Word.CONNECTOR | Word.NOT_NAME)

    def count(mask: Mask) -> NDArray[np.intp]:
        return np.bincount(line[mask], minlength=size)

    lowers, capitals, numbers, uppers = count(lower), count(capital), count(number), count(_has(flags, Kind.UPPER))
    heading = (capitals >= HEADING_WORDS) & (numbers * 3 <= capitals)
    shouted = uppers >= HEADING_SHARE * (capitals + lowers)
    title = capitals >= HEADING_SHARE * (capitals + lowers)
    title[1:] &= (count(_has(flags, Kind.COMMA | Kind.OPEN)) + numbers)[1:] == 0
    table = (lowers == 0) & (numbers > 0) & (capitals > 0)
    return np.asarray((heading & (shouted | title))[line]), np.asarray(table[line])


def _opening_words(numbers: NDArray[np.int32], features: Features, flags: Flags, inside: Mask, opens: Mask) -> Mask:
    """English words that begin a sentence and stand alone: no names, unless the article has them elsewhere too."""
    alone = inside & opens & _has(flags, Word.COMMON) & ~_has(flags, Kind.UPPER) & ~_shift(inside, 1)
    if not alone.any():
        return alone
    elsewhere = numbers[inside & ~opens]
    return alone & ~np.isin(numbers, elsewhere)
