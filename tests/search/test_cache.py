"""The cache holds to its limit in bytes as the allocator counts them, not as the values say."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from search.generation import Cache
from search.postings import Postings, _table_bytes

ENTRIES = 3000


def small(number: int) -> Postings:
    return Postings(np.arange(5), np.ones(5, np.float32))


def large(number: int) -> Postings:
    return Postings(np.arange(5000), np.ones(5000, np.float32))


def table(number: int) -> dict[str, object]:
    return {f"form{number}-{form}": np.arange(3) for form in range(8)}


@pytest.mark.parametrize(("make", "size"), [
    pytest.param(small, lambda value: value.nbytes, id="rare words"),
    pytest.param(large, lambda value: value.nbytes, id="common words"),
    pytest.param(table, _table_bytes, id="printed forms"),
])
def test_what_the_cache_counts_is_what_it_takes(make: object, size: object) -> None:
    cache = Cache(1 << 24)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(ENTRIES):
            key = ("postings", "seg-0123456789abcdef", None, f"term{number}", None, False)
            cache.get(key, lambda number=number: make(number), size)  # type: ignore[misc, operator, arg-type]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert cache.bytes <= cache.limit
    assert 0.6 * cache.bytes < taken < 1.2 * cache.bytes
