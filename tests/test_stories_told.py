"""What the documents of a cluster are told of their stories; told all of it, each says its story."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.opensearch import mapping as m
from index.opensearch.writer import story_actions
from index.stories import Fingerprint, Stories, fingerprint, story_id

WORDS = np.random.default_rng(1).integers(1, 1 << 62, 400, dtype=np.uint64)


def one(article: str, begin: int, day: int) -> Fingerprint:
    """An article of 200 words; the same words from the same place."""
    words = WORDS[begin:begin + 200]
    return fingerprint(article, words[:0], words, np.zeros(len(words), np.bool_), day)


class Documents:
    """What an index holds: each document as alone in its story, until it is told otherwise."""

    def __init__(self, *articles: str) -> None:
        self.stories: dict[str, tuple[str, str | None]] = {}
        self.write(*articles)

    def write(self, *articles: str) -> None:
        """Write documents."""
        self.stories |= {m.document_id(article): (story_id(article), None) for article in articles}

    def tell(self, stories: Stories) -> int:
        """Take the actions over; how many they were."""
        actions = list(story_actions(stories, "index"))
        for action in actions:
            assert (action.kind, action.index) == ("update", "index")
            assert action.body is not None
            assert action.id in self.stories
            self.stories[action.id] = (action.body[m.STORY], action.body[m.SHARED])
        return len(actions)

    def expect(self, *groups: str) -> None:
        """Whether they say that these are the stories, each written as its members, first printed first."""
        assert self.stories == {
            m.document_id(article): (story_id(group[0]), story_id(group[0]) if len(group) > 1 else None)
            for group in groups for article in group}


def test_documents_are_told_what_has_changed_and_no_more() -> None:
    documents = Documents("b", "c", "x")
    with Stories(":memory:") as stories:
        stories.add([(1, one("b", 0, 2)), (2, one("c", 0, 3)), (3, one("x", 200, 1))])
        assert documents.tell(stories) == 2
        documents.expect("bc", "x")
        stories.publish()
        assert documents.tell(stories) == 0
        documents.write("a")
        stories.add([(4, one("a", 0, 1))])
        assert documents.tell(stories) == 3
        documents.expect("abc", "x")
        stories.publish()
        del documents.stories[m.document_id("b")], documents.stories[m.document_id("c")]
        stories.remove([1, 2])
        assert documents.tell(stories) == 1
        documents.expect("a", "x")


def test_after_a_crash_every_document_is_told(tmp_path: Path) -> None:
    documents = Documents("b", "c", "x")
    with Stories(tmp_path / "stories.db") as stories:
        stories.add([(1, one("b", 0, 2)), (2, one("c", 0, 3)), (3, one("x", 200, 1))])
        stories.publish("1")
        documents.write("a")
        stories.add([(4, one("a", 0, 1))])
        documents.tell(stories)                     # and then it ended, before anything was published
    with Stories(tmp_path / "stories.db") as stories:
        assert not stories.believe("1")
        stories.remove([4, 2])
        del documents.stories[m.document_id("a")], documents.stories[m.document_id("c")]
        assert documents.tell(stories) == 2
        documents.expect("b", "x")
