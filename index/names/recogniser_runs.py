"""Candidate names of articles: runs of capitalised words, found with array operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.names.batch import Batch
from index.names.recogniser_features import (
    CAPITALS,
    COUNTER,
    COUNTS,
    LOWERS,
    MARKS,
    NUMBERS,
    OPENS,
    UPPERS,
    Features,
    Sign,
)
from index.names.recogniser_lexicon import Bit

Flags = NDArray[np.int64]
Signs = NDArray[np.uint16]
Mask = NDArray[np.bool_]

LINE_LIMIT = 2000
"""Tokens of the longest line looked at as one (the packed counters hold 4,095)."""
FOR_HEAD = 4
"""Tokens before *for* among which the head stands: Society of Scientific Help for Girls."""
HEADING_WORDS = 4
"""A line with fewer words is no heading."""
LONGEST_RUN = 40
"""A run of more tokens than this is no name, whatever its capitals; without a limit it would cost its square."""
HEADING_SHARE = 0.8
"""A line in which at least this share of the words has a capital is a heading."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of tokens that may hold names. Positions count the tokens of a batch.

    `flags`: features of all tokens, `bits` the same for access one by one, `signs` what is asked of all of them.
    `start`, `end` (exclusive), shape (runs,).
    `opens` says that the run begins a sentence or a quotation, so that its first capital means nothing. `heading` masks
    the tokens of headings (all words with a capital, or all in capitals; no run is in one), `table` those of lines
    with names and numbers alone.
    """

    flags: Flags
    bits: Sequence[int]
    signs: Signs
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    opens: Mask
    heading: Mask
    table: Mask


def find_runs(batch: Batch, features: Features) -> Runs:
    """Runs of capitalised words, joined over *of*, *de*, *&*, initials and abbreviations with a full stop."""
    flags, signs = features.flags.take(batch.tokens), features.signs.take(batch.tokens)
    bits = flags.data       # quicker than an array to look at here and there, and no copy
    named = signs & (Sign.CAPITAL | Sign.NO_NAME)
    inside: Mask = named == Sign.CAPITAL
    surnames = np.flatnonzero((named == Sign.CAPITAL | Sign.NO_NAME) & has(signs, Sign.PERSONAL))
    near: Sequence[int] = inside.data
    for at in surnames.tolist():
        inside[at] = _belongs(bits, near, at)
    opens = np.zeros_like(inside)
    opens[1:] = has(signs, Sign.OPENS)[:-1]
    ends = has(signs, Sign.ENDS)
    joint = has(signs[1:-2], Sign.JOINT) | (has(signs[1:-2], Sign.COMMA) & has(signs[2:-1], Sign.ORG_SUFFIX))
    joints = np.flatnonzero(inside[:-3] & joint & (inside[2:-1] | inside[3:])) + 1
    for at in joints.tolist():
        length = _bridge(bits, near, at)
        if length:
            inside[at:at + length] = True
            if bits[at] & Bit.SENTENCE_END:
                ends[at] = opens[at + 1] = False
    heading, table = _lines(features.sorts.take(batch.tokens), signs, ends, batch)
    inside &= ~heading
    inside &= ~_opening_words(batch, signs, inside, opens)
    ended = has(signs[:-1], Sign.POSSESSIVE) & ~has(signs[1:], Sign.ORG_SUFFIX)
    linked = inside[1:] & inside[:-1] & ~ended
    begins, finishes = inside.copy(), inside.copy()
    begins[1:] &= ~linked
    finishes[:-1] &= ~linked
    start, end = np.flatnonzero(begins), np.flatnonzero(finishes) + 1
    short = end - start <= LONGEST_RUN
    start, end = start[short], end[short]
    return Runs(flags, bits, signs, start, end, opens[start], heading, table)


def has(flags: Flags | Signs, wanted: int) -> Mask:
    """Where any of the wanted bits is set."""
    found: Mask = (flags & wanted) != 0
    return found


def _belongs(flags: Sequence[int], inside: Sequence[int], at: int) -> bool:
    """Whether a word that is no name alone belongs to one here: Theresa May, John Paul II, J. K. Rowling."""
    if flags[at] & Bit.PERSON_SUFFIX and (inside[at - 1] or (inside[at + 1] and flags[at + 1] & Bit.ORG_HEAD)):
        return True    # John Paul II, IV Corps
    if flags[at] & Bit.INITIAL:
        if inside[at - 1] and inside[at + 1]:
            return True
        return bool(flags[at + 1] & Bit.SENTENCE_END and (inside[at + 2] or flags[at + 2] & Bit.INITIAL))
    if inside[at - 1] and flags[at - 1] & Bit.GIVEN:
        return True
    return bool(flags[at] & Bit.GIVEN and flags[at] & Bit.NOT_NAME and inside[at + 1]
                and not flags[at - 1] & OPENS and not flags[at + 1] & Bit.COMMON)


def _bridge(flags: Sequence[int], inside: Sequence[int], at: int) -> int:
    """How many tokens from `at` join the name before them to the name after them: 0, 1 (*of*) or 2 (*of the*)."""
    flag, before = flags[at], flags[at - 1]
    if flag & Bit.CAPITAL:
        return 0
    if flag & Bit.SENTENCE_END:
        return int(bool(before & (Bit.INITIAL | Bit.ABBREVIATION) and inside[at + 1]))
    if flag & Bit.COMMA:
        return int(bool(inside[at + 1]))
    if flag & Bit.ON:
        return int(bool(inside[at + 1] and not (before | flags[at + 1]) & Bit.COMMON))
    if flag & Bit.FOR:
        return int(bool(inside[at + 1] and any(flag & Bit.ORG_FOR for flag in flags[at - FOR_HEAD:at])
                        and any(inside[at - FOR_HEAD:at])))
    if flag & Bit.CONNECTOR:
        if inside[at + 1]:
            return 1
        small = flags[at + 1] & (Bit.CONNECTOR | Bit.NOT_NAME) and flags[at + 1] & Bit.WORD
        return 2 if small and inside[at + 2] and not flags[at + 1] & Bit.CAPITAL else 0
    if flag & Bit.AND and inside[at + 1]:
        if inside[at - 2] and flags[at - 3] & Bit.ORG_OF:      # Ministry of Trade and Industry
            return 1
        head = (flags[at + 2] | flags[at + 3]) & Bit.ORG_HEAD and inside[at + 2]
        return int(bool(head and before & Bit.COMMON and flags[at + 1] & Bit.COMMON))
    return 0


def _lines(sorts: NDArray[np.uint8], signs: Signs, ends: Mask, batch: Batch) -> tuple[Mask, Mask]:
    """Tokens of headings (capitals tell nothing there), and of tables (names and numbers, no sentence). `sorts`: of the
    tokens, see `COUNTS`."""
    breaks = np.flatnonzero(ends[:-1]) + 1
    breaks = breaks[breaks > batch.title_ends[batch.of_position(breaks)]]
    first = np.sort(np.concatenate((batch.begins[:-1], batch.title_ends, breaks)))
    long = first[np.diff(first, append=len(ends)) > LINE_LIMIT]
    for article in np.unique(batch.of_position(long)).tolist():
        begin, end = batch.begins[article:article + 2]
        first = np.union1d(first, np.arange(begin + LINE_LIMIT, end, LINE_LIMIT))
    sums = np.add.reduceat(COUNTS.take(sorts), first)
    lowers, capitals, numbers, uppers, marks = (
        (sums >> place) & COUNTER for place in (LOWERS, CAPITALS, NUMBERS, UPPERS, MARKS))
    most = HEADING_SHARE * (capitals + lowers)
    lengths = np.diff(first, append=len(ends))
    broken = has(signs[first + lengths - 1], Sign.BREAK) & (lowers + marks + numbers == 0)
    title = (capitals >= most) & ((first < batch.title_ends[batch.of_position(first)]) | broken)
    heading = (capitals >= HEADING_WORDS) & (numbers * 3 <= capitals) & ((uppers >= most) | title)
    table = (lowers == 0) & (numbers > 0) & (capitals > 0)
    return np.repeat(heading, lengths), np.repeat(table, lengths)


def _opening_words(batch: Batch, signs: Signs, inside: Mask, opens: Mask) -> Mask:
    """English words that begin a sentence and stand alone: no names, unless the article has them elsewhere too."""
    words = inside & has(signs, Sign.ENGLISH)
    alone: Mask = words & opens
    alone[:-1] &= ~inside[1:]
    places = np.flatnonzero(alone)
    if len(places):
        elsewhere = np.flatnonzero(words & ~opens)
        known = set(_in_article(batch, elsewhere).tolist())        # quicker than array operations on so few
        alone[places] = [one not in known for one in _in_article(batch, places).tolist()]
    return alone


def _in_article(batch: Batch, positions: NDArray[np.intp]) -> NDArray[np.int64]:
    """One number for each article and token: equal where one token stands in one article."""
    return (batch.of_position(positions) << 32) | batch.tokens[positions]
