"""Engine: what executes plans. The embedded one and a cluster do the same behind this seam; nothing else asks which.

Requests, names, plans and answers know no engine. An `Engine` has a newest `Published` state of an index; a
`Published` executes a question; the `Execution` counts, ranks, and reads articles when asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from search.additions import Keys
from search.plan import Clause, Plan
from search.request import SearchRequest
from search.response import Copy, Diagnostic, Facet, StoryRef
from search.spellings import AskedSpellings


@dataclass(slots=True)               # not frozen, as each search makes one
class Question:
    """A request, its query text as a plan, and what an engine must know of names to answer it."""

    request: SearchRequest
    plan: Plan
    spellings: AskedSpellings
    entity_label: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One match in an article: index positions, the clause, the printed form (exact form) and how it matched."""

    start: int
    end: int
    clause: Clause
    form: str
    how: str


@dataclass(frozen=True, slots=True)
class RankedHit:
    """An article of the answer as the index has it. `cuts`: stretches (start, end) of the text not in the index."""

    article: Article
    score: float
    story: StoryRef
    entities: Sequence[str]
    occurrences: Sequence[Occurrence]    # by position
    title_words: int
    cuts: Sequence[tuple[int, int]]


class Execution(Protocol):
    """One question over one published state."""

    @property
    def total(self) -> int:
        """How many articles match and pass every filter."""

    @property
    def stories(self) -> int:
        """How many stories these are."""

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """What there is to say about the execution so far."""

    def hits(self, first: int, count: int) -> Sequence[RankedHit]:
        """The hits from number `first` (from 0) on, at most `count`; one a story where the request groups by story."""

    def facets(self) -> dict[str, Facet]:
        """The facets that the request asks for."""

    def facet(self, name: str, wanted: Callable[[str], bool] | None) -> Facet:
        """One facet; only values that pass `wanted`."""

    def spellings(self, clause: Clause) -> Mapping[str, int]:
        """Exact form → how many matches print it of what a clause stands for; spelling filters left out."""

    def arrived(self) -> Keys:
        """The keys (`index.builder.article_key`) of every match, in the order in which the archive took them in."""

    def those(self, keys: Keys) -> Sequence[RankedHit]:
        """The matches with these keys, in this order; one that is gone by now is left out."""

    def scan(self) -> Iterator[tuple[Article, StoryRef]]:
        """Every match, best first, one at a time."""


class Published(Protocol):
    """One published state of an index: a generation. A request sees one from start to end."""

    @property
    def number(self) -> int:
        """The number of the generation; 0: nothing was ever published."""

    @property
    def articles(self) -> int:
        """How many articles it holds."""

    @property
    def names(self) -> str:
        """The digest of the names it was made with."""

    def similar(self, normal: str, /) -> Sequence[str]:
        """Printed forms (exact forms) that are similar spellings of a word no names file knows."""

    def entity_label(self, id: str) -> str | None:
        """The label the index has of an entity (the names file's goes before)."""

    def entity_counts(self) -> Iterable[tuple[str, int]]:
        """(entity id, articles that mention it), the most mentioned first."""

    def printed(self, name: str) -> Mapping[str, int]:
        """Exact form → how many articles print a name (id) in it."""

    def story(self, id: str) -> StoryRef:
        """The story of an article; of its own if the index has no such article."""

    def copies(self, story: str, most: int) -> Sequence[Copy]:
        """The first `most` articles of a story by date, undated ones last; none of a story of one."""

    def execute(self, question: Question) -> Execution:
        """Match and filter."""


class Engine(Protocol):
    """An index that is read. Safe for threads."""

    def current(self) -> Published:
        """The newest published state; the same object as long as nothing new is published.

        One that cannot be read leaves the one before in use; where there is none, the reason is raised.
        """

    def damage(self) -> Exception | None:
        """Why the newest published state could not be read, if it could not."""

    def close(self) -> None:
        """Give back connections."""
