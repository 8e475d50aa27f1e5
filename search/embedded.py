"""The embedded engine: plans executed over the segments of one data folder, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from index.archive import Archive
from index.article import Article
from index.builder import article_key
from index.folder import DataFolder
from index.manifest import FILE, Manifest, read_manifest
from index.segment import NAME_SIGN
from search.display import exact_key
from search.engine import Labels, RankedHit
from search.facets import FacetRequest, count_stories, facet
from search.filtering import Selection, select
from search.generation import Cache, Generation
from search.matching import Matcher
from search.occurrences import occurrences
from search.plan import Clause, Plan, Side, printed_side, sides, spelling_terms
from search.postings import NOTHING, Documents, form_documents, within
from search.ranking import Ranked, best, best_of_stories
from search.request import Group, SearchRequest
from search.response import Diagnostic, Facet, StoryRef


class EmbeddedEngine:
    """Reads the index of one data folder. Safe for threads."""

    def __init__(self, folder: DataFolder, archive: Archive, cache_bytes: int) -> None:
        self._folder, self._archive = folder, archive
        self._cache = Cache(cache_bytes)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._current = self._load()

    def close(self) -> None:
        """Nothing is held but memory."""

    def current(self) -> EmbeddedIndex:
        """The newest generation."""
        stamp = self._manifest_stamp()
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._current = self._load()
        return self._current

    def _manifest_stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._folder.index / FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _load(self) -> EmbeddedIndex:
        stamp = self._manifest_stamp()
        manifest = read_manifest(self._folder.index)
        generation = Generation(self._folder.index, manifest, self._cache)
        self._stamp = stamp
        return EmbeddedIndex(generation, self._archive)


class EmbeddedIndex:
    """One generation, opened."""

    def __init__(self, generation: Generation, archive: Archive) -> None:
        self.generation, self._archive = generation, archive
        self._manifest: Manifest = generation.manifest

    @property
    def number(self) -> int:
        return self._manifest.generation

    @property
    def articles(self) -> int:
        return self.generation.articles

    @property
    def names(self) -> str:
        return self._manifest.names

    def similar(self, normal: str, /) -> Sequence[str]:
        """Printed forms that are similar spellings of a word no names file knows."""
        return self.generation.similar(normal)

    def entity_label(self, id: str) -> str | None:
        """The label the segments have of an entity."""
        return self.generation.entity_labels.get(id)

    def entity_counts(self) -> Iterator[tuple[str, int]]:
        """(entity id, articles that mention it), the most mentioned first."""
        generation = self.generation
        counts = np.zeros(len(generation.entities), np.int64)
        for view in generation.views:
            counts[view.entities] += np.diff(view.segment["entity_document_start"].astype(np.int64))
        for ordinal in np.argsort(-counts, kind="stable").tolist():
            yield generation.entities[ordinal], int(counts[ordinal])

    def printed(self, name: str, form: str) -> int:
        """How many articles print a name in an exact form."""
        generation = self.generation
        return sum(len(form_documents(generation, view, NAME_SIGN + name).get(form, ())) for view in generation.views)

    def story(self, id: str) -> StoryRef:
        """The story of an article."""
        key = np.uint64(article_key(id))
        for view in self.generation.views:
            at = np.flatnonzero(view.segment["keys"] == key)
            at = at if view.live is None else at[view.live[at]]
            if len(at):
                return _story(self.generation, int(view.story[at[-1]]), int(key))
        return StoryRef(f"{int(key):016x}", 1)

    def execute(self, plan: Plan, request: SearchRequest, labels: Labels) -> EmbeddedExecution:
        """Match and filter."""
        return EmbeddedExecution(self.generation, self._archive, plan, request, labels)


def _story(generation: Generation, ordinal: int, key: int) -> StoryRef:
    if ordinal == 0:
        return StoryRef(f"{key:016x}", 1)
    return StoryRef(f"{int(generation.story_keys[ordinal]):016x}", int(generation.story_sizes[ordinal]))


class EmbeddedExecution:
    """One request over one generation: matched and filtered when made; ranks, counts and fetches when asked to."""

    def __init__(self, generation: Generation, archive: Archive, plan: Plan, request: SearchRequest, labels: Labels
                 ) -> None:
        self.generation, self._archive = generation, archive
        self._plan, self._request, self._labels = plan, request, labels
        self._matcher = Matcher(generation)
        self._said: list[Diagnostic] = []
        self._tables = self._spelling_tables()
        found = self._matcher.match(plan.root)
        self.selections: list[Selection] = select(generation, found, request, self._printed_in)
        self.total = sum(len(selection.documents()) for selection in self.selections)

    @property
    def stories(self) -> int:
        return count_stories(self.selections)

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        return (*self._matcher.diagnostics, *self._said)

    def ranked(self, count: int) -> Ranked:
        """The first `count` hits."""
        rank = best_of_stories if self._request.group is Group.STORY else best
        return rank(self.selections, self._request.sort, count)

    def facets(self) -> dict[str, Facet]:
        """The facets that the request asks for."""
        ask = self._facet_request()
        return {name: facet(name, ask) for name in self._request.facets}

    def facet(self, name: str, wanted: Callable[[str], bool] | None) -> Facet:
        """One facet; only values that pass `wanted`."""
        ask = self._facet_request()
        ask.wanted = wanted
        return facet(name, ask)

    def _facet_request(self) -> FacetRequest:
        return FacetRequest(self.generation, self._request, self.selections, self._labels.entity, self._tables,
                            self._labels.spelling, self._said)

    # -- spellings ----------------------------------------------------------

    def _spelling_tables(self) -> list[dict[str, Documents]]:
        """For each view: printed form → articles, over all names asked for."""
        terms = spelling_terms(self._plan, self._request.filters.entities)
        tables: list[dict[str, Documents]] = []
        for view in self.generation.views:
            table: dict[str, Documents] = {}
            for term in terms:
                for form, documents in form_documents(self.generation, view, term).items():
                    known = table.get(form)
                    table[form] = documents if known is None else np.union1d(known, documents)
            tables.append(table)
        return tables

    def _printed_in(self, number: int, spelling: str) -> Documents:
        """The articles of a view that print a spelling: of a name asked for, else as words."""
        key = exact_key(spelling)
        if any(key in table for table in self._tables):
            return self._tables[number].get(key, NOTHING.documents)
        side = printed_side(spelling)
        return self._matcher.leaf(side).postings[number].documents if side is not None else NOTHING.documents

    def spellings(self, clause: Clause) -> Mapping[str, int]:
        """Exact form → how many matches print it of what a clause stands for; spelling filters left out."""
        counts: dict[str, int] = {}
        for selection in self.selections:
            for alternative in clause.alternatives:
                for form, documents in form_documents(self.generation, selection.view, alternative.term).items():
                    shared = len(within(documents, selection.documents("spelling")))
                    if shared:
                        counts[form] = counts.get(form, 0) + shared
        return counts

    # -- articles -----------------------------------------------------------

    def hits(self, first: int, count: int) -> Sequence[RankedHit]:
        """The hits from number `first` on, at most `count`, each with where it matched."""
        ranked = self.ranked(first + count)
        page = slice(first, first + count)
        places = list(zip(ranked.views[page].tolist(), ranked.documents[page].tolist(), strict=True))
        asked = list(sides(self._plan.root, self._matcher.expanded))
        return [self._hit(view, document, score, article, asked)
                for (view, document), score, article in zip(places, ranked.scores[page].tolist(),
                                                            self.articles(places), strict=True)
                if article is not None]

    def _hit(self, number: int, document: int, score: float, article: Article, asked: Sequence[Side]) -> RankedHit:
        view = self.generation.views[number]
        start = view.segment["entity_start"]
        local = view.segment["entity"][start[document] : start[document + 1]].tolist()
        return RankedHit(article, score, self.story(number, document),
                         [view.segment.entities[entity][0] for entity in local],
                         occurrences(self.generation, view, document, asked),
                         int(view.segment["title_words"][document]), view.segment.cuts(document))

    def scan(self) -> Iterator[tuple[Article, StoryRef]]:
        """Every match, best first, one at a time."""
        ranked = self.ranked(max(self.total, 1))
        order = iter(zip(ranked.views.tolist(), ranked.documents.tolist(), strict=True))
        while part := list(islice(order, 200)):
            for (view, document), article in zip(part, self.articles(part), strict=True):
                if article is not None:
                    yield article, self.story(view, document)

    def articles(self, places: Sequence[tuple[int, int]]) -> list[Article | None]:
        """The articles at (view, local number), as they were when indexed."""
        numbers = [int(self.generation.views[view].segment["numbers"][document]) for view, document in places]
        found = self._archive.versions(numbers)
        return [found.get(number) for number in numbers]

    def story(self, number: int, document: int) -> StoryRef:
        """The story of an article of a view."""
        view = self.generation.views[number]
        return _story(self.generation, int(view.story[document]), int(view.segment["keys"][document]))
