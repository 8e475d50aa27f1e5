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
from search.cache import Key
from search.columns import NO_PAIRS, Column, Lists, Pairs
from search.generation import Generation, View
from search.postings import Documents

KEPT = 100
"""What is read about so many matches is kept."""
MANY = 8
"""The entities of more than one article in so many are not: they are most of what would be kept, and such articles
stand near each other anyway."""


class Articles:
    """Some articles of a view, ascending. `key`: the rest of keys in the cache, from the owner on, of what depends on
    which these are; None: nothing is kept.

    Raises IndexError when the view has no such article.
    """

    __slots__ = ("_address", "_kept_key", "_pairs", "_sharing", "documents", "generation", "key", "view")

    def __init__(self, generation: Generation, view: View, documents: Documents, key: Key | None) -> None:
        if len(documents) and not 0 <= documents[0] <= documents[-1] < view.docs:
            raise IndexError(f"articles {documents[0]} to {documents[-1]} of {view.docs}")
        self.generation, self.view, self.documents, self.key = generation, view, documents, key
        self._kept_key = key if len(documents) >= KEPT else None
        self._address = 0                            # these are found when they are asked for
        self._pairs: Pairs | None = None
        self._sharing: Sharing | None = None

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

    @property
    def sharing(self) -> Sharing:
        """Those that share their story with others, and what the columns say of them."""
        if self._sharing is None:
            key = self._sharing_key if len(self.pairs) >= KEPT else None
            self._sharing = Sharing(self.generation, self.view, self.pairs, key)
        return self._sharing

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
