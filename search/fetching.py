"""Fetching: the articles of hits, as they were when indexed; those read lately are kept."""

from __future__ import annotations

from collections.abc import Sequence

from index.archive import Archive
from index.article import Article
from search.generation import Generation

OVERHEAD = 1000
"""Bytes that an article takes beside its title, its text and keys of its own."""
PAGE = 100
"""So many articles at most are kept of one reading; whoever reads more goes through all of them once."""


def versions(generation: Generation, archive: Archive, numbers: Sequence[int]) -> list[Article | None]:
    """The articles with these version numbers; None for one that is no longer in the archive."""
    if len(numbers) > PAGE:
        every = archive.versions(numbers)
        return [every.get(number) for number in numbers]
    cache, identity = generation.cache, generation.manifest.archive
    found: list[Article | None] = cache.find_all([("article", identity, number) for number in numbers])
    missing = [number for number, article in zip(numbers, found, strict=True) if article is None]
    if not missing:
        return found
    read = archive.versions(missing)
    for number, article in read.items():
        size = OVERHEAD + 2 * (len(article.title) + len(article.text) + len(str(article.extra)))
        cache.put(("article", identity, number), article, size)
    return [read.get(number, article) for number, article in zip(numbers, found, strict=True)]
