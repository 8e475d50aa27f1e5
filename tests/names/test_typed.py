"""Words of queries: one finder serves all threads, and remembers so many words at most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from index.names import registry
from index.names.registry import Names

QUERIES = ["Kiev", "Київ", "Kyiv bridge", "Odessa Texas", "bridge", "Volodymyr Zelensky", "Lviv and Kharkov", "=Kiev"]


def test_threads_find_what_one_finds_though_words_are_forgotten_on_the_way(all_names: Names,
                                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [all_names.lookup(query) for query in QUERIES]
    assert any(expected)
    monkeypatch.setattr(registry, "TYPED_WORDS", 3)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(all_names.lookup, QUERIES * 200))
    assert found == expected * 200
