"""C gives what Python and NumPy give, and these what a plain count gives: postings, and a segment as a whole."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_kernels import each, using
from random_news import articles

from index import kernels
from index.analysis.analyzer import Analyzer, word_term
from index.analysis.vocabulary import Vocabulary
from index.article import Article
from index.builder import Builder
from index.known_words import KnownWords
from index.names.registry import Names
from index.postings import postings
from index.segment import TITLE_GAP
from index.term_table import NameTerms, TermTable

WORDS = st.lists(st.sampled_from(["Kiev", "kiev", "KIEV", "talk", "talks", "Київ", "7"]), max_size=12)
NAMES = st.lists(st.tuples(st.sampled_from(["@place/kyiv", "@surname/talk"]), st.sampled_from(["kiev", "kyiv"]),
                           st.integers(0, 20)), max_size=4)
ARTICLES = st.lists(st.tuples(WORDS, WORDS, NAMES), max_size=5)


def test_the_compiled_kernels_are_in_use_where_there_is_a_compiler() -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert kernels.KERNELS is not None


@each
@given(texts=ARTICLES)
def test_postings_are_those_of_counting_word_by_word(
        library: Any, texts: list[tuple[list[str], list[str], list[tuple[str, str, int]]]]) -> None:
    vocabulary, names = Vocabulary(), NameTerms()
    known = KnownWords.of(vocabulary)
    numbers = np.array([vocabulary[word] for title, text, _ in texts for word in [*title, *text]], np.int32)
    named = np.array([(*names.form(name, form), document, place) for document, (_, _, its) in enumerate(texts)
                      for name, form, place in sorted(its, key=lambda one: one[2])], np.int32).reshape(-1, 4)
    table = TermTable.of(known.terms, np.unique(numbers).astype(np.int64), names)
    with using(library):
        found = postings(numbers, np.array([len(title) + len(text) for title, text, _ in texts], np.int64),
                         np.array([len(title) for title, _, _ in texts], np.int32), named[:, [0, 2, 3, 1]], table)

    counted: dict[str, dict[int, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    terms = [word_term(normal) if normal else "" for normal in vocabulary.normal]
    for document, (title, text, its) in enumerate(texts):
        for place, word in [*enumerate(title), *enumerate(text, len(title) + TITLE_GAP if title else 0)]:
            counted[terms[vocabulary[word]]][document].append((place, vocabulary.exact[vocabulary[word]]))
        for name, form, place in sorted(its, key=lambda one: one[2]):
            counted[name][document].append((place, form))
    posted = [(term, document, places) for term in sorted(counted, key=str.encode)
              for document, places in sorted(counted[term].items())]
    forms = {text.decode(): table.forms[end - count : end] for text, count, end in zip(
        table.texts, table.form_counts.tolist(), table.form_counts.cumsum().tolist(), strict=True)}
    assert found.document_frequencies.tolist() == [len(counted[text.decode()]) for text in table.texts]
    assert found.documents.tolist() == [document for _, document, _ in posted]
    assert found.frequencies.tolist() == [len(places) for _, _, places in posted]
    assert found.title_frequencies.tolist() == [
        sum(place < len(texts[document][0]) for place, _ in places) for _, document, places in posted]
    [(positions, ordinals)] = found.occurrences
    assert positions.tolist() == [place for _, _, places in posted for place, _ in places]
    printed = iter(ordinals.tolist())
    assert all(forms[term][next(printed)].decode() == form for term, _, places in posted for _, form in places)
    assert [column.dtype for column in (found.documents, found.frequencies, found.title_frequencies, positions,
                                        ordinals)] == [np.int32] * 5


def built(names: Names, parts: Sequence[Sequence[Article]], folder: Path) -> list[tuple[str, bytes]]:
    """Every file of the segments of these articles, in one vocabulary, and the fingerprints."""
    analyzer = Analyzer(names)
    known, found = KnownWords.of(analyzer.vocabulary), []
    for number, part in enumerate(parts):
        builder = Builder(analyzer, known)
        builder.add_all(list(enumerate(part)))
        builder.write(folder / str(number), is_durable=False)
        found += [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in sorted(
            (folder / str(number)).iterdir())]
        found += [(one.article, one.to_bytes()) for _, one in builder.fingerprints]
    return found


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.lists(articles(), max_size=6), min_size=1, max_size=3))
def test_a_segment_is_the_same_byte_for_byte_without_a_compiler(all_names: Names, parts: list[list[Article]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        compiled = built(all_names, parts, Path(name) / "compiled")
        with using(None):
            assert built(all_names, parts, Path(name) / "plain") == compiled
