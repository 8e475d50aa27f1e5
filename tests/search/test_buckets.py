"""Laws of buckets: of those of time, and of columns of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.buckets import numbers
from search.request import Interval
from search.response import Bucket, Buckets

EPOCH = dt.date(1970, 1, 1).toordinal()
BUCKETS = st.lists(st.builds(Bucket, st.text(max_size=3), st.text(max_size=3), st.integers(0, 9), st.integers(0, 9),
                             st.booleans()), max_size=6)
DAYS = st.dates(dt.date(1890, 1, 1), dt.date(2040, 12, 31)).map(lambda day: day.toordinal() - EPOCH)


@pytest.mark.parametrize("interval", [Interval.DAY, Interval.WEEK, Interval.MONTH, Interval.YEAR])
@given(first=DAYS, steps=st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_the_bucket_of_a_day_does_not_depend_on_the_days_beside_it(
        interval: Interval, first: int, steps: list[int]) -> None:
    for days in ([first + step for step in steps], [first + step * 300 for step in steps]):
        together = numbers(np.array(days, np.int32), interval).tolist()
        assert together == [int(numbers(np.array([day], np.int32), interval)[0]) for day in days]


@given(rows=BUCKETS, places=st.slices(6), other=BUCKETS)
def test_columns_of_buckets_are_the_buckets(rows: list[Bucket], places: slice, other: list[Bucket]) -> None:
    found = Buckets.of(iter(rows))
    assert (list(found), len(found)) == (rows, len(rows))
    assert found[places] == tuple(rows[places])
    assert [found[at] for at in range(-len(rows), len(rows))] == rows + rows
    with pytest.raises(IndexError):
        found[len(rows)]
    assert (found == Buckets.of(other)) is (tuple(other) == found) is (rows == other)
    assert found.as_json() == [{"value": one.value, "label": one.label, "count": one.count, "stories": one.stories,
                                "selected": one.selected} for one in rows]


def test_where_nothing_is_said_of_it_no_bucket_is_selected() -> None:
    found = Buckets([("a", "A"), ("b", "B")], [2, 1], [1, 1])
    assert list(found) == [found[0], found[1]] == [Bucket("a", "A", 2, 1, False), Bucket("b", "B", 1, 1, False)]
    assert [row["selected"] for row in found.as_json()] == [False, False]
