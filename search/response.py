"""SearchResponse: the answer as the contract shapes it. `as_json` gives exactly the JSON of GET /api/v1/search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import starmap
from typing import Any, overload

from index.article import Article
from index.cleaning import Cut


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something about the query that was read differently from what it may have meant, or was cut short."""

    code: str                      # kebab-case, listed in docs/query-language.md
    message: str
    start: int                     # offsets in q
    end: int


@dataclass(frozen=True, slots=True)
class SpellingCount:
    spelling: str
    articles: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word or phrase of the query and the spellings searched for it."""

    term: str                      # as typed
    entity: str | None
    label: str
    spellings: tuple[SpellingCount, ...]
    how: str = "same name"         # or "similar spelling"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; a matched one is marked."""

    text: str
    match: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """Why a hit matched: the term searched, the spelling printed, and how the two are related."""

    term: str
    spelling: str
    entity: str | None
    how: str                       # as typed | same name | similar spelling | same stem


@dataclass(frozen=True, slots=True)
class EntityRef:
    id: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class StoryRef:
    id: str
    size: int


@dataclass(frozen=True, slots=True)
class Copy:
    """An article of a story, as lists of copies name it."""

    id: str
    title: str
    source: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    title: str
    url: str | None
    source: str | None
    date: str | None
    score: float
    snippet: tuple[Piece, ...]
    matched: tuple[Matched, ...]
    entities: tuple[EntityRef, ...]
    story: StoryRef


@dataclass(frozen=True, slots=True)
class Bucket:
    value: str
    label: str
    count: int
    stories: int
    selected: bool = False


Named = tuple[str, str]
"""The value of a bucket and its label."""


class Buckets(Sequence[Bucket]):
    """The buckets of a facet, column by column: an answer has hundreds, and one is made when it is asked for."""

    __slots__ = ("counts", "named", "selected", "stories")

    def __init__(self, named: Sequence[Named], counts: Sequence[int], stories: Sequence[int],
                 selected: Sequence[bool] = ()) -> None:
        """As many of each; `selected` may be empty: none is."""
        self.named, self.counts, self.stories, self.selected = named, counts, stories, selected

    @classmethod
    def of(cls, buckets: Iterable[Bucket]) -> Buckets:
        """Of buckets that there are."""
        rows = [((one.value, one.label), one.count, one.stories, one.selected) for one in buckets]
        named, counts, stories, selected = zip(*rows, strict=True) if rows else ((), (), (), ())
        return cls(named, counts, stories, selected)

    def part(self, begin: int, end: int) -> Buckets:
        """Some of them, one after the other."""
        return Buckets(self.named[begin:end], self.counts[begin:end], self.stories[begin:end], self.selected[begin:end])

    def __len__(self) -> int:
        return len(self.named)

    def __iter__(self) -> Iterator[Bucket]:
        return starmap(Bucket, self._rows())

    def _rows(self) -> Iterator[tuple[str, str, int, int, bool]]:
        columns = self.named, self.counts, self.stories, self.selected or [False] * len(self)
        return ((value, label, count, stories, selected)
                for (value, label), count, stories, selected in zip(*columns, strict=True))

    @overload
    def __getitem__(self, at: int) -> Bucket: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Bucket, ...]: ...

    def __getitem__(self, at: int | slice) -> Bucket | tuple[Bucket, ...]:
        if isinstance(at, slice):
            return tuple(self)[at]
        return Bucket(*self.named[at], self.counts[at], self.stories[at], bool(self.selected) and self.selected[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return repr(tuple(self))

    def as_json(self) -> list[dict[str, Any]]:
        """A dictionary each."""
        return [{"value": value, "label": label, "count": count, "stories": stories, "selected": selected}
                for value, label, count, stories, selected in self._rows()]


NO_BUCKETS = Buckets((), (), ())


@dataclass(slots=True)               # not frozen: each answer has several, and a frozen one takes four times as long
class Facet:
    """Counts of one property over the matches.

    `missing`: articles without the property. `other`: of a single-valued facet, the articles in buckets not
    shown; of a many-valued one, the articles all of whose values are in buckets not shown. So for source and
    date: sum of counts + other + missing = total.
    """

    total: int
    missing: int
    other: int
    buckets: Buckets
    interval: str | None = None    # of the date facet: the interval used

    def as_json(self) -> dict[str, Any]:
        """Of an answer; `interval` only where there is one."""
        answer = {"total": self.total, "missing": self.missing, "other": self.other, "buckets": self.buckets.as_json()}
        return answer if self.interval is None else {**answer, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class IndexState:
    generation: int
    articles: int
    names: str                     # digest of all names in use


@dataclass(frozen=True, slots=True)
class SearchResponse:
    query: dict[str, str]
    expansions: tuple[Expansion, ...]
    diagnostics: tuple[Diagnostic, ...]
    total: int
    stories: int
    hits: tuple[Hit, ...]
    facets: dict[str, Facet]
    page: Page
    index: IndexState
    took_ms: float
    suggestions: tuple[str, ...] = field(default=())   # for zero hits: queries that would have found something

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON-ready dictionaries and lists; `match` and `interval` only where they say something."""
        answer = asdict(replace(self, facets={}))
        for hit in answer["hits"]:
            hit["snippet"] = [piece if piece["match"] else {"text": piece["text"]} for piece in hit["snippet"]]
        answer["facets"] = {name: facet.as_json() for name, facet in self.facets.items()}
        return answer


@dataclass(frozen=True, slots=True)
class PrintedSpelling:
    """A form printed in one article, and how often."""

    spelling: str
    count: int


@dataclass(frozen=True, slots=True)
class ArticleEntity:
    id: str
    label: str
    type: str
    spellings: tuple[PrintedSpelling, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a mention stands: offsets in the article's `title` or `text` as stored."""

    field: str                     # title | text
    start: int
    end: int
    entity: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article with what the index knows of it."""

    article: Article
    story: StoryRef
    entities: tuple[ArticleEntity, ...]
    marks: tuple[Mark, ...] = ()
    cuts: tuple[Cut, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """GET /api/v1/articles/{id}, and one row of the JSON lines export."""
        return {**self.article.record(), "story": asdict(self.story),
                "entities": [asdict(entity) for entity in self.entities]}


@dataclass(frozen=True, slots=True)
class NameSpelling:
    spelling: str
    language: str
    kind: str
    articles: int                  # how many articles of the index print it


@dataclass(frozen=True, slots=True)
class NameEntry:
    """A dictionary entry: which entity a name is, its spellings, which rule decided, what guards against."""

    entity: str | None
    label: str
    type: str | None
    rule: str                      # authority file | gazetteer | reader's names | similar spelling | no known name
    spellings: tuple[NameSpelling, ...]
    guards: tuple[str, ...]        # in words, with their examples
    distinct_from: tuple[str, ...]
