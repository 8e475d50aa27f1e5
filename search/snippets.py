"""Snippets and reasons: where a hit matched, shown in the words of its own text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from index.analysis.analyzer import kept
from index.analysis.tokenizer import WORD
from index.article import Article
from index.segment import TITLE_GAP
from search.engine import Occurrence
from search.plan import AS_TYPED, SAME_NAME, SIMILAR
from search.response import Matched, Piece

_BLANKS = re.compile(r"\s+")
WORDS = 34
LEAD = 8
"""A snippet has about WORDS words, LEAD of them before the first match."""


def reasons(found: Sequence[Occurrence], label: Callable[[str], str], printed: Callable[[Occurrence], str]
            ) -> tuple[Matched, ...]:
    """For every clause the spellings printed in the article, in the order first printed.

    `label`: how an exact form of a name is written; `printed`: the very words of an occurrence.
    """
    seen: dict[tuple[str, str], Matched] = {}
    for item in found:
        key = (item.clause.typed, item.form)
        if key not in seen:
            spelling = label(item.form) if item.how in (SAME_NAME, SIMILAR) else _as_word(item, label, printed)
            seen[key] = Matched(item.clause.typed, spelling, item.clause.entity, item.how)
    return tuple(seen.values())


def _as_word(item: Occurrence, label: Callable[[str], str], printed: Callable[[Occurrence], str]) -> str:
    """As typed, if that is what is printed; a name by its label, another word as the article prints it."""
    if item.clause.name is not None:
        return label(item.form)
    whole = not any(sign in item.clause.typed for sign in "*~")     # these stand for many words
    return item.clause.typed if item.how == AS_TYPED and whole else printed(item)


def printed_words(article: Article, title_words: int, cuts: Sequence[tuple[int, int]], item: Occurrence) -> str:
    """The words of an occurrence as the article prints them."""
    if item.start < title_words:
        text, spans = article.title, [match.span() for match in WORD.finditer(article.title)][item.start :]
    else:
        first = title_words + TITLE_GAP if title_words else 0
        text, spans = article.text, _words(article.text, cuts, item.start - first)
    return text[spans[0][0] : spans[item.end - item.start - 1][1]]


def snippet(article: Article, found: Sequence[Occurrence], title_words: int, cuts: Sequence[tuple[int, int]]
            ) -> tuple[Piece, ...]:
    """The stretch of the text with the most different matches, these marked; the beginning if there is none.

    `cuts` are the stretches (start, end) of the text that are not in the index.
    """
    first = title_words + TITLE_GAP if title_words else 0
    inside = [item for item in found if item.start >= first]
    begin = _densest(inside) if inside else first
    window = max(first, begin - LEAD)
    words = _words(article.text, cuts, window - first)
    if not words:
        return ()
    last = window + len(words) - 1
    marked = [(words[item.start - window][0], words[min(item.end - 1, last) - window][1])
              for item in inside if window <= item.start <= last]
    return _pieces(article.text, words[0][0], words[-1][1], marked)


def _densest(found: Sequence[Occurrence]) -> int:
    """The position from which a window holds the most different forms and clauses, the first of equals."""
    best, most = found[0].start, 0
    for number, item in enumerate(found[:200]):
        inside = {(other.clause.typed, other.form) for other in found[number : number + WORDS]
                  if other.end <= item.start + WORDS - LEAD}
        if len(inside) > most:
            best, most = item.start, len(inside)
    return best


def _words(text: str, cuts: Sequence[tuple[int, int]], skip: int) -> list[tuple[int, int]]:
    """Offsets of WORDS indexed words of a text after the first `skip`; reads no further than it must."""
    found: list[tuple[int, int]] = []
    for begin, stop in kept(text, cuts):
        matches = WORD.finditer(text, begin, stop)
        skip -= len(list(islice(matches, skip)))
        if not skip:
            found += [match.span() for match in islice(matches, WORDS - len(found))]
            if len(found) == WORDS:
                break
    return found


def _pieces(text: str, start: int, end: int, marked: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """text[start:end] as one line, the stretches of `marked` as matches."""
    pieces: list[Piece] = []
    at = start
    if start > 0:
        pieces.append(Piece("… "))
    for low, high in marked:
        if low < at or high > end:
            continue
        if low > at:
            pieces.append(Piece(_line(text[at:low])))
        pieces.append(Piece(_line(text[low:high]), match=True))
        at = high
    tail = text[at : end + 1] if end < len(text) and text[end] in ".!?…" else text[at:end]
    if tail:
        pieces.append(Piece(_line(tail)))
    if end + 1 < len(text):
        pieces.append(Piece(" …"))
    return tuple(pieces)


def _line(text: str) -> str:
    """A text without line breaks, a space for each run of blanks."""
    return _BLANKS.sub(" ", text)
