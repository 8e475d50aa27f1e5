"""Articles: some articles of a view, and what its columns say of them, gathered side by side.

They are read from all over a segment, which is most of what counting them costs. So what is read about all matches of a
word, a phrase or a prefix is kept as their postings are, if they are not few. Counts are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address
from search import kernels
from search.bits import Bits
from search.cache import Key
from search.columns import NO_PAIRS, Column, Lists, Pairs
from search.generation import Generation, View
from search.postings import Documents

KEPT = 100
"""What is read about so many matches is kept."""
MANY = 8
"""The entities of more than one article in so many are not: they are most of what would be kept, and such articles
stand near each other anyway. In a large view so many are `are_many`."""
SORTED = 24
"""Of more than one article in so many, to sort those that share their story takes longer than to go through all of the
view that do."""
IN_CACHE = 1 << 18
"""The columns of so many articles stay in the processor's cache, wherever the matches stand in them."""


def are_many(generation: Generation, view: View, count: int) -> bool:
    """Whether so many articles are so many that what all of the view have is rather kept, and read in order."""
    return view.docs > IN_CACHE and count * MANY > view.docs and generation.cache.limit > 0


def uses_bits(generation: Generation, view: View, count: int, key: Key | None) -> bool:
    """Whether so many articles are asked for as bits (see Articles.bits)."""
    return generation.cache.limit > 0 and count * (SORTED if key is None else MANY) > view.docs


class Articles:
    """Some articles of a view, ascending. `key`: the rest of keys in the cache, from the owner on, of what depends on
    which these are; None: nothing is kept. `bits`: the same, where they are at hand.

    Raises IndexError when the view has no such article.
    """

    __slots__ = ("_address", "_bits", "_kept_key", "_pairs", "_sharing", "documents", "generation", "key", "view")

    def __init__(self, generation: Generation, view: View, documents: Documents, key: Key | None,
                 bits: Bits | None = None) -> None:
        if len(documents) and not 0 <= documents[0] <= documents[-1] < view.docs:
            raise IndexError(f"articles {documents[0]} to {documents[-1]} of {view.docs}")
        self.generation, self.view, self.documents, self.key = generation, view, documents, key
        self._kept_key = key if len(documents) >= KEPT else None
        self._bits = bits
        self._address = 0                            # these are found when they are asked for
        self._pairs: Pairs | None = None
        self._sharing: Sharing | None = None

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def are_many(self) -> bool:
        """Whether they are many (see `are_many`)."""
        return are_many(self.generation, self.view, len(self.documents))

    @property
    def are_frequent(self) -> bool:
        """Whether they are more than one in MANY."""
        return len(self.documents) * MANY > self.view.docs

    @property
    def bits(self) -> Bits:
        """The articles as bits."""
        if self._bits is None:
            self._bits = kernels.KERNELS.bits(self.documents.astype(np.uint32), self.view.docs)
        return self._bits

    def column(self, name: str) -> Column:
        """The source, language or day of each article, as an ordinal of the view."""
        every = self.view.opened.column(name)
        if self._kept_key is None:
            return every.of(self.documents, self.address)
        return self.generation.cache.get((name, *self._kept_key), lambda: every.of(self.documents).gathered(), _nbytes)

    @property
    def mentions(self) -> Lists:
        """The entities that each mentions, as ordinals of the view."""
        every = self.view.opened.mentions
        if self._kept_key is None or self.are_frequent:
            return every.of(self.documents, self.address)
        return self.generation.cache.get(
            ("mentions", *self._kept_key), lambda: kernels.KERNELS.gather(every.of(self.documents)), _nbytes)

    @property
    def heads(self) -> Lists:
        """The heads that each mentions, as their places."""
        return self.view.opened.heads.lists.of(self.documents, self.address)

    @property
    def moments(self) -> NDArray[np.int64]:
        """When each appeared (see Opened.moments)."""
        if self._kept_key is None:
            return self._read_moments()
        return self.generation.cache.get(("moments", *self._kept_key), self._read_moments, _nbytes)

    def _read_moments(self) -> NDArray[np.int64]:
        moments: NDArray[np.int64] = self.view.opened.moments[self.documents]
        return moments

    @property
    def sharing(self) -> Sharing:
        """Those that share their story with others, and what the columns say of them."""
        if self._sharing is None:
            self._sharing = self._sharing_of_many() if self.are_many else Sharing(
                self.generation, self.view, self.pairs, self._sharing_key if len(self.pairs) >= KEPT else None)
        return self._sharing

    def _sharing_of_many(self) -> Sharing:
        generation, view = self.generation, self.view
        every, key = sharing_of_all(generation, view), self._sharing_key

        def find() -> Pairs:
            return kernels.KERNELS.marked_pairs(every, self.bits, numbered=True)
        pairs = find() if key is None else generation.cache.get(("marked", *key), find, _nbytes)
        return SharingOfMany(generation, view, pairs, _key_of_all(generation, view), every)

    @property
    def pairs(self) -> Pairs:
        """Those that share their story with others, whether these are among the articles or not."""
        if self._pairs is None:
            key = self._sharing_key
            self._pairs = (NO_PAIRS if not self.view.has_stories
                           else self._by_story() if key is None
                           else self.generation.cache.get(("stories", *key), self._by_story, _nbytes))
        return self._pairs

    @property
    def _sharing_key(self) -> Key | None:
        return None if self._kept_key is None else (self.generation.state, "sharing", *self._kept_key)

    def _by_story(self) -> Pairs:
        """Of many, those that share their story in the whole view are gone through, which are in order already."""
        if len(self) * SORTED > self.view.docs and self.generation.cache.limit:
            return kernels.KERNELS.marked_pairs(sharing_of_all(self.generation, self.view), self.bits, numbered=False)
        return kernels.KERNELS.by_story(self.view.stories.of(self.documents, self.address))

    @property
    def are_kept(self) -> bool:
        """Whether what is read about them is kept."""
        return self._kept_key is not None

    @property
    def address(self) -> int:
        """Where the numbers of the articles stand."""
        if not self._address:
            self._address = address(self.documents, np.int64)
        return self._address


def _nbytes(found: Column | Lists | Pairs | NDArray[Any]) -> int:
    return found.nbytes


def sharing_of_all(generation: Generation, view: View) -> Pairs:
    """All articles of a view that share their story."""
    return generation.cache.get(
        ("stories", *_key_of_all(generation, view)),
        lambda: kernels.KERNELS.by_story(view.stories.of(view.everything)), _nbytes)


def _key_of_all(generation: Generation, view: View) -> Key:
    return generation.state, "sharing", *view.key, "everything"


@dataclass(slots=True)
class Sharing:
    """Articles of a view that share their story with others. `key`: as that of Articles."""

    generation: Generation
    view: View
    pairs: Pairs
    key: Key | None

    def __len__(self) -> int:
        return len(self.pairs)

    def column(self, name: str) -> tuple[Column, bool]:
        """The source, language or day of all articles of the view, and False; or of these, gathered, and True."""
        if self.key is None:
            return self.view.opened.column(name), False
        return self._gathered(name, self.key, self.pairs), True

    @property
    def mentions(self) -> tuple[Lists, bool]:
        """The entities that all articles of the view mention, and False; or these, gathered, and True."""
        if self.key is None or len(self) * MANY > self.view.docs:
            return self.view.opened.mentions, False
        return self._gathered_lists("mentions", self.view.opened.mentions, self.key, self.pairs), True

    @property
    def heads(self) -> tuple[Lists, bool]:
        """The same of those entities that are heads, as their places."""
        return self.view.opened.heads.lists, False

    def _gathered(self, name: str, key: Key, pairs: Pairs) -> Column:
        every = self.view.opened.column(name)
        return self.generation.cache.get((name, *key), lambda: every.of(pairs.articles).gathered(), _nbytes)

    def _gathered_lists(self, name: str, every: Lists, key: Key, pairs: Pairs) -> Lists:
        return self.generation.cache.get(
            (name, *key), lambda: kernels.KERNELS.gather(every.of(pairs.articles)), _nbytes)


@dataclass(slots=True)
class SharingOfMany(Sharing):
    """Those of very many articles: what all of the view that share their story have is gathered once, story by story,
    and read in this order; `pairs` have places in it instead of articles. `key`: that of all, `every` their pairs."""

    every: Pairs

    def column(self, name: str) -> tuple[Column, bool]:
        assert self.key is not None
        return self._gathered(name, self.key, self.every), False

    @property
    def mentions(self) -> tuple[Lists, bool]:
        assert self.key is not None
        return self._gathered_lists("mentions", self.view.opened.mentions, self.key, self.every), False

    @property
    def heads(self) -> tuple[Lists, bool]:
        assert self.key is not None
        return self._gathered_lists("heads", self.view.opened.heads.lists, self.key, self.every), False
