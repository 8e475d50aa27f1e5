"""Laws of the recogniser: a pure function of the article, and no mention outside it, whatever the text."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import kernels
from index.analysis.vocabulary import Vocabulary
from index.names.matches import KnownEntities
from index.names.recogniser import Recogniser
from index.names.recogniser_found import Found
from index.names.recogniser_known import _in_c, _one_by_one
from index.names.recogniser_output import EntityMention
from tests.names.recognising import LEXICON, Listed

WORDS = st.sampled_from([
    "the", "The", "of", "de", "and", "said", "in", "Mr", "President", "Smith", "John", "Kyiv", "KYIV", "Paris", "U.S.",
    "Bank", "University", "Ministry", "River", "X", "J", "1996", "3", ".", ",", "(", ")", '"', "\n", "—", "is", "a",
    "Ukraine's", "Іван", "Київ", "II", "Jr", "65th", "NBU", "beat", "Cup", "for", "on", "&", "…", "é", "May", "Will",
    "village"])
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join))
needs_library = pytest.mark.skipif(kernels.KERNELS is None, reason="kernels.c is not compiled here")
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


SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=12)


@needs_library
@given(mentions=SPANS, spellings=SPANS, choice=st.randoms(use_true_random=False))
def test_known_spellings_are_placed_in_c_as_one_by_one(
        mentions: list[tuple[int, int]], spellings: list[tuple[int, int]], choice: Random) -> None:
    def spans(rows: list[tuple[int, int]], overlap: int) -> list[tuple[int, int]]:
        """Gap before each and its length; `overlap`: so far back the next may begin."""
        found, at = [], 0
        for gap, length in rows:
            at += gap
            found.append((at, at + length))
            at += max(length - overlap, 0)
        return found

    starts, ends = np.array(spans(mentions, 0), np.intp).reshape(-1, 2).T.copy()
    count = len(starts)
    found = Found(starts, ends, starts, starts, np.zeros((count, 3)),
                  np.array([choice.random() < 0.5 for _ in range(count)], np.bool_))
    entities = KnownEntities.of([(start, end, "") for start, end in sorted(spans(spellings, 2))])
    sorts = np.array([choice.randrange(8) for _ in spellings], np.uint8)
    evidence = np.array([choice.choice((0.8, 1.5, 3.0)) for _ in spellings])
    places = np.array([choice.choice((-1.0, 0.0, 1.9, 2.0)) for _ in range(count)])
    slow, fast = places.copy(), places.copy()
    for one, other in zip(_one_by_one(found, slow, entities, sorts, evidence),
                          _in_c(found, fast, entities, sorts, evidence), strict=True):
        assert one.tolist() == other.tolist()
    assert slow.tolist() == fast.tolist()
