"""Two copies of a story compared word by word: what both say, what only one of them says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

WORDS_LIMIT = 10_000        # words of each text that are compared; the work grows with their product
SHORT = 3                   # words that two changed stretches must have in common between them to be told apart
_TOKEN = re.compile(r"\S+|\n\s*\n")
BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of words in both texts (`both`), or what stands in the first and the second at this place."""

    both: str = ""
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`paragraphs`: the text in stretches. `alike`: the share of all words that both have, 0 to 1."""

    paragraphs: tuple[tuple[Stretch, ...], ...]
    alike: float
    cut_short: bool


def compare(first: str, second: str) -> Comparison:
    """The longest common subsequence of the words of two texts; case and marks count."""
    left, right = _tokens(first), _tokens(second)
    cut_short = max(len(left), len(right)) > WORDS_LIMIT
    left, right = left[:WORDS_LIMIT], right[:WORDS_LIMIT]
    blocks = _joined([(code.tag == "equal", left[code.src_start : code.src_end], right[code.dest_start : code.dest_end])
                      for code in LCSseq.opcodes(left, right)])
    common = sum(_words(one) for same, one, _ in blocks if same)
    every = max(_words(left), _words(right), 1)
    return Comparison(_paragraphs(blocks), common / every, cut_short)


Block = tuple[bool, Sequence[str], Sequence[str]]


def _tokens(text: str) -> list[str]:
    """The words of a text with their marks, and a break for each empty line."""
    return [BREAK if found.isspace() else found for found in _TOKEN.findall(text.strip())]


def _words(tokens: Sequence[str]) -> int:
    return sum(token != BREAK for token in tokens)


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Neighbouring changes as one; so are two with no more than a few common words between them."""
    found: list[tuple[bool, list[str], list[str]]] = []
    for number, (same, left, right) in enumerate(blocks):
        inner = 0 < number < len(blocks) - 1
        if same and inner and len(left) < SHORT and BREAK not in left:
            same = False
        if found and not same and not found[-1][0]:
            found[-1][1].extend(left)
            found[-1][2].extend(right)
        else:
            found.append((same, list(left), list(right)))
    return list(found)


def _paragraphs(blocks: Sequence[Block]) -> tuple[tuple[Stretch, ...], ...]:
    """Stretches, a new paragraph at each break that both texts have."""
    found: list[list[Stretch]] = [[]]
    for same, left, right in blocks:
        if not same:
            found[-1].append(Stretch(first=_text(left), second=_text(right)))
            continue
        for number, part in enumerate(_split(left)):
            if number:
                found.append([])
            if part:
                found[-1].append(Stretch(both=_text(part)))
    return tuple(tuple(stretches) for stretches in found if stretches)


def _split(tokens: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == BREAK:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _text(tokens: Sequence[str]) -> str:
    return " ".join(token for token in tokens if token != BREAK)
