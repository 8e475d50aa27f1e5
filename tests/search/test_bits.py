"""Laws: bits are the sets of numbers that they were made of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.bits import bits_of, bits_of_numbers, count_set, held, mask_of, ranks

WORDS = 4
PLACES = st.sets(st.integers(0, WORDS * 64 - 1))


def bits(places: set[int]) -> NDArray[np.uint64]:
    mask = np.zeros(WORDS * 64, np.bool_)
    mask[list(places)] = True
    return np.packbits(mask, bitorder="little").view("<u8")


@given(st.lists(st.booleans(), max_size=300))
def test_bits_and_the_mask_they_are_of_say_the_same(mask: list[bool]) -> None:
    made = bits_of(np.array(mask, np.bool_))
    assert mask_of(made, len(mask)).tolist() == mask
    assert bits_of_numbers(np.flatnonzero(mask), len(mask)).tolist() == made.tolist()


@given(PLACES)
def test_as_many_bits_are_set_as_there_are_numbers(places: set[int]) -> None:
    assert count_set(bits(places)) == len(places)


@given(PLACES, st.sets(st.integers(0, WORDS * 64 + 70)))
def test_a_place_is_held_when_its_bit_is_set_and_none_is_behind_the_last(places: set[int], asked: set[int]) -> None:
    in_order = sorted(asked)
    assert held(bits(places), np.array(in_order, np.int64)).tolist() == [place in places for place in in_order]


@given(PLACES, st.sets(st.integers(0, WORDS * 64 - 1)))
def test_the_rank_of_a_place_is_how_many_are_below_it(places: set[int], asked: set[int]) -> None:
    below = ranks(bits(places)).rank(np.array(sorted(asked), np.int32))
    assert below.tolist() == [sum(place < limit for place in places) for limit in sorted(asked)]
