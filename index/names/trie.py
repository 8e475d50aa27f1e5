"""A trie of words: the forms of several words, walked word by word, and what each word may be in a form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

ALONE, FIRST, LATER, DOTTED, ASKED, CAPITAL, BEHIND, PLACE_WORD = (1 << place for place in range(8))
"""Flags of a word: it may be a form alone, begin one of several words, stand second in one, be an abbreviation in one,
begin a phrase that makes some form count (`only_with`); what the finder adds: it begins with a capital, with one and is
Cyrillic, so that it may be a given name behind a surname; a place follows it (*in*, *near*).

FIRST shifted left by one is LATER: so two neighbours are told to be a pair in one array operation.
"""


class Node:
    """Where a run of words leads: the words that may follow, and whether a form ends here (`key`)."""

    __slots__ = ("key", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.key: str | None = None


class Trie:
    """All keys of forms; `flags` says of each word what it may be. Nodes are made when a first word is asked for."""

    def __init__(self, groups: Iterable[Collection[str]], more: Mapping[str, int]) -> None:
        """`more`: flags of words that no key tells."""
        flags: dict[str, int] = {}
        keys: dict[str, list[str]] = {}
        later: set[str] = set()
        for group in groups:
            flags.update(dict.fromkeys(group, ALONE))     # keys of several words too: no single word is one of them
            for key in [key for key in group if " " in key]:
                first, second, *_ = key.split(" ", 2)
                later.add(second)
                if first in keys:
                    keys[first].append(key)
                else:
                    keys[first] = [key]
        for words, flag in ((keys, FIRST), (later, LATER)):
            flags.update({word: flags.get(word, 0) | flag for word in words})
        flags.update({word: flags.get(word, 0) | flag for word, flag in more.items()})
        self.flags = flags
        self._keys = keys
        self._nodes: dict[str, Node] = {}

    def node(self, first: str) -> Node:
        """Where a word leads that begins forms of several words (FIRST)."""
        found = self._nodes.get(first)
        if found is None:
            found = self._nodes[first] = _built(self._keys[first])
        return found


def _built(keys: Iterable[str]) -> Node:
    root = Node()
    for key in keys:
        node = root
        for word in key.split(" ")[1:]:
            following = node.next.get(word)
            if following is None:
                following = node.next[word] = Node()
            node = following
        node.key = key
    return root
