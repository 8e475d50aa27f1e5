"""Handful: matches so few that looking at one after the other takes less than a dozen calls for whole arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain

import numpy as np

from search.counting import Matches, Shared
from search.entity_blocks import joined
from search.opened import KINDS

MOST = 100
"""So many matches at most are looked at one by one."""


class Handful(Matches):
    """A handful of matches: what they mention is counted in lists."""

    @cached_property
    def _rows(self) -> list[tuple[int, list[int]]]:
        """(index of a match, entities it mentions), several for some; where one has fewer than the width of a block,
        the number of all entities stands in their place."""
        mentioned = joined([some.looked_up(view.entity_table) for view, some in self._mentions])
        return list(zip(mentioned.articles().tolist(), mentioned.entities.tolist(), strict=True))

    @cached_property
    def _counts(self) -> Counter[int]:
        """For each entity that is mentioned in how many matches it is."""
        counts = Counter(chain.from_iterable(entities for _, entities in self._rows))
        del counts[len(self.generation.entities)]
        return counts

    def leaders(self, kind: str, size: int) -> dict[int, int]:
        of_kind = self.generation.of_kind[kind]
        first, end = of_kind.start, of_kind.stop
        found = {entity: count for entity, count in self._counts.items() if first <= entity < end}
        if len(found) <= size:
            return found
        least = sorted(found.values(), reverse=True)[size - 1] if size else len(self._rows) + 1
        return {entity: count for entity, count in found.items() if count >= least}

    def count(self, entity: int) -> int:
        return self._counts[entity]

    def shared(self, entities: Sequence[int]) -> Shared:
        place = {entity: number for number, entity in enumerate(entities)}
        kinds = self.generation.entity_kind[np.asarray(entities, np.intp)].tolist()
        story = self._story_of
        seen: set[tuple[int, int]] = set()
        covered: list[set[int]] = [set() for _ in KINDS]
        repeats = [0] * len(entities)
        for article, row in self._rows:
            for entity in row:
                number = place.get(entity)
                if number is None:
                    continue
                covered[kinds[number]].add(article)
                if article in story:
                    pair = number, story[article]
                    repeats[number] += pair in seen
                    seen.add(pair)
        return Shared(np.array(repeats, np.int64), dict(zip(KINDS, map(len, covered), strict=True)))

    @cached_property
    def _story_of(self) -> Mapping[int, int]:
        """The story of each match (by its index) that shares it."""
        several, stories = self._stories
        return dict(zip(several.tolist(), stories.tolist(), strict=True))
