"""Likeness: are two articles one text, copied or rewritten? A function of the two, and of which runs are common.

copy     at least half of the word runs of the shorter text stand in the other; three quarters if it is only a
         line or two (notices made from one form share that much).
rewrite  two fifths of the runs of names and numbers of the one with fewer stand in the other, and a quarter of
         the other's in it; enough of them to be no accident; all over the text and not in one quoted passage;
         twice as many as of the word runs, or most of them (the words were changed, the names were not); printed
         within a week of one another. Where a date is missing, more are asked.

Common runs do not count as copied: the paragraph of background under every report of an outlet makes no story.
Unless three quarters of either text stand in the other: then it is the text itself that so many have printed.

Independent reports of one event share names but not their order: see docs/stories.md for the measurements
behind the limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.stories.sketch import FULL, Fingerprint, Sketch

COPY = 0.5
"""Share of the shorter text's word runs."""
COPY_LINE, LINE = 0.75, 24
"""The same for a text of fewer than 24 runs."""
REWRITE_FEWER, REWRITE_MORE = 0.4, 0.25
"""Share of the runs of names and numbers: of the text with fewer, of the text with more."""
REWRITE_RUNS, REWRITE_RUNS_UNDATED = 14, 18
"""Common runs of names and numbers, estimated for the whole of both texts."""
SPREAD_FEWER, SPREAD_MORE = 6, 4
"""Eighths of either text's runs of names in which there are common ones."""
CHANGED, MOSTLY = 2.0, 0.7
"""The share of names kept is this many times the share of words kept, or it is `MOSTLY`."""
DAYS = 7
WHOLE = 0.75
"""Share of the longer text's word runs that makes a copy even if the runs are common."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A fingerprint, and which of its keys are common (see `holders`), as masks over them."""

    fingerprint: Fingerprint
    word_keys: NDArray[np.uint32]
    rare_keys: NDArray[np.uint32]
    common_words: NDArray[np.bool_]
    common_rare: NDArray[np.bool_]


def alike(one: Weighed, other: Weighed) -> bool:
    """True if the two are copies or rewrites of one another. Symmetric."""
    return is_copy(one, other) or is_rewrite(one, other)


def is_copy(one: Weighed, other: Weighed) -> bool:
    """True if half of the shorter text, or more, stands word for word in the other."""
    a, b = one.fingerprint.words, other.fingerprint.words
    shared, fewer, more, _ = overlap(a, b)
    need = (COPY if min(a.runs, b.runs) >= LINE else COPY_LINE) * fewer
    if not shared or shared < need:
        return False
    if shared >= WHOLE * max(fewer, more):
        return True
    return shared * (1 - _common(one.word_keys, one.common_words, other.word_keys)) >= need


def is_rewrite(one: Weighed, other: Weighed) -> bool:
    """True if the two tell the same names and numbers in the same order."""
    a, b = one.fingerprint, other.fingerprint
    least = REWRITE_RUNS
    if a.day is None or b.day is None:
        least = REWRITE_RUNS_UNDATED
    elif abs(a.day - b.day) > DAYS:
        return False
    if min(a.rare.runs, b.rare.runs) < least:
        return False
    if b.rare.runs < a.rare.runs:
        a, b = b, a
    shared, fewer, more, share = overlap(a.rare, b.rare)
    need = max(least * share, REWRITE_FEWER * fewer, REWRITE_MORE * more)
    if shared < need or shared * (1 - _common(one.rare_keys, one.common_rare, other.rare_keys)) < need:
        return False
    same, words, _, _ = overlap(a.words, b.words)
    spread = _spread(a.rare, b.rare), _spread(b.rare, a.rare)
    if a.rare.runs == b.rare.runs:                  # neither has fewer: both orders count, so that order says nothing
        spread = max(spread), min(spread)
    return (spread[0] >= SPREAD_FEWER and spread[1] >= SPREAD_MORE
            and shared / fewer >= min(MOSTLY, CHANGED * same / max(words, 1)))


def overlap(one: Sketch, other: Sketch) -> tuple[int, int, int, float]:
    """Hashes in both sketches, in the one with fewer runs, in the one with more; and the share of all runs compared."""
    if other.runs < one.runs:
        one, other = other, one
    limit = min(one.limit, other.limit)
    a, b = _below(one.values, limit), _below(other.values, limit)
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    if one.runs == other.runs:                      # neither has fewer: so that the order of the two says nothing
        a, b = few, many
    return int(np.count_nonzero(_held(few, many))), len(a), len(b), limit / FULL


def _spread(one: Sketch, other: Sketch) -> int:
    """In how many eighths of the one text runs of the other begin."""
    return len(np.unique(one.eighths[_held(one.values, other.values)]))


def _common(keys: NDArray[np.uint32], common: NDArray[np.bool_], others: NDArray[np.uint32]) -> float:
    """The share of common keys among those of both."""
    if not common.any():
        return 0.0
    both = _held(keys, others)
    return float((both & common).sum() / max(int(both.sum()), 1))


def _held(few: NDArray[np.uint32], many: NDArray[np.uint32]) -> NDArray[np.bool_]:
    if not len(many):
        return np.zeros(len(few), np.bool_)
    held: NDArray[np.bool_] = many.take(many.searchsorted(few), mode="clip") == few
    return held


def _below(values: NDArray[np.uint32], limit: int) -> NDArray[np.uint32]:
    return values if limit >= FULL else values[:int(values.searchsorted(np.uint32(limit)))]
