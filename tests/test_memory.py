"""What is forgotten is gone at once: where segments are built, garbage is seldom collected (`workers.settle`)."""

from __future__ import annotations

import gc
import weakref

from index.analysis.analyzer import Analyzer
from index.article import Article
from index.known_words import KnownWords
from index.names.registry import Names


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
