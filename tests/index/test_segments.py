"""What was written is read, however large the numbers; merged segments are those that one build would have written."""

from __future__ import annotations

import os
import pickle
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_news import articles

from index.analysis.analyzer import Analyzer
from index.article import Article
from index.builder import build
from index.merge import Part, merge
from index.names.registry import Names
from index.segment import BLOCK, NAME_SIGN, TITLE_WEIGHT, UNDATED, Segment
from index.segment_writer import Columns, Foldings, SegmentWriter, Terms
from index.strings import Strings

Model = dict[str, dict[int, list[tuple[int, str]]]]
"""term → article → (position, printed form) of each occurrence, in order."""
TITLE = 3
"""The first three positions are the title's."""


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


def write(folder: Path, model: Model, docs: int, runs: int = 1) -> Segment:
    """The segment of a model, its terms added in several runs."""
    writer = SegmentWriter(folder)
    if any(place >= 1 << 16 for posted in model.values() for found in posted.values() for place, _ in found):
        writer.wide_positions()
    terms = sorted(model, key=str.encode)
    for start in range(0, len(terms), -(-len(terms) // runs) or 1):
        writer.add(_terms(model, terms[start : start + (-(-len(terms) // runs) or 1)]))
    none, zeros = np.empty(0, np.int64), np.zeros(docs, np.int64)
    writer.close(Columns(
        numbers=np.arange(docs, dtype=np.int64), keys=np.arange(docs, dtype=np.uint64), days=zeros.astype(np.int32),
        moments=zeros, lengths=zeros + 1, title_words=zeros + TITLE, source=zeros, sources=[""], language=zeros,
        languages=[""], entity_start=np.zeros(docs + 1, np.int64), entity=none, entities=[],
        cut_start=np.zeros(docs + 1, np.int64), cuts=none), Foldings(none.astype(np.uint64), none))
    return Segment(folder)


def _terms(model: Model, terms: Sequence[str]) -> Terms:
    forms = {term: list(dict.fromkeys(form for found in model[term].values() for _, form in found)) for term in terms}
    ordinal = {term: {form: number for number, form in enumerate(forms[term])} for term in terms}
    posted = [(term, document, found) for term in terms for document, found in sorted(model[term].items())]
    places = np.array([place for _, _, found in posted for place, _ in found])
    ordinals = np.array([ordinal[term][form] for term, _, found in posted for _, form in found])
    half = len(places) // 2
    return Terms(
        Strings.of([term.encode() for term in terms]), np.array([len(model[term]) for term in terms]),
        Strings.of([form.encode() for term in terms for form in forms[term]]),
        np.array([len(forms[term]) for term in terms]),
        np.array([document for _, document, _ in posted]), np.array([len(found) for _, _, found in posted]),
        np.array([sum(place < TITLE for place, _ in found) for _, _, found in posted]),
        [(places[:half], ordinals[:half]), (places[half:], ordinals[half:])])


def read(segment: Segment) -> Model:
    """All that stands in a segment; checks on the way that its tables agree."""
    model: Model = {}
    for number in range(segment.terms):
        text = segment.term_text(number).decode()
        assert segment.term(text) == number
        documents, occurrences, forms = segment.documents(number), segment.occurrences(number), segment.forms(number)
        assert len(documents) == segment.document_frequency(number)
        assert segment.frequencies(number).tolist() == np.diff(occurrences.start).tolist()
        ordinals = occurrences.forms.tolist() if occurrences.forms is not None else [0] * len(occurrences.positions)
        assert set(ordinals) == set(range(len(forms))), "no form without an occurrence"
        places = list(zip(occurrences.positions.tolist(), [forms[ordinal] for ordinal in ordinals], strict=True))
        bounds = occurrences.start.tolist()
        model[text] = {document: places[start:end]
                       for document, start, end in zip(documents.tolist(), bounds, bounds[1:], strict=False)}
        title_words = segment["title_words"]
        titles = {document: sum(place < title_words[document] for place, _ in found)
                  for document, found in model[text].items()}
        posts, counts = segment.title_frequencies(number)
        assert dict(zip(documents[posts].tolist(), counts.tolist(), strict=True)) == {
            document: count for document, count in titles.items() if count}
        assert segment.weights(number).tolist() == [
            len(found) + (TITLE_WEIGHT - 1) * titles[document] for document, found in model[text].items()]
    return model


FORMS = st.sampled_from(["kiev", "kyiv", "київ", "krivoy rog", "a"])
POSTED = st.dictionaries(st.integers(0, 9), st.lists(st.tuples(
    st.integers(0, 70_000), FORMS), min_size=1, max_size=4).map(sorted), min_size=1, max_size=6)
MODELS = st.dictionaries(st.sampled_from(["", "a", "ab", "b", "київ", "я", "@place/kyiv", "@surname/x"]), POSTED)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(model=MODELS, runs=st.integers(1, 3))
def test_what_was_written_is_read(model: Model, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        segment = write(Path(folder) / "seg", model, 10, runs)
        assert read(segment) == {term: dict(sorted(posted.items())) for term, posted in model.items()}


LARGE = {
    "no term at all": {},
    "positions beyond 65,535": {"a": {0: [(1, "a"), (65_535, "a"), (65_536, "a")]}, "b": {1: [(1_900_000, "b")]}},
    "more than 256 forms of one term": {"a": {0: [(place, f"form{place}") for place in range(300)]}},
    "more than 65,536 forms of one term": {"a": {0: [(place, f"form{place}") for place in range(65_537)]}},
    "more than 255 occurrences in an article": {"a": {0: [(10 + place, "a") for place in range(256)], 1: [(0, "a")]}},
    "more than 65,535 occurrences in an article": {"a": {0: [(10 + place, "a") for place in range(65_537)]}},
    "gaps of more than a byte": {"a": {0: [(0, "a")], 255: [(0, "a")], 511: [(0, "a")]}},
    "gaps of more than two bytes": {"a": {5: [(0, "a")], 65_541: [(0, "a")], 65_542: [(0, "a")]},
                                     "b": {69_999: [(1, "b")]}},
}


@pytest.mark.parametrize("terms", [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_a_term_that_is_there_or_not_has_its_place_in_the_order_of_all(tmp_path: Path, terms: int) -> None:
    texts = [f"w{number:04}".encode() for number in range(terms)]
    segment = write(tmp_path / "seg", {text.decode(): {0: [(9, "w")]} for text in texts}, 1)
    for text in (b"", b"w", b"x", *texts, *(text + b"!" for text in texts)):
        assert segment.find(text) == bisect_left(texts, text)


@pytest.mark.parametrize("model", [pytest.param(model, id=name) for name, model in LARGE.items()])
def test_large_numbers_are_read_as_written(tmp_path: Path, model: Model) -> None:
    assert read(write(tmp_path / "seg", model, 70_000)) == model


def test_a_word_may_stand_in_a_title_as_often_as_a_title_is_long(tmp_path: Path, all_names: Names) -> None:
    build(Analyzer(all_names), [(1, Article("1", "ha " * 66_000))], tmp_path / "seg")
    segment = Segment(tmp_path / "seg")
    assert segment.weights(segment.term("ha")).tolist() == [66_000 * TITLE_WEIGHT]


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(model=MODELS)
def test_words_are_found_by_the_beginning_of_their_printed_form(model: Model) -> None:
    with tempfile.TemporaryDirectory() as folder:
        segment = write(Path(folder) / "seg", model, 10)
        for prefix in ("", "k", "ky", "kyiv", "к", "z"):
            forms = segment.words_with_prefix(prefix)
            terms, ordinals = segment.terms_of_forms(forms)
            found = [(segment.form_text(form).decode(), segment.term_text(term).decode())
                     for form, term in zip(forms.tolist(), terms.tolist(), strict=True)]
            assert found == sorted(found, key=lambda pair: pair[0].encode())
            assert sorted(found) == sorted({(form, term) for term, posted in model.items()
                                            if not term.startswith(NAME_SIGN) for places in posted.values()
                                            for _, form in places if form.startswith(prefix)})
            for form, term, ordinal in zip(forms.tolist(), terms.tolist(), ordinals.tolist(), strict=True):
                assert segment.forms(term)[ordinal].encode() == segment.form_text(form)


# -- merging ----------------------------------------------------------------

@pytest.fixture(scope="module")
def analyzer(all_names: Names) -> Analyzer:
    return Analyzer(all_names)


def columns(segment: Segment) -> list[dict[str, Any]]:
    """Every article's row, values for ordinals."""
    starts, entities, rows = segment["entity_start"], segment["entity"], []
    for document in range(segment.docs):
        row = {name: int(segment[name][document])
               for name in ("numbers", "keys", "days", "moments", "lengths", "title_words")}
        rows.append({**row, "source": segment.sources[segment["source"][document]],
                     "language": segment.languages[segment["language"][document]], "cuts": segment.cuts(document),
                     "entities": [segment.entities[entity][0]
                                  for entity in entities[starts[document] : starts[document + 1]]]})
    for number, (id, _) in enumerate(segment.entities):
        assert segment.entity_documents(number).tolist() == [
            document for document, row in enumerate(rows) if id in row["entities"]]
    return rows


def foldings(segment: Segment) -> set[tuple[int, bytes]]:
    """The hashes of folding keys with the printed forms they are of."""
    keys, forms = segment["folding_keys"].tolist(), segment["folding_forms"].tolist()
    assert list(zip(keys, forms, strict=True)) == sorted(set(zip(keys, forms, strict=True)))
    return {(key, segment.form_text(form)) for key, form in zip(keys, forms, strict=True)}


def word_forms(segment: Segment) -> list[bytes]:
    """The printed forms of words, in order."""
    return [segment.form_text(form) for form in segment["sorted_forms"].tolist()]


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.lists(articles(), min_size=1, max_size=6), min_size=1, max_size=4),
       dead=st.sets(st.integers(0, 23), max_size=8), run=st.sampled_from([1, 20, 4_000_000]))
def test_merged_segments_are_one_build_of_what_is_live(analyzer: Analyzer, parts: list[list[Article]], dead: set[int],
                                                       run: int) -> None:
    numbered = list(enumerate(article for part in parts for article in part))
    live = [pair for pair in numbered if pair[0] not in dead]
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.merge.RUN", run)
        folder, chosen, start = Path(name), [], 0
        for at, part in enumerate(parts):
            build(analyzer, numbered[start : start + len(part)], folder / f"part-{at}")
            mask = np.array([number not in dead for number in range(start, start + len(part))])
            chosen.append(Part(Segment(folder / f"part-{at}"), mask))
            start += len(part)
        merge(chosen, folder / "merged")
        build(analyzer, live, folder / "whole")
        merged, whole = Segment(folder / "merged"), Segment(folder / "whole")
        assert read(merged) == read(whole)
        assert columns(merged) == columns(whole)
        assert word_forms(merged) == word_forms(whole)
        assert foldings(merged) == {(key, form) for part in chosen for key, form in foldings(part.segment)
                                    if form in word_forms(whole)}
        assert foldings(merged) >= foldings(whole)
        assert sorted(merged.sources) == sorted(whole.sources) or set(merged.sources) | {""} == set(whole.sources)
        assert sorted(id for id, _ in merged.entities) == sorted(id for id, _ in whole.entities)


def test_undated_articles_have_no_day(analyzer: Analyzer, tmp_path: Path) -> None:
    build(analyzer, [(1, Article("1", "a")), (2, Article("2", "a", date="1970-01-02"))], tmp_path / "seg")
    assert Segment(tmp_path / "seg")["days"].tolist() == [UNDATED, 1]
    assert Segment(tmp_path / "seg")["days"].dtype == UNDATED.dtype


def test_opening_a_segment_runs_nothing_that_is_stored(analyzer: Analyzer, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    build(analyzer, [(1, Article("1", "Kiev", "talks in Kyiv"))], tmp_path / "seg")
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    assert "talk" in read(Segment(tmp_path / "seg"))
