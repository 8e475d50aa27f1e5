"""Articles: some articles of a view, and what its columns say of them, gathered side by side.

They are read from all over a segment, which is most of what counting them costs. So what is read about all matches of a
word, a phrase or a prefix is kept as their postings are, if they are not few. Counts are not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.cache import Key
from search.columns import Column, Lists, Pairs, address
from search.generation import Generation, View
from search.postings import Documents

KEPT = 100
"""What is read about so many matches is kept."""
MANY = 8
"""The entities of more than one article in so many are not: they are most of what would be kept, and such articles
stand near each other anyway."""

T = TypeVar("T", Column, Lists, NDArray[Any])


@dataclass(frozen=True)
class Articles:
    """Some articles of a view, ascending. `key`: the rest of keys in the cache, from the owner on, of what depends on
    which these are; None: nothing is kept.

    Raises IndexError when the view has no such article.
    """

    generation: Generation
    view: View
    documents: Documents
    key: Key | None
    _address: int = field(init=False)

    def __post_init__(self) -> None:
        if len(self.documents) and not 0 <= self.documents[0] <= self.documents[-1] < self.view.docs:
            raise IndexError(f"articles {self.documents[0]} to {self.documents[-1]} of {self.view.docs}")
        object.__setattr__(self, "_address", address(self.documents, np.int64))

    def __len__(self) -> int:
        return len(self.documents)

    def column(self, name: str) -> Column:
        """The source, language or day of each article, as an ordinal of the view."""
        found = self.view.opened.column(name).of(self.documents, self._address)
        return self._kept(name, found.gathered) if self._are_kept else found

    @property
    def mentions(self) -> Lists:
        """The entities that each mentions, as ordinals of the view."""
        found = self.view.opened.mentions.of(self.documents, self._address)
        if not self._are_kept or len(self) * MANY > self.view.docs:
            return found
        return self._kept("mentions", lambda: kernels.KERNELS.gather(found))

    @property
    def moments(self) -> NDArray[np.int64]:
        """When each appeared (see Opened.moments)."""
        return self._kept("moments", lambda: self.view.opened.moments[self.documents])

    @cached_property
    def sharing(self) -> Sharing:
        """Those that share their story with others, whether these are among the articles or not."""
        if not self.view.has_stories:
            return Sharing(self.generation, self.view, Pairs(np.empty(0, np.uint64)), None)
        if not self._are_kept or self.key is None:
            return Sharing(self.generation, self.view, self._by_story(), None)
        key = self.generation.state, "sharing", *self.key
        pairs = self.generation.cache.get(("stories", *key), self._by_story, _nbytes)
        return Sharing(self.generation, self.view, pairs, key if len(pairs) >= KEPT else None)

    def _by_story(self) -> Pairs:
        return kernels.KERNELS.by_story(self.documents, self.view.story)

    @property
    def _are_kept(self) -> bool:
        return self.key is not None and len(self) >= KEPT

    def _kept(self, what: str, read: Callable[[], T]) -> T:
        if not self._are_kept:
            return read()
        return self.generation.cache.get((what, *(self.key or ())), read, _nbytes)


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
