"""Vocabulary: every distinct printed token is analysed once and stands for itself as a number from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from index.analysis.chunks import new_chunks
from index.analysis.normal import TOKEN_LIMIT, bare, exact_form
from index.analysis.tokenizer import tokens


class Kind:
    """Bits of what a printed token is; several may hold at once. Plain integers: an IntFlag's operators are slow."""

    WORD: Final = 1
    CAPITAL: Final = 2        # begins with a capital letter
    UPPER: Final = 4          # two or more letters, all capitals (or dotted initials)
    NUMBER: Final = 8         # begins with a digit
    INITIAL: Final = 16       # one capital letter
    SENTENCE_END: Final = 32  # . ! ? …
    BREAK: Final = 64         # line break
    COMMA: Final = 128
    OPEN: Final = 256         # ( [
    CLOSE: Final = 512        # ) ]
    QUOTE: Final = 1024
    DASH: Final = 2048        # – —
    OTHER: Final = 4096       # ; : & /
    POSSESSIVE: Final = 8192  # a word that ended in 's or s'


_MARKS: dict[str, int] = {
    ",": Kind.COMMA, "(": Kind.OPEN, "[": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE, "–": Kind.DASH, "—": Kind.DASH,
    **dict.fromkeys('"“”„«»', Kind.QUOTE), **dict.fromkeys(";:&/", Kind.OTHER),
    **dict.fromkeys(".!?…", Kind.SENTENCE_END)}
"""The marks of one character, but the line break."""


_FEW = 16
"""So few tokens are analysed one by one: array operations take longer."""


def _is_plain(token: str) -> bool:
    """Whether a token (or what stands between two spaces) is a word of ASCII letters and digits, whose exact and normal
    form are itself in lower case. Most are."""
    return token.isascii() and token.isalnum() and len(token) <= TOKEN_LIMIT


def kind_of(token: str) -> int:
    """The kinds of one printed token."""
    first = token[0]
    if not first.isalnum():
        if first == "\n":
            return Kind.BREAK
        return _MARKS.get(token, Kind.SENTENCE_END)     # several of these
    kind: int = Kind.WORD
    if first.isdigit():
        kind |= Kind.NUMBER
    elif first.isupper():
        kind |= Kind.CAPITAL
        if len(token) == 1:
            kind |= Kind.INITIAL
        elif token.isupper() or (token[-1] == "." and token[1] == "."):
            kind |= Kind.UPPER
    if token[-1] in "sS'’" and not _is_plain(token) and exact_form(token) != token.casefold():
        kind |= Kind.POSSESSIVE
    return kind


class Vocabulary(dict[str, int]):
    """printed token → number, with one row a number in `printed`, `normal`, `exact` and `kinds`.

    Rows are only ever added. `number[token]` adds the token when it is new.
    """

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[str] = []
        self.normal: list[str] = []    # "" for a mark
        self.exact: list[str] = []     # "" for a mark
        self._kinds = np.zeros(1024, np.uint16)
        self._chunks = new_chunks()

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self.printed)
        kind = kind_of(token)
        exact, normal = _forms(token, kind)
        self.printed.append(token)
        self.exact.append(exact)
        self.normal.append(normal)
        self._put_kinds(number, np.array([kind], np.uint16))
        return number

    def add_all(self, every: Iterable[str]) -> None:
        """Add those of these tokens that are new, in their order: of hundreds each takes a fourth of the time."""
        new = list(dict.fromkeys([token for token in every if token not in self]))
        if not new:
            return
        first = len(self.printed)
        plain = " ".join([token if _is_plain(token) else "" for token in new])
        kinds = _kinds_of_plain(plain.encode())
        exact = [token if token == form else form for token, form in zip(new, plain.lower().split(" "), strict=True)]
        normal = exact.copy()
        for at in np.flatnonzero(kinds == 0).tolist():
            kinds[at] = kind_of(new[at])
            exact[at], normal[at] = _forms(new[at], int(kinds[at]))
        self.update(zip(new, range(first, first + len(new)), strict=True))
        self.printed += new
        self.exact += exact
        self.normal += normal
        self._put_kinds(first, kinds)

    def _put_kinds(self, first: int, kinds: NDArray[np.uint16]) -> None:
        if first + len(kinds) > len(self._kinds):
            self._kinds = np.concatenate([self._kinds, np.zeros(max(len(self._kinds), len(kinds)), np.uint16)])
        self._kinds[first : first + len(kinds)] = kinds

    @property
    def kinds(self) -> NDArray[np.uint16]:
        """The kinds of every number so far, shape (len(self),), dtype uint16. Ask again after new tokens."""
        return self._kinds[: len(self.printed)]

    def numbers(self, text: str) -> NDArray[np.int32]:
        """The words and marks of `text` as numbers, in order, dtype int32."""
        return np.array([self[token] for token in tokens(text)], np.int32)

    def numbers_of_all(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """The same of each of these texts; of hundreds together it takes a third of the time or less."""
        return self._chunks.numbers(texts, self._cut)

    def _cut(self, chunks: Collection[str]) -> tuple[list[int], list[int]]:
        """The numbers of the tokens of these chunks (what stands between two blanks), and how many each has."""
        parted = list(map(_parted, chunks))
        every = list(chain.from_iterable(parted))
        if len(every) > _FEW:
            self.add_all(every)
        return list(map(self.__getitem__, every)), list(map(len, parted))


def _parted(chunk: str) -> Sequence[str]:
    """The tokens of a chunk. Most are a plain word, or one and a mark."""
    if _is_plain(chunk):
        return (chunk,)
    if chunk[-1] in _MARKS and _is_plain(chunk[:-1]):
        return chunk[:-1], chunk[-1]
    return tokens(chunk)


def _forms(token: str, kind: int) -> tuple[str, str]:
    """The exact and the normal form of a token of this kind; one string for all, where they are equal."""
    if _is_plain(token):
        exact = normal = token.lower()
    else:
        exact = exact_form(token) if kind & Kind.WORD else ""
        normal = bare(exact)
    exact = token if exact == token else exact
    return exact, exact if normal == exact else normal


def _kinds_of_plain(words: bytes) -> NDArray[np.uint16]:
    """What `kind_of` says of plain words (see `_is_plain`) with spaces between them; of an empty one 0."""
    letters = np.frombuffer(words + b" ", np.uint8)
    ends = np.flatnonzero(letters == ord(" "))
    starts = np.append(0, ends[:-1] + 1)
    first, has_lower = letters[starts], np.logical_or.reduceat(letters >= ord("a"), starts)
    upper = np.where(ends - starts == 1, Kind.INITIAL, np.where(has_lower, 0, Kind.UPPER))
    more = np.where(first <= ord("9"), Kind.NUMBER, np.where(first <= ord("Z"), Kind.CAPITAL | upper, 0))
    return np.where(ends > starts, Kind.WORD | more, 0).astype(np.uint16)
