"""Output of the recogniser: the mentions of a batch whose names have a type, and how each name's entity is shown."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.batch import Batch
from index.names.matches import Barred
from index.names.model import EntityType, Outline
from index.names.recogniser_features import Features
from index.names.recogniser_found import NONE, TYPES, Found, Strings
from index.names.recogniser_lexicon import Bit
from index.names.recogniser_resolve import Names
from index.names.rows import Rows, Told, of_articles

Shown = tuple[str, EntityType, str]
"""Id, type and label of an entity."""

_MARKS = re.compile(r" (?=[.,])|[\"“”„«»] ")
_POSSESSIVE = re.compile(r"(?:\W[sS]|\W)$")


class EntityMention(NamedTuple):
    """An entity where it is mentioned: tokens `start` to `end` (exclusive), its id, type and label."""

    start: int
    end: int
    entity: str
    type: EntityType
    label: str


class EntityMentions(Told[EntityMention]):
    """The mentions of entities in one article, in order. A row: start, end, the place of the entity in `shown`."""

    __slots__ = ("shown",)

    def __init__(self, rows: Rows, shown: Sequence[Shown]) -> None:
        super().__init__(rows)
        self.shown = shown

    def __iter__(self) -> Iterator[EntityMention]:
        mention = partial(tuple.__new__, EntityMention)    # half the time of calling EntityMention
        return iter([mention((start, end, *self.shown[number])) for start, end, number in self.rows.tolist()])


class Output:
    """Makes mentions of entities of names, and keeps how each is shown. `strings` numbers the names."""

    def __init__(self, vocabulary: Vocabulary, features: Features, strings: Strings,
                 outline: Callable[[str], Outline]) -> None:
        self._vocabulary, self._features, self._strings, self._outline = vocabulary, features, strings, outline
        self._shown: list[Shown] = []
        self._listed: dict[int, int] = {}                           # entity → its place in `_shown`
        self._unlisted: dict[tuple[int, int, bytes], int] = {}      # type, name and printed tokens → the same

    def __len__(self) -> int:
        """How many entities are kept that no names file knows."""
        return len(self._unlisted)

    def of_batch(self, batch: Batch, found: Found, names: Names, in_headings: Mapping[int, list[tuple[int, int, int]]],
                 barred: Mapping[int, Sequence[Barred]]) -> list[EntityMentions]:
        """The mentions of each article. `in_headings`: start, end and name of more of them, by article; `barred`: where
        a guard says that the words are not a name."""
        columns = np.stack((found.start, found.end, names.of), axis=1)
        if in_headings:
            more = np.array(list(chain.from_iterable(in_headings.values())), np.intp).reshape(-1, 3)
            columns = np.concatenate((columns, more))
            columns = columns[np.argsort(columns[:, 0], kind="stable")]
        columns[:, 2] = np.array(self._entities(batch, names), np.intp).take(columns[:, 2])
        rows = columns[columns[:, 2] >= 0].astype(np.int32)
        if barred:
            rows = rows[~self._denied(rows, list(chain.from_iterable(barred.values())))]
        return [EntityMentions(own, self._shown) for own in of_articles(rows, batch)]

    def _denied(self, rows: Rows, barred: Sequence[Barred]) -> NDArray[np.bool_]:
        """The mentions that a guard denies."""
        denied = np.zeros(len(rows), np.bool_)
        starts, ends, names = zip(*barred, strict=True)
        first, last = np.searchsorted(rows[:, 1], starts, "right"), np.searchsorted(rows[:, 0], ends)
        for begin, end, name in zip(first.tolist(), last.tolist(), names, strict=True):
            for at in range(begin, end):
                denied[at] |= self._shown[rows[at, 2]][0] == name
        return denied

    def _entities(self, batch: Batch, names: Names) -> list[int]:
        """Where each name's entity is shown; -1 of a name without a type."""
        raw, size, shown = batch.tokens.tobytes(), batch.tokens.itemsize, self._shown
        found: list[int] = []
        for kind, full in zip(names.type, names.full, strict=True):
            if kind == NONE:
                found.append(-1)
                continue
            listed = names.entity[full]
            if listed >= 0:
                number = self._listed.get(listed)
                if number is None:
                    number = self._listed[listed] = len(shown)
                    entity = self._strings.text[listed]
                    shown.append((entity, TYPES[kind], self._outline(entity).label))
            else:
                key = kind, names.text[full], raw[names.start[full] * size:names.end[full] * size]
                number = self._unlisted.get(key)
                if number is None:
                    number = self._unlisted[key] = len(shown)
                    shown.append(self._unknown(*key))
            found.append(number)
        return found

    def _unknown(self, kind: int, name: int, printed: bytes) -> Shown:
        """An entity that no names file knows; `printed`: the numbers of its first mention's tokens."""
        numbers = array("i", printed)
        words = [self._vocabulary.printed[number] for number in numbers]
        if self._features.flags[numbers[-1]] & Bit.POSSESSIVE:
            words[-1] = _POSSESSIVE.sub("", words[-1])
        slug = re.sub(r"\W+", "-", self._strings.text[name]).strip("-")
        return f"{TYPES[kind]}/{slug}", TYPES[kind], words[0] if len(words) == 1 else _MARKS.sub("", " ".join(words))
