"""Searcher: one archive, read. Every call sees one published state of the index from start to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.builder import article_key
from index.folder import DataFolder
from index.names.registry import Names
from search.additions import Additions, Keys, unseen
from search.article_view import Viewer
from search.cache import CACHE_BYTES
from search.dictionary import look_up
from search.did_you_mean import did_you_mean
from search.display import Display
from search.embedded import EmbeddedEngine
from search.engine import Engine, Published, Question, RankedHit
from search.limits import Limits, limits
from search.plan import SAME_NAME, SIMILAR, Plan, plan
from search.request import Group, Match, SearchRequest
from search.response import (
    ArticleView,
    Copy,
    Expansion,
    Facet,
    Hit,
    IndexState,
    NameEntry,
    Page,
    SearchResponse,
    SpellingCount,
)
from search.snippets import printed_words, reasons, snippet
from search.spellings import AskedSpellings
from search.suggest import Suggester, Suggestion

PLANS = 1000
"""So many plans are kept: a reader who turns a page or chooses a facet asks for the same words again."""
LONGEST = 200
"""Plans of longer query texts (in characters) are not kept."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one call works with: a published state, the names it was made with, and views of articles."""

    published: Published
    names: Names
    display: Display
    viewer: Viewer
    suggester: Suggester
    plan: Callable[[str, Match], Plan]


class Searcher:
    """Reads one archive. Safe for threads; a newly published state is taken up by the next call.

    A state that cannot be read leaves the one before in use. Where there is none, every call raises the engine's
    reason (embedded: ManifestError or SegmentError) until the indexer has made the index anew.
    """

    def __init__(self, data: Path, cache_bytes: int = CACHE_BYTES, names: Names | None = None,
                 engine: Engine | None = None) -> None:
        """`names`: those of this folder, where they are loaded already (loading takes seconds).

        `engine`: where the index is; without one, in the data folder.
        """
        self._folder = DataFolder(data)
        self._archive = Archive(self._folder.archive)
        self._engine = engine if engine is not None else EmbeddedEngine(self._folder, self._archive, cache_bytes)
        self._lock = threading.Lock()
        self._names = names
        self._snapshot: Snapshot | None = None
        if self._engine.damage() is None:
            self.snapshot()

    def close(self) -> None:
        """Close the engine, and this thread's connection to the archive."""
        self._engine.close()
        self._archive.close()

    def search(self, request: SearchRequest) -> SearchResponse:
        """Answer a request; one that finds nothing with queries that would."""
        begin = time.perf_counter()
        answer = self._answer(request)
        if not answer.total and request.q:
            answer = replace(answer, suggestions=did_you_mean(self._answer, request))
        return replace(answer, took_ms=round((time.perf_counter() - begin) * 1000, 3))

    def _answer(self, request: SearchRequest) -> SearchResponse:
        return Search(self.snapshot(), request).answer()

    def export(self, request: SearchRequest) -> Iterator[ArticleView]:
        """Every match of a request, best first, one at a time."""
        snapshot = self.snapshot()
        for article, story in Search(snapshot, request).execution.scan():
            yield snapshot.viewer.view(article, story)

    def keys(self, request: SearchRequest) -> Keys:
        """The keys of every match of a request."""
        return Search(self.snapshot(), request).execution.arrived()

    def additions(self, request: SearchRequest, seen: Keys, count: int, *, latest_first: bool = False) -> Additions:
        """The matches of a request that are not among those seen, and the first `count` of them as hits."""
        return Search(self.snapshot(), request).additions(seen, count, latest_first=latest_first)

    def facet(self, name: str, request: SearchRequest, contains: str = "") -> Facet:
        """One facet of a request; with `contains` only the values that hold it in any spelling."""
        snapshot = self.snapshot()
        wanted = snapshot.suggester.holding(contains) if contains.strip() else None
        return Search(snapshot, request).execution.facet(name, wanted)

    def article(self, id: str) -> ArticleView | None:
        """The newest version of an article."""
        article = self._archive.get(id)
        if article is None:
            return None
        snapshot = self.snapshot()
        return snapshot.viewer.view(article, snapshot.published.story(id))

    def copies(self, story: str, most: int = 50) -> tuple[Copy, ...]:
        """The articles of a story, the first printed first; none where an article is a story of its own."""
        return tuple(self.snapshot().published.copies(story, most))

    def names(self, text: str) -> list[NameEntry]:
        """The dictionary entries of the names in a text."""
        snapshot = self.snapshot()
        return look_up(text, snapshot.names, snapshot.published.printed)

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Entities of the index that a half-typed text may mean, in any spelling, most mentioned first."""
        return self.snapshot().suggester.suggest(text, limit)

    def state(self) -> IndexState:
        """The published state in use."""
        snapshot = self.snapshot()
        return IndexState(snapshot.published.number, snapshot.published.articles, snapshot.names.digest)

    def snapshot(self) -> Snapshot:
        """The newest published state. Raises the engine's reason if there is none that can be read."""
        published, snapshot = self._engine.current(), self._snapshot
        if snapshot is None or published is not snapshot.published:
            with self._lock:
                published, snapshot = self._engine.current(), self._snapshot
                if snapshot is None or published is not snapshot.published:
                    snapshot = self._snapshot = self._compose(published)
        return snapshot

    def damage(self) -> Exception | None:
        """Why the newest published state could not be read, if it could not."""
        return self._engine.damage()

    def _compose(self, published: Published) -> Snapshot:
        names = self._names
        if names is None or (published.number and names.digest != published.names):
            names = self._names = Names.load(self._folder.names_of_index(published.names))
        display, before = Display(names, published.entity_label), self._snapshot
        if before is None or before.names is not names:
            viewer, suggester = Viewer(names), Suggester(names, published, display.entity)
        else:
            viewer, suggester = before.viewer, before.suggester.of(published, display.entity)
        return Snapshot(published, names, display, viewer, suggester, _planner(names, published))


def _planner(names: Names, published: Published) -> Callable[[str, Match], Plan]:
    """Plans with these names over this state, those lately made kept; the limits in force are part of the question."""
    @lru_cache(PLANS)
    def kept(q: str, match: Match, limits: Limits) -> Plan:
        return plan(q, match, names, published.similar)

    def planned(q: str, match: Match) -> Plan:
        return kept(q, match, limits()) if len(q) <= LONGEST else plan(q, match, names, published.similar)
    return planned


class Search:
    """One request over one snapshot."""

    def __init__(self, snapshot: Snapshot, request: SearchRequest) -> None:
        self._snapshot, self._request = snapshot, request
        self.plan: Plan = snapshot.plan(request.q, request.match)
        self._spellings = AskedSpellings(self.plan, request, snapshot.names, snapshot.display)
        self.execution = snapshot.published.execute(
            Question(request, self.plan, self._spellings, snapshot.display.entity))

    def answer(self) -> SearchResponse:
        """The response, but for the time it took."""
        request, execution, published = self._request, self.execution, self._snapshot.published
        total, stories = execution.total, execution.stories
        count = stories if request.group is Group.STORY else total
        facets = execution.facets()
        return SearchResponse(
            query={"q": request.q, "match": str(request.match)}, expansions=self._expansions(),
            diagnostics=(*self.plan.diagnostics, *execution.diagnostics), total=total, stories=stories,
            hits=tuple(self._hit(hit) for hit in execution.hits((request.page - 1) * request.size, request.size)),
            facets=facets, page=Page(request.page, request.size, -(-count // request.size)),
            index=IndexState(published.number, published.articles, self._snapshot.names.digest), took_ms=0.0)

    def additions(self, seen: Keys, count: int, *, latest_first: bool) -> Additions:
        """The matches that are not among those seen, and the first `count` of them as hits."""
        new = unseen(self.execution.arrived(), seen, latest_first=latest_first)
        hits = tuple(self._hit(hit) for hit in self.execution.those(new[:count])) if count else ()
        keys = np.sort(np.array([article_key(hit.id) for hit in hits], np.uint64))    # of those given alone
        return Additions(self.execution.total, len(new), hits, keys)

    def _expansions(self) -> tuple[Expansion, ...]:
        """The names of the query with the spellings searched for, counted over the matches."""
        found = []
        for clause in {(clause.typed, clause.name): clause for clause in self.plan.spelt_variously}.values():
            counts = self.execution.spellings(clause)
            spellings = tuple(SpellingCount(self._spellings.label(form), count) for form, count in
                              sorted(counts.items(), key=lambda item: (-item[1], item[0])))
            how = SAME_NAME if clause.name is not None else SIMILAR
            found.append(Expansion(clause.typed, clause.entity, clause.label, spellings, how))
        return tuple(found)

    def _hit(self, hit: RankedHit) -> Hit:
        article = hit.article
        printed = partial(printed_words, article, hit.title_words, hit.cuts)
        return Hit(article.id, article.title, article.url, article.source, article.date, round(hit.score, 4),
                   snippet(article, hit.occurrences, hit.title_words, hit.cuts),
                   reasons(hit.occurrences, self._spellings.label, printed),
                   tuple(self._snapshot.display.reference(id) for id in hit.entities), hit.story)
