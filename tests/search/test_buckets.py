"""Laws of buckets of time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.buckets import numbers
from search.request import Interval

EPOCH = dt.date(1970, 1, 1).toordinal()
DAYS = st.dates(dt.date(1890, 1, 1), dt.date(2040, 12, 31)).map(lambda day: day.toordinal() - EPOCH)


@pytest.mark.parametrize("interval", [Interval.DAY, Interval.WEEK, Interval.MONTH, Interval.YEAR])
@given(first=DAYS, steps=st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_the_bucket_of_a_day_does_not_depend_on_the_days_beside_it(
        interval: Interval, first: int, steps: list[int]) -> None:
    for days in ([first + step for step in steps], [first + step * 300 for step in steps]):
        together = numbers(np.array(days, np.int32), interval).tolist()
        assert together == [int(numbers(np.array([day], np.int32), interval)[0]) for day in days]
