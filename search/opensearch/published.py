"""ClusterIndex: one published state on a cluster, seen at one point in time, and its words."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from index.analysis.normal import normal_form
from index.builder import article_key
from index.names.folding import same_person
from index.opensearch import mapping as m
from index.opensearch.cluster import Cluster, ClusterState
from index.opensearch.documents import read_record
from index.segment import NAME_SIGN
from index.similar import key_hashes, may_be_name
from search.engine import Execution, Question
from search.limits import check_time
from search.opensearch.execution import ClusterExecution, EmptyExecution
from search.plan import Near, Starts
from search.response import Copy, StoryRef
from search.similar import MAX_SIMILAR

T = TypeVar("T")

KEEP_ALIVE = "2m"
CACHED = 20_000
"""Answers about words and labels kept for one state."""
MOST_ENTITIES = 20_000
"""Of each type so many entities are known to suggestions, those that most articles mention."""


class ClusterIndex:
    """One published state. Safe for threads."""

    def __init__(self, cluster: Cluster, state: ClusterState) -> None:
        self.state, self._cluster = state, cluster
        self.number, self.articles, self.names = state.generation, state.articles, state.names
        self.layers = state.layers
        self._lock = threading.Lock()
        self._moment: str | None = None
        self._known: dict[Hashable, Any] = {}

    # -- asking ---------------------------------------------------------------

    def search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask about the articles, all of them or none: a part of the cluster that does not answer is an error."""
        check_time()

        def call() -> dict[str, Any]:
            asked = {**body, "pit": {"id": self._point(), "keep_alive": KEEP_ALIVE}}
            found: dict[str, Any] = self._cluster.client.search(
                body=asked, params={"allow_partial_search_results": "false"})
            return found

        return self._cluster.attempt(call, self._forget_point)

    def _point(self) -> str:
        with self._lock:
            if self._moment is None:
                made = self._cluster.client.create_pit(index=self.state.articles_index, keep_alive=KEEP_ALIVE)
                self._moment = str(made["pit_id"])
            return self._moment

    def _forget_point(self) -> None:
        """See the index anew: the point in time has expired, or its node is gone."""
        with self._lock:
            self._moment = None

    def _words(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = self._cluster.attempt(lambda: self._cluster.client.search(
            index=self.state.words_index, body=body, params={"allow_partial_search_results": "false"}))
        return [hit["_source"] for hit in found["hits"]["hits"]]

    def close(self) -> None:
        """Give the point in time back. A request that still needs one makes another."""
        with self._lock:
            moment, self._moment = self._moment, None
        if moment is not None:
            self._cluster.attempt(lambda: self._cluster.client.delete_pit(body={"pit_id": [moment]}, ignore=[404]))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """An answer that holds for this state, asked for once."""
        if key not in self._known:
            value = make()
            if len(self._known) >= CACHED:
                self._known.clear()
            self._known[key] = value
            return value
        found: T = self._known[key]
        return found

    # -- words ----------------------------------------------------------------

    def similar(self, normal: str, /) -> Sequence[str]:
        """Printed forms that are similar spellings of a word no names file knows, those most articles print."""
        if not self.number or not may_be_name(normal):
            return ()
        return self._once(("similar", normal), lambda: self._similar(normal))

    def _similar(self, normal: str) -> Sequence[str]:
        rows = self._words({"size": 10_000, "query": {"terms": {"keys": [str(key) for key in key_hashes(normal)]}}})
        forms = [row["name_like"] for row in rows if (other := normal_form(row["name_like"])) != normal
                 and same_person(normal, other)]
        counts = self.counts({form: {"term": {m.FORMS: m.token(form)}} for form in forms})
        found = [form for form in forms if counts[form]]
        return tuple(sorted(found, key=lambda form: (-counts[form], form))[:MAX_SIMILAR])

    def counts(self, filters: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """For each filter: how many articles pass it."""
        if not filters:
            return {}
        found = self.search({"size": 0, "aggs": {"of": {"filters": {"filters": dict(filters)}}}})
        return {name: bucket["doc_count"] for name, bucket in found["aggregations"]["of"]["buckets"].items()}

    def frequencies(self, queries: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """How many articles match each of some queries."""
        def ask() -> list[int]:
            counts = self.counts({str(place): query for place, query in enumerate(queries)})
            return [counts[str(place)] for place in range(len(queries))]
        return self._once(("frequencies", json.dumps(queries)), ask)

    def forms_of_word(self, term: str) -> Sequence[str]:
        """The exact forms in which a word's term is printed."""
        return self._once(("word", term), lambda: [row["form"] for row in self._words(
            {"size": 10_000, "query": {"term": {"term": term}}, "sort": ["form"]})])

    def starting(self, node: Starts, most: int) -> list[tuple[str, str]]:
        """(term, form) of the words that begin with a prefix, in order; `most` and one more."""
        return self._once((node, most), lambda: [(row["term"], row["form"]) for row in self._words(
            {"size": most + 1, "query": {"prefix": {"form": node.prefix}}, "sort": ["form"]})])

    def nearby(self, node: Near, most: int) -> list[tuple[str, str]]:
        """(term, form) of the words that begin with the same letter and are near enough, nearest first."""
        return self._once((node, most), lambda: self._nearby(node, most))

    def _nearby(self, node: Near, most: int) -> list[tuple[str, str]]:
        """Two letters in each other's place with one between are near by our rule and not by theirs: asked apart."""
        near: list[dict[str, Any]] = [{"fuzzy": {"form": {
            "value": node.word, "fuzziness": node.distance, "prefix_length": 1, "transpositions": True,
            "max_expansions": 1024}}}]
        if node.distance > 1:
            near += [{"wildcard": {"form": {"value": pattern}}} for pattern in _exchanged(node.word)]
        rows = {row["form"]: row["term"] for row in self._words({
            "size": 10_000, "query": {"bool": {"should": near}}})}
        found = extract(node.word, list(rows), scorer=DamerauLevenshtein.distance, score_cutoff=node.distance,
                        limit=most + 1)
        return [(rows[form], form) for form, _, _ in found]

    # -- names and stories ------------------------------------------------------

    def printed(self, name: str) -> Mapping[str, int]:
        """Exact form → how many articles print a name in it."""
        return self._once(("name", name), lambda: self._printed(name)) if self.number else {}

    def _printed(self, name: str) -> dict[str, int]:
        start = m.spelling_value(name, "")
        found = self.search({
            "size": 0, "query": {"bool": {"filter": [{"term": {m.TERMS: m.token(NAME_SIGN + name)}}]}},
            "aggs": {"forms": {"terms": {"field": m.SPELLINGS, "include": _quoted(start) + ".*", "size": 10_000,
                                         "shard_size": 10_000}}}})
        return {bucket["key"].removeprefix(start): bucket["doc_count"]
                for bucket in found["aggregations"]["forms"]["buckets"]}

    def entity_label(self, id: str) -> str | None:
        """The label the index has of an entity."""
        if not self.number:
            return None
        self.learn_labels([id])
        label: str | None = self._known.get(("label", id))
        return label

    def learn_labels(self, ids: Iterable[str]) -> None:
        """Fetch the labels of many entities at once."""
        missing = [id for id in dict.fromkeys(ids) if ("label", id) not in self._known]
        for start in range(0, len(missing), 1000):
            part = missing[start : start + 1000]
            keys = [m.document_id(f"e {id}") for id in part]
            found = self._cluster.attempt(lambda keys=keys: self._cluster.client.mget(  # type: ignore[misc]
                body={"ids": keys}, index=self.state.words_index))
            for id, document in zip(part, found["docs"], strict=True):
                label = document["_source"]["label"] if document.get("found") else None
                self._once(("label", id), lambda label=label: label)  # type: ignore[misc]

    def entity_counts(self) -> Iterator[tuple[str, int]]:
        """(entity id, articles that mention it), the most mentioned first; MOST_ENTITIES of each type."""
        if not self.number:
            return
        found = self.search({"size": 0, "aggs": {kind: {"terms": {
            "field": kind, "size": MOST_ENTITIES, "shard_size": MOST_ENTITIES}} for kind in m.ENTITY_TYPES}})
        rows = [(bucket["key"], bucket["doc_count"]) for kind in m.ENTITY_TYPES
                for bucket in found["aggregations"][kind]["buckets"]]
        rows.sort(key=lambda row: (-row[1], row[0]))
        self.learn_labels(id for id, _ in rows)
        yield from rows

    def story(self, id: str) -> StoryRef:
        """The story of an article."""
        own = f"{article_key(id):016x}"
        if not self.number:
            return StoryRef(own, 1)
        found = self.search({"size": 1, "query": {"ids": {"values": [m.document_id(id)]}},
                             "_source": [m.STORY, m.SHARED]})["hits"]["hits"]
        return self.stories([hit["_source"] for hit in found])[0] if found else StoryRef(own, 1)

    def stories(self, documents: Sequence[Mapping[str, Any]]) -> list[StoryRef]:
        """The stories of documents, each with its size."""
        shared = sorted({document[m.SHARED] for document in documents if document.get(m.SHARED)})
        sizes: dict[str, int] = {}
        for start in range(0, len(shared), 500):
            part = shared[start : start + 500]
            sizes |= self.counts({story: {"term": {m.SHARED: story}} for story in part})
        return [StoryRef(document[m.STORY], sizes.get(document[m.STORY], 1)) for document in documents]

    def copies(self, story: str, most: int) -> Sequence[Copy]:
        """The articles of a story, by date."""
        if not self.number:
            return ()
        found = self.search({"size": min(most, 10_000), "query": {"term": {m.SHARED: story}}, "_source": [m.RECORD],
                             "sort": [{m.DAY: {"order": "asc", "missing": "_last"}}, m.NUMBER],
                             "track_total_hits": True})["hits"]
        if found["total"]["value"] < 2:
            return ()
        articles = [read_record(hit["_source"][m.RECORD])[0] for hit in found["hits"]]
        return [Copy(article.id, article.title, article.source, article.date) for article in articles]

    def execute(self, question: Question) -> Execution:
        """Match and filter."""
        return ClusterExecution(self, question) if self.number else EmptyExecution(question)


def _quoted(text: str) -> str:
    """A text as a pattern of theirs."""
    return re.sub(r"([^\w␟/-])", r"\\\1", text)


def _exchanged(word: str) -> list[str]:
    """Patterns of the words in which two neighbours have changed places and a letter has come between, or gone."""
    signs = [re.sub(r"([*?\\])", r"\\\1", sign) for sign in word]
    come = ["".join((*signs[:at], signs[at + 1], "?", signs[at], *signs[at + 2 :])) for at in range(1, len(signs) - 1)]
    gone = ["".join((*signs[:at], signs[at + 2], signs[at], *signs[at + 3 :])) for at in range(1, len(signs) - 2)]
    return come + gone


def body_key(body: Mapping[str, Any]) -> str:
    """A query as a text, equal for equal queries."""
    return json.dumps(body, sort_keys=True)
