"""Queries: a seeded choice of questions for a corpus, each mix by how often its words occur."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import spool
from benchmarks.engine import Query
from index.analysis.analyzer import word_term
from index.analysis.normal import exact_form, normal_form
from index.names.registry import Names
from index.segment import NAME_SIGN
from search.plan import Side, Similar, plan
from search.request import Match

MIXES = ("rare word", "medium word", "common word", "two words", "three alternatives", "phrase",
         "common, date and source", "common, newest first", "prefix", "exact form", "name")
SAMPLE = 2000
COUNTED = 100_000
"""So many articles at most are counted to know how often a word occurs; more have the same shares."""


class Chooser:
    """Chooses queries from what a spool holds; the same for the same spool and seed."""

    def __init__(self, path: Path, names: Names, similar: Similar, seed: int = 11) -> None:
        self._names, self._similar, self._rng = names, similar, np.random.default_rng(seed)
        self._terms: Counter[str] = Counter()
        self._forms: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._ids: Counter[str] = Counter()
        self._days: list[str] = []
        documents = 0
        for document in spool.read(path, 0, COUNTED):
            self._terms.update(set(document.terms.split()))
            self._forms.update(set(document.forms.split()))
            self._ids.update(set(document.names.split()))
            self._sources[document.source] += bool(document.source)
            if document.day:
                self._days.append(document.day)
            documents += 1
        self._documents = documents
        self._sample = [(document.terms.split(), document.forms.split())
                        for document in spool.read(path, 0, SAMPLE)]

    def choose(self, count: int) -> dict[str, list[Query]]:
        """Up to `count` different queries a mix, fewer where the corpus has no more.

        Raises ValueError when a mix would be empty.
        """
        makers: tuple[Callable[[], Query | None], ...] = (
            lambda: self._one("rare word", 3 / self._documents, max(0.001, 6 / self._documents)),
            lambda: self._one("medium word", 0.01, 0.05), lambda: self._one("common word", 0.3, 0.5), self._two,
            self._three, self._phrase, self._filtered, self._newest, self._prefix, self._exact, self._name)
        chosen = {}
        for mix, make in zip(MIXES, makers, strict=True):
            found: dict[Query, None] = {}
            for _ in range(count * 200):
                query = make()
                if query is not None:
                    found[query] = None
                if len(found) == count:
                    break
            if not found:
                raise ValueError(f"the corpus of {self._documents} articles has no query for the mix {mix!r}")
            chosen[mix] = list(found)
        return chosen

    def _pairs(self) -> list[tuple[str, str]]:
        """Term and printed form of the words of a random article."""
        terms, forms = self._sample[int(self._rng.integers(len(self._sample)))]
        return list(zip(terms, forms, strict=True))

    def _word(self, low: float, high: float, pairs: list[tuple[str, str]] | None = None) -> tuple[str, str] | None:
        """A word whose share of the articles lies between two bounds, and that is no name."""
        pairs = self._pairs() if pairs is None else pairs
        term, form = pairs[int(self._rng.integers(len(pairs)))]
        share = self._terms[term] / self._documents
        return (term, form) if low <= share <= high and self._plain(term, form) else None

    def _plain(self, term: str, form: str) -> bool:
        if term == spool.GAP or not form.isalpha() or not form.isascii() or form in ("and", "or", "not"):
            return False
        return self._says(form, (term,))

    def _says(self, q: str, terms: tuple[str, ...]) -> bool:
        """Whether a query means exactly these terms to Exonym: no names, no similar spellings besides."""
        clauses = plan(q, Match.VARIANTS, self._names, self._similar).clauses()
        meant = [[(one.term, one.forms) for one in clause.alternatives] for clause in clauses if clause.name is None]
        return meant == [[(term, None)] for term in terms]

    def _one(self, mix: str, low: float, high: float) -> Query | None:
        word = self._word(low, high)
        return Query(mix, word[1], "all", "terms", (word[0],)) if word is not None else None

    def _newest(self) -> Query | None:
        found = self._one("common, newest first", 0.3, 0.5)
        return replace(found, newest=True) if found is not None else None

    def by_frequency(self, count: int) -> list[Query]:
        """Single words from the rarest to the commonest, evenly on a logarithmic scale of how often they occur."""
        known = sorted((number, term) for term, number in self._terms.items()
                       if number >= 3 and term.isalpha() and self._plain_term(term))
        frequencies = [number for number, _ in known]
        chosen = dict.fromkeys(known[min(bisect_left(frequencies, int(wanted)), len(known) - 1)]
                               for wanted in np.geomspace(frequencies[0], frequencies[-1], count))
        return [Query("by frequency", term, "all", "terms", (term,)) for _, term in chosen]

    def _plain_term(self, term: str) -> bool:
        """Whether typing a term finds the term."""
        return word_term(normal_form(term)) == term and self._plain(term, term)

    def _words(self, count: int, low: float, high: float) -> Iterator[tuple[str, str]]:
        pairs, found = self._pairs(), dict[str, str]()
        for _ in range(50):
            word = self._word(low, high, pairs)
            if word is not None and len(found) < count:
                found.setdefault(*word)
        return iter(found.items())

    def _two(self) -> Query | None:
        return self._several("two words", "all", " ", 2, 0.01, 0.5)

    def _three(self) -> Query | None:
        return self._several("three alternatives", "any", " OR ", 3, 0.005, 0.3)

    def _several(self, mix: str, operator: str, between: str, count: int, low: float, high: float) -> Query | None:
        words = list(self._words(count, low, high))
        q, terms = between.join(form for _, form in words), tuple(term for term, _ in words)
        return Query(mix, q, operator, "terms", terms) if len(words) == count and self._says(q, terms) else None

    def _phrase(self) -> Query | None:
        pairs = self._pairs()
        at = int(self._rng.integers(max(1, len(pairs) - 1)))
        words = pairs[at:at + 2]
        q = '"' + " ".join(form for _, form in words) + '"'
        if len(words) < 2 or not all(self._plain(*word) for word in words):
            return None
        if not self._says(q, tuple(term for term, _ in words)):
            return None
        return Query("phrase", q, "phrase", "terms", tuple(term for term, _ in words))

    def _filtered(self) -> Query | None:
        word = self._word(0.3, 0.5)
        if word is None or not self._days or not self._sources:
            return None
        days = (dt.date.fromisoformat(self._days[int(i)]) for i in self._rng.integers(len(self._days), size=1))
        since = next(days)
        source = self._sources.most_common(10)[int(self._rng.integers(min(10, len(self._sources))))][0]
        return Query("common, date and source", word[1], "all", "terms", (word[0],), since.isoformat(),
                     (since + dt.timedelta(days=365)).isoformat(), source)

    def _prefix(self) -> Query | None:
        _, form = self._pairs()[0]
        prefix = form[:4]
        words = sum(other.startswith(prefix) for other in self._forms) if len(form) > 4 and form.isascii() else 0
        return Query("prefix", prefix + "*", "prefix", "forms", (prefix,)) \
            if prefix.isalpha() and 3 <= words <= 300 else None

    def _exact(self) -> Query | None:
        term, form = self._pairs()[int(self._rng.integers(5))]
        if not form.isalpha() or term == spool.GAP or not 1 < self._forms[form] < self._terms[term]:
            return None
        return Query("exact form", "=" + form, "all", "forms", (exact_form(form),))

    def _name(self) -> Query | None:
        ids = [id for id, _ in self._ids.most_common(500)]
        entity = self._names.entity(ids[int(self._rng.integers(len(ids)))]) if ids else None
        if entity is None or len(entity.spellings) < 2:
            return None
        root = plan(entity.label, Match.VARIANTS, self._names, self._similar).root
        if not isinstance(root, Side) or len(root.clauses) != 1 or len(root.clauses[0].alternatives) != 1:
            return None
        term = root.clauses[0].alternatives[0].term
        return Query("name", entity.label, "all", "names", (term[1:],)) if term.startswith(NAME_SIGN) else None
