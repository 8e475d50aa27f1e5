"""Persons inside a run: after a title, or by the look of the words."""

from __future__ import annotations

from index.names.recogniser_classes import ARTICLES, NO_PERSONS
from index.names.recogniser_lexicon import Bit, Scores
from index.names.recogniser_run import Run

UNKNOWN = 1.4
"""Evidence for a person in two or more words that are in no list."""
LONGEST_PERSON = 5
"""Tokens of the longest name taken for a person's after a title."""
LONGEST_OFFICE = 5
"""Words of the longest place that belongs to a title: *President of the United States*."""

_HEADS = Bit.ORG_HEAD | Bit.PLACE_HEAD | Bit.MISC_HEAD
_BEFORE_TITLE = Bit.TITLE | Bit.TITLE_MODIFIER | Bit.DEMONYM


def titled(run: Run, start: int, end: int) -> tuple[int, int] | None:
    """(where the title begins, where the person's name begins): Deputy Foreign Minister | Jan Novak."""
    for at in range(end - 2, start - 1, -1):
        if not run.has(at, Bit.TITLE):
            continue
        first = _after_title(run, at + 1, end)
        if first is None or not _is_personal(run, first, end):
            continue
        while at > start and (run.has(at - 1, _BEFORE_TITLE) or not run.word(at - 1)):
            at -= 1
        return at, first
    return None


def is_head_surname(run: Run, start: int, end: int) -> bool:
    """Anthony Hill is a person, though Hill is a head of places."""
    return (run.has(end - 1, Bit.HEAD_OR_SURNAME) and run.has(start, Bit.GIVEN) and end - start <= 3
            and _is_personal(run, start, end))


def person_scores(run: Run, start: int, end: int) -> Scores:
    """Evidence of two or more words without a head: a given name, initials, a surname; English words speak against."""
    words = run.words(start, end)
    if words[-1] & Bit.PERSON_SUFFIX:
        return 4.0, -1.0, -1.0
    initials = sum(1 for flags in words[1:-1] if flags & Bit.INITIAL)
    common = sum(1 for flags in words if flags & Bit.COMMON and not flags & (Bit.GIVEN | Bit.SURNAME))
    upper = sum(1 for flags in words if flags & Bit.UPPER)
    given = bool(words[0] & Bit.GIVEN)
    listed = upper or any(flags & Bit.COMMON for flags in words) or run.has(start, Bit.FOREIGN)
    person = 2.5 * bool(words[0] & (Bit.GIVEN | Bit.INITIAL)) + 0.8 * bool(words[-1] & Bit.SURNAME)
    person += initials + (0.3 if listed else UNKNOWN) - upper - 0.7 * max(0, len(words) - 3)
    person -= common * (1.5 if not given else 1.0 if words[0] & Bit.COMMON else 0.7)
    if run.is_place(start, start + 1, 4) or run.word(start) in ARTICLES:
        person -= 2
    return person, 0.5 if run.has(start, Bit.PLACE_PRE) else -0.5, 0.5 * (upper > 0)


def _after_title(run: Run, at: int, end: int) -> int | None:
    """Where the name after a title begins; None if the title is part of another name."""
    while at < end and not run.word(at):
        at += 1
    if at < end and run.word(at) == "of":
        for stop in range(min(end - 1, at + 1 + LONGEST_OFFICE), at + 1, -1):
            if run.known(at + 1, stop) is not None:
                return stop
        at = first = at + 1
        while at < end and not run.has(at, Bit.GIVEN) and run.has(at, Bit.COMMON | Bit.TITLE_MODIFIER | Bit.AND):
            at += 1
        return at if first < at < end else None
    return at if at < end else None


def _is_personal(run: Run, start: int, end: int) -> bool:
    """Whether these words can be a person's name."""
    last = end - 1
    surname = run.has(last, Bit.HEAD_OR_SURNAME) or (run.has(last, Bit.SURNAME) and end - start > 1)
    if end - start > LONGEST_PERSON or (run.has(last, _HEADS) and not surname):
        return False
    if any(run.word(at) in NO_PERSONS for at in range(start, end)):
        return False
    return any(not flags & Bit.COMMON or flags & (Bit.GIVEN | Bit.SURNAME) for flags in run.words(start, end))
