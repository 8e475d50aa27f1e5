"""Laws: entities in blocks are those that articles mention, whichever of the articles are taken and however many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.entity_blocks import WIDTH, Blocks, blocks, joined

MENTIONED = st.lists(st.lists(st.integers(0, 29), unique=True, max_size=20), max_size=12)
ENTITIES = 30


def blocks_of(mentioned: list[list[int]]) -> Blocks:
    each = np.array([len(some) for some in mentioned], np.int64)
    return blocks(each, np.array([entity for some in mentioned for entity in some], np.uint32), ENTITIES)


def mentioned_in(some: Blocks, articles: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(articles)]
    for article, row in zip(some.articles().tolist(), some.entities.tolist(), strict=True):
        found[article] += [entity for entity in row if entity != ENTITIES]
    return found


@given(mentioned=MENTIONED)
def test_blocks_hold_what_articles_mention_in_as_many_rows_as_it_takes(mentioned: list[list[int]]) -> None:
    some = blocks_of(mentioned)
    assert mentioned_in(some, len(mentioned)) == mentioned
    assert len(some.entities) == sum(max(1, -(-len(part) // WIDTH)) for part in mentioned)


@given(mentioned=MENTIONED, data=st.data())
def test_some_of_the_articles_have_their_own_blocks(mentioned: list[list[int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(mentioned) - 1), max_size=10) if mentioned else st.just([]))
    some = blocks_of(mentioned).of(np.array(chosen, np.int64))
    assert mentioned_in(some, len(chosen)) == [mentioned[article] for article in chosen]


@given(parts=st.lists(MENTIONED, max_size=3))
def test_parts_are_joined_in_their_order(parts: list[list[list[int]]]) -> None:
    together = [some for part in parts for some in part]
    assert mentioned_in(joined([blocks_of(part) for part in parts]), len(together)) == together


@pytest.mark.parametrize("width", [np.uint16, np.uint32])
@given(mentioned=MENTIONED, flags=st.lists(st.integers(0, 7), min_size=ENTITIES, max_size=ENTITIES))
def test_an_article_has_a_bit_when_one_of_its_entities_has(
        width: type, mentioned: list[list[int]], flags: list[int]) -> None:
    marked = blocks_of(mentioned).looked_up(np.array([*flags, 0], width) << 10)
    assert [each.tolist() for each in marked.with_bits(range(10, 13))] == [
        [any(flags[entity] >> bit & 1 for entity in some) for some in mentioned] for bit in range(3)]
