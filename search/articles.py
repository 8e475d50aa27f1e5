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
from search.columns import Column, Lists, address
from search.generation import Generation, Key, View
from search.postings import Documents

KEPT = 1000
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
        key = None if self.key is None else (self.generation.state, "sharing", *self.key)
        if not self.view.has_stories:
            return Sharing(self.generation, self.view, self.documents[:0], None, self.view.story[:0])
        if key is None or not self._are_kept:
            documents, stories = self._by_story()
        else:
            documents, stories = self.generation.cache.get(
                ("stories", *key), self._by_story, lambda found: found[0].nbytes + found[1].nbytes)
        return Sharing(self.generation, self.view, documents, key, stories)

    def _by_story(self) -> tuple[Documents, NDArray[np.uint32]]:
        return kernels.KERNELS.by_story(self.documents, self.view.story)

    @property
    def _are_kept(self) -> bool:
        return self.key is not None and len(self) >= KEPT

    def _kept(self, what: str, read: Callable[[], T]) -> T:
        if not self._are_kept:
            return read()
        return self.generation.cache.get((what, *(self.key or ())), read, _nbytes)


def _nbytes(found: Column | Lists | NDArray[Any]) -> int:
    return found.nbytes


@dataclass(frozen=True)
class Sharing(Articles):
    """Articles that share their story with others, story by story; the story of each."""

    stories: NDArray[np.uint32]

    def __post_init__(self) -> None:
        """They are some of others that were looked at."""
        object.__setattr__(self, "_address", address(self.documents, np.int64))
