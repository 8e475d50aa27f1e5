"""How much a search may ask for, and how long it may take."""

from __future__ import annotations

import itertools
import threading

import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.limits import Limits, QueryLimitError, SearchTimeoutError, check_time, limited, limits
from search.request import Match, SearchRequest
from search.searcher import Searcher
from search.syntax import Node, Not, Run, Word, parse


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Searcher:
    data = tmp_path_factory.mktemp("limits")
    texts = ("bridge bridges bridged bridging", "bridgehead", "bridgework", "talks in Kyiv")
    Archive(DataFolder(data).archive).put([Article(str(number), text, text) for number, text in enumerate(texts)])
    Indexer(data, names=all_names).catch_up()
    return Searcher(data, names=all_names)


@pytest.mark.parametrize(("limit", "fits", "too_much", "told"), [
    pytest.param(Limits(words=3), "a b c", "a b c d", ("4 words", "have 3", "Leave some out"), id="words"),
    pytest.param(Limits(words=3), '"a b" -c', '"a b" -c title:d e*', ("5 words",), id="words of all sorts"),
    pytest.param(Limits(depth=2), "((a))", "(((a)))", ("3 brackets deep", "go 2", "fewer brackets"), id="depth"),
    pytest.param(Limits(depth=1), "(a) (b)", "(a) (b (c)) ((((", ("4 brackets deep",), id="not closed"),
    pytest.param(Limits(depth=1), '("((((") -(b)', '(-(a "(((") )', ("2 brackets deep",), id="brackets in quotes"),
])
def test_a_query_that_is_too_large_is_refused_with_what_to_do(limit: Limits, fits: str, too_much: str,
                                                              told: tuple[str, ...]) -> None:
    with limited(limit):
        parse(fits)
        with pytest.raises(QueryLimitError) as raised:
            parse(too_much)
    assert [words for words in told if words not in str(raised.value)] == []
    parse(too_much)


@pytest.mark.parametrize("operator", ["-title:", "-NOT ", "NOT ", "title:", "--", "NOT title:"])
def test_thousands_of_operators_are_read(operator: str) -> None:
    assert [word.text for word in words_of(parse(operator * 5000 + "a")[0])] == ["a"]


@pytest.mark.parametrize("operator", ["(", "-(", "(title:", "NOT (", "(a OR "])
def test_thousands_of_brackets_are_counted_and_refused(operator: str) -> None:
    with pytest.raises(QueryLimitError, match="5000 brackets deep"):
        parse(operator * 5000 + "a")


def words_of(node: Node) -> list[Word]:
    """The word of a query of one, whatever stands before it."""
    while isinstance(node, Not):
        node = node.node
    assert isinstance(node, Run)
    return [word for chunk in node.chunks for word in chunk]


def test_a_prefix_stands_for_no_more_words_than_the_limit(searcher: Searcher) -> None:
    whole = searcher.search(SearchRequest("bridge*"))
    assert (whole.total, whole.diagnostics) == (3, ())
    with limited(Limits(expansions=1)):
        cut = searcher.search(SearchRequest("bridge*"))
    assert 0 < cut.total < 3
    assert [diagnostic.code for diagnostic in cut.diagnostics] == ["too-many-terms"]


def test_a_plan_that_was_kept_does_not_outlive_the_limits_it_was_made_under(searcher: Searcher) -> None:
    q = "talks Kyiv"
    assert searcher.search(SearchRequest(q)).total == 1
    with limited(Limits(words=1)), pytest.raises(QueryLimitError):
        searcher.search(SearchRequest(q))
    assert searcher.snapshot().plan(q, Match.VARIANTS) is searcher.snapshot().plan(q, Match.VARIANTS)
    assert searcher.snapshot().plan(q, Match.EXACT) != searcher.snapshot().plan(q, Match.VARIANTS)


@pytest.mark.parametrize("q", ["", "bridge", "bridge*", "Kyiv talks", "bridgehaed~", '"talks in Kyiv"', "-Kyiv"])
def test_a_search_is_ended_between_its_steps_when_its_time_is_over(searcher: Searcher, q: str) -> None:
    wanted = searcher.search(SearchRequest(q))          # what is kept of it is kept for every search that follows
    steps = itertools.count()
    with limited(Limits(seconds=1e9), clock=lambda: next(steps)):
        searcher.search(SearchRequest(q))
    looks = next(steps)
    assert looks > 2
    for seconds in range(looks - 2):                    # ended at the first look at the clock, at the second …
        ticks = itertools.count()
        with pytest.raises(SearchTimeoutError, match=f"longer than the {seconds} s"), \
                limited(Limits(seconds=seconds), clock=lambda ticks=ticks: next(ticks)):  # type: ignore[misc]
            searcher.search(SearchRequest(q))
    again = searcher.search(SearchRequest(q))           # nothing half-made was kept
    assert (again.total, again.hits, again.facets) == (wanted.total, wanted.hits, wanted.facets)


def test_limits_hold_for_the_thread_that_set_them_and_end_with_the_block() -> None:
    seen: list[Limits] = []
    with limited(Limits(words=7, seconds=-1)):
        thread = threading.Thread(target=lambda: (check_time(), seen.append(limits())))
        thread.start()
        thread.join()
        assert limits().words == 7
        with pytest.raises(SearchTimeoutError):
            check_time()
    check_time()
    assert seen == [Limits()]
    assert limits() == Limits()
