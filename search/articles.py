"""Articles: some articles of a view, and what its columns say of them, gathered side by side.

They are read from all over a segment, which is most of what counting them costs. So what is read about all matches of a
word, a phrase or a prefix is kept as their postings are, if they are not few. Counts are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address
from search import kernels
from search.cache import Key
from search.columns import Column, Lists, Pairs
from search.generation import Generation, View
from search.postings import Documents

KEPT = 100
"""What is read about so many matches is kept."""
MANY = 8
"""The entities of more than one article in so many are not: they are most of what would be kept, and such articles
stand near each other anyway."""


@dataclass(eq=False)
class Articles:
    """Some articles of a view, ascending. `key`: the rest of keys in the cache, from the owner on, of what depends on
    which these are; None: nothing is kept.

    Raises IndexError when the view has no such article.
    """

    generation: Generation
    view: View
    documents: Documents
    key: Key | None

    def __post_init__(self) -> None:
        if len(self.documents) and not 0 <= self.documents[0] <= self.documents[-1] < self.view.docs:
            raise IndexError(f"articles {self.documents[0]} to {self.documents[-1]} of {self.view.docs}")
        self._kept_key = self.key if len(self.documents) >= KEPT else None

    def __len__(self) -> int:
        return len(self.documents)

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
        if self._kept_key is None or len(self) * MANY > self.view.docs:
            return every.of(self.documents, self.address)
        return self.generation.cache.get(
            ("mentions", *self._kept_key), lambda: kernels.KERNELS.gather(every.of(self.documents)), _nbytes)

    @property
    def moments(self) -> NDArray[np.int64]:
        """When each appeared (see Opened.moments)."""
        if self._kept_key is None:
            return self._read_moments()
        return self.generation.cache.get(("moments", *self._kept_key), self._read_moments, _nbytes)

    def _read_moments(self) -> NDArray[np.int64]:
        moments: NDArray[np.int64] = self.view.opened.moments[self.documents]
        return moments

    @cached_property
    def sharing(self) -> Sharing:
        """Those that share their story with others, and what the columns say of them."""
        key = self._sharing_key if len(self.pairs) >= KEPT else None
        return Sharing(self.generation, self.view, self.pairs, key)

    @cached_property
    def pairs(self) -> Pairs:
        """Those that share their story with others, whether these are among the articles or not."""
        if not self.view.has_stories:
            return Pairs(np.empty(0, np.uint64))
        key = self._sharing_key
        return self._by_story() if key is None else self.generation.cache.get(
            ("stories", *key), self._by_story, _nbytes)

    @property
    def _sharing_key(self) -> Key | None:
        return None if self._kept_key is None else (self.generation.state, "sharing", *self._kept_key)

    def _by_story(self) -> Pairs:
        return kernels.KERNELS.by_story(self.documents, self.view.story)

    @property
    def are_kept(self) -> bool:
        """Whether what is read about them is kept."""
        return self._kept_key is not None

    @cached_property
    def address(self) -> int:
        """Where the numbers of the articles stand."""
        return address(self.documents, np.int64)


def _nbytes(found: Column | Lists | Pairs | NDArray[Any]) -> int:
    return found.nbytes


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
        every = self.view.opened.column(name)
        if self.key is None:
            return every, False
        return self.generation.cache.get(
            (name, *self.key), lambda: every.of(self.pairs.articles).gathered(), _nbytes), True

    @property
    def mentions(self) -> tuple[Lists, bool]:
        """The entities that all articles of the view mention, and False; or these, gathered, and True."""
        every = self.view.opened.mentions
        if self.key is None or len(self) * MANY > self.view.docs:
            return every, False
        return self.generation.cache.get(
            ("mentions", *self.key), lambda: kernels.KERNELS.gather(every.of(self.pairs.articles)), _nbytes), True
