"""An article as the page shows it: its paragraphs as pieces, mentions of entities marked, left-out text dimmed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search.response import ArticleEntity, ArticleView, Mark
from service.presenting import paragraphs

TYPES = {"person": "People", "place": "Places", "organisation": "Organisations"}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text: a mention (`entity`, its `type`), a left-out stretch (`cut`), or neither."""

    text: str
    entity: str | None = None
    type: str | None = None
    cut: bool = False


def title_parts(view: ArticleView) -> list[Part]:
    """The title with its mentions."""
    marks = [mark for mark in view.marks if mark.field == "title"]
    return list(_parts(view.article.title, 0, len(view.article.title), marks, ()))


def text_parts(view: ArticleView) -> list[list[Part]]:
    """The text's paragraphs with their mentions and cuts."""
    text = view.article.text
    marks = [mark for mark in view.marks if mark.field == "text"]
    cuts = [(cut.start, cut.end) for cut in view.cuts]
    return [list(_parts(text, start, end, marks, cuts)) for start, end in paragraphs(text)]


def _parts(text: str, start: int, end: int, marks: Iterable[Mark], cuts: Iterable[tuple[int, int]]) -> Iterator[Part]:
    """text[start:end] in pieces. Marks do not overlap; one that reaches over the end is cut there."""
    cuts = list(cuts)
    at = start
    for mark in sorted(marks, key=lambda item: item.start):
        begin, stop = max(mark.start, at), min(mark.end, end)
        if begin >= stop:
            continue
        yield from _plain(text, at, begin, cuts)
        yield Part(text[begin:stop], mark.entity, mark.entity.partition("/")[0], _inside(begin, cuts))
        at = stop
    yield from _plain(text, at, end, cuts)


def _plain(text: str, start: int, end: int, cuts: list[tuple[int, int]]) -> Iterator[Part]:
    edges = sorted({start, end, *(edge for cut in cuts for edge in cut if start < edge < end)})
    for begin, stop in itertools.pairwise(edges):
        yield Part(text[begin:stop], cut=_inside(begin, cuts))


def _inside(at: int, cuts: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in cuts)


def by_type(entities: Iterable[ArticleEntity]) -> list[tuple[str, list[ArticleEntity]]]:
    """The entities under the headings of their types, the most printed first."""
    rows = sorted(entities, key=lambda item: (-sum(form.count for form in item.spellings), item.label))
    found = [(title, [entity for entity in rows if entity.type == kind]) for kind, title in TYPES.items()]
    return [(title, members) for title, members in found if members]
