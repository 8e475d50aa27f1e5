"""Phrases: what places as bits and as lists have in common is what sets have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import phrases
from search.bits import bits_of_numbers, mask_of
from search.phrases import common, held_by_all

WORDS = 4
PLACES = st.sets(st.integers(0, WORDS * 64 - 1))


@pytest.mark.parametrize("block", [1, 3, 1 << 16])
@given(words=st.lists(st.tuples(st.integers(0, 3 * 64), PLACES), min_size=1, max_size=4))
def test_bits_hold_a_place_in_common_when_each_has_it_a_step_further_on(
        block: int, words: list[tuple[int, set[int]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phrases, "BLOCK", block)
        found = held_by_all([(step, bits_of_numbers(list(places), WORDS * 64)) for step, places in words])
    assert np.flatnonzero(mask_of(found, WORDS * 64)).tolist() == [place for place in range(WORDS * 64)
                                    if all(place + step in places for step, places in words)]


@given(st.sets(st.integers(-5, 400)), st.sets(st.integers(-5, 400)))
def test_what_two_lists_have_in_common_is_what_two_sets_have(left: set[int], right: set[int]) -> None:
    lists = [np.array(sorted(values), np.int64) for values in (left, right)]
    assert common(*lists).tolist() == sorted(left & right)
