"""Linking: which articles are linked because they are alike, as others come and go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set

import numpy as np
from numpy.typing import NDArray

from index.stories.candidates import HALF, LOW, Codes, entries, lots, pairs, weigh
from index.stories.components import Components
from index.stories.found import Found
from index.stories.holders import Holders
from index.stories.likeness import alike
from index.stories.prints import Prints
from index.stories.records import Records, StoriesError, parts
from index.stories.screening import screened

COMPARED = 4096
"""Pairs compared together (about 5 KB each)."""


class Linker:
    """Keeps the links those of the articles that hold keys."""

    def __init__(self, records: Records, holders: Holders, links: Components) -> None:
        self._records, self._holders, self._links = records, holders, links

    def judge(self, numbers: Iterable[int], doubted: Set[int]) -> None:
        """Compute every link of these articles again. Links hold without a look unless an end is doubted."""
        for some in parts(sorted(numbers)):
            own = entries(self._fetch(some))
            self.judge_found(own.numbers, self._holders.find(own.keys), doubted)

    def judge_found(self, numbers: NDArray[np.uint32], found: Found, doubted: Set[int]) -> None:
        """The same for articles whose keys are found. `numbers`: of each entry the article, article after article."""
        for lot in lots(found, numbers):
            articles = np.unique(numbers[lot]).tolist()
            links = self._alike(pairs(found, numbers[lot], found.places[lot]), articles, doubted)
            self._records.touch(self._links.replace(articles, links))

    def _alike(self, candidates: Codes, numbers: Collection[int], doubted: Set[int]) -> list[tuple[int, int]]:
        """Those of the pairs, of which one end or both are among these articles, that are alike."""
        one, other = candidates >> HALF, candidates & LOW
        distinct, places = np.unique(np.minimum(one, other) << HALF | np.maximum(one, other), return_inverse=True)
        sure = [min(link) << 32 | max(link) for link in self._links.of(numbers) if doubted.isdisjoint(link)]
        verdicts = np.isin(distinct, np.array(sure, np.uint64))
        unsure = np.flatnonzero(~verdicts)
        for start in range(0, len(unsure), COMPARED):
            some = unsure[start:start + COMPARED]
            verdicts[some] = self._compared(distinct[some])
        kept = verdicts[places]
        return list(zip(one[kept].tolist(), other[kept].tolist(), strict=True))

    def _compared(self, codes: Codes) -> NDArray[np.bool_]:
        """Of each pair whether the two are alike."""
        numbers, places = np.unique(np.concatenate((codes >> HALF, codes & LOW)), return_inverse=True)
        ones, others = places.reshape(2, -1)
        prints = self._fetch(numbers.tolist())
        verdicts, asked = screened(prints, ones, others)
        left = np.flatnonzero(asked)
        weighed = weigh(self._holders, prints.take(np.unique((ones[left], others[left]))))
        for at, one, other in zip(left.tolist(), numbers[ones[left]].tolist(), numbers[others[left]].tolist(),
                                  strict=True):
            verdicts[at] = alike(weighed[one], weighed[other])
        return verdicts

    def _fetch(self, numbers: Collection[int]) -> Prints:
        """The fingerprints of articles that hold keys. Raises StoriesError when one is not there."""
        found = self._records.fetch(numbers)
        if len(found) < len(numbers):
            raise StoriesError(f"{self._records.path} has keys of articles that are not there: delete it and index "
                               "again")
        return found
