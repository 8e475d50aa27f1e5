"""Queries: the nodes of a plan in the words of OpenSearch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from index.opensearch import mapping as m
from index.segment import NAME_SIGN
from search.limits import limits
from search.plan import AS_TYPED, All, Alternative, Clause, Either, Near, PlanNode, Side, Starts, Without
from search.response import Diagnostic

Query = dict[str, Any]

MOST_WORDS = 9_999
"""A cluster lists so many words at once, and one more."""
MANY = 250
"""A clause of more alternatives is asked as one list of forms: a cluster allows about a thousand parts of a query."""
BELOW = 0.99
"""How much of the worth of a name's most frequent reading its others are worth at most."""
NOBODY: Query = {"match_none": {}}
EVERYBODY: Query = {"match_all": {"boost": 0}}


class Words(Protocol):
    """What queries must know of the words of an index."""

    def starting(self, node: Starts, most: int) -> list[tuple[str, str]]:
        """(term, form) of the words that begin with a prefix; `most` and one more."""

    def nearby(self, node: Near, most: int) -> list[tuple[str, str]]:
        """(term, form) of the words that are near enough; `most` and one more."""

    def printed(self, name: str) -> Mapping[str, int]:
        """The forms in which a name is printed."""

    def frequencies(self, queries: Sequence[Query]) -> Sequence[int]:
        """How many articles match each of some queries."""

    @property
    def articles(self) -> int:
        """How many articles there are."""

    @property
    def layers(self) -> int:
        """How many layers of names are in use."""


class Queries:
    """Makes the queries of one plan; remembers what prefix and fuzzy words stand for."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.expanded: dict[PlanNode, Clause] = {}
        self.diagnostics: list[Diagnostic] = []

    def node(self, node: PlanNode) -> Query:
        """A node as a query whose score is its worth."""
        match node:
            case Side():
                return self.side(node)
            case Starts() | Near():
                return self._clause(self._expand(node), node.title)
            case Without():
                return {"bool": {"must_not": [self.node(node.node)]}}
            case Either():
                return {"bool": {"should": [self.node(child) for child in node.nodes], "minimum_should_match": 1}}
            case All():
                if not node.nodes:
                    return EVERYBODY
                wanted = [self.node(child) for child in node.nodes if not isinstance(child, Without)]
                barred = [self.node(child.node) for child in node.nodes if isinstance(child, Without)]
                return {"bool": {"must": wanted, "must_not": barred}}

    def side(self, side: Side) -> Query:
        """A word, a name or a phrase."""
        if not side.clauses:
            return EVERYBODY
        if len(side.clauses) == 1:
            return self._clause(side.clauses[0], side.title)
        return self._phrase(side.clauses, side.title)

    def _clause(self, clause: Clause, title: bool) -> Query:
        """A clause alone. Readings of one name stand at the same places, so the best of them counts."""
        parts = alternatives_query(clause.alternatives, title)
        if clause.name is not None and len(parts) > 1:
            return {"dis_max": {"queries": self._levelled(parts)}}
        if len(parts) > MANY:             # many words behind one prefix: their number counts for a cluster
            forms = sorted({m.token(form) for other in clause.alternatives for form in other.forms or ()})
            return {"terms": {_field(m.FORMS, title): forms}}
        return any_of(parts)

    def _levelled(self, readings: Sequence[Query]) -> Sequence[Query]:
        """Readings of one name, none worth more than the most frequent for being rarer.

        A cluster weighs each by its own frequency. An article that has the most frequent reading is to be worth the
        same under a spelling that has no other.
        """
        counts = self._words.frequencies(readings)
        rarity = [math.log(1 + (self._words.articles - count + 0.5) / (count + 0.5)) for count in counts]
        most = counts.index(max(counts))
        boosts = [min(1.0, rarity[most] / own) * BELOW for own in rarity]
        return [reading if place == most else {"bool": {"must": [reading], "boost": boost}}
                for place, (reading, boost) in enumerate(zip(readings, boosts, strict=True))]

    def _phrase(self, clauses: Sequence[Clause], title: bool) -> Query:
        """Clauses side by side: a plain phrase if all are words of one kind, else intervals over all streams."""
        for field, of in ((m.WORDS, _plain), (m.PRINTED, _exact)):
            tokens = [of(clause) for clause in clauses]
            if None not in tokens:
                return {"match_phrase": {_field(field, title): " ".join(token for token in tokens if token)}}
        parts = [self._source(clause, title) for clause in clauses]
        if None in parts:
            return NOBODY
        return {"intervals": {_field(m.WORDS, title): {"all_of": {
            "mode": "ordered", "max_gaps": 0, "intervals": parts}}}}

    def _source(self, clause: Clause, title: bool) -> Query | None:
        """Where a clause stands; None if it can stand nowhere."""
        parts: list[Query] = []
        for alternative in clause.alternatives:
            if alternative.term.startswith(NAME_SIGN):
                parts += self._mentions(alternative.term.removeprefix(NAME_SIGN), title)
            elif alternative.forms is not None:
                parts += [_match(m.token(form), m.PRINTED, title) for form in sorted(alternative.forms)]
            else:
                parts.append(_match(m.token(alternative.term), m.WORDS, title))
        if len(parts) < 2:
            return parts[0] if parts else None
        return {"any_of": {"intervals": parts}}

    def _mentions(self, name: str, title: bool) -> list[Query]:
        """A name, as long as it is printed anywhere, in every layer."""
        lengths = sorted({form.count(" ") + 1 for form in self._words.printed(name)})
        return [_match(" ".join(m.mention_tokens(name, length)), m.layer(layer), title)
                for length in lengths for layer in range(self._words.layers)]

    def _expand(self, node: Starts | Near) -> Clause:
        """The words of the index that a prefix or fuzzy word stands for, as one clause."""
        if node not in self.expanded:
            most = min(limits().expansions, MOST_WORDS)
            found = self._words.starting(node, most) if isinstance(node, Starts) else self._words.nearby(node, most)
            if len(found) > most:
                self.diagnostics.append(Diagnostic(
                    "too-many-terms", f"{node.typed} stands for more than {most} words; the rest was left out.",
                    0, 0))
            forms: dict[str, set[str]] = {}
            for term, form in found[:most]:
                forms.setdefault(term, set()).add(form)
            alternatives = tuple(Alternative(term, AS_TYPED, frozenset(forms[term])) for term in sorted(forms))
            self.expanded[node] = Clause(node.typed, alternatives, label=node.typed)
        return self.expanded[node]


def is_scored(node: PlanNode) -> bool:
    """Whether matches of a node have a worth; what has none is ranked by time."""
    if isinstance(node, All):
        return any(is_scored(child) for child in node.nodes)
    return not isinstance(node, Without)


def alternatives_query(alternatives: Sequence[Alternative], title: bool = False) -> list[Query]:
    """What matches each of some alternatives."""
    found: list[Query] = []
    for alternative in alternatives:
        boost = {"boost": alternative.weight} if alternative.weight != 1 else {}
        if alternative.forms is None:
            found.append({"term": {_field(m.TERMS, title): {"value": m.token(alternative.term), **boost}}})
        elif len(alternative.forms) == 1:
            (form,) = alternative.forms
            found.append({"term": {_field(m.FORMS, title): {"value": m.token(form), **boost}}})
        else:
            found.append({"terms": {_field(m.FORMS, title): sorted(map(m.token, alternative.forms)), **boost}})
    return found


def any_of(queries: Sequence[Query]) -> Query:
    """Whatever one of some filters passes."""
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}} if queries else NOBODY


def all_of(queries: Sequence[Query]) -> Query:
    """Whatever all of some filters pass."""
    return {"bool": {"filter": list(queries)}} if queries else {"match_all": {}}


def _field(field: str, title: bool) -> str:
    return m.of_title(field) if title else field


def _match(tokens: str, field: str, title: bool) -> Query:
    return {"match": {"query": tokens, "max_gaps": 0, "mode": "ordered", "use_field": _field(field, title)}}


def _plain(clause: Clause) -> str | None:
    """The token of a clause that is one word in any form."""
    only = clause.alternatives[0] if len(clause.alternatives) == 1 else None
    if only is None or only.forms is not None or only.term.startswith(NAME_SIGN):
        return None
    return m.token(only.term)


def _exact(clause: Clause) -> str | None:
    """The token of a clause that is one word in one form."""
    only = clause.alternatives[0] if len(clause.alternatives) == 1 else None
    if only is None or only.forms is None or len(only.forms) != 1:
        return None
    return m.token(next(iter(only.forms)))
