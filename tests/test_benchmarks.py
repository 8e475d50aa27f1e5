"""The benchmark tells engines apart that count differently, draws what it is given, makes the same articles anew."""

from __future__ import annotations

from itertools import islice
from xml.etree import ElementTree

import pytest

from benchmarks.agreement import DisagreementError, compare
from benchmarks.articles import NamePool, articles, words
from benchmarks.engine import Answer, Counts, Query
from benchmarks.measuring import Cell
from benchmarks.plot import plot
from index.names.registry import Names

QUERY = Query("common word", "talks", "all", "terms", ("talk",))
COUNTS = Counts({"place/kyiv": 3, "person/x": 2}, {"Outlet": 4}, {24_180: 4})


def answer(count: int) -> Answer:
    return Answer(count, [("1", "title", "text")])


def test_engines_that_count_alike_agree() -> None:
    compare(QUERY, (answer(4), COUNTS), (answer(4), COUNTS), "one", "other")


@pytest.mark.parametrize(("count", "counts"), [
    pytest.param(5, COUNTS, id="matches"),
    pytest.param(4, Counts({"place/kyiv": 2, "person/x": 2}, COUNTS.sources, COUNTS.months), id="entities"),
    pytest.param(4, Counts(COUNTS.entities, {"Outlet": 3}, COUNTS.months), id="sources"),
    pytest.param(4, Counts(COUNTS.entities, COUNTS.sources, {24_181: 4}), id="months"),
])
def test_a_difference_in_what_is_counted_is_told(count: int, counts: Counts) -> None:
    with pytest.raises(DisagreementError, match="other says"):
        compare(QUERY, (answer(4), COUNTS), (answer(count), counts), "one", "other")


def test_which_of_equal_values_comes_last_is_no_difference() -> None:
    other = Counts({"place/kyiv": 3, "person/y": 2}, COUNTS.sources, COUNTS.months)
    compare(QUERY, (answer(4), COUNTS), (answer(4), other), "one", "other")


def test_a_cell_takes_the_median_of_the_rounds_of_each_query() -> None:
    cell = Cell()
    for took in (1.0, 9.0, 2.0):
        cell.add(QUERY, took, took)
    assert (cell.queries, cell.percentile(50)) == (1, 2.0)


def test_a_plot_is_an_image_with_every_line() -> None:
    drawn = ElementTree.fromstring(plot("Cost", "matches", "ms", {"one & other": [(1, 2.0), (1000, 3.0)]}))
    assert "one & other" in [element.text for element in drawn.iter()]


def test_articles_do_not_depend_on_where_the_stream_is_cut(all_names: Names) -> None:
    made_up = words(5000)
    pool = NamePool.load(all_names, [*made_up, *(f"x{word}" for word in words(20_000))])
    whole = list(articles(1100, pool, made_up))
    assert whole[1000:] == list(islice(articles(1000, pool, made_up, first=1000), 100))
