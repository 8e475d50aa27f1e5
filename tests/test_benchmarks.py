"""The benchmark tells engines apart that count differently, draws what it is given, makes the same articles anew."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import spool
from benchmarks.agreement import DisagreementError, check, compare
from benchmarks.apart import Apart
from benchmarks.articles import NamePool, articles, words
from benchmarks.engine import Answer, Counts, Engine, Query
from benchmarks.engines import exonym, fts5, lucene, whoosh_stock
from benchmarks.measuring import FACETS, SEARCH, Cell, measure
from benchmarks.plot import plot
from index.article import Article
from index.names.registry import Names
from search.searcher import Searcher

QUERY = Query("common word", "talks", "all", "terms", ("talk",))
STORIES = Counts({"place/kyiv": 2, "person/x": 1}, {"Outlet": 3}, {24_180: 3})
COUNTS = Counts({"place/kyiv": 3, "person/x": 2}, {"Outlet": 4}, {24_180: 4}, stories=STORIES)


def answer(count: int) -> Answer:
    return Answer(count, [("1", "title", "text")])


def test_engines_that_count_alike_agree() -> None:
    compare(QUERY, (answer(4), COUNTS), (answer(4), COUNTS), "one", "other")


@pytest.mark.parametrize(("count", "counts"), [
    pytest.param(5, COUNTS, id="matches"),
    pytest.param(4, Counts({"place/kyiv": 2, "person/x": 2}, COUNTS.sources, COUNTS.months), id="entities"),
    pytest.param(4, Counts(COUNTS.entities, {"Outlet": 3}, COUNTS.months), id="sources"),
    pytest.param(4, Counts(COUNTS.entities, COUNTS.sources, {24_181: 4}), id="months"),
    pytest.param(4, replace(COUNTS, stories=replace(STORIES, entities={"place/kyiv": 1, "person/x": 1})),
                 id="stories of entities"),
    pytest.param(4, replace(COUNTS, stories=replace(STORIES, sources={"Outlet": 2})), id="stories of sources"),
    pytest.param(4, replace(COUNTS, stories=replace(STORIES, months={24_180: 4})), id="stories of months"),
])
def test_a_difference_in_what_is_counted_is_told(count: int, counts: Counts) -> None:
    with pytest.raises(DisagreementError, match="other says"):
        compare(QUERY, (answer(4), COUNTS), (answer(count), counts), "one", "other")


def test_which_of_equal_values_comes_last_is_no_difference() -> None:
    other = Counts({"place/kyiv": 3, "person/y": 2}, COUNTS.sources, COUNTS.months,
                   stories=replace(STORIES, entities={"place/kyiv": 2, "person/y": 2}))
    compare(QUERY, (answer(4), COUNTS), (answer(4), other), "one", "other")


def test_an_engine_that_counts_no_stories_agrees_in_articles() -> None:
    compare(QUERY, (answer(4), COUNTS), (answer(4), replace(COUNTS, stories=None)), "one", "other")


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


SOURCES = ["Outlet A"] * 5 + ["Outlet B"] * 3 + ["Outlet C"] * 2
PRINTED = [Article(str(i), f"Talks {i}", "The talks in Kyiv went on" + ", and on" * (i % 5) + ".",
                   f"{2022 + i % 3}-{1 + i % 12:02}-10", SOURCES[i % 10], language="en") for i in range(60)]
REPORT = ("The talks in Kyiv ended late in the night without an agreement, as both sides said that the price of gas, "
          "the border and the harbour will be spoken of again when ministers meet in spring.")
PRINTED += [Article(f"copy-{day}-{source[-1]}", "No agreement", REPORT, day, source, language="en") for day, source in (
    ("2022-05-29", "Outlet A"), ("2022-05-30", "Outlet A"), ("2022-05-30", "Outlet B"), ("2022-06-01", "Outlet A"),
    ("2022-06-02", "Outlet B"))]
"""One story in two months and two sources."""
OF_A = replace(QUERY, since="2022-03-01", until="2023-09-30", source="Outlet A")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Path:
    """A folder with PRINTED ready for all engines in `small`, indexed by Exonym."""
    small = tmp_path_factory.mktemp("bench") / "small"
    small.mkdir()
    spool.write(small / "articles.tsv", PRINTED, all_names)
    writer = exonym.Writer(small / "exonym")
    writer.add(list(spool.read(small / "articles.tsv")))
    writer.close()
    return small.parent


def opened(name: str, work: Path) -> Engine:
    """An engine over PRINTED, built if it is a peer; the test is skipped where the peer is not to be had."""
    small = work / "small"
    if name == "Exonym":
        return exonym.Exonym(small / "exonym")
    if name == "Lucene":
        return lucene.Lucene(lucene_index(work))
    if name == "Tantivy":
        pytest.importorskip("tantivy")
        from benchmarks.engines import tantivy_peer
        kinds = tantivy_peer.Writer, tantivy_peer.Tantivy
    else:
        kinds = {"SQLite FTS5": (fts5.Writer, fts5.FTS5),
                 "stock Whoosh": (whoosh_stock.Writer, whoosh_stock.StockWhoosh)}[name]
    writer = kinds[0](small / name)
    writer.add(list(spool.read(small / "articles.tsv")))
    writer.close()
    return kinds[1](small / name)


def lucene_index(work: Path) -> Path:
    """PRINTED as Lucene has it, built once; the test is skipped where there is no Java."""
    folder = work / "small" / "lucene"
    if not folder.exists():
        try:
            classes = lucene.prepare(work)
        except lucene.NoJavaError as error:
            pytest.skip(str(error))
        lucene.build(folder, work / "small" / "articles.tsv", classes)
    return folder


def stories(work: Path) -> dict[str, int]:
    """The stories that Exonym's index has found in PRINTED."""
    folder = work / "small" / "exonym"
    searcher = Searcher(folder)
    try:
        return exonym.stories(folder, searcher.snapshot().published.generation)
    finally:
        searcher.close()


def in_stories(articles: Iterable[Article], story: Mapping[str, int]) -> int:
    """How many stories some articles are."""
    return len({story.get(article.id, article.id) for article in articles})


def test_an_engine_in_a_process_of_its_own_answers_alike_and_times_itself(work: Path) -> None:
    here, apart = exonym.Exonym(work / "small" / "exonym"), Apart(exonym.Exonym, work / "small" / "exonym")
    try:
        assert (apart.name, apart.segments, apart.can(OF_A)) == (here.name, here.segments, True)
        assert apart.search(OF_A) == here.search(OF_A)
        answer, counts = apart.facets(OF_A)
        assert (answer, apart.counts(OF_A, counts)) == (here.facets(OF_A)[0], here.counts(OF_A, here.facets(OF_A)[1]))
        took = apart.turn([OF_A, QUERY], {SEARCH: 60.0, FACETS: 60.0})
        assert [(query, mode) for query, mode, _, _ in took] == [
            (query, mode) for query in (OF_A, QUERY) for mode in (SEARCH, FACETS)]
        assert all(0 < cpu <= wall * 1.5 for _, _, cpu, wall in took)
        assert [mode for _, mode, _, _ in apart.turn([OF_A], {SEARCH: 60.0, FACETS: -1.0})] == [SEARCH]
        with pytest.raises(AttributeError):
            apart.search(None)                                # type: ignore[arg-type]
        assert apart.search(OF_A) == here.search(OF_A)        # an error there does not end it
    finally:
        apart.close()
        here.close()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        Apart(fts5.FTS5, work / "nowhere")


@pytest.mark.parametrize("name", ["Exonym", "Tantivy", "Lucene", "SQLite FTS5", "stock Whoosh"])
def test_every_engine_counts_the_other_sources_where_one_is_chosen(name: str, work: Path) -> None:
    engines = [opened("Exonym", work), opened(name, work)]
    asked = [article for article in PRINTED if OF_A.since <= (article.date or "") <= OF_A.until]
    of_a = [article for article in asked if article.source == OF_A.source]
    try:
        answer, given = engines[1].facets(OF_A)
        counts = engines[1].counts(OF_A, given)
        check(engines, [OF_A, replace(OF_A, newest=True), replace(OF_A, since="", until=""),
                        replace(OF_A, source=""), QUERY, replace(QUERY, newest=True)], float("inf"))
    finally:
        for engine in engines:
            engine.close()
    assert counts.sources == Counter(article.source for article in asked)
    assert len(counts.sources) == 3
    assert answer.count == sum(counts.months.values()) == max(counts.entities.values()) == len(of_a)
    assert {record[0] for record in answer.records} <= {article.id for article in of_a}
    assert len(answer.records) == min(10, len(of_a))


def test_stories_given_to_lucene_are_those_of_the_index(work: Path) -> None:
    given = stories(work)
    copies = {article.id for article in PRINTED if article.text == REPORT}
    assert {id for id, story in given.items() if story == given["copy-2022-05-29-A"]} == copies
    assert min(Counter(given.values()).values()) > 1


@pytest.mark.parametrize("query", [
    pytest.param(QUERY, id="all"), pytest.param(OF_A, id="source and date"),
    pytest.param(replace(QUERY, since="2022-05-30", until="2022-06-01"), id="part of a story"),
])
def test_lucene_counts_stories_as_exonym_does(query: Query, work: Path) -> None:
    folder, story = lucene_index(work), stories(work)
    lucene.write_stories(folder, story)
    asked = [article for article in PRINTED if (query.since or "0") <= (article.date or "") <= (query.until or "9")]
    chosen = [article for article in asked if query.source in ("", article.source)]
    engines: list[Engine] = [exonym.Exonym(work / "small" / "exonym"), lucene.LuceneStories(folder)]
    try:
        check(engines, [query, QUERY, query], float("inf"))             # nothing is left of the query before
        counted = [engine.counts(query, engine.facets(query)[1]).stories for engine in engines]
    finally:
        for engine in engines:
            engine.close()
    by_source = {source: [article for article in asked if article.source == source] for source in set(SOURCES)}
    by_month = {spool.Document("", article.date or "", *[""] * 7).month: [
        other for other in chosen if (other.date or "")[:7] == (article.date or "")[:7]] for article in chosen}
    for counts in counted:
        assert counts is not None
        assert counts.sources == {source: in_stories(some, story) for source, some in by_source.items() if some}
        assert counts.months == {month: in_stories(some, story) for month, some in by_month.items()}
        assert max(counts.entities.values()) == in_stories(chosen, story) < len(chosen)


def test_a_search_that_is_another_engines_too_is_not_kept(work: Path) -> None:
    folder = lucene_index(work)
    lucene.write_stories(folder, stories(work))
    engines: list[Engine] = [lucene.Lucene(folder), lucene.LuceneStories(folder)]
    try:
        cells = measure(engines, {QUERY.mix: [QUERY]}, float("inf"), rounds=1)
    finally:
        for engine in engines:
            engine.close()
    assert {(name, mode) for name, _, mode in cells} == {
        ("Lucene", SEARCH), ("Lucene", FACETS), ("Lucene, with stories", FACETS)}


def test_wrong_stories_are_found_out(work: Path) -> None:
    folder, story = lucene_index(work), stories(work)
    lucene.write_stories(folder, story | {"copy-2022-06-02-B": max(story.values()) + 1})
    engines: list[Engine] = [exonym.Exonym(work / "small" / "exonym"), lucene.LuceneStories(folder)]
    try:
        with pytest.raises(DisagreementError, match=r"stories of .*Lucene, with stories says"):
            check(engines, [QUERY], float("inf"))
    finally:
        for engine in engines:
            engine.close()
