"""Heads: the most mentioned entities of a segment, and which of them each article mentions.

No entity has more matches than articles that mention it. So where many articles match, those that have the most matches
are heads: once the last of them has more than any other entity is mentioned at all, the others need not be counted. It
is the bound by which a search for the best articles leaves out words (Turtle and Flood, Query Evaluation: Strategies
and Optimizations, 1995), applied to facets. Heads are two thousand of a hundred thousand, with four mentions in five.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.columns import Lists

HEADS = 2048
"""So many entities, two bytes an ordinal. Half as many have a tenth fewer of the mentions."""
FIRST = 20
"""Heads are chosen so that types have the same chance to be decided when so many entities of each are asked for."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a segment. A type is meant by its number in KINDS.

    `lists`: which heads each article mentions, as places in `entities`. `entities`: ordinals of the segment, ascending.
    `mentioned`: for each type how many articles mention its heads, the most first. `others`: for each type how many
    mention that entity which most do of those that are no heads.
    """

    lists: Lists
    entities: NDArray[np.int64]
    mentioned: tuple[list[int], ...]
    others: tuple[int, ...]

    def may_decide(self, kind: int, size: int, share: float, elsewhere: int) -> bool:
        """Whether it is likely that the first `size` of a type are heads, where such a share of all articles matches
        and `elsewhere`, in other segments, that many."""
        its, others = self.mentioned[kind], self.others[kind]
        return not others or (len(its) >= size and share * its[size - 1] > others + elsewhere)

    def decide(self, kind: int, size: int, counts: Sequence[int], elsewhere: int) -> bool:
        """Whether they are. `counts`: the greatest that heads have, `size` of them or more if there are so many."""
        others = self.others[kind]
        return not others or (len(counts) >= size and min(counts) > others + elsewhere)


def heads_of(mentions: Lists, kinds: NDArray[np.int8], number_of_kinds: int) -> Heads:
    """The heads of a segment. `mentions`: of each article, `kinds`: the type of each entity, -1 for any other."""
    mentioned = np.bincount(mentions.values, minlength=mentions.size)
    of_kind = [np.flatnonzero(kinds == kind) for kind in range(number_of_kinds)]
    rank = np.zeros(mentions.size)                   # how far from the FIRST-th of its type
    for its in of_kind:
        if len(its):
            rank[its] = mentioned[its] / max(1, np.sort(mentioned[its])[-min(FIRST, len(its))])
    entities = np.sort(np.argsort(-rank, kind="stable")[: min(HEADS, int(np.count_nonzero(rank)))])
    place = np.full(mentions.size, len(entities), np.uint16)
    place[entities] = np.arange(len(entities))
    places = place[mentions.values]
    is_head = places < len(entities)
    start = np.append(0, np.cumsum(is_head, dtype=np.uint32))[mentions.start].astype(np.uint32)
    others = [its[place[its] == len(entities)] for its in of_kind]
    return Heads(Lists(start, places[is_head], len(entities)), entities,
                 tuple(np.sort(mentioned[its[place[its] < len(entities)]])[::-1].tolist() for its in of_kind),
                 tuple(int(mentioned[its].max(initial=0)) for its in others))
