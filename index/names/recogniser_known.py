"""Known spellings among the mentions: what the names files say, and how far it is believed.

The full name of a person or an organisation, and a name of several words, is what the names files say it is. A place's
name of one word may be a person's or a part of another name: it is evidence, and an offer, taken up if the name turns
out to be a place. In Cyrillic text, where the rules find no runs, what the authority file knows is taken as it is.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.analysis.vocabulary import Vocabulary
from index.compiled_library import address
from index.names.batch import Batch
from index.names.matches import KnownEntities
from index.names.model import EntityType, Outline
from index.names.recogniser_found import Found, Strings
from index.names.recogniser_lexicon import Bit
from index.names.recogniser_resolve import OF_PREFIX
from index.names.recogniser_runs import Flags

Offers = Mapping[tuple[int, int], str]
"""Span of tokens → the place that the names files know by that spelling; in order."""

_SURE = np.array([(5.0, -2.0, -2.0), (-2.0, 4.0, -2.0), (-2.0, -2.0, 5.0)])
"""Evidence of what the names files know for certain, by the places of TYPES."""
WELL_KNOWN = 2.0
"""Evidence for a place that an offer adds nothing to."""
_OFFERED = 3.0
"""Evidence for a place in an offer of the authority file."""
_GAZETTEER = 1.5
_DOUBTFUL = 0.8
"""Evidence in an offer of the gazetteer, and in one whose name is a word or a person's name too."""
_NO_END = 1 << 60
_IS_PLACE, _IS_GAZETTEER, _IS_CYRILLIC = 1, 2, 4
"""Bits of a spelling: its entity is a place, known to the gazetteer alone; its first word is Cyrillic."""
_NOTHING, _SURE_ONE, _OFFER = range(3)
"""What becomes of a spelling."""


class Names(Protocol):
    """What the recogniser asks of the names in use."""

    def outline(self, name_id: str) -> Outline | None:
        """Type and label of an entity; None of an id that is not known."""
        ...


class Known:
    """Puts the finder's matches among the mentions of articles. Belongs to one vocabulary."""

    def __init__(self, names: Names, vocabulary: Vocabulary, strings: Strings) -> None:
        """`strings` numbers the names."""
        self._names, self._vocabulary = names, vocabulary
        self._outlines: dict[str, Outline] = {}
        self._ids: Sequence[str] = ()
        self._sorts = array("B")                    # bits of the entities by their numbers in `_ids`
        self._rows = _Rows(vocabulary, strings)

    def outline(self, entity: str) -> Outline:
        """Type and label of an entity, remembered."""
        outline = self._outlines.get(entity)
        if outline is None:
            kind, _, slug = entity.partition("/")
            outline = self._names.outline(entity) or Outline(EntityType(kind), slug, False)
            self._outlines[entity] = outline
        return outline

    def apply(self, found: Found, batch: Batch, flags: Flags, entities: KnownEntities) -> tuple[Found, Offers]:
        """The mentions with sure spellings in place of what they cover, and the offers.

        `entities`: the known spellings that are one; `flags`: the tokens' features.
        """
        first = flags[entities.start]
        sorts = self._sorts_of(entities) | np.where(first & Bit.CYRILLIC != 0, np.uint8(_IS_CYRILLIC), np.uint8(0))
        doubtful = first & (Bit.COMMON | Bit.GIVEN | Bit.SURNAME) != 0
        evidence = np.where(sorts & _IS_GAZETTEER == 0, _OFFERED, np.where(doubtful, _DOUBTFUL, _GAZETTEER))
        places = found.scores[:, 1].copy()
        outcomes_of = _one_by_one if kernels.KERNELS is None else _in_c
        outcomes, keep = outcomes_of(found, places, entities, sorts, evidence)
        found.scores[:, 1] = places
        offered, sure = np.flatnonzero(outcomes == _OFFER), np.flatnonzero(outcomes == _SURE_ONE)
        offers = {(start, end): entities.ids[number] for start, end, number in zip(
            *(column[offered].tolist() for column in entities[:3]), strict=True)}
        return found.kept(keep, self._sure(entities, sure, batch.tokens)) if len(sure) else found, offers

    def _sorts_of(self, entities: KnownEntities) -> NDArray[np.uint8]:
        """The bits that their entities tell of spellings."""
        if entities.ids is not self._ids:
            self._ids, self._sorts = entities.ids, array("B")
        for entity in self._ids[len(self._sorts):]:
            kind, _, gazetteer = self.outline(entity) if entity else (None, None, False)
            self._sorts.append(_IS_PLACE * (kind is EntityType.PLACE) | _IS_GAZETTEER * gazetteer)
        return np.frombuffer(self._sorts, np.uint8).take(entities.number) if self._sorts else np.zeros(0, np.uint8)

    def _sure(self, entities: KnownEntities, places: NDArray[np.intp], tokens: NDArray[np.int32]) -> Found:
        raw, size, rows, ids = tokens.tobytes(), tokens.itemsize, self._rows, entities.ids
        starts, ends = entities.start[places], entities.end[places]
        of = [rows[ids[number], raw[start:end]] for number, start, end in zip(
            entities.number[places].tolist(), (starts * size).tolist(), (ends * size).tolist(), strict=True)]
        names, own, kinds = np.frombuffer(rows.columns, np.intc).reshape(-1, 3).take(of, 0).astype(np.intp).T
        return Found(starts, ends, names, own, _SURE[kinds], np.ones(len(places), np.bool_))


def _one_by_one(found: Found, places: NDArray[np.float64], entities: KnownEntities, sorts: NDArray[np.uint8],
                evidence: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """What becomes of each spelling, and which mentions are kept. `places`: the mentions' evidence for a place, which
    gains that of the offers inside them; `sorts`: bits of the spellings; `evidence`: what they say in an offer."""
    starts, ends, fixed = [*found.start.tolist(), _NO_END], [*found.end.tolist(), _NO_END], found.fixed.tolist()
    outcomes, keep = np.zeros(len(sorts), np.uint8), np.ones(len(fixed), np.bool_)
    at = reached = 0
    for number, (start, end, sort) in enumerate(zip(entities.start.tolist(), entities.end.tolist(), sorts.tolist(),
                                                    strict=True)):
        if start < reached:
            continue
        while ends[at] <= start:
            at += 1
        first, is_word = starts[at], end == start + 1
        if first < end:
            if first <= start and ends[at] >= end and ends[at] - first > end - start and (is_word or fixed[at]):
                continue    # inside a longer name
            if is_word and sort & _IS_PLACE:
                outcomes[number] = _OFFER
                places[at] += evidence[number] if places[at] < WELL_KNOWN else 0
                continue
        elif sort & _IS_CYRILLIC:
            if sort & _IS_GAZETTEER:
                continue
        elif sort & _IS_GAZETTEER or (is_word and sort & _IS_PLACE):
            outcomes[number] = _OFFER
            continue
        while starts[at] < end:
            keep[at] = False
            at += 1
        outcomes[number], reached = _SURE_ONE, end
    return outcomes, keep


def _in_c(found: Found, places: NDArray[np.float64], entities: KnownEntities, sorts: NDArray[np.uint8],
          evidence: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The same in C."""
    library: Any = kernels.KERNELS
    outcomes, keep = np.zeros(len(sorts), np.uint8), np.ones(len(places), np.bool_)
    starts, ends = np.append(found.start, _NO_END), np.append(found.end, _NO_END)
    columns = starts, ends, found.fixed, places, entities.start, entities.end, sorts, evidence
    library.place_known(*map(address, columns), len(sorts), WELL_KNOWN, address(outcomes), address(keep))
    return outcomes, keep


class _Rows(dict[tuple[str, bytes], int]):
    """Entity and the tokens of a spelling (the bytes of an int32 array) → a row of `columns`: the number of the normal
    form, that of the entity, its type."""

    def __init__(self, vocabulary: Vocabulary, strings: Strings) -> None:
        super().__init__()
        self._vocabulary, self._strings = vocabulary, strings
        self.columns = array("i")

    def __missing__(self, spelling: tuple[str, bytes]) -> int:
        entity, tokens = spelling
        name = " ".join([word for number in array("i", tokens) if (word := self._vocabulary.normal[number])])
        row = self[spelling] = len(self)
        self.columns.extend((self._strings[name], self._strings[entity], OF_PREFIX[entity[:2]]))
        return row
