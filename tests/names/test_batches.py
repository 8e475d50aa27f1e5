"""Articles analysed together are analysed like each alone, whatever stands beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.analyzer import AT_ONCE, LETTERS, Analysis, Analyzer, batches
from index.analysis.vocabulary import Vocabulary
from index.article import Article
from index.names.batch import Batch
from index.names.finder import Finder
from index.names.registry import Names
from index.names.surroundings import Surroundings
from index.names.trie import ASKED

PARTS = ("Kyiv", "Odessa", ", Texas", "Volodymyr Zelensky", "Mr. Zelensky", "said", ".", "The", "(", ")", '"', "John",
         "William \"Bill\" Smith", "National Bank of Ukraine", "NBU", "and", "of", "Ministry", "the", "\n", "RIVER",
         "is a village", "beat", "won", "goal", "league", "match", "St", "J", "12", "Paris", "Georgia", "Київ", "у",
         "Bank of England (BOE)", "65th Air Division", "Franklin", "Megantic Railway", "Advertisement", "May")
TEXTS = st.lists(st.sampled_from(PARTS), max_size=40).map(" ".join)


@pytest.fixture(scope="module")
def analyzers() -> tuple[Analyzer, Analyzer]:
    """One for articles together, one for articles alone."""
    names = Names.load()
    return Analyzer(names), Analyzer(names)


@settings(max_examples=150, deadline=None)
@given(articles=st.lists(st.builds(Article, st.just("a"), TEXTS, TEXTS), max_size=5))
def test_together_and_alone_give_the_same(analyzers: tuple[Analyzer, Analyzer], articles: list[Article]) -> None:
    together, alone = analyzers
    both = zip(together.analyse_all(articles), map(alone.analyse, articles), strict=True)
    for one, other in both:
        assert _plain(together, one) == _plain(alone, other)


@given(texts=st.lists(st.lists(st.sampled_from(["white", "House", "bank", ",", "\n"])), min_size=1, max_size=4),
       phrase=st.lists(st.sampled_from(["white", "house", "bank"]), min_size=1, max_size=3).map(" ".join))
def test_a_phrase_is_printed_where_its_words_follow_one_another_in_an_article(
        analyzers: tuple[Analyzer, Analyzer], texts: list[list[str]], phrase: str) -> None:
    vocabulary = Vocabulary()
    batch = Batch.of([(np.array([vocabulary[word] for word in text], np.int32),) for text in texts], vocabulary)
    flags = np.full(len(batch.tokens), ASKED, np.uint8)
    surroundings = Surroundings(Finder(analyzers[0].names, vocabulary), batch, flags)
    for number, text in enumerate(texts):
        words = " ".join([word.lower() for word in text if word.isalpha()])
        assert surroundings.is_printed(phrase, number) == (f" {phrase} " in f" {words} ")


def test_a_line_of_thousands_of_tokens_is_looked_at_alike_in_any_company(analyzers: tuple[Analyzer, Analyzer]) -> None:
    long = Article("a", "LONG", "KYIV AND PARIS " * 3000)
    short = Article("b", "Short", "Talks in Kyiv, said Volodymyr Zelensky.")
    together, alone = analyzers
    for one, article in zip(together.analyse_all([short, long, short]), (short, long, short), strict=True):
        assert _plain(together, one) == _plain(alone, alone.analyse(article))


def test_parts_are_bounded_in_articles_and_in_characters() -> None:
    long = AT_ONCE + 8
    articles = [(number, Article(str(number), "t", "x" * (LETTERS if number == long else 9)))
                for number in range(2 * AT_ONCE + 16)]
    parts = list(batches(articles))
    assert [one for part in parts for one in part] == articles
    assert list(map(len, parts)) == [AT_ONCE, 9, AT_ONCE, 7]


def _plain(analyzer: Analyzer, found: Analysis) -> tuple[object, ...]:
    printed = [analyzer.vocabulary.printed[number] for number in found.numbers.tolist()]
    return (printed, found.words.tolist(), found.positions.tolist(), found.title_end, found.title_words,
            found.matches, found.mentions, found.cuts)
