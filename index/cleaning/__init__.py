"""Stretches of a text that are not the article's own words. The text itself is never changed; the index leaves
these stretches out.

The rules, in the order in which they are applied:
1. `repeated-block`: paragraphs printed a second time (a text pasted twice), and long runs repeated within a line;
2. `share-buttons`: *Share this article*, *Tweet*, reaction lists;
3. `comment-prompt`: *Leave a Reply*, *Your email address will not be published*;
4. `page-furniture`: *Advertisement*, newsletter and app prompts, copyright lines, media players' error texts;
5. `related-headlines`: *Read more: …*, *Related: …*, lists of other headlines at the end;
6. `photo-credit`: captions with a credit glued to them, credits in brackets or at the end of a line;
7. `contributor-line`: *… contributed to this report.*, *Reporting by …; editing by …*;
8. `agency-tag`: the name of an agency standing alone behind the last sentence.

They run again over what is left until they find nothing, for one fault may hide another. Each wants a clear sign:
what may be a sentence of the article stays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.cleaning.credits import agency_tag, contributor_lines, photo_credits
from index.cleaning.furniture import comment_prompts, page_furniture, related_headlines, share_buttons
from index.cleaning.lines import Lines, Span, trimmed
from index.cleaning.repeats import repeated_blocks

RULES: tuple[tuple[str, Callable[[Lines], Iterator[Span]]], ...] = (
    ("repeated-block", repeated_blocks), ("share-buttons", share_buttons), ("comment-prompt", comment_prompts),
    ("page-furniture", page_furniture), ("related-headlines", related_headlines), ("photo-credit", photo_credits),
    ("contributor-line", contributor_lines), ("agency-tag", agency_tag))
ROUNDS = 12
"""More than any text needs that was not made to need them."""
_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the text that the cleaning leaves out of the index, and the rule that said so."""

    start: int
    end: int
    rule: str


def cuts(text: str, language: str | None = None) -> tuple[Cut, ...]:
    """The stretches of `text` that are not its own words: in order, disjoint, none empty.

    `language` may narrow the rules of other languages one day; today their own words tell them apart.
    """
    found: list[Cut] = []
    kept = [(0, len(text))]
    for _ in range(ROUNDS):
        new = _round(_BREAK.join(text[start:end] for start, end in kept) if found else text)
        if not new:
            break
        pieces = ((*trimmed(text, cut.start, cut.end), cut.rule) for cut in _in_original(new, kept))
        found = sorted([*found, *(Cut(*piece) for piece in pieces if piece[0] < piece[1])], key=_start)
        kept = _kept(found, len(text))
    return tuple(_merged(text, found))


def cleaned(text: str, found: Sequence[Cut]) -> str:
    """The text without its cuts, a line break in place of each."""
    return _BREAK.join(text[start:end] for start, end in _kept(found, len(text)))


def _round(text: str) -> list[Cut]:
    """What the rules find in one pass; where two overlap, the earlier rule keeps its stretch."""
    lines = Lines(text)
    taken: list[Cut] = []       # in order, disjoint
    for name, rule in RULES:
        for span in rule(lines):
            start, end = trimmed(text, *span)
            at = bisect_left(taken, end, key=_start)
            if start < end and (at == 0 or taken[at - 1].end <= start):
                taken.insert(at, Cut(start, end, name))
    return taken


def _start(cut: Cut) -> int:
    return cut.start


def _merged(text: str, found: Sequence[Cut]) -> list[Cut]:
    """Neighbours of one rule with nothing but blanks between them made one cut."""
    merged: list[Cut] = []
    for cut in found:
        last = merged[-1] if merged else None
        if last is not None and last.rule == cut.rule and not text[last.end:cut.start].strip():
            merged[-1] = Cut(last.start, cut.end, cut.rule)
        else:
            merged.append(cut)
    return merged


def _kept(found: Sequence[Cut], length: int) -> list[Span]:
    """The stretches between the cuts."""
    kept, at = [], 0
    for cut in found:
        if cut.start > at:
            kept.append((at, cut.start))
        at = cut.end
    if at < length or not kept:
        kept.append((at, length))
    return kept


def _in_original(found: Sequence[Cut], kept: Sequence[Span]) -> Iterator[Cut]:
    """The stretches of the original text that cuts of the joined kept stretches stand for."""
    at = number = 0
    for start, end in kept:
        stop = at + end - start
        while number < len(found):
            cut = found[number]
            low, high = max(cut.start, at), min(cut.end, stop)
            if low < high:
                yield Cut(start + low - at, start + high - at, cut.rule)
            if cut.end > stop:
                break       # the rest of it lies in the next stretch
            number += 1
        at = stop + len(_BREAK)
