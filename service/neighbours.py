"""What an article's outlet printed before and after it on the same subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from search.request import Filters, SearchRequest, Sort
from search.response import ArticleEntity, ArticleView, Hit, SearchResponse

EACH = 2                    # articles before and after
Ask = Callable[[SearchRequest], SearchResponse]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest articles of the same outlet on the same entity, by day; each list by time."""

    entity: ArticleEntity
    source: str
    earlier: tuple[Hit, ...]
    same_day: tuple[Hit, ...]
    later: tuple[Hit, ...]


def main_entity(view: ArticleView) -> ArticleEntity | None:
    """The entity that an article is about: in the title, else anywhere, the most mentioned; people before others."""
    titled = {mark.entity for mark in view.marks if mark.field == "title"}

    def key(entity: ArticleEntity) -> tuple[bool, int, bool]:
        return entity.id in titled, sum(form.count for form in entity.spellings), entity.type == "person"

    return max(view.entities, key=key, default=None)


def neighbours(ask: Ask, view: ArticleView) -> Neighbours | None:
    """What the outlet printed nearest in time on the main entity; None without outlet, date or entity."""
    entity, source, day = main_entity(view), view.article.source, view.article.day
    if entity is None or source is None or day is None:
        return None
    filters = Filters(entity=(entity.id,), source=(source,))

    def hits(since: str | None, until: str | None, sort: Sort) -> tuple[Hit, ...]:
        found = ask(SearchRequest(filters=filters, since=since, until=until, facets=(), sort=sort, size=EACH + 1))
        return tuple(hit for hit in found.hits if hit.id != view.article.id)[:EACH]

    before, after = _beside(day)
    return Neighbours(
        entity, source, tuple(reversed(hits(None, before, Sort.NEWEST))) if before else (),
        hits(day.isoformat(), day.isoformat(), Sort.OLDEST), hits(after, None, Sort.OLDEST) if after else ())


def _beside(day: dt.date) -> tuple[str | None, str | None]:
    """The days before and after, where there are such."""
    number = day.toordinal()
    return (dt.date.fromordinal(number - 1).isoformat() if number > 1 else None,
            dt.date.fromordinal(number + 1).isoformat() if day < dt.date.max else None)
