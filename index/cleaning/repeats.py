"""The rule of repeated blocks: what is printed a second time is cut, the first time it stands."""

from __future__ import annotations

from collections.abc import Iterator

from index.cleaning.lines import STOPS, Lines, Span

LONG_LINE = 40
"""A repeated line of this many characters is no coincidence; a shorter one goes only with its neighbours."""
TITLE = 150
BROKEN = 20
LONG_RUN = 200
"""A run repeated within a line is cut from this many characters on."""
LONG_PARAGRAPH = 800
"""Runs are looked for only in texts that have a line this long: others are pasted by the paragraph."""
PROBE, STEP, PROBES = 32, 400, 64
"""Of such a text, `PROBE` characters are taken every `STEP` (or so that there are `PROBES`) and looked for again."""


def repeated_blocks(lines: Lines) -> Iterator[Span]:
    """Lines that were printed before, or else runs that stand twice within a line."""
    copies = _repeated_lines(lines)
    for number in sorted(copies):
        yield lines.spans[number]
    if not copies and any(end - start >= LONG_PARAGRAPH for start, end in lines.spans):
        yield from _repeated_runs(lines.text)


def _repeated_lines(lines: Lines) -> set[int]:
    """The numbers of the repeated lines, with the short ones, the heading and the broken end that go with them."""
    text, spans = lines.text, lines.spans
    if len({end - start for start, end in spans}) == len(spans) or (
            len({text[start:end] for start, end in spans}) == len(spans)):
        return set()
    first: dict[str, int] = {}
    origin = [first.setdefault(text[start:end], number) for number, (start, end) in enumerate(spans)]
    copies = {number for number, source in enumerate(origin)
              if source < number and spans[number][1] - spans[number][0] >= LONG_LINE}
    copies = {number for number in copies
              if number - 1 in copies or number + 1 in copies or not lines.is_inner(*spans[number])}
    if copies:
        _add_short(origin, copies)
        copies |= _broken_ends(lines, copies) | _headings(lines, origin, copies)
    return copies


def _add_short(origin: list[int], copies: set[int]) -> None:
    """Add repeated short lines that stand next to a copy as they stood next to its original."""
    for step, order in ((-1, range(1, len(origin))), (1, range(len(origin) - 2, -1, -1))):
        for number in order:
            if number + step in copies and origin[number] == origin[number + step] - step < number:
                copies.add(number)


def _broken_ends(lines: Lines, copies: set[int]) -> set[int]:
    """Ends of a copy that broke off in the middle: the beginning of a longer line of the text."""
    text = lines.text
    found: set[int] = set()
    neighbours = {number + step for number in copies for step in (-1, 1)} - copies
    if len(neighbours) > BROKEN:
        return found        # a text pasted twice has few seams; every one costs a look at all lines
    for near in neighbours:
        if 0 <= near < len(lines.spans):
            start, end = lines.spans[near]
            if end - start >= LONG_LINE and text[end - 1].isalnum() and any(
                    high - low > end - start and text.startswith(text[start:end], low)
                    for other, (low, high) in enumerate(lines.spans) if other not in copies):
                found.add(near)
    return found


def _headings(lines: Lines, origin: list[int], copies: set[int]) -> set[int]:
    """The title pasted again in front of a copy of the whole text (which itself begins with a paragraph)."""
    text, spans = lines.text, lines.spans
    if text[spans[0][1] - 1] not in STOPS:
        return set()
    kept = copies | {origin[number] for number in copies}
    return {number - 1 for number in copies
            if number and number - 1 not in kept and number + 2 in copies and origin[number] == 0
            and spans[number - 1][1] - spans[number - 1][0] <= TITLE and text[spans[number - 1][1] - 1] not in STOPS}


def _repeated_runs(text: str) -> Iterator[Span]:
    """Runs of sentences that stand twice, found by a few characters of them."""
    step, at = max(STEP, len(text) // PROBES), 0
    while at + PROBE < len(text):
        again, end = text.find(text[at:at + PROBE], at + PROBE), at
        if again >= 0:
            start, stop = _extent(text, at, again)
            if stop - start >= LONG_RUN:
                yield start, stop
                end = stop - again + at
        at = max(at + step, end)


def _extent(text: str, first: int, second: int) -> Span:
    """How far the text at `second` repeats that at `first`, from the start to the end of a sentence."""
    left = 0
    while left < min(first, second - first) and text[first - left - 1] == text[second - left - 1]:
        left += 1
    right, room = 0, min(second - first, len(text) - second)
    while right < room and text[first + right] == text[second + right]:
        right += 1
    start, stop = second - left, second + right
    while start < stop and not (text[start - 1].isspace() and text[start - 2] in STOPS and not text[start].isdigit()):
        start += 1
    while stop > start and stop < len(text) and not (text[stop - 1] in STOPS and text[stop].isspace()):
        stop -= 1
    return start, stop
