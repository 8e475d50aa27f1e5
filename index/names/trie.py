"""A trie of words: the forms of several words, walked word by word."""

from __future__ import annotations

from collections.abc import Iterable


class Node:
    """Where a run of words leads: the words that may follow, and whether a form ends here (`key`)."""

    __slots__ = ("key", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.key: str | None = None


def build(keys: Iterable[str]) -> Node:
    """The trie of all keys of two or more words."""
    root = Node()
    for key in keys:
        if " " not in key:
            continue
        node = root
        for word in key.split(" "):
            following = node.next.get(word)
            if following is None:
                following = node.next[word] = Node()
            node = following
        node.key = key
    return root
