"""ClusterExecution: one question over one published state, in two looks: the matches, then what was shown of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from index.article import Article
from index.builder import article_key
from index.opensearch import mapping as m
from index.opensearch.documents import read_record
from index.segment import NAME_SIGN
from search.additions import NO_KEYS, Keys
from search.display import exact_key
from search.engine import Question, RankedHit
from search.opensearch import facets as f
from search.opensearch.filters import groups
from search.opensearch.occurrences import Text
from search.opensearch.queries import NOBODY, Queries, Query, all_of, any_of, is_scored
from search.plan import Alternative, Clause, sides
from search.request import EntityOp, Group, Interval, Sort
from search.response import NO_BUCKETS, Diagnostic, Facet, StoryRef

if TYPE_CHECKING:
    from search.opensearch.published import ClusterIndex

WINDOW = 10_000
"""A cluster ranks so many at once; what lies further is walked to."""
PAGE = 500


class ClusterExecution:
    """One question over one published state. The cluster is asked when something is wanted, and once for all of it."""

    def __init__(self, index: ClusterIndex, question: Question) -> None:
        self._index, self._question, self._request = index, question, question.request
        self._queries = Queries(index)
        self._said: list[Diagnostic] = []
        self._matches = self._queries.node(question.plan.root)
        self._forms = self._asked_forms()
        self._groups = groups(self._request, self._printed_in)
        movable = {"source", "language", "spelling"} | ({"entity"} if self._request.entity_op is EntityOp.OR else set())
        self._later = {name: query for name, query in self._groups.items() if name in movable}
        self._query: Query = {"bool": {"must": [self._matches], "filter": [
            query for name, query in self._groups.items() if name not in movable]}}

    # -- spellings ----------------------------------------------------------

    def _asked_forms(self) -> dict[str, Query]:
        """Printed form → what passes the articles that print it, over all names asked for."""
        asked = self._question.spellings
        forms = {form: any_of(parts) for form, parts in self._forms_of(asked.alternatives).items()}
        return forms | {form: self._queries.side(side) for form, side in asked.exact(forms)}

    def _forms_of(self, alternatives: Sequence[Alternative]) -> dict[str, list[Query]]:
        found: dict[str, list[Query]] = {}
        for alternative in dict.fromkeys(alternatives):
            if alternative.term.startswith(NAME_SIGN):
                name = alternative.term.removeprefix(NAME_SIGN)
                parts = {form: {"term": {m.SPELLINGS: m.spelling_value(name, form)}}
                         for form in self._index.printed(name)}
            else:
                parts = {form: {"term": {m.FORMS: m.token(form)}} for form in self._index.forms_of_word(
                    alternative.term)}
            for form, query in parts.items():
                if alternative.forms is None or form in alternative.forms:
                    found.setdefault(form, []).append(query)
        return found

    def _printed_in(self, spelling: str) -> Query:
        """What passes the articles that print a spelling: of a name asked for, else as words."""
        key = exact_key(spelling)
        if key in self._forms:
            return self._forms[key]
        side = self._question.spellings.as_words(spelling)
        return self._queries.side(side) if side is not None else NOBODY

    def spellings(self, clause: Clause) -> Mapping[str, int]:
        """Exact form → how many matches print it of what a clause stands for; spelling filters left out."""
        forms = {form: any_of(parts) for form, parts in self._forms_of(clause.alternatives).items()}
        if not forms:
            return {}
        if all(self._forms.get(form) == query for form, query in forms.items()) and "spelling" in self._request.facets:
            counts = self._first_look["aggregations"]["spelling"]["forms"]["buckets"]
        else:
            counts = self._ask({"size": 0, "aggs": {"spelling": self.within("spelling", {
                "forms": {"filters": {"filters": forms}}})}})["aggregations"]["spelling"]["forms"]["buckets"]
        return {form: counts[form]["doc_count"] for form in forms if counts[form]["doc_count"]}

    # -- counts ---------------------------------------------------------------

    def within(self, leaving_out: str | None, aggregations: Mapping[str, Any]) -> dict[str, Any]:
        """Aggregations over the matches that pass all groups of filters but one."""
        passing = [query for name, query in self._later.items() if name != leaving_out]
        return {"filter": all_of(passing), "aggs": dict(aggregations)}

    def _ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._index.search({"query": self._query, **body})

    @cached_property
    def _first_look(self) -> dict[str, Any]:
        """Total, stories, the page that the request asks for, and what its facets count."""
        request = self._request
        ask = self._facet_request(None)
        counted = {name: f.look(name, ask) for name in request.facets}
        first = (request.page - 1) * request.size
        page: dict[str, Any] = self._ranked(first, request.size) if first + request.size <= WINDOW else {"size": 0}
        if request.group is Group.STORY:
            page |= {"collapse": {"field": m.STORY}}
        return self._ask({**page, "post_filter": all_of(list(self._later.values())), "track_total_hits": True,
                          "aggs": {**counted, "matches": self.within(None, {"repeats": f.REPEATS})}})

    @property
    def total(self) -> int:
        """How many articles match and pass every filter."""
        return int(self._first_look["hits"]["total"]["value"])

    @property
    def stories(self) -> int:
        """How many stories these are."""
        return f.stories(self._first_look["aggregations"]["matches"])

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """What there is to say so far."""
        return (*self._queries.diagnostics, *self._said)

    def facets(self) -> dict[str, Facet]:
        """The facets that the request asks for."""
        if not self._request.facets:
            return {}
        return f.answer(self._request.facets, self._first_look["aggregations"], self._facet_request(None))

    def facet(self, name: str, wanted: Callable[[str], bool] | None) -> Facet:
        """One facet; only values that pass `wanted`."""
        ask = self._facet_request(wanted)
        found = self._ask({"size": 0, "aggs": {name: f.look(name, ask)}})
        return f.answer((name,), found["aggregations"], ask)[name]

    def _facet_request(self, wanted: Callable[[str], bool] | None) -> f.FacetRequest:
        question = self._question
        return f.FacetRequest(self._request, self.within, self._ask, self._forms, question.entity_label,
                              self._index.learn_labels, question.spellings.label, self._said, wanted)

    # -- articles -------------------------------------------------------------

    def _ranked(self, first: int, count: int) -> dict[str, Any]:
        return {"from": first, "size": count, "sort": self._order(), "track_scores": True,
                "_source": [m.RECORD, m.STORY, m.SHARED, m.WORDS, m.PRINTED]}

    def _order(self) -> list[Any]:
        """The order of the embedded engine: worth or time, then the newer, then a hash of the id."""
        newest: Query = {m.MOMENT: {"order": "desc", "missing": "_last"}}
        sort = self._request.sort
        if sort is Sort.OLDEST:
            return [{m.MOMENT: {"order": "asc", "missing": "_last"}}, {m.KEY: "asc"}]
        if sort is Sort.NEWEST or not is_scored(self._question.plan.root):
            return [newest, {m.KEY: "asc"}]
        return ["_score", newest, {m.KEY: "asc"}]

    def hits(self, first: int, count: int) -> Sequence[RankedHit]:
        """The hits from number `first` on, at most `count`, each with where it matched."""
        request = self._request
        if (first, count) == ((request.page - 1) * request.size, request.size) and first + count <= WINDOW:
            found = self._first_look["hits"]["hits"]
        else:
            found = self._far(first, count)
        return self._read(found)

    def arrived(self) -> Keys:
        """The keys of every match, by the number that the archive gave its version."""
        order = [{m.NUMBER: "asc"}, {m.KEY: "asc"}]
        found = [int(hit["sort"][1]) for hit in self._pages(WINDOW, order, False)]
        return np.array(found, np.uint64)

    def those(self, keys: Keys) -> Sequence[RankedHit]:
        """The matches with these keys, in this order."""
        found: dict[int, RankedHit] = {}
        wanted = keys.tolist()
        for start in range(0, len(wanted), PAGE):
            part: Query = {"terms": {m.KEY: wanted[start : start + PAGE]}}
            hits = self._ask({**self._ranked(0, PAGE), "post_filter": all_of([*self._later.values(), part])})
            found |= {article_key(hit.article.id): hit for hit in self._read(hits["hits"]["hits"])}
        return [found[key] for key in wanted if key in found]

    def _read(self, found: Sequence[dict[str, Any]]) -> list[RankedHit]:
        asked = list(sides(self._question.plan.root, self._queries.expanded))
        records = [read_record(hit["_source"][m.RECORD]) for hit in found]
        self._index.learn_labels(id for record in records for id in record[3])
        stories = self._index.stories([hit["_source"] for hit in found])
        return [RankedHit(article, float(hit["_score"] or 0), story, entities,
                          Text(hit["_source"], title_words, names).occurrences(asked), title_words, cuts)
                for hit, story, (article, title_words, cuts, entities, names) in zip(
                    found, stories, records, strict=True)]

    def _far(self, first: int, count: int) -> list[dict[str, Any]]:
        """Hits beyond what is ranked at once: those before are walked over."""
        found: list[dict[str, Any]] = []
        for number, hit in enumerate(self._walk(WINDOW, [m.STORY])):
            if number >= first + count:
                break
            if number >= first:
                found.append(hit)
        ids = [hit["_id"] for hit in found]
        documents = {hit["_id"]: hit for hit in self._index.search({
            "size": max(count, 1), "query": {"ids": {"values": ids}},
            "_source": self._ranked(0, 0)["_source"]})["hits"]["hits"]} if ids else {}
        return [{**hit, "_source": documents[hit["_id"]]["_source"]} for hit in found]

    def _walk(self, page: int, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every match in order; one a story where the request groups by story."""
        seen: set[str] = set()
        grouped = self._request.group is Group.STORY
        for hit in self._pages(page, self._order(), list(fields)):
            story = hit["_source"][m.STORY]
            if not grouped or story not in seen:
                yield hit
            if grouped:
                seen.add(story)

    def _pages(self, page: int, order: Sequence[Any], fields: Sequence[str] | bool) -> Iterator[dict[str, Any]]:
        """Every match in an order, fetched so many at a time."""
        after: Sequence[Any] | None = None
        while True:
            body = {"size": page, "sort": order, "track_scores": True, "track_total_hits": False, "_source": fields,
                    "post_filter": all_of(list(self._later.values()))}
            hits = self._ask(body | ({"search_after": after} if after is not None else {}))["hits"]["hits"]
            yield from hits
            if len(hits) < page:
                return
            after = hits[-1]["sort"]

    def scan(self) -> Iterator[tuple[Article, StoryRef]]:
        """Every match, best first, one at a time."""
        part: list[dict[str, Any]] = []
        for hit in self._walk(PAGE, [m.RECORD, m.STORY, m.SHARED]):
            part.append(hit["_source"])
            if len(part) == PAGE:
                yield from self._with_stories(part)
                part = []
        yield from self._with_stories(part)

    def _with_stories(self, part: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Article, StoryRef]]:
        for document, story in zip(part, self._index.stories(part), strict=True):
            yield read_record(document[m.RECORD])[0], story


class EmptyExecution:
    """A question where nothing was ever published."""

    total, stories, diagnostics = 0, 0, ()

    def __init__(self, question: Question) -> None:
        self._request = question.request

    def hits(self, first: int, count: int) -> Sequence[RankedHit]:
        """No hits."""
        return ()

    def facets(self) -> dict[str, Facet]:
        """Empty facets."""
        return {name: self.facet(name, None) for name in self._request.facets}

    def facet(self, name: str, wanted: Callable[[str], bool] | None) -> Facet:
        """An empty facet."""
        asked = self._request.interval
        if name == "date":
            return Facet(0, 0, 0, NO_BUCKETS, str(Interval.MONTH if asked is Interval.AUTO else asked))
        return Facet(0, 0, 0, NO_BUCKETS)

    def arrived(self) -> Keys:
        """No keys."""
        return NO_KEYS

    def those(self, keys: Keys) -> Sequence[RankedHit]:
        """No hits."""
        return ()

    def spellings(self, clause: Clause) -> Mapping[str, int]:
        """No spellings."""
        return {}

    def scan(self) -> Iterator[tuple[Article, StoryRef]]:
        """No matches."""
        yield from ()
