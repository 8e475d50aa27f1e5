"""Heads: what they say of a segment holds, whatever its articles mention."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.columns import Lists
from search.heads import heads_of

ENTITIES = 12


@given(articles=st.lists(st.sets(st.integers(0, ENTITIES - 1)), max_size=30),
       kinds=st.lists(st.integers(-1, 2), min_size=ENTITIES, max_size=ENTITIES), many=st.integers(0, ENTITIES + 1))
def test_heads_are_the_most_mentioned_of_each_type(articles: list[set[int]], kinds: list[int], many: int) -> None:
    starts = np.cumsum([0, *map(len, articles)]).astype(np.uint32)
    mentions = Lists(starts, np.array([entity for its in articles for entity in sorted(its)], np.uint32), ENTITIES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.heads.HEADS", many)
        heads = heads_of(mentions, np.array(kinds, np.int8), 3)
    chosen, counts = heads.entities.tolist(), Counter(entity for its in articles for entity in its)
    typed = [entity for entity in counts if kinds[entity] >= 0]
    assert set(chosen) <= set(typed)
    assert len(chosen) == min(many, len(typed))
    assert len(heads.lists) == len(articles)
    for number, its in enumerate(articles):
        listed = heads.lists.values[heads.lists.start[number] : heads.lists.start[number + 1]]
        assert {chosen[place] for place in listed.tolist()} == its & set(chosen)
    for kind in range(3):
        inside = [counts[entity] for entity in typed if kinds[entity] == kind and entity in chosen]
        outside = [counts[entity] for entity in typed if kinds[entity] == kind and entity not in chosen]
        assert heads.mentioned[kind] == sorted(inside, reverse=True)
        assert heads.others[kind] == max(outside, default=0)
        assert not inside or min(inside) >= heads.others[kind]


def test_heads_decide_when_no_other_entity_can_have_as_many() -> None:
    lists = Lists(np.array([0, 2, 3, 4], np.uint32), np.array([0, 1, 0, 2], np.uint32), 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.heads.HEADS", 1)
        heads = heads_of(lists, np.array([0, 0, 0], np.int8), 1)
    assert heads.entities.tolist() == [0]
    assert heads.decide(0, 1, [2], 0)
    assert not heads.decide(0, 1, [1], 0)            # another may have one too, and come first
    assert not heads.decide(0, 1, [2], 1)            # and one more elsewhere
    assert not heads.decide(0, 2, [2], 0)            # the second is none of the heads
