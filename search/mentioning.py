"""Mentioning: of very many matches how many mention any entity of a type, and how many one that is shown.

Which articles mention an entity is kept as bits, 64 in a word, so it takes some words for each entity that is shown,
however many articles match and however many entities each mentions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import Articles
from search.bits import Bits
from search.opened import KINDS


def having_by_bits(articles: Articles, shown: NDArray[np.int32]) -> list[int]:
    """As Kernels.count_sets of what these articles mention. `shown`: entities of the view, -1: it has not that one."""
    opened, bits, count = articles.view.opened, articles.bits, kernels.KERNELS.count_in_any
    shown = shown[shown >= 0]
    kinds = opened.entity_kinds[shown]
    return [*(count(bits, [every]) for every in opened.mentioning_kinds),
            *(count(bits, [_mentioning(articles, entity) for entity in shown[kinds == kind].tolist()])
              for kind in range(len(KINDS)))]


def _mentioning(articles: Articles, entity: int) -> Bits:
    """The articles of the view that mention an entity."""
    segment = articles.view.segment
    bits: Bits = articles.generation.cache.get(
        ("mentioning", segment.name, entity),
        lambda: kernels.KERNELS.bits(segment.entity_documents(entity), articles.view.docs),
        lambda bits: bits.nbytes + 200)
    return bits
