"""Known spellings among the mentions: what the names files say, and how far it is believed.

The full name of a person or an organisation, and a name of several words, is what the names files say it is. A place's
name of one word may be a person's or a part of another name: it is evidence, and an offer, taken up if the name turns
out to be a place. In Cyrillic text, where the rules find no runs, what the authority file knows is taken as it is.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.batch import Batch
from index.names.forms import is_cyrillic
from index.names.model import EntityType, Outline
from index.names.recogniser_found import Found, Strings
from index.names.recogniser_lexicon import Bit
from index.names.recogniser_resolve import OF_PREFIX

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
        self._rows = _Rows(vocabulary, strings)

    def outline(self, entity: str) -> Outline:
        """Type and label of an entity, remembered."""
        outline = self._outlines.get(entity)
        if outline is None:
            kind, _, slug = entity.partition("/")
            outline = self._names.outline(entity) or Outline(EntityType(kind), slug, False)
            self._outlines[entity] = outline
        return outline

    def apply(self, found: Found, batch: Batch, bits: Sequence[int],
              entities: Sequence[tuple[int, int, str]]) -> tuple[Found, Offers]:
        """The mentions with sure spellings in place of what they cover, and the offers.

        `entities`: start, end and entity of the known spellings that are one, in order; `bits`: the tokens' features.
        """
        starts, ends, fixed = found.start.tolist(), found.end.tolist(), found.fixed.tolist()
        places = found.scores[:, 1].tolist()
        starts.append(_NO_END)
        ends.append(_NO_END)
        normal, outlines, place, tokens = self._vocabulary.normal, self._outlines, EntityType.PLACE, batch.numbers
        keep = np.ones(len(found.start), np.bool_)
        sure: list[tuple[int, int, str]] = []
        offers: dict[tuple[int, int], str] = {}
        at = reached = 0
        for start, end, entity in entities:
            if start < reached:
                continue
            while ends[at] <= start:
                at += 1
            kind, _, gazetteer = outlines.get(entity) or self.outline(entity)
            first, is_word = starts[at], end == start + 1
            if first < end:
                if first <= start and ends[at] >= end and ends[at] - first > end - start and (is_word or fixed[at]):
                    continue    # inside a longer name
                if is_word and kind is place:
                    offers[start, end] = entity
                    if places[at] < WELL_KNOWN:
                        places[at] += _evidence(gazetteer, bits[start])
                    continue
            elif is_cyrillic(normal[tokens[start]]):
                if gazetteer:
                    continue
            elif gazetteer or (is_word and kind is place):
                offers[start, end] = entity
                continue
            while starts[at] < end:
                keep[at] = False
                at += 1
            sure.append((start, end, entity))
            reached = end
        found.scores[:, 1] = places
        return found.kept(keep, self._sure(sure, batch.tokens)) if sure else found, offers

    def _sure(self, sure: Sequence[tuple[int, int, str]], tokens: NDArray[np.int32]) -> Found:
        raw, size, rows = tokens.tobytes(), tokens.itemsize, self._rows
        starts, ends, _ = zip(*sure, strict=True)
        of = [rows[entity, raw[start * size:end * size]] for start, end, entity in sure]
        names, entities, kinds = np.frombuffer(rows.columns, np.intc).reshape(-1, 3).take(of, 0).astype(np.intp).T
        return Found(np.array(starts, np.intp), np.array(ends, np.intp), names, entities, _SURE[kinds],
                     np.ones(len(sure), np.bool_))


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


def _evidence(gazetteer: bool, flags: int) -> float:
    """What an offer says for a place."""
    if not gazetteer:
        return _OFFERED
    return _DOUBTFUL if flags & (Bit.COMMON | Bit.GIVEN | Bit.SURNAME) else _GAZETTEER
