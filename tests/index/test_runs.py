"""Runs of values are copied, parted by width and joined again as plain lists say, compiled or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_kernels import each, using

from index.postings import used_numbers
from index.ranges import copy_runs
from index.strings import Strings
from index.widths import SIZES, joined, parted

LIMITS = {0: 1, 1: 1 << 8, 2: 1 << 16, 4: 1 << 31}
"""Numbers of so many bytes are below this."""


@st.composite
def of_terms(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """Of each term its width and its values."""
    widths = draw(st.lists(st.sampled_from(sorted(LIMITS)), max_size=12))
    return [(width, draw(st.lists(st.integers(0, LIMITS[width] - 1), max_size=9))) for width in widths]


@each
@given(terms=of_terms(), default=st.integers(0, 1))
def test_values_are_parted_by_width_and_joined_again(library: Any, terms: list[tuple[int, list[int]]], default: int
                                                     ) -> None:
    widths = np.array([width for width, _ in terms], np.uint8)
    counts = np.array([len(values) for _, values in terms], np.int64)
    rows = np.array([(7, value) for _, values in terms for value in values], np.int32).reshape(-1, 2)
    with using(library):
        streams = parted(rows[:, 1], counts, widths)          # not in one piece
        assert [stream.dtype for stream in streams] == [np.dtype(f"<u{size}") for size in SIZES]
        assert [stream.tolist() for stream in streams] == [
            [value for width, values in terms if width == size for value in values] for size in SIZES]
        assert joined(streams, counts, widths, default).tolist() == [
            value if width else default for width, values in terms for value in values]


@each
@given(drawn=st.lists(st.lists(st.integers(0, 99), max_size=5), max_size=9), data=st.data(),
       dtype=st.sampled_from([np.uint8, np.uint16, np.int32, np.int64]))
def test_runs_are_copied_to_their_places(library: Any, drawn: list[list[int]], data: st.DataObject,
                                         dtype: type[np.integer[Any]]) -> None:
    counts = np.array([len(run) for run in drawn], np.int64)
    starts, order = np.cumsum(counts) - counts, data.draw(st.permutations(range(len(drawn))))
    to = np.zeros(len(drawn), np.int64)
    to[order] = np.cumsum(counts[order]) - counts[order]
    copies = np.zeros(int(counts.sum()), dtype)
    with using(library):
        copy_runs(np.array([value for run in drawn for value in run], dtype), starts, counts, copies, to)
    assert copies.tolist() == [value for place in order for value in drawn[place]]


@each
def test_a_run_that_is_not_there_is_told(library: Any) -> None:
    some, one, two = np.arange(4, dtype=np.int32), np.ones(1, np.int64), np.full(1, 2, np.int64)
    with using(library):
        for start, to in ((3, 0), (0, 3), (-1, 0), (0, -1)):
            with pytest.raises(IndexError):
                copy_runs(some, one * start, two, some.copy(), one * to)


@each
def test_a_negative_count_is_told(library: Any) -> None:
    some, counts, widths = np.arange(4, dtype=np.int32), np.array([3, -2, 3]), np.ones(3, np.uint8)
    with using(library):
        with pytest.raises(ValueError, match=r"-2|negative"):
            parted(some, counts, widths)
        with pytest.raises(ValueError, match=r"-2|negative"):
            joined([np.zeros(4, f"<u{size}") for size in SIZES], counts, widths, 0)
        with pytest.raises(IndexError):
            copy_runs(some, np.zeros(3, np.int64), counts, some.copy(), np.zeros(3, np.int64))


@each
@given(texts=st.lists(st.binary(max_size=11), min_size=1), data=st.data())
def test_strings_are_taken_in_any_order(library: Any, texts: list[bytes], data: st.DataObject) -> None:
    low = data.draw(st.integers(0, len(texts) - 1))
    places = data.draw(st.lists(st.integers(0, len(texts) - low - 1)))
    with using(library):
        taken = Strings.of(texts)[low:].take(np.array(places, np.int64))
    assert list(taken) == [texts[low + place] for place in places]


@each
@given(numbers=st.lists(st.integers(0, 30)))
def test_the_numbers_in_use_are_told(library: Any, numbers: list[int]) -> None:
    with using(library):
        assert used_numbers(np.array(numbers, np.int32), 31).tolist() == sorted(set(numbers))
