"""One suite, two engines: what the cluster answers is what brute force and the embedded engine answer.

Scores may differ, and with them the order by relevance; sets, counts, spellings, reasons, snippets and labels may not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_news import LANGUAGES, MODERN, REQUESTS, SOURCES, WORDS

from index.archive import Archive
from index.article import Article
from index.manifest import publish, read_manifest, write_column
from index.names.registry import Names
from index.opensearch import mapping as m
from index.opensearch.bulk import Action, send
from index.opensearch.cluster import Cluster, ClusterSettings
from index.opensearch.writer import ClusterIndexer
from index.segment import Segment
from index.writer import Indexer
from search.display import exact_key
from search.opensearch.engine import ClusterEngine
from search.request import Group, SearchRequest, Sort
from search.response import Facet, Hit, IndexState, SearchResponse
from search.searcher import Searcher

LIMIT = 100


@dataclass(frozen=True)
class Engines:
    """The same articles on both engines, and brute force over them."""

    embedded: Searcher
    cluster: Searcher
    oracle: Oracle


def _articles(chance: random.Random, count: int) -> list[Article]:
    made = [Article(f"a{number}", " ".join(chance.choices(WORDS, k=chance.randint(0, 4))),
                    " ".join(chance.choices(WORDS, k=chance.choice([1, 3, 8, 20, 60]))), chance.choice(MODERN),
                    chance.choice(SOURCES), None, chance.choice(LANGUAGES)) for number in range(count)]
    return [*made, Article("old", "Zviahel", date="0001-01-01"),
            Article("late", "Zviahel", "переговоры", date="9999-12-31T23:59:59-10:00"),
            Article("long", "x" * 300, "y" * 3000 + " Kyiv " + "я" * 300, extra={"own": {"é": [1, None, 1.10]}})]


@pytest.fixture(scope="module", params=[1, 3], ids=["one shard", "three shards"])
def engines(request: pytest.FixtureRequest, urls: tuple[str, ...], prefix: str, all_names: Names,
            tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    chance = random.Random(7)
    articles = _articles(chance, 90)
    stories = {article.id: chance.choice([0, 0, *range(1, 9)]) for article in articles}
    folder = tmp_path_factory.mktemp("data")
    archive = Archive(folder / "archive.sqlite")
    archive.put([replace(article, text=f"{article.text} outdated") for article in articles[::3]])
    cluster = ClusterSettings(urls, f"{prefix}-{request.param}", shards=request.param, replicas=0)
    embedded, indexer = Indexer(folder, names=all_names), ClusterIndexer(folder, cluster, names=all_names)
    for part in (articles[:40], articles[40:60], articles[60:]):
        archive.put([*part, Article("gone", "Kyiv", "talks")])
        embedded.catch_up()
        indexer.catch_up()
    archive.delete(["gone"])
    embedded.catch_up()
    indexer.catch_up()
    _tell_embedded(folder, archive, stories)
    _tell_cluster(cluster, stories)
    engine = ClusterEngine(cluster)
    made = Engines(Searcher(folder, names=all_names), Searcher(folder, names=all_names, engine=engine),
                   Oracle(all_names, articles, {id: story or id for id, story in stories.items()}))
    made.oracle.label = made.embedded.snapshot().display.entity
    yield made
    made.embedded.close()
    made.cluster.close()
    indexer.close()


def _shared(stories: dict[str, int]) -> dict[str, str]:
    """Article → story, of stories of several."""
    every = [story for story in stories.values() if story]
    return {id: f"{1000 + story:016x}" for id, story in stories.items() if story and every.count(story) > 1}


def _tell_embedded(folder: Path, archive: Archive, stories: dict[str, int]) -> None:
    ids = {number: article.id for number, article in archive.versions(archive.live_numbers()).items()}
    manifest, told = read_manifest(folder / "index"), _shared(stories)
    entries = []
    for entry in manifest.segments:
        numbers = Segment(folder / "index" / entry.name)["numbers"].tolist()
        column = np.array([int(told.get(ids.get(number, ""), "0"), 16) for number in numbers], np.uint64)
        name = write_column(folder / "index", f"stories-{manifest.generation + 1001}-{entry.name}.npy", column)
        entries.append(replace(entry, stories=name))
    publish(folder / "index", replace(manifest, generation=manifest.generation + 1, segments=tuple(entries)))


def _tell_cluster(settings: ClusterSettings, stories: dict[str, int]) -> None:
    cluster = Cluster(settings)
    state, told = cluster.state(), _shared(stories)
    done = send(cluster, [Action("update", state.articles_index, m.document_id(id),
                                 {m.STORY: told[id], m.SHARED: told[id]} if id in told else {m.SHARED: None})
                          for id in stories])
    assert not done.refused
    cluster.client.indices.refresh(state.articles_index)
    cluster.publish(replace(state, generation=state.generation + 1))
    cluster.close()


def without_scores(answer: SearchResponse) -> SearchResponse:
    """An answer without its time, its generation, and scores."""
    return replace(answer, took_ms=0, index=IndexState(0, answer.index.articles, answer.index.names),
                   hits=tuple(replace(hit, score=0) for hit in answer.hits))


def hits_of(answer: SearchResponse) -> dict[str, Hit]:
    """The hits by id, without scores."""
    return {hit.id: replace(hit, score=0) for hit in answer.hits}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS)
def test_the_cluster_answers_as_the_embedded_engine(engines: Engines, request: SearchRequest) -> None:
    request = replace(request, page=1, size=LIMIT)
    ours, theirs = engines.embedded.search(request), engines.cluster.search(request)
    if request.group is Group.STORY and request.sort is Sort.RELEVANCE:
        assert {hit.story for hit in ours.hits} == {hit.story for hit in theirs.hits}
    elif request.sort is Sort.RELEVANCE:
        assert hits_of(ours) == hits_of(theirs)
    else:
        assert without_scores(ours).hits == without_scores(theirs).hits
    assert replace(without_scores(ours), hits=()) == replace(without_scores(theirs), hits=())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS)
def test_the_cluster_answers_as_brute_force(engines: Engines, request: SearchRequest) -> None:
    got, want = engines.cluster.search(replace(request, page=1, size=LIMIT)), engines.oracle.answer(request)
    assert (got.total, got.stories) == (want.total, want.stories)
    if request.group is Group.NONE:
        assert sorted(hit.id for hit in got.hits) == sorted(row.article.id for row in want.rows)
    assert got.facets.keys() == want.facets.keys()
    for name, facet in want.facets.items():
        assert comparable(name, got.facets[name]) == comparable(name, facet), name
    assert [(e.term, e.entity, {exact_key(s.spelling): s.articles for s in e.spellings}) for e in got.expansions] == \
        want.expansions


def comparable(name: str, facet: Facet) -> object:
    """A facet as it can be compared: a spelling stands for its exact form, whatever it is labelled."""
    rows = [(exact_key(b.value) if name == "spelling" else b.value, b.count, b.stories, b.selected)
            for b in facet.buckets]
    return facet.total, facet.missing, facet.other, facet.interval, rows


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS, size=st.integers(1, 20))
def test_pages_are_stretches_of_one_list_and_the_export_is_all_of_it(engines: Engines, request: SearchRequest,
                                                                     size: int) -> None:
    whole = [view.article.id for view in engines.cluster.export(request)]
    pages, number = [], 1
    while hits := engines.cluster.search(replace(request, facets=(), size=size, page=number)).hits:
        pages += [hit.id for hit in hits]
        number += 1
    assert pages == whole
    assert len(set(whole)) == len(whole)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS, contains=st.sampled_from(["ky", "ива", "Zel", "o", "2", "bbc"]),
       name=st.sampled_from(["person", "place", "organisation", "source", "language", "spelling", "date"]))
def test_a_facet_is_searched_alike(engines: Engines, request: SearchRequest, contains: str, name: str) -> None:
    assert engines.cluster.facet(name, request, contains) == engines.embedded.facet(name, request, contains)


@pytest.mark.parametrize("look", [
    pytest.param(lambda searcher: sorted(searcher.export(SearchRequest()), key=lambda view: view.article.id),
                 id="export"),
    pytest.param(lambda searcher: [searcher.article(f"a{number}") for number in range(30)], id="articles"),
    pytest.param(lambda searcher: [searcher.copies(f"{1000 + story:016x}") for story in range(10)], id="copies"),
    pytest.param(lambda searcher: searcher.copies("0123456789abcdef"), id="no such story"),
    pytest.param(lambda searcher: [searcher.names(word) for word in WORDS], id="names"),
    pytest.param(lambda searcher: [{found.entity: found for found in searcher.suggest(word[:3], 1000)}
                                   for word in WORDS], id="suggestions"),
    pytest.param(lambda searcher: searcher.keys(SearchRequest("Kiev")).tolist(), id="keys of all matches"),
    pytest.param(lambda searcher: [replace(hit, score=0) for hit in searcher.additions(
        SearchRequest("Kiev", sort=Sort.OLDEST), searcher.keys(SearchRequest("talks")), 20).hits], id="what is new")])
def test_all_else_that_is_read_is_alike(engines: Engines, look: Callable[[Searcher], object]) -> None:
    assert look(engines.cluster) == look(engines.embedded)
