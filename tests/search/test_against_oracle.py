"""The search gives, request for request, what going through every article one by one gives."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from late import LateExecutor
from oracle import Answer, Oracle
from random_news import LANGUAGES, MODERN, REQUESTS, SOURCES, WORDS, articles

from index.analysis.analyzer import Analyzer
from index.archive import Archive
from index.article import Article
from index.manifest import publish, read_manifest, write_column
from index.names.registry import Names
from index.segment import Segment
from index.writer import Indexer
from search.array_kernels import ArrayKernels
from search.display import exact_key
from search.heads import Heads
from search.opened import KINDS
from search.request import Group, SearchRequest
from search.response import Facet, IndexState, SearchResponse
from search.searcher import Searcher

LIMIT = 100


def check(searcher: Searcher, oracle: Oracle, request: SearchRequest) -> SearchResponse:
    """Hold one answer against the oracle's."""
    oracle.label = searcher.snapshot().display.entity
    got, want = searcher.search(replace(request, page=1, size=LIMIT)), oracle.answer(request)
    assert (got.total, got.stories) == (want.total, want.stories)
    check_order(got, want, request)
    check_page(searcher, got, request)
    assert got.facets.keys() == want.facets.keys()
    for name, facet in want.facets.items():
        assert comparable(name, got.facets[name]) == comparable(name, facet), name
    assert [(e.term, e.entity, {exact_key(s.spelling): s.articles for s in e.spellings}) for e in got.expansions] == \
        want.expansions
    return got


def comparable(name: str, facet: Facet) -> object:
    """A facet as it can be compared: a spelling stands for its exact form, whatever it is labelled."""
    rows = [(exact_key(b.value) if name == "spelling" else b.value, b.count, b.stories, b.selected)
            for b in facet.buckets]
    return facet.total, facet.missing, facet.other, facet.interval, rows


def check_order(got: SearchResponse, want: Answer, request: SearchRequest) -> None:
    """The same ids in the same order; two scores that differ only by rounding may stand either way."""
    scores = {row.article.id: score for row, score in zip(want.rows, want.scores, strict=True)}
    place = {row.article.id: number for number, row in enumerate(want.rows)}
    assert [hit.id for hit in got.hits] == [] or len(got.hits) == len(want.rows)
    if request.group is Group.NONE:
        assert sorted(scores) == sorted(hit.id for hit in got.hits)
    for hit, after in zip(got.hits, got.hits[1:], strict=False):
        close = scores[hit.id] != scores[after.id] and math.isclose(scores[hit.id], scores[after.id], rel_tol=1e-5)
        assert place[hit.id] < place[after.id] or close, (hit.id, after.id)
    for hit in got.hits:
        assert hit.score == pytest.approx(scores[hit.id], rel=1e-4, abs=1e-4)


def check_page(searcher: Searcher, whole: SearchResponse, request: SearchRequest) -> None:
    """A page is a stretch of the whole list."""
    page, first = searcher.search(request), (request.page - 1) * request.size
    count = whole.stories if request.group is Group.STORY else whole.total
    assert page.hits == whole.hits[first : first + request.size]
    assert (page.page.number, page.page.size, page.page.pages) == (request.page, request.size,
                                                                   math.ceil(count / request.size))


def tell_stories(index: Path, stories: dict[str, int], ids: dict[int, str]) -> None:
    """Publish a generation in which articles belong to these stories, whatever they say (0: to none)."""
    manifest = read_manifest(index)
    entries = []
    for entry in manifest.segments:
        versions = Segment(index / entry.name)["numbers"].tolist()
        told = [1000 + stories[ids[version]] if stories.get(ids.get(version, ""), 0) else 0 for version in versions]
        name = write_column(index, f"stories-{manifest.generation + 1001}-{entry.name}.npy", np.array(told, np.uint64))
        entries.append(replace(entry, stories=name))
    publish(index, replace(manifest, generation=manifest.generation + 1, segments=tuple(entries)))


def told_stories(searcher: Searcher) -> dict[str, str]:
    """Which story each article of the index is in, by the index itself: these tests count stories, not find them."""
    return {view.article.id: view.story.id for view in searcher.export(SearchRequest())}


# -- one set of articles, indexed in several ways ---------------------------

def _some_articles(chance: random.Random, ids: Sequence[str]) -> list[Article]:
    return [Article(id, " ".join(chance.choices(WORDS, k=chance.randint(1, 4))),
                    " ".join(chance.choices(WORDS, k=chance.choice([0, 3, 8, 20, 60]))), chance.choice(MODERN),
                    chance.choice(SOURCES), None, chance.choice(LANGUAGES)) for id in ids]


@dataclass
class News:
    """The articles as they end up, and as they were before."""

    first: list[Article]
    last: list[Article]
    gone: list[str]


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Hundreds of small segments are written here; that they outlast a power cut is not the subject."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="module")
def news() -> News:
    chance = random.Random(7)
    ids = [f"a{number}" for number in range(70)]
    last = [*_some_articles(chance, ids), Article("old", "Zviahel", date="0001-01-01"),
            Article("late", "Zviahel", "переговоры", date="9999-12-31T23:59:59-10:00")]
    outdated = _some_articles(chance, chance.sample(ids, 25))
    dropped = _some_articles(chance, [f"x{number}" for number in range(15)])
    return News([*outdated, *dropped], last, [article.id for article in dropped])


def _in_one_go(archive: Archive, indexer: Indexer, news: News) -> None:
    archive.put(news.last)
    indexer.catch_up()


def _piece_by_piece(archive: Archive, indexer: Indexer, news: News) -> None:
    for start in range(0, len(news.last), 5):
        archive.put(news.last[start : start + 5])
        indexer.catch_up()


def _with_updates_and_deletes(archive: Archive, indexer: Indexer, news: News) -> None:
    everything = [*news.first, *news.last, *news.first[:3], *news.last]
    for start in range(0, len(everything), 30):
        archive.put(everything[start : start + 30])
        indexer.catch_up()
    for id in news.gone:
        archive.delete([id])
        if id.endswith(("3", "7")):
            indexer.catch_up()
    indexer.catch_up()


def _anew(archive: Archive, indexer: Indexer, news: News) -> None:
    _with_updates_and_deletes(archive, indexer, news)
    indexer.reindex()


WAYS: dict[str, tuple[Callable[[Archive, Indexer, News], None], dict[str, Any]]] = {
    "in one go": (_in_one_go, {}),
    "in many segments": (_piece_by_piece, {"merge_factor": 99}),
    "in segments cut by size": (_in_one_go, {"run_tokens": 400, "merge_factor": 99}),
    "piece by piece, merged": (_piece_by_piece, {"merge_factor": 2}),
    "with updates and deletes": (_with_updates_and_deletes, {"merge_factor": 99}),
    "with updates and deletes, merged": (_with_updates_and_deletes, {"merge_factor": 3}),
    "with updates and deletes, merged aside": (_with_updates_and_deletes, {"merge_factor": 3, "aside": LateExecutor()}),
    "made anew": (_anew, {}),
}


@pytest.fixture(scope="module")
def folders(news: News, all_names: Names, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    chance = random.Random(8)
    stories = {article.id: chance.choice([0, 0, *range(1, 9)]) for article in news.last}
    made = {}
    for way, (make, parameters) in WAYS.items():
        folder = tmp_path_factory.mktemp("data")
        archive = Archive(folder / "archive.sqlite")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("index.analysis.analyzer.AT_ONCE", 16)        # a segment holds at least one batch
            patch.setattr("index.merging.ASIDE", 1)
            make(archive, Indexer(folder, names=all_names, **parameters), news)
        ids = {number: article.id for number, article in archive.versions(archive.live_numbers()).items()}
        tell_stories(folder / "index", stories, ids)
        made[way] = folder
    return made


@pytest.fixture(scope="module")
def indexes(folders: dict[str, Path], all_names: Names) -> Iterator[dict[str, Searcher]]:
    with opened(folders, all_names) as searchers:
        yield searchers


@contextmanager
def opened(folders: dict[str, Path], names: Names) -> Iterator[dict[str, Searcher]]:
    searchers = {way: Searcher(folder, names=names) for way, folder in folders.items()}
    yield searchers
    for searcher in searchers.values():
        searcher.close()


@pytest.fixture(scope="module")
def oracle(news: News, all_names: Names) -> Oracle:
    chance = random.Random(8)
    stories = {article.id: chance.choice([0, 0, *range(1, 9)]) for article in news.last}
    return Oracle(all_names, news.last, {id: story or id for id, story in stories.items()})


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(request=REQUESTS)
def test_the_answer_is_that_of_brute_force(indexes: dict[str, Searcher], oracle: Oracle, request: SearchRequest
                                           ) -> None:
    check(indexes["with updates and deletes"], oracle, request)


VERY_MANY: dict[str, object] = {"articles.MANY": 1_000_000, "articles.IN_CACHE": 0, "mentioning.PAYS": 0}
LIMITS: dict[str, dict[str, object]] = {
    "counted in NumPy": {"kernels.KERNELS": ArrayKernels(), "top._BLOCK": 2},
    "counted in NumPy, columns of all kept": {"kernels.KERNELS": ArrayKernels(), "articles.KEPT": 0},
    "columns of all kept, all entities gone through": {"articles.KEPT": 0, "articles.MANY": 0,
                                                       "compiled_kernels.FEW": 1_000_000},
    "no columns kept, entities that were counted listed": {"articles.KEPT": 1_000_000, "compiled_kernels.FEW": 0},
    "matches of one view counted as those of several": {"one_view.IN_CACHE": 0, "one_view.FAR": 0, "articles.KEPT": 1},
    "matches of one view, all entities gone through": {"one_view.DENSE": 1_000_000},
    "matches of one view counted by day": {"one_view.EACH_DAY": 0},
    "sources, days and shared stories of one view in calls of their own": {"one_view.AT_ONCE": 0, "one_view.FEW": 0},
    "matches of a large view of which nothing is kept": {
        "one_view.IN_CACHE": 0, "mentioning.IN_CACHE": 0, "mentioning.SCATTERED": 1_000_000, "mentioning.PAYS": 0,
        "articles.KEPT": 1_000_000},
    "every axis of time named anew": {"generation.MAX_BUCKETS": 0},
    "labels are never ranked": {"label_order.PAYS": 0},
    "labels are ranked as soon as they are met": {"label_order.PAYS": 1 << 40},
    "no values put in order one by one": {"one_view.SMALL": 0},
    "all matches nearly all": {"nearly_all.FEW": 0, "generation.LARGE": 0},
    "all matches nearly all, what is read kept": {"nearly_all.FEW": 0, "generation.LARGE": 0, "articles.KEPT": 0},
    "all matches nearly all, counted in NumPy": {"nearly_all.FEW": 0, "generation.LARGE": 0,
                                                 "kernels.KERNELS": ArrayKernels()},
    "entities of the matches of one view by bits": {"mentioning.PAYS": 0, "articles.MANY": 1_000_000,
                                                    "articles.SORTED": 1_000_000},
    "those that share their story always sorted": {"articles.SORTED": 0},
    "those that share their story among all that do": {"articles.SORTED": 1_000_000, "filtering.MANY": 1_000_000,
                                                       "generation.LARGE": 0, "kernels.KERNELS": ArrayKernels()},
    "all matches very many": {**VERY_MANY, "articles.KEPT": 1},
    "all matches very many, most nearly all": {**VERY_MANY, "generation.LARGE": 0},
    "all matches very many, counted in NumPy": {**VERY_MANY, "kernels.KERNELS": ArrayKernels()},
    "places of words never as bits": {"phrases.LISTED": 0, "phrases.BLOCK": 1, "phrases.FEW": 1_000_000},
    "filters and lists by masks over all articles": {"filtering.MANY": 1_000_000, "generation.LARGE": 0,
                                                     "leaves.MASKED": 1_000_000, "leaves.MARKED": 0,
                                                     "matching.SMALL": 0},
    "places of words looked up among bits": {"phrases.LISTED": 2, "phrases.LOOKED_UP": 1_000_000, "phrases.PART": 3,
                                                "phrases.FEW": 0},
    "everything one by one": {"matching.SMALL": 0, "matching.DENSE": 0, "filtering.MANY": 0, "leaves.MASKED": 0},
    "lists looked up among bits": {"leaves.KEPT": 0, "leaves.MARKED": 3, "leaves.MASKED": 1_000_000},
    "scores, places and columns of all kept, spellings by masks": {"leaves.KEPT": 0, "articles.KEPT": 0,
                                                                   "leaves.MARKED": 1_000_000, "spelling_facet.FEW": 0},
    "the best alternatives by sets of parts, bits of all kept": {
        "matching.SMALL": 0, "matching.DENSE": 1_000_000, "alternatives.MOST": 1, "leaves.BITS": 1_000_000},
    "the best alternatives among those that match": {
        "matching.SMALL": 0, "matching.DENSE": 1_000_000, "alternatives.PARTS": 0, "leaves.BITS": 0},
}


@pytest.mark.parametrize("limits", [pytest.param(limits, id=name) for name, limits in LIMITS.items()])
def test_the_answer_is_that_of_brute_force_however_little_is_taken_for_much(
        indexes: dict[str, Searcher], oracle: Oracle, limits: dict[str, object]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(f"search.{name}", value)

        @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
        @given(request=REQUESTS)
        def hold(request: SearchRequest) -> None:
            for searcher in indexes.values():
                check(searcher, oracle, request)

        hold()


@pytest.mark.parametrize("limits", [{}, {"one_view.IN_CACHE": 0, "one_view.FAR": 0, "articles.IN_CACHE": 0}],
                         ids=["in one view", "in several"])
def test_the_first_entities_are_those_of_brute_force_whether_heads_decide_it_or_not(
        folders: dict[str, Path], all_names: Names, oracle: Oracle, limits: dict[str, object],
        monkeypatch: pytest.MonkeyPatch) -> None:
    decide, decided = Heads.decide, set[bool]()

    def watched(heads: Heads, kind: int, size: int, counts: Sequence[int], elsewhere: int) -> bool:
        decided.add(decide(heads, kind, size, counts, elsewhere))
        return decide(heads, kind, size, counts, elsewhere)
    for name, value in {"heads.HEADS": 6, "mentioning.PAYS": 0, "articles.MANY": 1_000_000, **limits}.items():
        monkeypatch.setattr(f"search.{name}", value)
    monkeypatch.setattr(Heads, "decide", watched)
    monkeypatch.setattr(Heads, "may_decide", lambda *_: True)
    with opened(folders, all_names) as searchers:
        @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
        @given(request=REQUESTS)
        def hold(request: SearchRequest) -> None:
            for searcher in searchers.values():
                check(searcher, oracle, request)

        hold()
    assert decided == {True, False}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(request=REQUESTS)
def test_the_answer_does_not_depend_on_how_the_index_was_made(indexes: dict[str, Searcher], request: SearchRequest
                                                              ) -> None:
    answers = {way: without_labels(searcher.search(replace(request, facet_size=1000)))
               for way, searcher in indexes.items()}
    for way, answer in answers.items():
        assert answer == answers["in one go"], way


def without_labels(answer: SearchResponse) -> SearchResponse:
    """An answer without its time and generation, and without the labels of entities that no names file knows: these
    are as some article prints them."""
    hits = tuple(replace(hit, entities=tuple(replace(entity, label="") for entity in hit.entities))
                 for hit in answer.hits)
    facets = {name: replace(facet, buckets=tuple(sorted(
        (replace(bucket, label="") for bucket in facet.buckets), key=lambda b: (-b.count, b.value))))
        if name in KINDS else facet for name, facet in answer.facets.items()}
    return replace(answer, took_ms=0, index=IndexState(0, answer.index.articles, ""), hits=hits, facets=facets)


def test_the_ways_differ_in_their_segments(indexes: dict[str, Searcher]) -> None:
    """Else the tests above would show nothing."""
    segments = {way: [(entry.docs, entry.deleted)
                      for entry in searcher.snapshot().published.generation.manifest.segments]
                for way, searcher in indexes.items()}
    assert len(segments["in one go"]) == len(segments["made anew"]) == 1
    assert len(segments["in many segments"]) == 15
    assert len(segments["in segments cut by size"]) > 2
    assert any(deleted for _, deleted in segments["with updates and deletes"])
    assert segments["with updates and deletes, merged"] != segments["with updates and deletes, merged aside"]
    assert len(segments["piece by piece, merged"]) < 15


# -- random histories -------------------------------------------------------

STEPS = st.lists(st.one_of(
    st.lists(articles(), min_size=1, max_size=8),
    st.sets(st.sampled_from("abcdefghij"), min_size=1, max_size=4),
    st.just("reindex")), min_size=1, max_size=8)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, requests=st.lists(REQUESTS, min_size=6, max_size=12), aside=st.sampled_from([None, LateExecutor()]))
def test_after_any_history_the_answer_is_that_of_brute_force(
        steps: list[list[Article] | set[str] | str], requests: list[SearchRequest], aside: LateExecutor | None,
        all_names: Names, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setattr("index.merging.ASIDE", 1)
    archive = Archive(folder / "archive.sqlite")
    indexer = Indexer(folder, names=all_names, merge_factor=2, aside=aside)
    searcher, analyzer, live = Searcher(folder, names=all_names), Analyzer(all_names), dict[str, Article]()
    for step, request in zip(steps, requests, strict=False):
        if isinstance(step, list):
            archive.put(step)
            live |= {article.id: article for article in step}
        elif isinstance(step, set):
            archive.delete(step)
            live = {id: article for id, article in live.items() if id not in step}
        _ = indexer.reindex() if step == "reindex" else indexer.catch_up()
        check(searcher, Oracle(all_names, live.values(), told_stories(searcher), analyzer=analyzer), request)
    oracle = Oracle(all_names, live.values(), told_stories(searcher), analyzer=analyzer)
    for request in requests:
        check(searcher, oracle, request)
    searcher.close()
    archive.close()


def test_a_new_folder_has_no_articles(tmp_path: Path, all_names: Names) -> None:
    searcher, oracle = Searcher(tmp_path, names=all_names), Oracle(all_names, [])
    for q in ("", "Kiev", "-Kiev", '"a b" OR c', "k* OR kyeiv~", 'title:"a b"'):
        assert check(searcher, oracle, SearchRequest(q)).total == 0
        assert check(searcher, oracle, SearchRequest(q, group=Group.STORY)).stories == 0


@pytest.mark.parametrize("count", [64, 65, 100])
def test_matches_that_nearly_all_share_their_stories_are_counted_by_story(
        tmp_path: Path, all_names: Names, count: int) -> None:
    """Stories take turns, so that those of one are never beside each other."""
    told = _some_articles(random.Random(count), [f"a{number}" for number in range(count)])
    stories = {article.id: number % 7 + 1 for number, article in enumerate(told)}
    archive = Archive(tmp_path / "archive.sqlite")
    archive.put(told)
    Indexer(tmp_path, names=all_names).catch_up()
    tell_stories(tmp_path / "index", stories, {number: article.id for number, article in archive.versions(
        archive.live_numbers()).items()})
    searcher = Searcher(tmp_path, names=all_names)
    oracle = Oracle(all_names, told, stories)
    for q in ("", "Kyiv"):
        check(searcher, oracle, SearchRequest(q, facet_size=20))
    searcher.close()
