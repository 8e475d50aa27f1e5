"""Lines: a text as the rules of cleaning look at it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.cleaning.lists import FIRST, LISTED

Span = tuple[int, int]
"""Start and end in the text, the end not included."""
SHORT = 300
"""A longer line is a paragraph: no button, prompt, headline or caption."""
PLACES = 300
"""A sign is looked at this many times in one text: no article has more pictures or contributors."""
STOPS = ".!?…:;\"”’»)"
"""What a sentence or quotation may end with; a headline, a caption or a button does not."""
BARE = 80
"""Lines of the lists are no longer than this, with the marks around them."""
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_MARKS = " \t:.…!?*|>»•-–"
_LONGEST = max(map(len, LISTED))


class Lines:
    """A text with the spans of its lines that are not blank, the blanks around them left out.

    `short` lists number, start and end of the lines of at most SHORT characters; of these `opened` has start and end of
    those that begin as a pattern may, `listed` number, start, end and bare words of those that a list has.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[Span] = [match.span() for match in _LINE.finditer(text)]
        self.short = [(number, start, end) for number, (start, end) in enumerate(self.spans) if end - start <= SHORT]
        self.opened = [(start, end) for _, start, end in self.short
                       if text[start:start + 4].casefold() in FIRST or text[start] in "©("]
        self.listed = [(number, start, end, name) for number, start, end in self.short
                       if (end - start <= _LONGEST or text[start] in _MARKS or text[end - 1] in _MARKS)
                       and end - start <= BARE and (name := bare(text[start:end])) in LISTED]

    def places(self, *signs: str, last: int | None = None) -> Iterator[int]:
        """Where any of the signs stands in the text (in its `last` characters, if given), sign by sign."""
        text = self.text
        start = 0 if last is None else max(0, len(text) - last)
        for sign in signs:
            at, left = text.find(sign.rstrip(), start), PLACES      # without a blank at its end it is found sooner
            at = at if at < 0 else text.find(sign, at)
            while at >= 0 and left:
                yield at
                at, left = text.find(sign, at + len(sign)), left - 1

    def is_inner(self, start: int, end: int) -> bool:
        """Is the line part of a sentence that was broken into lines of equal width?"""
        text = self.text
        return text[start].islower() or (text[end:end + 1] == "\n" and text[end + 1:end + 2].islower())

    def is_start(self, at: int) -> bool:
        """Does a line begin here?"""
        return at == 0 or self.text[at - 1] == "\n"

    def is_whole(self, start: int, end: int) -> bool:
        """Does the span begin and end where lines do?"""
        return self.is_start(start) and (end == len(self.text) or self.text[end] == "\n")


def bare(line: str) -> str:
    """A line in lower case without the marks around it."""
    return line.strip(_MARKS).lower()


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the blanks at its ends; empty if it holds nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
