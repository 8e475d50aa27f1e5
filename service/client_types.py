"""The parameters and answers of service/client.py: the JSON of the HTTP interface as typed dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

Values = str | Sequence[str]


class Parameters(TypedDict, total=False):
    """The parameters of a search but `q`; `exclude_source` is `exclude.source`, `from_` is `from`."""

    match: Literal["variants", "exact"]
    entity: Values
    person: Values
    place: Values
    organisation: Values
    entity_op: Literal["and", "or"]
    source: Values
    language: Values
    spelling: Values
    exclude_entity: Values
    exclude_person: Values
    exclude_place: Values
    exclude_organisation: Values
    exclude_source: Values
    exclude_language: Values
    exclude_spelling: Values
    from_: str
    to: str
    undated: Literal["include", "exclude", "only"]
    facet: Values
    facet_size: int
    interval: Literal["day", "week", "month", "year", "auto"]
    group: Literal["none", "story"]
    sort: Literal["relevance", "newest", "oldest"]
    page: int
    size: int


class Query(TypedDict):
    q: str
    match: str


class SpellingCount(TypedDict):
    spelling: str
    articles: int


class Expansion(TypedDict):
    """A word or phrase of the query and the spellings searched for it."""

    term: str
    entity: str | None
    label: str
    spellings: list[SpellingCount]
    how: str


class Diagnostic(TypedDict):
    code: str
    message: str
    start: int
    end: int


class _Text(TypedDict):
    text: str


class Piece(_Text, total=False):
    match: bool                    # there, and true, in what matched


class Matched(TypedDict):
    term: str
    spelling: str
    entity: str | None
    how: str


class Entity(TypedDict):
    id: str
    label: str
    type: str


class Story(TypedDict):
    id: str
    size: int


class Hit(TypedDict):
    id: str
    title: str
    url: str | None
    source: str | None
    date: str | None
    score: float
    snippet: list[Piece]
    matched: list[Matched]
    entities: list[Entity]
    story: Story


class Bucket(TypedDict):
    value: str
    label: str
    count: int
    stories: int
    selected: bool


class _Facet(TypedDict):
    total: int
    missing: int
    other: int
    buckets: list[Bucket]


class Facet(_Facet, total=False):
    interval: str                  # of dates
    facet: str                     # its name, where one was asked for alone


class Page(TypedDict):
    number: int
    size: int
    pages: int


class Index(TypedDict):
    generation: int
    articles: int
    names: str


class Answer(TypedDict):
    """The answer of a search."""

    query: Query
    expansions: list[Expansion]
    diagnostics: list[Diagnostic]
    total: int
    stories: int
    hits: list[Hit]
    facets: dict[str, Facet]
    page: Page
    index: Index
    took_ms: float
    suggestions: list[str]


class PrintedSpelling(TypedDict):
    spelling: str
    count: int


class ArticleEntity(Entity):
    spellings: list[PrintedSpelling]


class Article(TypedDict):
    """An article with its story and entities; every other key that it came with is there as well."""

    id: str
    title: str
    text: str
    date: str | None
    source: str | None
    url: str | None
    language: str | None
    authors: list[str]
    story: Story
    entities: list[ArticleEntity]


class NameSpelling(TypedDict):
    spelling: str
    language: str
    kind: str
    articles: int


class Name(TypedDict):
    entity: str | None
    label: str
    type: str | None
    rule: str
    spellings: list[NameSpelling]
    guards: list[str]
    distinct_from: list[str]


class Suggestion(TypedDict):
    text: str
    entity: str | None
    label: str
    type: str | None
    articles: int


class _Result(TypedDict):
    id: str | None
    result: Literal["created", "updated", "unchanged", "deleted", "rejected"]


class Result(_Result, total=False):
    """What became of one record; `line` and `problems` of one that was rejected."""

    line: int
    problems: dict[str, str]


class SavedSearch(TypedDict):
    """A saved search; `problem` says why it cannot be made, if it cannot."""

    id: str
    name: str
    query: str
    created: str
    visited: str | None
    total: int | None
    new: int | None
    problem: str | None
    feed: str
