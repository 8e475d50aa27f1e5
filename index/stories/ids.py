"""Ids of stories: sixteen hexadecimal digits made from the id of the member printed first; as a number, 64 bits."""

from __future__ import annotations

import hashlib

StoryId = str
"""Sixteen hexadecimal digits made from the id of the story's first printed article."""


def story_id(article: str) -> StoryId:
    """The id of a story whose first printed article has this id."""
    return hashlib.blake2b(article.encode(), digest_size=8).hexdigest()


def story_number(article: str) -> int:
    """The same as a number of 64 bits."""
    return int.from_bytes(hashlib.blake2b(article.encode(), digest_size=8).digest(), "big")
