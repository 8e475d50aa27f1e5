"""The cache holds to its limit in bytes as the allocator counts them, and keeps nothing of what is gone."""

from __future__ import annotations

import errno
import mmap
import tracemalloc
from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.cache import ENTRY_BYTES, OWN_MAP, Cache
from search.columns import Column, Lists, Pairs
from search.postings import Postings, _table_bytes
from search.request import SearchRequest
from search.searcher import Searcher

ENTRIES = 3000


def small(number: int) -> Postings:
    return Postings(np.arange(5), np.ones(5, np.float32))


def large(number: int) -> Postings:
    size = OWN_MAP // 10                          # the allocator does not see what has a map of its own
    return Postings(np.arange(size), np.ones(size, np.float32))


def column(number: int) -> Column:
    return Column(np.arange(100, dtype=np.uint16), 100)


def lists(number: int) -> Lists:
    return Lists(np.arange(101, dtype=np.uint32), np.zeros(100, np.uint32), 1)


def pairs(number: int) -> Pairs:
    return Pairs(np.arange(100, dtype=np.uint64))


def table(number: int) -> dict[str, object]:
    return {f"form{number}-{form}": np.arange(3) for form in range(8)}


@pytest.mark.parametrize(("make", "size"), [
    pytest.param(small, lambda value: value.nbytes, id="rare words"),
    pytest.param(large, lambda value: value.nbytes, id="common words"),
    pytest.param(column, lambda value: value.nbytes, id="days of a rare word"),
    pytest.param(lists, lambda value: value.nbytes, id="entities of a rare word"),
    pytest.param(pairs, lambda value: value.nbytes, id="stories of a rare word"),
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


def test_values_of_segments_and_generations_that_are_gone_are_forgotten(tmp_path: Path, all_names: Names) -> None:
    archive, indexer = Archive(DataFolder(tmp_path).archive), Indexer(tmp_path, names=all_names)
    seen: list[set[Hashable]] = []
    searcher = None
    for round in range(4):
        archive.put([Article(f"{round} {number}", "Kiev talks", f"Kyiv bridge {number} reopened.", "2022-03-01", "Wire")
                     for number in range(1 if round else 40)])
        indexer.catch_up()
        searcher = searcher or Searcher(tmp_path, names=all_names)
        for q in ("Kyiv", "bridge talks", "=Kiev", "bri*", '"Kyiv bridge"'):
            assert searcher.search(SearchRequest(q)).total > 0
        generation = searcher.snapshot().published.generation
        cache = generation.cache
        assert {key[1] for key in cache._values} <= generation.owners
        assert cache.bytes == sum(entry.size for entry in cache._values.values())
        seen.append({view.segment.name for view in generation.views})
    assert len(seen[1]) > 1
    assert seen[0] & seen[1], "a new segment stands beside one that stays"
    archive.close()


def test_what_somebody_still_owns_stays() -> None:
    cache = Cache(1 << 20)
    for owner in ("seg-a", "seg-b", 7):
        cache.put(("postings", owner, "kiev"), owner, 100)
    cache.keep({"seg-b", 7, "seg-c"})
    assert [cache.find(("postings", owner, "kiev")) for owner in ("seg-a", "seg-b", 7)] == [None, "seg-b", 7]
    assert cache.bytes == 2 * (100 + ENTRY_BYTES)
    assert cache.put(("places", "seg-a", "kiev"), "late", 100) == "late", "an answer that began before still has it"
    assert cache.find(("places", "seg-a", "kiev")) is None
    assert cache.get(("places", "seg-c", "kiev"), lambda: "new", lambda _: 100) == "new"
    assert cache.find(("places", "seg-c", "kiev")) == "new"
    assert cache.bytes == 3 * (100 + ENTRY_BYTES)


def test_what_is_used_outlives_what_is_not() -> None:
    cache, each = Cache(20 * (100 + ENTRY_BYTES)), 100
    for number in range(1000):
        cache.put(("postings", "seg", number), number, each)
        assert cache.find(("postings", "seg", 0)) == 0, f"used all the time, and thrown out for {number}"
        assert cache.bytes == len(cache._values) * (each + ENTRY_BYTES) <= cache.limit
    assert sorted(key[2] for key in cache._values) == [0, *range(981, 1000)]


def memory_of(array: np.ndarray) -> object:
    while isinstance(array, np.ndarray):
        array = array.base
    return array


def test_large_arrays_that_are_kept_have_maps_of_their_own_and_the_same_values(tmp_path: Path) -> None:
    size = OWN_MAP // 4
    file = tmp_path / "array"
    file.write_bytes(bytes(size * 4))
    mapped = np.memmap(file, np.int32, "r").view(np.ndarray)[:size]
    values = {"array": np.arange(size, dtype=np.int32).reshape(2, -1), "small": np.arange(10),
              "postings": Postings(np.arange(size), np.ones(10, np.float32)), "pair": (np.arange(size), "text", mapped),
              "table": {"form": np.arange(size)}, "text": "text"}
    cache = Cache(1 << 30)
    kept = {name: cache.get((name, "owner"), lambda value=value: value, lambda _: 1)  # type: ignore[misc]
            for name, value in values.items()}
    assert all(cache.find((name, "owner")) is value for name, value in kept.items())
    for array, same in ((kept["array"], values["array"]), (kept["postings"].documents, np.arange(size)),
                        (kept["pair"][0], np.arange(size)), (kept["table"]["form"], np.arange(size))):
        assert isinstance(memory_of(array), mmap.mmap)
        np.testing.assert_array_equal(array, same)
        assert array.dtype == same.dtype
    assert kept["small"] is values["small"]
    assert kept["text"] is values["text"]
    assert kept["postings"].weights is values["postings"].weights
    assert kept["pair"][2] is mapped, "a segment's file is not copied"


def test_a_process_that_may_have_no_more_maps_keeps_arrays_on_the_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(mmap.mmap):
        def __new__(cls, *_: object, **__: object) -> Refused:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
    monkeypatch.setattr(mmap, "mmap", Refused)
    cache, array = Cache(1 << 20), np.arange(OWN_MAP, dtype=np.int64)
    assert cache.put(("array", "owner"), array, array.nbytes) is array
    assert cache.find(("array", "owner")) is array
