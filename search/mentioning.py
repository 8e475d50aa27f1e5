"""Mentioning: of many matches how many mention any entity of a type, and how many one that is shown.

Which articles mention an entity is kept as bits, 64 in a word, so it takes some words for each entity that is shown,
however many articles match and however many entities each mentions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search import kernels
from search.articles import IN_CACHE, Articles
from search.bits import KeptBits
from search.opened import KINDS

PAYS = 16_000
"""So many matches take as long to be looked at one by one as the bits of sixty entities to be put together."""

SCATTERED = 32
"""In a view that does not stay in the processor's cache one article in so many is, if what they mention is not kept."""


def by_bits(articles: Articles) -> bool:
    """Whether matches are so many that bits are quicker than to look at what each mentions."""
    if len(articles) < PAYS or not articles.generation.cache.limit:
        return False
    docs = articles.view.docs
    return articles.are_frequent or (
        not articles.are_kept and docs > IN_CACHE and len(articles) * SCATTERED > docs)


def having_by_bits(articles: Articles, shown: NDArray[np.int32]) -> list[int]:
    """As Kernels.count_sets of what these articles mention. `shown`: entities of the view, -1: it has not that one."""
    opened, shown = articles.view.opened, shown[shown >= 0]
    of_kind: list[list[KeptBits]] = [[] for _ in KINDS]         # what is shown is of one of these
    for its, kind in zip(_mentioning(articles, shown.tolist()), opened.entity_kinds[shown].tolist(), strict=True):
        of_kind[kind].append(its)
    return kernels.KERNELS.count_in_each(articles.bits, [*([its] for its in opened.mentioning_kinds), *of_kind])


def _mentioning(articles: Articles, entities: Sequence[int]) -> list[KeptBits]:
    """For each of some entities the articles of the view that mention it."""
    cache, segment = articles.generation.cache, articles.view.segment
    name = segment.name
    keys = [("mentioning", name, entity) for entity in entities]
    found: list[KeptBits | None] = cache.find_all(keys)
    return [its if its is not None else cache.put(key, KeptBits(kernels.KERNELS.bits(
        segment.entity_documents(key[2]), articles.view.docs)), articles.view.docs // 8 + 300)
        for key, its in zip(keys, found, strict=True)]
