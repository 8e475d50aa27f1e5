"""Engine: what every engine of the benchmark is asked, what it answers, and what building it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

TOP = 10
"""Records fetched."""
ENTITIES = 20
"""Entities and sources counted; months are all shown."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question. `q` is how Exonym is asked; the rest says the same in index terms.

    `operator`: all, any, phrase or prefix. `field`: terms (stems), forms (as printed) or names (any spelling).
    `since`, `until`: ISO days, inclusive; "" where there is no such filter. `newest`: sorted by date, not by score.
    """

    mix: str
    q: str
    operator: str
    field: str
    words: tuple[str, ...]
    since: str = ""
    until: str = ""
    source: str = ""
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """How many articles match, and the best of them fetched: (id, title, text)."""

    count: int
    records: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Facets over all matches: value → articles. Entities and sources: the ENTITIES most frequent; months: all.
    `stories`: the same values → stories, or None where the engine does not count them.

    Sources are alternatives: they are counted as if the query had no source, so that the others are seen too.
    """

    entities: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    months: dict[int, int] = field(default_factory=dict)     # year * 12 + month - 1
    stories: Counts | None = field(default=None, kw_only=True)


class Engine(Protocol):
    """An engine over an index that is built. `can` says whether a query can be put to it at all."""

    name: str

    def __init__(self, folder: Path) -> None: ...

    def can(self, query: Query) -> bool: ...

    def search(self, query: Query) -> Answer: ...

    def facets(self, query: Query) -> tuple[Answer, Any]:
        """The answer and the counts as the engine gives them; timed."""

    def counts(self, query: Query, given: Any) -> Counts:
        """These counts in the benchmark's shape; not timed."""

    def close(self) -> None: ...


class Writer(Protocol):
    """Builds an index; `add` is called with batches of documents, `close` publishes."""

    def __init__(self, folder: Path) -> None: ...

    def add(self, batch: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def most(counts: dict[str, int], size: int = ENTITIES) -> dict[str, int]:
    """The `size` most frequent, ties by value."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size])
