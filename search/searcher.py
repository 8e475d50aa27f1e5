"""Searcher: one data folder, read. Every call sees one generation of the index from start to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from index.analysis.normal import normal_form
from index.archive import Archive
from index.article import Article
from index.builder import article_key
from index.folder import DataFolder
from index.manifest import FILE, ManifestError, read_manifest
from index.names.registry import Names
from index.segment import NAME_SIGN, SegmentError
from index.similar import may_be_name
from search.additions import Additions, Keys, arrivals, match_keys
from search.article_view import Viewer
from search.copies import copies
from search.dictionary import look_up
from search.display import Display, capitalised, exact_key
from search.facets import FacetRequest, count_stories, facet
from search.filtering import Selection, select
from search.generation import CACHE_BYTES, Cache, Generation, View
from search.matching import Matcher
from search.plan import SAME_NAME, SIMILAR, Alternative, Clause, Plan, Side, is_exact, plan, sides
from search.postings import NOTHING, Documents, form_documents, printed_forms, within
from search.ranking import Ranked, best, best_of_stories
from search.request import Group, SearchRequest
from search.response import (
    ArticleView,
    Copy,
    Diagnostic,
    Expansion,
    Facet,
    Hit,
    IndexState,
    NameEntry,
    Page,
    SearchResponse,
    SpellingCount,
    StoryRef,
)
from search.similar import similar
from search.snippets import occurrences, printed_words, reasons, snippet
from search.suggest import Suggester, Suggestion


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one call works with: a generation, the names it was made with, and views of articles."""

    generation: Generation
    names: Names
    display: Display
    viewer: Viewer
    suggester: Suggester


class Searcher:
    """Reads one data folder. Safe for threads; a newly published generation is taken up by the next call.

    A generation that cannot be read leaves the one before in use. Where there is none, every call raises
    ManifestError or SegmentError until the indexer has made the index anew.
    """

    def __init__(self, data: Path, cache_bytes: int = CACHE_BYTES, names: Names | None = None) -> None:
        """`names`: those of this folder, where they are loaded already (loading takes seconds)."""
        self._folder = DataFolder(data)
        self._archive = Archive(self._folder.archive)
        self._cache = Cache(cache_bytes)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._snapshot: Snapshot | None = None
        self._damage: ManifestError | SegmentError | None = None
        self._take_up(names)

    def close(self) -> None:
        """Close this thread's connection to the archive."""
        self._archive.close()

    def search(self, request: SearchRequest) -> SearchResponse:
        """Answer a request."""
        begin = time.perf_counter()
        answer = Search(self.snapshot(), self._archive, request).answer()
        return replace(answer, took_ms=round((time.perf_counter() - begin) * 1000, 3))

    def export(self, request: SearchRequest) -> Iterator[ArticleView]:
        """Every match of a request, best first, one at a time."""
        snapshot = self.snapshot()
        search = Search(snapshot, self._archive, request)
        ranked = search.ranked(max(search.total, 1))
        order = iter(zip(ranked.views.tolist(), ranked.documents.tolist(), strict=True))
        while part := list(islice(order, 200)):
            articles = search.articles(part)
            for (view, document), article in zip(part, articles, strict=True):
                if article is not None:
                    yield snapshot.viewer.view(article, search.story(view, document))

    def keys(self, request: SearchRequest) -> Keys:
        """The keys of every match of a request."""
        return match_keys(Search(self.snapshot(), self._archive, request).selections)

    def additions(self, request: SearchRequest, seen: Keys, count: int, *, latest_first: bool = False) -> Additions:
        """The matches of a request that are not among those seen, and the first `count` of them as hits."""
        return Search(self.snapshot(), self._archive, request).additions(seen, count, latest_first)

    def facet(self, name: str, request: SearchRequest, contains: str = "") -> Facet:
        """One facet of a request; with `contains` only the values that hold it in any spelling."""
        return Search(self.snapshot(), self._archive, request).facet(name, contains)

    def article(self, id: str) -> ArticleView | None:
        """The newest version of an article."""
        article = self._archive.get(id)
        if article is None:
            return None
        snapshot = self.snapshot()
        return snapshot.viewer.view(article, _story_of(snapshot.generation, id))

    def copies(self, story: str, most: int = 50) -> tuple[Copy, ...]:
        """The articles of a story, the first printed first; none where an article is a story of its own."""
        return copies(self.snapshot().generation, self._archive, story, most)

    def names(self, text: str) -> list[NameEntry]:
        """The dictionary entries of the names in a text."""
        snapshot = self.snapshot()
        return look_up(text, snapshot.names, partial(_printed, snapshot.generation))

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Entities of the index that a half-typed text may mean, in any spelling, most mentioned first."""
        return self.snapshot().suggester.suggest(text, limit)

    def state(self) -> IndexState:
        """The generation in use."""
        snapshot = self.snapshot()
        return IndexState(snapshot.generation.manifest.generation, snapshot.generation.articles, snapshot.names.digest)

    def snapshot(self) -> Snapshot:
        """The newest generation. Raises ManifestError or SegmentError if there is none that can be read."""
        if self._manifest_stamp() != self._stamp:
            with self._lock:
                if self._manifest_stamp() != self._stamp:
                    self._take_up(self._snapshot.names if self._snapshot is not None else None)
        if self._snapshot is None:
            assert self._damage is not None
            raise self._damage
        return self._snapshot

    def damage(self) -> ManifestError | SegmentError | None:
        """Why the newest generation could not be read, if it could not."""
        return self._damage

    def _take_up(self, names: Names | None) -> None:
        """Read the published generation; again, if it was replaced and removed while it was being read."""
        while True:
            stamp = self._manifest_stamp()
            try:
                self._snapshot, self._damage = self._load(names), None
            except (ManifestError, SegmentError) as error:
                if self._manifest_stamp() != stamp:
                    continue
                self._damage = error
            self._stamp = stamp
            return

    def _manifest_stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._folder.index / FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _load(self, names: Names | None) -> Snapshot:
        manifest = read_manifest(self._folder.index)
        if names is None or (manifest.generation and names.digest != manifest.names):
            names = Names.load(self._folder.names_of_index(manifest.names))
        generation = Generation(self._folder.index, manifest, self._cache)
        return Snapshot(generation, names, Display(names, generation), Viewer(names), Suggester(names, generation))


def _printed(generation: Generation, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for view in generation.views:
        for form, documents in form_documents(generation, view, NAME_SIGN + name).items():
            counts[form] = counts.get(form, 0) + len(documents)
    return counts


def _story_of(generation: Generation, id: str) -> StoryRef:
    key = np.uint64(article_key(id))
    for view in generation.views:
        at = np.flatnonzero(view.segment["keys"] == key)
        at = at if view.live is None else at[view.live[at]]
        if len(at):
            return _story(generation, int(view.story[at[-1]]), int(key))
    return StoryRef(f"{int(key):016x}", 1)


def _story(generation: Generation, ordinal: int, key: int) -> StoryRef:
    if ordinal == 0:
        return StoryRef(f"{key:016x}", 1)
    return StoryRef(f"{int(generation.story_keys[ordinal]):016x}", int(generation.story_sizes[ordinal]))


class Search:
    """One request over one snapshot: matched and filtered when made; ranks, counts and fetches when asked to."""

    def __init__(self, snapshot: Snapshot, archive: Archive, request: SearchRequest) -> None:
        self._snapshot, self._archive, self._request = snapshot, archive, request
        self.generation = snapshot.generation
        self.plan: Plan = plan(
            request.q, request.match, snapshot.names, partial(similar, snapshot.generation))
        self._matcher = Matcher(self.generation)
        self._labels: dict[str, str] = {}
        self._tables = self._spelling_tables()
        found = self._matcher.match(self.plan.root)
        self.selections: list[Selection] = select(self.generation, found, request, self._printed_in)
        self.total = sum(len(selection.documents()) for selection in self.selections)

    def answer(self) -> SearchResponse:
        """The response, but for the time it took."""
        request = self._request
        stories = count_stories(self.selections)
        count = stories if request.group is Group.STORY else self.total
        ranked = self.ranked(request.page * request.size)
        first = (request.page - 1) * request.size
        diagnostics: list[Diagnostic] = []
        facets = self.facets(diagnostics)
        return SearchResponse(
            query={"q": request.q, "match": str(request.match)}, expansions=self._expansions(),
            diagnostics=(*self.plan.diagnostics, *self._matcher.diagnostics, *diagnostics),
            total=self.total, stories=stories, hits=self._hits(ranked, first), facets=facets,
            page=Page(request.page, request.size, -(-count // request.size)),
            index=IndexState(self.generation.manifest.generation, self.generation.articles,
                             self._snapshot.names.digest), took_ms=0.0)

    def ranked(self, count: int) -> Ranked:
        """The first `count` hits."""
        rank = best_of_stories if self._request.group is Group.STORY else best
        return rank(self.selections, self._request.sort, count)

    def additions(self, seen: Keys, count: int, latest_first: bool) -> Additions:
        """The matches that are not among those seen, and the first `count` of them as hits."""
        found = arrivals(self.selections, seen, latest_first)
        places = list(zip(found.views[:count].tolist(), found.documents[:count].tolist(), strict=True))
        hits = self._hits_at(places, found.scores[:count].tolist())
        keys = np.sort(np.array([article_key(hit.id) for hit in hits], np.uint64))    # of those given alone
        return Additions(self.total, len(found.keys), hits, keys)

    def facets(self, diagnostics: list[Diagnostic]) -> dict[str, Facet]:
        """The facets that the request asks for; what there is to say about them is added to `diagnostics`."""
        ask = self._facet_request(diagnostics)
        return {name: facet(name, ask) for name in self._request.facets}

    def facet(self, name: str, contains: str) -> Facet:
        """One facet; only values that hold `contains`, in any spelling."""
        ask = self._facet_request([])
        if contains.strip():
            ask.wanted = self._snapshot.suggester.holding(contains)
        return facet(name, ask)

    def _facet_request(self, diagnostics: list[Diagnostic]) -> FacetRequest:
        return FacetRequest(self.generation, self._request, self.selections, self._snapshot.display.entity,
                            self._tables, self._spelling_label, diagnostics)

    # -- spellings ----------------------------------------------------------

    def _spelling_tables(self) -> list[dict[str, Documents]]:
        """For each view: printed form → articles, over all names asked for."""
        asked = [alternative for clause in self.plan.clauses() if _is_spelt_variously(clause)
                 for alternative in clause.alternatives]
        asked += [Alternative(NAME_SIGN + entity, SAME_NAME) for entity in self._request.filters.entities]
        for alternative in asked:
            if alternative.term.startswith(NAME_SIGN):
                self._labels |= self._snapshot.display.spellings(alternative.term.removeprefix(NAME_SIGN))
        tables = [self._printed(view, asked) for view in self.generation.views]
        self._add_exact(tables)
        return tables

    def _add_exact(self, tables: list[dict[str, Documents]]) -> None:
        """What was asked for in exactly one spelling, where it is a name or may be one, is printed in that one."""
        known = {form for table in tables for form in table}
        for side in sides(self.plan.root, {}):
            typed = " ".join(clause.typed for clause in side.clauses)
            form = exact_key(typed)
            if form in known or not is_exact(side) or not self._may_be_name(typed):
                continue
            self._labels.setdefault(form, self._name_label(typed, form))
            for table, postings in zip(tables, self._matcher.leaf(replace(side, title=False)).postings, strict=True):
                table[form] = postings.documents

    def _may_be_name(self, text: str) -> bool:
        return bool(self._snapshot.names.lookup(text)) or all(may_be_name(normal_form(word)) for word in text.split())

    def _name_label(self, typed: str, form: str) -> str:
        """A spelling as a names file writes it, else as typed."""
        names = self._snapshot.names.names_of(typed)
        return next((found for name in names if (found := self._snapshot.display.spellings(name).get(form))), typed)

    def _printed(self, view: View, alternatives: Iterable[Alternative]) -> dict[str, Documents]:
        """For each printed form of some alternatives: the live articles of a view that print it."""
        table: dict[str, Documents] = {}
        for alternative in dict.fromkeys(alternatives):
            for form, documents in printed_forms(self.generation, view, alternative).items():
                known = table.get(form)
                table[form] = documents if known is None else np.union1d(known, documents)
        return table

    def _spelling_label(self, form: str) -> str:
        return self._labels.get(form) or capitalised(form)

    def _printed_in(self, number: int, spelling: str) -> Documents:
        """The articles of a view that print a spelling: of a name asked for, else as words."""
        key = exact_key(spelling)
        if any(key in table for table in self._tables):
            return self._tables[number].get(key, NOTHING.documents)
        asked = plan('="' + spelling.replace('"', " ") + '"', self._request.match, self._snapshot.names, lambda _: ())
        if not isinstance(asked.root, Side):
            return NOTHING.documents
        return self._matcher.leaf(asked.root).postings[number].documents

    def _expansions(self) -> tuple[Expansion, ...]:
        """The names of the query with the spellings searched for, counted over the matches."""
        found = []
        asked = [clause for clause in self.plan.clauses() if _is_spelt_variously(clause)]
        for clause in {(clause.typed, clause.name): clause for clause in asked}.values():
            counts: dict[str, int] = {}
            for selection in self.selections:
                for form, documents in self._printed(selection.view, clause.alternatives).items():
                    shared = len(within(documents, selection.documents("spelling")))
                    if shared:
                        counts[form] = counts.get(form, 0) + shared
            spellings = tuple(SpellingCount(self._spelling_label(form), count) for form, count in
                              sorted(counts.items(), key=lambda item: (-item[1], item[0])))
            how = SAME_NAME if clause.name is not None else SIMILAR
            found.append(Expansion(clause.typed, clause.entity, clause.label, spellings, how))
        return tuple(found)

    # -- hits ---------------------------------------------------------------

    def _hits(self, ranked: Ranked, first: int) -> tuple[Hit, ...]:
        page = slice(first, first + self._request.size)
        places = list(zip(ranked.views[page].tolist(), ranked.documents[page].tolist(), strict=True))
        return self._hits_at(places, ranked.scores[page].tolist())

    def _hits_at(self, places: Sequence[tuple[int, int]], scores: Sequence[float]) -> tuple[Hit, ...]:
        """The hits at (view, local number); an article purged in the meantime is left out."""
        asked = list(sides(self.plan.root, self._matcher.expanded))
        return tuple(
            self._hit(view, document, score, article, asked)
            for (view, document), score, article in zip(places, scores, self.articles(places), strict=True)
            if article is not None)

    def articles(self, places: Sequence[tuple[int, int]]) -> list[Article | None]:
        """The articles at (view, local number), as they were when indexed."""
        numbers = [int(self.generation.views[view].segment["numbers"][document]) for view, document in places]
        found = self._archive.versions(numbers)
        return [found.get(number) for number in numbers]

    def _hit(self, number: int, document: int, score: float, article: Article, asked: Sequence[Side]) -> Hit:
        view = self.generation.views[number]
        matches = occurrences(self.generation, view, document, asked)
        start = view.segment["entity_start"]
        local = view.segment["entity"][start[document] : start[document + 1]].tolist()
        entities = tuple(self._snapshot.display.reference(view.segment.entities[entity][0]) for entity in local)
        title_words, cuts = int(view.segment["title_words"][document]), view.segment.cuts(document)
        return Hit(article.id, article.title, article.url, article.source, article.date, round(score, 4),
                   snippet(article, matches, title_words, cuts),
                   reasons(matches, self._spelling_label, partial(printed_words, article, title_words, cuts)),
                   entities, self.story(number, document))

    def story(self, number: int, document: int) -> StoryRef:
        """The story of an article of a view."""
        view = self.generation.views[number]
        return _story(self.generation, int(view.story[document]), int(view.segment["keys"][document]))


def _is_spelt_variously(clause: Clause) -> bool:
    """Whether a clause is a name, known or not, so that its spellings are counted and shown."""
    return clause.name is not None or any(alternative.how == SIMILAR for alternative in clause.alternatives)
