"""What is forgotten is gone at once: where segments are built or searched, garbage is seldom collected."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from index.analysis.analyzer import Analyzer
from index.archive import Archive
from index.article import Article
from index.builder import Builder
from index.known_words import KnownWords
from index.names.registry import Names
from index.writer import Indexer
from search.request import SearchRequest
from search.searcher import Searcher


def test_an_analyzer_that_is_forgotten_takes_its_words_with_it(all_names: Names) -> None:
    analyzer = Analyzer(all_names)
    known = KnownWords.of(analyzer.vocabulary)
    article = Article("a", "Kyiv talks", "Volodymyr Zelensky said in Kiev that NATO talks go on. Mr. Zelensky left.")
    known.fingerprinter.of_all([article], analyzer.analyse_all([article]))
    words = weakref.ref(analyzer.vocabulary)
    gc.disable()
    try:
        del analyzer, known
        assert words() is None
    finally:
        gc.enable()


def test_building_makes_no_cycles(tmp_path: Path, all_names: Names) -> None:
    analyzer = Analyzer(all_names)
    known = KnownWords.of(analyzer.vocabulary)
    left = []
    for number, people in enumerate(("Olena Sydorenko", "Taras Bondarenko")):
        article = Article(str(number), f"{people} in Kyiv", f"{people} of the National Bank of Ukraine (NBU) met "
                          "Volodymyr Zelensky and Sydorenko's advisers near Kharkiv on Monday. She runs the bank.")
        gc.collect()                                # the first time what is imported and made once is left over
        gc.disable()
        try:
            builder = Builder(analyzer, known)
            builder.add(number, article)
            builder.write(tmp_path / str(number), is_durable=False)
            [one.to_bytes() for _, one in builder.fingerprints]
            del builder
            left.append(gc.collect())
        finally:
            gc.enable()
    assert left[-1] == 0


@pytest.mark.parametrize("many", [8, 1_000_000])
def test_a_generation_that_was_replaced_is_free_at_once(tmp_path: Path, all_names: Names, many: int,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.articles.IN_CACHE", 0)
    monkeypatch.setattr("search.articles.MANY", many)
    monkeypatch.setattr("search.mentioning.PAYS", 0)
    archive, indexer = Archive(tmp_path / "archive.sqlite"), Indexer(tmp_path, names=all_names)
    archive.put([Article("a", "Kiev talks", "Volodymyr Zelenskyy spoke in Kyiv.", "2024-01-02", "Wire")])
    indexer.catch_up()
    searcher = Searcher(tmp_path, names=all_names)
    assert searcher.search(SearchRequest("Kiev")).total == 1
    generation = weakref.ref(searcher.snapshot().published.generation)
    archive.put([Article("b", "Kyiv bridge", "Volodymyr Zelenskyy left Kyiv.", "2024-01-03", "Wire")])
    indexer.catch_up()
    gc.disable()
    try:
        assert searcher.search(SearchRequest("Kiev")).total == 2
        assert generation() is None
    finally:
        gc.enable()
    searcher.close()
