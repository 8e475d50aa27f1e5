"""Copies: the articles of one story, the first printed first."""

from __future__ import annotations

import numpy as np

from index.archive import Archive
from index.segment import UNDATED
from search.generation import Generation
from search.response import Copy


def copies(generation: Generation, archive: Archive, story: str, most: int) -> tuple[Copy, ...]:
    """The first `most` articles of the story with this id by date, undated ones last; none of a story of one."""
    try:
        found = np.flatnonzero(generation.story_keys[1:] == np.uint64(int(story, 16))) + 1
    except (ValueError, OverflowError):
        return ()
    if not len(found):
        return ()
    days, numbers = [], []
    for view in generation.views:
        documents = np.flatnonzero(view.story == found[0])
        days.append(view.segment["days"][documents].astype(np.int64))
        numbers.append(view.segment["numbers"][documents].astype(np.int64))
    every = np.concatenate(numbers)
    when = np.concatenate(days)
    order = np.lexsort((every, when, when == UNDATED))[:most]
    wanted = [int(number) for number in every[order]]
    articles = archive.versions(wanted)
    return tuple(Copy(article.id, article.title, article.source, article.date)
                 for article in (articles.get(number) for number in wanted) if article is not None)
