"""Laws: alternatives put together as bits are what their parts are together, and the best among them are the best."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.manifest import Manifest
from search import alternatives
from search.alternatives import Alternatives
from search.generation import Generation
from search.leaves import Listed

DOCS = 150
PARTS = st.lists(st.dictionaries(st.integers(0, DOCS - 1), st.sampled_from([0.25, 1.0, 1.1, 2.3, 7.0]), max_size=40),
                 min_size=1, max_size=5)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return Generation(tmp_path_factory.mktemp("index"), Manifest())


def together(generation: Generation, parts: list[dict[int, float]]) -> Alternatives:
    lists = [(np.array(sorted(part), np.int64), np.array([part[at] for at in sorted(part)], np.float32))
             for part in parts]
    return Alternatives(generation, [Listed(documents, scores) for documents, scores in lists], DOCS)


def added(parts: list[dict[int, float]]) -> dict[int, np.float32]:
    """Article → sum of its scores in 32 bits, in the order of the parts."""
    total: dict[int, np.float32] = {}
    for part in parts:
        for article, score in part.items():
            total[article] = np.float32(total.get(article, np.float32(0)) + np.float32(score))
    return total


@given(parts=PARTS)
def test_they_are_the_articles_of_all_parts_with_their_scores_added_up(
        generation: Generation, parts: list[dict[int, float]]) -> None:
    expected, found = added(parts), together(generation, parts)
    assert found.count == len(expected)
    assert found.documents.tolist() == sorted(expected)
    assert found.scores.tolist() == [float(expected[article]) for article in sorted(expected)]


@pytest.mark.parametrize("together_at_most", [0, 20, 1000])
@pytest.mark.parametrize("most", [1, 16, 10_000])      # sets of parts of any size are gone through, small ones, none
@given(parts=PARTS, count=st.integers(0, 30))
def test_the_best_are_those_with_the_greatest_scores_and_all_that_equal_the_last(
        generation: Generation, together_at_most: int, most: int, parts: list[dict[int, float]], count: int) -> None:
    expected = added(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alternatives, "MOST", most)
        patch.setattr(alternatives, "TOGETHER", together_at_most)
        best = together(generation, parts).best(count)
    if best is None:
        assert not count or most > 1 or len(parts) > alternatives.PARTS
        return
    hold(best, expected, count)


def hold(best: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]], expected: dict[int, np.float32], count: int) -> None:
    """The best have their scores, and all that are due are among them."""
    documents, scores = best
    assert documents.tolist() == sorted(documents.tolist())
    assert [float(expected[article]) for article in documents.tolist()] == scores.tolist()
    last = sorted(expected.values(), reverse=True)[:count][-1:]
    due = {article for article, score in expected.items() if score >= (last[0] if last else 0)}
    assert due <= set(documents.tolist())
