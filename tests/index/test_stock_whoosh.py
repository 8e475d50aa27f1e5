"""Whoosh's own searcher reads our segments through the codec and finds what the array execution finds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_news import articles
from whoosh import query
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from index.analysis.analyzer import Analyzer
from index.article import Article
from index.builder import build
from index.codec import open_reader
from index.manifest import Manifest, SegmentEntry, write_column
from index.names.registry import Names
from index.schema import CONTENT
from search.generation import K1, B, Generation
from search.matching import Matcher
from search.plan import All, Alternative, Clause, Either, PlanNode, Side, Without

TERMS = ("talk", "the", "bridg", "shell", "region", "kiev", "kyiv", "київ", "odessa", "texa", "zelenski", "krivoy",
         "rog",
         "of", "absent", "@place/kyiv", "@surname/zelenskyy", "@place/kryvyi-rih")

LEAVES = st.one_of(
    st.sampled_from(TERMS).map(lambda term: query.Term(CONTENT, term)),
    st.lists(st.sampled_from(TERMS[:14]), min_size=2, max_size=3).map(lambda words: query.Phrase(CONTENT, words)),
    st.sampled_from(["k", "ze", "bri", "@place/", "x"]).map(lambda start: query.Prefix(CONTENT, start)))


def _combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(several.map(query.And), several.map(query.Or), parts.map(query.Not))


QUERIES = st.recursive(LEAVES, _combined, max_leaves=5)
SCORED = st.recursive(st.sampled_from(TERMS).map(lambda term: query.Term(CONTENT, term)), lambda parts: st.one_of(
    st.lists(parts, min_size=2, max_size=4).map(query.And), st.lists(parts, min_size=2, max_size=4).map(query.Or)),
    max_leaves=6)


def planned(asked: Any, generation: Generation) -> PlanNode:
    """A Whoosh query as our plan."""
    if isinstance(asked, query.Term):
        return _side(asked.text)
    if isinstance(asked, query.Phrase):
        return Side(tuple(clause for word in asked.words for clause in _side(word).clauses))
    if isinstance(asked, query.Prefix):
        terms = {view.segment.term_text(term).decode() for view in generation.views
                 for term in view.segment.with_prefix(asked.text)}
        return Side((Clause(asked.text, tuple(Alternative(term, "") for term in sorted(terms))),))
    if isinstance(asked, query.Not):
        return Without(planned(asked.query, generation))
    nodes = tuple(planned(child, generation) for child in asked.subqueries)
    return All(nodes) if isinstance(asked, query.And) else Either(nodes)


def _side(term: str) -> Side:
    return Side((Clause(term, (Alternative(term, ""),)),))


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="module")
def analyzer(all_names: Names) -> Analyzer:
    return Analyzer(all_names)


def generation_of(folder: Path, analyzer: Analyzer, parts: Sequence[Sequence[Article]], dead: set[int]) -> Generation:
    """Segments of these articles, numbered through; those in `dead` are deleted."""
    entries, number = [], 0
    for at, part in enumerate(parts):
        numbered = list(enumerate(part, number))
        build(analyzer, numbered, folder / f"seg-{at}")
        live = np.array([number not in dead for number, _ in numbered], np.bool_)
        gone = int((~live).sum())
        entries.append(SegmentEntry(f"seg-{at}", len(part), gone,
                                    write_column(folder, f"live-{at}.npy", live) if gone else None))
        number += len(part)
    return Generation(folder, Manifest(1, segments=tuple(entries)))


def whoosh_over(generation: Generation) -> Searcher:
    """Whoosh's searcher over the same segments."""
    reader = open_reader([(view.segment, view.live if view.live is not None else np.ones(view.docs, np.bool_))
                          for view in generation.views])
    return Searcher(reader, weighting=BM25F(B=B, K1=K1))


def ours(asked: Any, generation: Generation) -> dict[int, float]:
    """Version number → score."""
    found = Matcher(generation).match(planned(asked, generation))
    return {int(view.segment["numbers"][document]): float(part.scores[at]) if part.scores is not None else 0.0
            for view, part in zip(generation.views, found, strict=True)
            for at, document in enumerate(part.documents.tolist())}


PARTS = st.lists(st.lists(articles(), min_size=1, max_size=6), min_size=1, max_size=3)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(parts=PARTS, dead=st.sets(st.integers(0, 17), max_size=4), asked=st.lists(QUERIES, min_size=8, max_size=8))
def test_whoosh_finds_the_same_articles(analyzer: Analyzer, parts: list[list[Article]], dead: set[int],
                                        asked: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        generation = generation_of(Path(folder), analyzer, parts, dead)
        whoosh = whoosh_over(generation)
        for one in asked:
            if dead and repr(one).count("Not(") > 1:
                continue         # what the inner InverseMatcher lets pass (see below) is turned round by the outer one
            found = {whoosh.stored_fields(document)["number"] for document in whoosh.docs_for_query(one)}
            if "Not(" in repr(one):
                found -= dead    # Whoosh's InverseMatcher lets a deleted article pass right after its child's last
            assert found == set(ours(one, generation)), one


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(parts=PARTS, asked=st.lists(SCORED, min_size=8, max_size=8))
def test_whoosh_gives_the_same_scores(analyzer: Analyzer, parts: list[list[Article]], asked: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        generation = generation_of(Path(folder), analyzer, parts, set())
        whoosh = whoosh_over(generation)
        for one in asked:
            hits = whoosh.search(one, limit=None)
            assert {hit["number"]: hit.score for hit in hits} == pytest.approx(ours(one, generation), rel=1e-5), one


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(parts=PARTS)
def test_whoosh_reads_terms_positions_and_lengths(analyzer: Analyzer, parts: list[list[Article]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        generation = generation_of(Path(folder), analyzer, parts, set())
        for view in generation.views:
            segment, reader = view.segment, open_reader([(view.segment, np.ones(view.docs, np.bool_))])
            assert list(reader.lexicon(CONTENT)) == [segment.term_text(term) for term in range(segment.terms)]
            for term, text in enumerate(reader.lexicon(CONTENT)):
                matcher, occurrences = reader.postings(CONTENT, text), segment.occurrences(term)
                read = []
                while matcher.is_active():
                    read.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
                    matcher.next()
                assert read == [
                    (document, weight, occurrences.positions[start:end].tolist())
                    for document, weight, start, end in zip(
                        segment.documents(term).tolist(), segment.weights(term).tolist(),
                        occurrences.start[:-1].tolist(), occurrences.start[1:].tolist(), strict=True)]
                info = reader.term_info(CONTENT, text)
                assert (info.doc_frequency(), info.weight()) == (len(read), sum(weight for _, weight, _ in read))
            lengths = segment["lengths"].tolist()
            assert [reader.doc_field_length(document, CONTENT) for document in range(view.docs)] == lengths
            assert reader.field_length(CONTENT) == sum(lengths)


def test_whoosh_stops_at_the_best_few_of_many_matches(tmp_path: Path, analyzer: Analyzer) -> None:
    many = [Article(f"a{number}", "", "shell " * (1 + number), None, None) for number in range(30)]
    generation = generation_of(tmp_path, analyzer, [many], set())
    hits = whoosh_over(generation).search(query.Term(CONTENT, "shell"), limit=3)
    scores = ours(query.Term(CONTENT, "shell"), generation)
    assert [hit["number"] for hit in hits] == sorted(scores, key=lambda number: -scores[number])[:3]
