"""Most words that are names alone take a short way: they say what they say on the long one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.vocabulary import Vocabulary
from index.names.batch import Batch
from index.names.finder import Finder
from index.names.matches import BatchMatches
from index.names.registry import Names
from index.names.senses import Senses
from index.names.single_words import GIVEN_PLACE, OTHER, PLACE, SURE, SURNAME, SingleWords

PARTS = ("Kyiv", "Kiev", "Odessa", "Texas", "Zelensky", "Volodymyr", "Putin", "Vladimir", "Vladimir V.", "Mr", "said",
         ".", ",", "in", "near", "the", "Kyiv Post", "Kyiv region", "Richardson", "Jordan", "Peterson", "Charlotte",
         "Paris", "Hilton", "Poroshenko", "Petro", "Yoon", "Suk-yeol", "Suk yeol", "Путин", "Владимир", "Київ", "у",
         "Володимир", "Зеленський", "Trump", "Donald J.", "J.", "U.S.", "Biden", "Joe", "Georgia", "Washington",
         "Johnson", "Boris", "Orban", "NATO", "\n", "(", ")", "Kim", "Jong Un", "Merkel", "Lincoln", "Victoria")
TEXTS = st.lists(st.lists(st.sampled_from(PARTS), max_size=25).map(" ".join), min_size=1, max_size=4)


class _NoSingleWords(SingleWords):
    """Takes every word for OTHER."""

    def add(self, words: Iterable[tuple[int, Senses]], total: int) -> None:
        super().add((), total)


class _LongWay(Finder):
    """A finder without the short way."""

    def __init__(self, names: Names, vocabulary: Vocabulary) -> None:
        super().__init__(names, vocabulary)
        self._single_words = _NoSingleWords(self.meanings)


@pytest.fixture(scope="module")
def finders() -> tuple[Finder, Finder]:
    """One with the short way and one without."""
    names, vocabulary = Names.load(), Vocabulary()
    return Finder(names, vocabulary), _LongWay(names, vocabulary)


@settings(max_examples=400, deadline=None)
@given(texts=TEXTS)
def test_the_short_way_and_the_long_one_find_the_same(finders: tuple[Finder, Finder], texts: list[str]) -> None:
    short, long = finders
    batch = Batch.of([(short.vocabulary.numbers(text),) for text in texts], short.vocabulary)
    assert _plain(short.of_batch(batch), batch) == _plain(long.of_batch(batch), batch)


@pytest.mark.parametrize(("word", "sort"), [
    pytest.param("said", OTHER, id="no name"), pytest.param("Kyiv", OTHER, id="guarded"),
    pytest.param("Texas", SURE, id="one name"), pytest.param("Charlotte", PLACE, id="place of the gazetteer"),
    pytest.param("Victoria", GIVEN_PLACE, id="and a given name"), pytest.param("Putin", SURNAME, id="surname")])
def test_every_sort_of_word_is_told(finders: tuple[Finder, Finder], word: str, sort: int) -> None:
    short, _ = finders
    number = np.array([short.vocabulary[word]], np.int32)
    short.find(number)
    assert short._single_words.rows(number)[0, 0] == sort


def _plain(found: BatchMatches, batch: Batch) -> tuple[object, ...]:
    return [list(own) for own in found.of_articles(batch)], dict(found.barred)
