"""Queries: a seeded choice of questions for a corpus, each mix by how often its words occur."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks import spool
from benchmarks.engine import Query
from index.analysis.normal import exact_form
from index.names.registry import Names
from index.segment import NAME_SIGN
from search.plan import Plan, Side, plan
from search.request import Match

MIXES = ("rare word", "common word", "two words", "three alternatives", "phrase", "common, date and source",
         "prefix", "exact form", "name")
SAMPLE = 2000


class Chooser:
    """Chooses queries from what a spool holds; the same for the same spool and seed."""

    def __init__(self, path: Path, names: Names, seed: int = 11) -> None:
        self._names, self._rng = names, np.random.default_rng(seed)
        self._terms: Counter[str] = Counter()
        self._forms: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._ids: Counter[str] = Counter()
        self._days: list[str] = []
        documents = 0
        for document in spool.read(path):
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
        """Up to `count` different queries a mix, fewer where the corpus has no more."""
        makers: tuple[Callable[[], Query | None], ...] = (
            lambda: self._one("rare word", 3 / self._documents, max(0.001, 6 / self._documents)),
            lambda: self._one("common word", 0.3, 0.5), self._two, self._three, self._phrase, self._filtered,
            self._prefix, self._exact, self._name)
        chosen = {}
        for mix, make in zip(MIXES, makers, strict=True):
            found: dict[Query, None] = {}
            for _ in range(count * 200):
                query = make()
                if query is not None:
                    found[query] = None
                if len(found) == count:
                    break
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
        root = self._plan(form).root
        return isinstance(root, Side) and len(root.clauses) == 1 and root.clauses[0].name is None

    def _plan(self, q: str) -> Plan:
        return plan(q, Match.VARIANTS, self._names, lambda _: ())

    def _one(self, mix: str, low: float, high: float) -> Query | None:
        word = self._word(low, high)
        return Query(mix, word[1], "all", "terms", (word[0],)) if word is not None else None

    def _words(self, count: int, low: float, high: float) -> Iterator[tuple[str, str]]:
        pairs, found = self._pairs(), dict[str, str]()
        for _ in range(50):
            word = self._word(low, high, pairs)
            if word is not None and len(found) < count:
                found.setdefault(*word)
        return iter(found.items())

    def _two(self) -> Query | None:
        words = list(self._words(2, 0.01, 0.5))
        q = " ".join(form for _, form in words)
        return Query("two words", q, "all", "terms", tuple(term for term, _ in words)) if len(words) == 2 else None

    def _three(self) -> Query | None:
        words = list(self._words(3, 0.005, 0.3))
        q = " OR ".join(form for _, form in words)
        return Query("three alternatives", q, "any", "terms", tuple(t for t, _ in words)) if len(words) == 3 else None

    def _phrase(self) -> Query | None:
        pairs = self._pairs()
        at = int(self._rng.integers(max(1, len(pairs) - 1)))
        words = pairs[at:at + 2]
        q = '"' + " ".join(form for _, form in words) + '"'
        if len(words) < 2 or not all(self._plain(*word) for word in words):
            return None
        root = self._plan(q).root
        if not isinstance(root, Side) or any(clause.name is not None for clause in root.clauses):
            return None
        return Query("phrase", q, "phrase", "terms", tuple(term for term, _ in words))

    def _filtered(self) -> Query | None:
        word = self._word(0.3, 0.5)
        if word is None or not self._days or not self._sources:
            return None
        days = (dt.date.fromisoformat(self._days[int(i)]) for i in self._rng.integers(len(self._days), size=1))
        since = next(days)
        source = self._sources.most_common(10)[int(self._rng.integers(min(10, len(self._sources))))][0]
        return Query(MIXES[5], word[1], "all", "terms", (word[0],), since.isoformat(),
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
        root = self._plan(entity.label).root
        if not isinstance(root, Side) or len(root.clauses) != 1 or len(root.clauses[0].alternatives) != 1:
            return None
        term = root.clauses[0].alternatives[0].term
        return Query("name", entity.label, "all", "names", (term[1:],)) if term.startswith(NAME_SIGN) else None
