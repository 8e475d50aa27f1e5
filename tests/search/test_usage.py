"""Who prints which spelling: every count is what the search with that entity, spelling, outlet and date finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_news import BOUNDS, ENTITIES, LANGUAGES, MODERN, SOURCES, WORDS

from index.archive import Archive
from index.article import Article
from index.names.registry import Names
from index.writer import Indexer
from search.request import Filters, Interval, SearchRequest
from search.searcher import Searcher
from search.usage import usage
from service import links


@pytest.fixture(scope="module")
def news() -> list[Article]:
    """Random articles in which spellings, outlets and dates meet often."""
    chance = random.Random(11)
    return [Article(f"a{number}", " ".join(chance.choices(WORDS, k=3)),
                    " ".join(chance.choices(WORDS, k=chance.choice([3, 8, 20, 60]))), chance.choice(MODERN),
                    chance.choice(SOURCES), None, chance.choice(LANGUAGES)) for number in range(60)]


@pytest.fixture(scope="module")
def searcher(news: list[Article], all_names: Names, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder: Path = tmp_path_factory.mktemp("data")
    Archive(folder / "archive.sqlite").put(news)
    Indexer(folder, names=all_names).catch_up()
    found = Searcher(folder, names=all_names)
    yield found
    found.close()


@pytest.fixture(scope="module")
def oracle(news: list[Article], all_names: Names) -> Oracle:
    return Oracle(all_names, news)


WITHIN = st.builds(
    SearchRequest, since=st.sampled_from(BOUNDS), until=st.sampled_from(BOUNDS), interval=st.sampled_from(Interval),
    filters=st.builds(Filters, source=st.sampled_from([(), (), ("RT",), ("BBC", "RT")]),
                      language=st.sampled_from([(), (), ("en",)])))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(within=WITHIN, id=st.sampled_from(ENTITIES), most=st.integers(1, 12), chance=st.randoms(use_true_random=False))
def test_every_count_is_that_of_the_search_it_stands_for(
        searcher: Searcher, oracle: Oracle, within: SearchRequest, id: str, most: int, chance: random.Random) -> None:
    def total(spelling: str = "", source: str = "", date: str = "") -> int:
        filters = replace(within.filters, entity=(id,), spelling=(spelling,) if spelling else (),
                          source=(source,) if source else within.filters.source)
        asked = replace(within, filters=filters, facets=())
        if date:
            day = links.span(date, str(found.dates.interval))
            both = replace(asked, since=day[0], until=day[1])
            inside = {row.article.id for row in oracle.answer(asked).rows}
            return len(inside & {row.article.id for row in oracle.answer(both).rows})
        return oracle.answer(asked).total

    found = usage(searcher, id, within, most)
    if found is None:
        assert oracle.answer(SearchRequest(filters=Filters(entity=(id,)))).total == 0
        return
    assert found.articles == total()
    assert len(found.spellings) <= most
    for use in found.spellings:
        assert use.articles == total(use.spelling) > 0
        assert sum(bucket.count for bucket in use.sources) + use.no_source == use.articles
        assert sum(bucket.count for bucket in use.dates) + use.undated == use.articles
        for bucket in chance.sample(use.sources, min(2, len(use.sources))):
            assert bucket.count == total(use.spelling, source=bucket.value)
        for bucket in chance.sample(use.dates, min(2, len(use.dates))):
            assert bucket.count == total(use.spelling, date=bucket.value)


def test_an_article_counts_once_for_each_spelling_it_prints(searcher: Searcher, oracle: Oracle) -> None:
    found = usage(searcher, "place/kyiv", SearchRequest(), 50)
    assert found is not None
    assert {use.spelling for use in found.spellings} >= {"Kyiv", "Kiev", "Київ", "Киев"}
    assert sum(use.articles for use in found.spellings) > found.articles > 20
    assert found.other == found.missing == 0


def test_what_is_beyond_the_spellings_given_is_counted(searcher: Searcher) -> None:
    whole, some = (usage(searcher, "place/kyiv", SearchRequest(), most) for most in (50, 1))
    assert whole is not None
    assert some is not None
    only = {view.article.id for view in searcher.export(SearchRequest(filters=Filters(
        entity=("place/kyiv",), spelling=(some.spellings[0].spelling,))))}
    assert some.other == whole.articles - len(only) > 0


def test_an_entity_is_not_together_with_itself(searcher: Searcher) -> None:
    found = usage(searcher, "place/kyiv", SearchRequest(), 1)
    assert found is not None
    assert "place/kyiv" not in {bucket.value for bucket in found.together["place"].buckets}
    assert "place/odesa" in {bucket.value for bucket in found.together["place"].buckets}


@pytest.mark.parametrize("id", ["", "place/no-such-place", "source/BBC", "kyiv", "place/"])
def test_no_entity_no_answer(searcher: Searcher, id: str) -> None:
    assert usage(searcher, id, SearchRequest(), 5) is None
