"""Laws of the recogniser: a pure function of the article, and no mention outside it, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.vocabulary import Vocabulary
from index.names.recogniser import Recogniser
from index.names.recogniser_output import EntityMention
from tests.names.recognising import LEXICON, Listed

WORDS = st.sampled_from([
    "the", "The", "of", "de", "and", "said", "in", "Mr", "President", "Smith", "John", "Kyiv", "KYIV", "Paris", "U.S.",
    "Bank", "University", "Ministry", "River", "X", "J", "1996", "3", ".", ",", "(", ")", '"', "\n", "—", "is", "a",
    "Ukraine's", "Іван", "Київ", "II", "Jr", "65th", "NBU", "beat", "Cup", "for", "on", "&", "…", "é", "May", "Will",
    "village"])
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join))
ARTICLES = st.lists(TEXTS, min_size=1, max_size=6)


class Desk:
    """A vocabulary and the recogniser that belongs to it."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.recogniser = Recogniser(Listed(), self.vocabulary, LEXICON)

    def read(self, text: str, title_end: int = 0) -> list[EntityMention]:
        return self.recogniser.mentions(self.vocabulary.numbers(text), [], title_end)


@settings(max_examples=60, deadline=None)
@given(ARTICLES)
def test_an_article_has_the_same_entities_whatever_was_read_before(texts: list[str]) -> None:
    forward, backward = Desk(), Desk()
    first = [forward.read(text) for text in texts]
    last = [backward.read(text) for text in reversed(texts)]
    assert first == last[::-1]
    assert first == [forward.read(text) for text in texts]


def test_forgetting_what_was_kept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["Serhiy Popko met the Bank of Westmark.", "The Bank of Westmark is in Velmora, a town.", "He left Kyiv."]
    kept = [Desk().read(text) for text in texts]
    monkeypatch.setattr("index.names.recogniser.KEPT", 1)
    desk = Desk()
    assert [desk.read(text) for text in texts] == kept


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 60))
def test_mentions_lie_in_the_article_in_order_without_overlap(text: str, title_end: int) -> None:
    desk = Desk()
    size = len(desk.vocabulary.numbers(text))
    mentions = desk.read(text, min(title_end, size))
    reached = 0
    for mention in mentions:
        assert reached <= mention.start < mention.end <= size
        assert mention.label
        assert mention.entity.startswith(f"{mention.type}/")
        reached = mention.end
