"""Runs analysed: each distinct run once, and of those that differ only in words of one class, one for all."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.names.recogniser_classes import WordClass
from index.names.recogniser_features import Features
from index.names.recogniser_found import COLUMNS, COUNT, Strings
from index.names.recogniser_lexicon import NOTHING, Lexicon, Scores
from index.names.recogniser_parts import analyse
from index.names.recogniser_run import Part, Run

Codes = NDArray[np.intp]
TEMPLATES = 20_000
"""Runs of classes whose analysis is kept; then all are forgotten, so that memory stays bounded."""


class Analysed:
    """What was found in each run seen so far: rows of numbers, and for each run a code that says which are its own.

    A code is the number of a run's first row, and in its low COUNT bits that of its names. `rows`: COLUMNS numbers a
    name: start and end in the run, its number among `strings`, the evidence for each type, whether that is fixed.
    """

    def __init__(self, features: Features, lexicon: Lexicon, strings: Strings) -> None:
        self.rows = array("d")
        self._lone = np.zeros(0, np.int32)      # of a word alone, by its number: code + 1, or 0
        self._templates, self._strings = _Templates(features, lexicon), strings
        code_of = partial(_code, self._templates, strings, self.rows)
        self._longer = _Runs(partial(code_of, False)), _Runs(partial(code_of, True))

    def __len__(self) -> int:
        return max(map(len, self._longer))

    def codes(self, tokens: NDArray[np.int32], start: Codes, end: Codes, opens: NDArray[np.bool_]) -> Codes:
        """The code of each run of tokens, `start` to `end` (exclusive). `opens`: it begins a sentence or a quotation;
        of a word alone that says nothing."""
        codes = np.empty(len(start), np.intp)
        alone = end - start == 1
        codes[alone] = self._alone(tokens[start[alone]])
        longer = np.flatnonzero(~alone)
        raw, size, kept = tokens.tobytes(), tokens.itemsize, self._longer
        codes[longer] = [kept[opening][raw[first:last]] for first, last, opening in zip(
            (start[longer] * size).tolist(), (end[longer] * size).tolist(), opens[longer].tolist(), strict=True)]
        return codes

    def _alone(self, numbers: NDArray[np.int32]) -> Codes:
        """The codes of words that stand alone."""
        highest = int(numbers.max(initial=-1))
        if highest >= len(self._lone):
            more = np.zeros(2 * (highest + 1) - len(self._lone), np.int32)
            self._lone = np.concatenate((self._lone, more))
        codes = self._lone[numbers]
        missing = codes == 0
        if missing.any():
            new = list(dict.fromkeys(numbers[missing].tolist()))
            self._lone[new] = self._new_alone(new)
            codes = self._lone[numbers]
        return codes.astype(np.intp) - 1

    def _new_alone(self, numbers: Sequence[int]) -> list[int]:
        """What `_code` says of each of these words alone, and 1 more; their names are added to the rows."""
        templates, strings, rows, found = self._templates, self._strings, self.rows, []
        words, same = templates.words, templates.same
        for number in numbers:
            parts = templates.alone(number)
            found.append((len(rows) // COLUMNS << COUNT | len(parts)) + 1)
            for start, end, scores, fixed in parts:
                word = words[number]
                rows.extend((start, end, strings[same.get(word, word)], *scores, fixed))
        return found


class _Runs(dict[bytes, int]):
    """Runs of tokens (their numbers, as the bytes of an int32 array) → codes, made when they are first asked for."""

    def __init__(self, code_of: Callable[[Sequence[int]], int]) -> None:
        super().__init__()
        self._code_of = code_of

    def __missing__(self, run: bytes) -> int:
        code = self[run] = self._code_of(array("i", run))
        return code


class _Templates:
    """The names of runs by the classes of their words, without the words."""

    def __init__(self, features: Features, lexicon: Lexicon) -> None:
        self.words, self.same = features.words, lexicon.same
        self._features, self._lexicon = features, lexicon
        self._numbers: dict[WordClass, int] = {}
        self._classes: list[WordClass] = []
        self._of = array("i")                   # by the number of a word: that of its class + 1, or 0
        self._parts: dict[tuple[object, ...], list[Part]] = {}
        self._alone: dict[int, list[Part]] = {}         # by class

    def parts(self, numbers: Sequence[int], opens: bool) -> list[Part]:
        """The names of a run of words, given by their numbers."""
        classes, words = [self._class(number) for number in numbers], self.words
        listed = _listed([words[number] for number in numbers], self._lexicon) if len(numbers) > 1 else ()
        key = opens, *classes, *listed
        parts = self._parts.get(key)
        if parts is None:
            if len(self._parts) == TEMPLATES:
                self._parts.clear()
            run = Run([self._classes[one] for one in classes], {(start, end): scores for start, end, scores in listed})
            parts = self._parts[key] = [part for part in analyse(run, opens) if part.scores != NOTHING]
        return parts

    def alone(self, number: int) -> list[Part]:
        """What `parts` says of a word alone: nothing or the word."""
        one = self._class(number)
        parts = self._alone.get(one)
        if parts is None:
            parts = self._alone[one] = self.parts((number,), False)
        return parts

    def _class(self, number: int) -> int:
        if number >= len(self._of):
            self._of.frombytes(bytes(self._of.itemsize * (2 * len(self.words) - len(self._of))))
        known = self._of[number]
        if not known:
            one = WordClass.of(self.words[number], self._features.flags.item(number), self._lexicon)
            known = self._of[number] = self._numbers.setdefault(one, len(self._numbers)) + 1
            if known > len(self._classes):
                self._classes.append(one)
        return known - 1


def _listed(words: Sequence[str], lexicon: Lexicon) -> list[tuple[int, int, Scores]]:
    """The stretches of two tokens or more that are listed names; marks ("") do not count."""
    found: list[tuple[int, int, Scores]] = []
    begins, names = lexicon.first_words, lexicon.names
    for start, name in enumerate(words[:-1]):
        if name and name not in begins:
            continue
        for end, word in enumerate(words[start + 1:], start + 2):
            name = f"{name} {word}" if name and word else name or word
            scores = names.get(name)
            if scores is not None:
                found.append((start, end, scores))
    return found


def _code(templates: _Templates, strings: Strings, rows: array[float], opens: bool, numbers: Sequence[int]) -> int:
    """The code of a run; its names are added to the rows."""
    words, same = templates.words, templates.same
    parts = templates.parts(numbers, opens)
    code = len(rows) // COLUMNS << COUNT | len(parts)
    for start, end, scores, fixed in parts:
        if end - start == 1:
            name = words[numbers[start]]
        else:
            name = " ".join([word for number in numbers[start:end] if (word := words[number])])
        rows.extend((start, end, strings[same.get(name, name)], *scores, fixed))
    return code
