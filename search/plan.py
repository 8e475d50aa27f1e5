"""Plan: a query's tree with every word turned into index terms. It knows names and stems, but no engine.

A *clause* is one thing the reader typed (a word, a name, a phrase) and how it was understood; it carries the
reasons shown with hits. A clause stands for *alternatives*: index terms, each held to some printed forms or
not. All alternatives of a clause count as one term when scoring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from index.analysis.analyzer import word_term
from index.analysis.normal import exact_form, normal_form
from index.names.given import equivalents
from index.names.model import NameMatch
from index.names.registry import Names
from index.segment import NAME_SIGN
from index.similar import may_be_name
from search import syntax
from search.request import Match
from search.response import Diagnostic

AS_TYPED, SAME_NAME, SIMILAR, SAME_STEM = "as typed", "same name", "similar spelling", "same stem"
SIMILAR_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Alternative:
    """One index term; `forms`: only occurrences printed in one of these exact forms (None: in any)."""

    term: str
    how: str
    forms: frozenset[str] | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Clause:
    """What was typed and the alternatives it stands for. `entity`, `label`: of a name that is one entity."""

    typed: str
    alternatives: tuple[Alternative, ...]
    name: str | None = None
    entity: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """Clauses that must stand side by side; one clause alone is a term. `title`: in the title.

    It is part of many keys, so it is hashed once.
    """

    clauses: tuple[Clause, ...]
    title: bool = False
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.clauses, self.title)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Starts:
    """Any word that begins with `prefix` (an exact form)."""

    typed: str
    prefix: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Any word at most `distance` letters from `word` (an exact form)."""

    typed: str
    word: str
    distance: int
    title: bool = False


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple[PlanNode, ...]      # empty: every article


@dataclass(frozen=True, slots=True)
class Either:
    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Without:
    node: PlanNode


PlanNode = Side | Starts | Near | All | Either | Without


@dataclass(frozen=True)
class Plan:
    """What to execute for a query text."""

    root: PlanNode
    diagnostics: tuple[Diagnostic, ...]

    def clauses(self) -> list[Clause]:
        """The clauses whose presence makes a match, in the order typed (none under NOT)."""
        return [clause for side in sides(self.root, {}) for clause in side.clauses]

    @cached_property
    def spelt_variously(self) -> Sequence[Clause]:
        """Those that are names, known or not, so that their spellings are counted and shown."""
        return [clause for clause in self.clauses() if clause.name is not None
                or any(alternative.how == SIMILAR for alternative in clause.alternatives)]


class Similar(Protocol):
    """Finds the printed forms (exact forms) of an index that are similar spellings of a word no names file knows."""

    def __call__(self, normal: str, /) -> Sequence[str]: ...


def plan(q: str, match: Match, names: Names, similar: Similar) -> Plan:
    """Understand a query text. Raises QueryLimitError for one that is larger than it may be."""
    tree, diagnostics = syntax.parse(q)
    return Plan(_Planner(match, names, similar).node(tree), diagnostics)


class _Planner:
    def __init__(self, match: Match, names: Names, similar: Similar) -> None:
        self._exact = match is Match.EXACT
        self._names, self._similar = names, similar

    def node(self, node: syntax.Node) -> PlanNode:
        match node:
            case syntax.Run():
                return self._run(node)
            case syntax.Quoted():
                exact = self._exact or node.exact
                return Side(self._clauses(node.words, exact=exact), node.title)
            case syntax.Prefix():
                return Starts(node.word.text + "*", exact_form(node.word.text), node.title)
            case syntax.Fuzzy():
                return Near(node.word.text + node.sign, exact_form(node.word.text), node.distance, node.title)
            case syntax.Not():
                return Without(self.node(node.node))
            case syntax.And():
                return All(tuple(self.node(child) for child in node.nodes))
            case syntax.Or():
                return Either(tuple(self.node(child) for child in node.nodes))
            case syntax.Everything():
                return All(())

    def _run(self, run: syntax.Run) -> PlanNode:
        """Each name and each word must match; words of one chunk, and of one name, side by side."""
        words = [word for chunk in run.chunks for word in chunk]
        if self._exact:
            return _all([Side(self._clauses(chunk, exact=True), run.title) for chunk in run.chunks])
        chunk_of = [number for number, chunk in enumerate(run.chunks) for _ in chunk]
        sides: list[Side] = []
        clauses: list[Clause] = []
        for clause, end in self._understood(words):
            clauses.append(clause)
            if end == len(words) or chunk_of[end] != chunk_of[end - 1]:
                sides.append(Side(tuple(clauses), run.title))
                clauses = []
        return _all(sides)

    def _clauses(self, words: Sequence[syntax.Word], *, exact: bool) -> tuple[Clause, ...]:
        """The clauses of a phrase."""
        if exact:
            return tuple(self._exactly(word) for word in words)
        return tuple(clause for clause, _ in self._understood(words))

    def _understood(self, words: Sequence[syntax.Word]) -> Iterator[tuple[Clause, int]]:
        """The names and words of a stretch of a query, in order, each with the place after its last word."""
        readings = self._readings(words)
        at = 0
        while at < len(words):
            matches = readings.get(at)
            if matches:
                end = matches[0].end
                yield self._name(words[at:end], matches), end
            else:
                end = at + 1
                yield self._word(words[at], words[end] if end < len(words) else None), end
            at = end

    def _readings(self, words: Sequence[syntax.Word]) -> dict[int, list[NameMatch]]:
        """Where a name begins: all readings of the longest name there."""
        found: dict[int, list[NameMatch]] = {}
        taken = 0
        matches = self._names.lookup(" ".join(word.text for word in words))
        for match in sorted(matches, key=lambda match: (match.start, -match.end)):
            if match.start >= taken:
                found[match.start] = []
                taken = match.end
            if match.end == taken and match.start in found:
                found[match.start].append(match)
        return found

    def _name(self, words: Sequence[syntax.Word], matches: Sequence[NameMatch]) -> Clause:
        """A name in all its readings. A surname stands for its bearers too: their full names hold it."""
        names = list(dict.fromkeys(match.name for match in matches))
        if any(name.startswith("surname/") for name in names):
            names = [name for name in names if not name.startswith("person/")]
        entities = {match.entity for match in matches if match.entity is not None}
        entity = self._names.entity(entities.pop()) if len(entities) == 1 else None
        typed = " ".join(word.text for word in words)
        return Clause(typed, tuple(Alternative(NAME_SIGN + name, SAME_NAME) for name in names), names[0],
                      entity.id if entity is not None else None, entity.label if entity is not None else typed)

    def _word(self, word: syntax.Word, following: syntax.Word | None) -> Clause:
        """A word that is no name here: its stem, and similar spellings where it may be a name no file knows.

        A given name before another such word (*Sergei Popko*) stands for its forms in other languages too.
        """
        normal = normal_form(word.text)
        forms = [] if self._names.names_of(word.text) else list(self._similar(normal))
        if following is not None and may_be_name(normal_form(following.text)):
            forms += [form for form in equivalents(normal) if form not in forms]
        own = word_term(normal)
        others = dict.fromkeys(self._alternative(form) for form in forms if word_term(normal_form(form)) != own)
        return Clause(word.text, (Alternative(own, SAME_STEM), *others), label=word.text)

    def _alternative(self, form: str) -> Alternative:
        """A similar spelling: the whole name it is known as, else the word in this printed form."""
        known = self._names.names_of(form)
        if len(known) == 1:
            return Alternative(NAME_SIGN + known[0], SIMILAR, None, SIMILAR_WEIGHT)
        return Alternative(word_term(normal_form(form)), SIMILAR, frozenset([form]), SIMILAR_WEIGHT)

    def _exactly(self, word: syntax.Word) -> Clause:
        form = frozenset([exact_form(word.text)])
        return Clause(word.text, (Alternative(word_term(normal_form(word.text)), AS_TYPED, form),), label=word.text)


def _all(sides: Sequence[PlanNode]) -> PlanNode:
    return sides[0] if len(sides) == 1 else All(tuple(sides))


def sides(node: PlanNode, expanded: Mapping[PlanNode, Clause]) -> Iterable[Side]:
    """The leaves that make a match, in the order typed; prefix and fuzzy words as the clauses they stand for."""
    match node:
        case Side():
            yield node
        case Starts() | Near():
            if node in expanded:
                yield Side((expanded[node],), node.title)
        case All() | Either():
            for child in node.nodes:
                yield from sides(child, expanded)
        case _:
            return


def is_exact(side: Side) -> bool:
    """Whether every word of a side was asked for in exactly one spelling."""
    return bool(side.clauses) and all(alternative.how == AS_TYPED for clause in side.clauses
                                      for alternative in clause.alternatives)
