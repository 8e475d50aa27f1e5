"""What the facets of one search need besides the matches, and the order in which buckets are shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.counting import Matches, Shown
from search.filtering import Selection
from search.generation import Generation
from search.label_order import LabelOrder, Order
from search.one_view import matches
from search.postings import Documents
from search.request import SearchRequest
from search.response import Buckets, Diagnostic

MANY = 40
"""So many values more than are asked for are not sorted all to find the first."""


@dataclass(slots=True)
class FacetRequest:
    """One request for facets over the matches of one generation."""

    generation: Generation
    request: SearchRequest
    selections: Sequence[Selection]
    label: Callable[[str], str]                      # entity id → label
    spellings: Callable[[], Sequence[Mapping[str, Documents]]]       # for each view: printed form → articles
    spelling_label: Callable[[str], str]             # exact form → as names print it
    diagnostics: list[Diagnostic]
    wanted: Callable[[str], bool] | None = None      # only values that pass are shown

    _matches: dict[str | None, Matches] = field(default_factory=dict)

    def matches(self, leaving_out: str | None) -> Matches:
        """The matches that pass all groups of filters but one, the same for all facets."""
        group = leaving_out if leaving_out is not None and any(
            leaving_out in selection.passing for selection in self.selections) else None
        if group not in self._matches:
            self._matches[group] = matches(self.generation, self.selections, group)
        return self._matches[group]

    def shows(self, value: str) -> bool:
        """Whether a value may be shown."""
        return self.wanted is None or self.wanted(value)

    def leading(self, counts: NDArray[np.uint32], values: Sequence[str]) -> list[int]:
        """Places in `counts` that may be among the first buckets: the greatest counts, ties included."""
        size = self.request.facet_size
        if not size:
            return []
        some = counts.nonzero()[0]
        if self.wanted is not None:
            some = some[[self.wanted(values[place]) for place in some.tolist()]]
        if len(some) > MANY + size:                 # fewer are sorted as they are
            some = some[kernels.KERNELS.top(counts[some].astype(np.int64), size)]
        found: list[int] = some.tolist()
        return found


Row = tuple[int, Order]
"""What may become a bucket, in the order of buckets: minus its count, and its order."""
_COUNT, _ORDER = itemgetter(0), itemgetter(1)


def first(rows: Iterable[Row], size: int, selected: Collection[int]) -> list[Row]:
    """By count, then label; what is selected is among them."""
    ordered = sorted(rows, key=_ORDER)         # one after the other, since many have the same count
    ordered.sort(key=_COUNT)
    shown = ordered[:size]
    chosen = [row for row in ordered[size:] if row[1][3] in selected][:size] if selected else []
    if chosen:
        kept = [row for row in shown if row[1][3] in selected]
        others = [row for row in shown if row[1][3] not in selected][: max(0, size - len(chosen) - len(kept))]
        shown = sorted((kept + others + chosen)[:size], key=ordered.index)
    return shown


def first_ordinals(rows: Iterable[Row], size: int, selected: Collection[int]) -> tuple[list[int], list[int]]:
    """The first of some ordinals, and their counts."""
    shown = first(rows, size, selected)
    return [ordinal for _, (_, _, _, ordinal) in shown], [-count for count, _ in shown]


def buckets(shown: Shown, order: LabelOrder, selected: Collection[int] = ()) -> Buckets:
    """What is shown, all of which the order has met, as buckets."""
    ordinals, counts, stories = shown
    return Buckets(order.named(ordinals), counts, stories,
                   [ordinal in selected for ordinal in ordinals] if selected else ())
