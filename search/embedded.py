"""The embedded engine: plans executed over the segments of one data folder, in this process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

import numpy as np

from index.archive import Archive
from index.article import Article
from index.builder import article_key
from index.folder import DataFolder
from index.manifest import FILE, ManifestError, read_manifest
from index.segment import NAME_SIGN, SegmentError
from search.additions import Keys
from search.cache import Cache
from search.copies import copies
from search.counting import count_stories
from search.display import exact_key
from search.engine import Occurrence, Question, RankedHit
from search.facet_request import FacetRequest
from search.facets import facets
from search.fetching import versions
from search.filtering import Selection, select
from search.generation import Generation, View
from search.matching import Matcher
from search.occurrences import occurrences
from search.plan import Alternative, Clause, sides
from search.postings import NOTHING, Documents, form_documents, printed_forms, within
from search.ranking import Ranked, best, best_of_stories
from search.request import Group
from search.response import Copy, Diagnostic, Facet, StoryRef
from search.similar import similar


class EmbeddedEngine:
    """Reads the index of one data folder. Safe for threads."""

    def __init__(self, folder: DataFolder, archive: Archive, cache_bytes: int) -> None:
        self._folder, self._archive = folder, archive
        self._manifest = str(folder.index / FILE)      # looked at by every request
        self._cache = Cache(cache_bytes)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._current: EmbeddedIndex | None = None
        self._damage: ManifestError | SegmentError | None = None
        self._take_up()

    def close(self) -> None:
        """Nothing is held but memory."""

    def current(self) -> EmbeddedIndex:
        """The newest generation. Raises ManifestError or SegmentError if there is none that can be read."""
        if self._manifest_stamp() != self._stamp:
            with self._lock:
                if self._manifest_stamp() != self._stamp:
                    self._take_up()
        if self._current is None:
            assert self._damage is not None
            raise self._damage
        return self._current

    def damage(self) -> Exception | None:
        """Why the newest generation could not be read, if it could not."""
        return self._damage

    def _take_up(self) -> None:
        """Read the published generation; again, if it was replaced and removed while it was being read."""
        while True:
            stamp = self._manifest_stamp()
            try:
                generation = Generation(self._folder.index, read_manifest(self._folder.index), self._cache)
                self._current, self._damage = EmbeddedIndex(generation, self._archive), None
                self._cache.keep(generation.owners)
            except (ManifestError, SegmentError) as error:
                if self._manifest_stamp() != stamp:
                    continue
                self._damage = error
            self._stamp = stamp
            return

    def _manifest_stamp(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._manifest)
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns


class EmbeddedIndex:
    """One generation, opened."""

    def __init__(self, generation: Generation, archive: Archive) -> None:
        self.generation, self._archive = generation, archive
        self.number, self.names = generation.manifest.generation, generation.manifest.names
        self.articles = generation.articles

    def similar(self, normal: str, /) -> Sequence[str]:
        """Printed forms that are similar spellings of a word no names file knows."""
        return similar(self.generation, normal)

    def entity_label(self, id: str) -> str | None:
        """The label the segments have of an entity."""
        return self.generation.entity_labels.get(id)

    def entity_counts(self) -> Iterator[tuple[str, int]]:
        """(entity id, articles that mention it), the most mentioned first."""
        generation = self.generation
        counts = np.zeros(len(generation.entities), np.int64)
        for view in generation.views:
            starts = view.segment["entity_document_start"].astype(np.int64)
            each = np.diff(starts)
            if view.live is not None and len(each):
                each = np.add.reduceat(view.live[view.segment["entity_document"]], starts[:-1], dtype=np.int64)
            counts[view.entities] += each
        for ordinal in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist():
            yield generation.entities[ordinal], int(counts[ordinal])

    def printed(self, name: str) -> Mapping[str, int]:
        """Exact form → how many articles print a name in it."""
        counts: dict[str, int] = {}
        for view in self.generation.views:
            for form, documents in form_documents(self.generation, view, NAME_SIGN + name).items():
                counts[form] = counts.get(form, 0) + len(documents)
        return counts

    def story(self, id: str) -> StoryRef:
        """The story of an article."""
        key = np.uint64(article_key(id))
        for view in self.generation.views:
            at = np.flatnonzero(view.segment["keys"] == key)
            at = at if view.live is None else at[view.live[at]]
            if len(at):
                return _story(self.generation, int(view.story[at[-1]]), int(key))
        return StoryRef(f"{int(key):016x}", 1)

    def copies(self, story: str, most: int) -> Sequence[Copy]:
        """The articles of a story, by date."""
        return copies(self.generation, self._archive, story, most)

    def execute(self, question: Question) -> EmbeddedExecution:
        """Match and filter."""
        return EmbeddedExecution(self.generation, self._archive, question)


def _story(generation: Generation, ordinal: int, key: int) -> StoryRef:
    if ordinal == 0:
        return StoryRef(f"{key:016x}", 1)
    return StoryRef(f"{int(generation.story_keys[ordinal]):016x}", int(generation.story_sizes[ordinal]))


class EmbeddedExecution:
    """One question over one generation: matched and filtered when made; ranks, counts and fetches when asked to."""

    def __init__(self, generation: Generation, archive: Archive, question: Question) -> None:
        self.generation, self._archive = generation, archive
        self._question, self._request = question, question.request
        self._matcher = Matcher(generation)
        self._said: list[Diagnostic] = []
        found = self._matcher.match(question.plan.root)
        self.selections: list[Selection] = select(generation, found, self._request, self._printed_in)
        self.total = sum(selection.count() for selection in self.selections)

    @property
    def stories(self) -> int:
        """How many stories the matches are."""
        return count_stories(self.selections)

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """What there is to say so far."""
        return (*self._matcher.diagnostics, *self._said)

    def ranked(self, count: int) -> Ranked:
        """The first `count` hits."""
        rank = best_of_stories if self._request.group is Group.STORY else best
        return rank(self.selections, self._request.sort, count)

    def facets(self) -> dict[str, Facet]:
        """The facets that the request asks for."""
        return facets(self._request.facets, self._facet_request(None))

    def facet(self, name: str, wanted: Callable[[str], bool] | None) -> Facet:
        """One facet; only values that pass `wanted`."""
        return facets([name], self._facet_request(wanted))[name]

    def _facet_request(self, wanted: Callable[[str], bool] | None) -> FacetRequest:
        return FacetRequest(self.generation, self._request, self.selections, self._question.entity_label,
                            lambda: self._tables, self._question.spellings.label, self._said, wanted)

    # -- spellings ----------------------------------------------------------

    @cached_property
    def _tables(self) -> list[dict[str, Documents]]:
        """For each view: printed form → articles, over all names asked for."""
        asked = self._question.spellings
        tables = [self._printed(view, asked.alternatives) for view in self.generation.views]
        for form, side in asked.exact({form for table in tables for form in table}):
            for table, postings in zip(tables, self._matcher.leaf(side).postings, strict=True):
                table[form] = postings.documents
        return tables

    def _printed(self, view: View, alternatives: Iterable[Alternative]) -> dict[str, Documents]:
        """For each printed form of some alternatives: the live articles of a view that print it."""
        table: dict[str, Documents] = {}
        for alternative in dict.fromkeys(alternatives):
            for form, documents in printed_forms(self.generation, view, alternative).items():
                known = table.get(form)
                table[form] = documents if known is None else np.union1d(known, documents)
        return table

    def _printed_in(self, number: int, spelling: str) -> Documents:
        """The articles of a view that print a spelling: of a name asked for, else as words."""
        key = exact_key(spelling)
        if any(key in table for table in self._tables):
            return self._tables[number].get(key, NOTHING.documents)
        side = self._question.spellings.as_words(spelling)
        return self._matcher.leaf(side).postings[number].documents if side is not None else NOTHING.documents

    def spellings(self, clause: Clause) -> Mapping[str, int]:
        """Exact form → how many matches print it of what a clause stands for; spelling filters left out."""
        counts: dict[str, int] = {}
        for selection in self.selections:
            for form, documents in self._printed(selection.view, clause.alternatives).items():
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
        return self._hits(places, ranked.scores[page].tolist())

    def _hits(self, places: Sequence[tuple[int, int]], scores: Sequence[float]) -> list[RankedHit]:
        """The hits at (view, local number); one whose version is no longer in the archive is left out."""
        asked = list(sides(self._question.plan.root, self._matcher.expanded))
        matched = {number: occurrences(self.generation, self.generation.views[number], [
            document for view, document in places if view == number], asked) for number in {view for view, _ in places}}
        return [self._hit(view, document, score, article, matched[view][document])
                for (view, document), score, article in zip(places, scores, self.articles(places), strict=True)
                if article is not None]

    def arrived(self) -> Keys:
        """The keys of every match, by the number that the archive gave its version."""
        keys, numbers = (np.concatenate([np.empty(0, kind), *(
            selection.view.segment[column][selection.documents()] for selection in self.selections)])
            for column, kind in (("keys", np.uint64), ("numbers", np.int64)))
        return keys[np.argsort(numbers, kind="stable")].astype(np.uint64)

    def those(self, keys: Keys) -> Sequence[RankedHit]:
        """The matches with these keys, in this order."""
        found: dict[int, tuple[tuple[int, int], float]] = {}
        for selection in self.selections:
            documents, scores = selection.documents(), selection.found.scores
            own = selection.view.segment["keys"][documents]
            for at in np.flatnonzero(np.isin(own, keys)).tolist():
                document = int(documents[at])
                score = 0.0 if scores is None else float(
                    scores[np.searchsorted(selection.found.documents, document)])
                found[int(own[at])] = (selection.number, document), score
        chosen = [found[key] for key in keys.tolist() if key in found]
        return self._hits([place for place, _ in chosen], [score for _, score in chosen])

    def _hit(self, number: int, document: int, score: float, article: Article, matched: Sequence[Occurrence]
             ) -> RankedHit:
        view = self.generation.views[number]
        start = view.segment["entity_start"]
        local = view.segment["entity"][start[document] : start[document + 1]].tolist()
        return RankedHit(article, score, self._story(number, document),
                         [view.segment.entities[entity][0] for entity in local], matched,
                         int(view.segment["title_words"][document]), view.segment.cuts(document))

    def scan(self) -> Iterator[tuple[Article, StoryRef]]:
        """Every match, best first, one at a time."""
        ranked = self.ranked(max(self.total, 1))
        order = iter(zip(ranked.views.tolist(), ranked.documents.tolist(), strict=True))
        while part := list(islice(order, 200)):
            for (view, document), article in zip(part, self.articles(part), strict=True):
                if article is not None:
                    yield article, self._story(view, document)

    def articles(self, places: Sequence[tuple[int, int]]) -> list[Article | None]:
        """The articles at (view, local number), as they were when indexed; None for one that is no longer there."""
        numbers = [view.segment["numbers"] for view in self.generation.views]
        return versions(self.generation, self._archive, [int(numbers[view][document]) for view, document in places])

    def _story(self, number: int, document: int) -> StoryRef:
        """The story of an article of a view."""
        view = self.generation.views[number]
        return _story(self.generation, int(view.story[document]), int(view.segment["keys"][document]))
