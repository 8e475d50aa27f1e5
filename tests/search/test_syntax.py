"""Whatever is typed means something: a tree, and diagnostics that point into the query."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_news import QUERIES

from index.names.registry import Names
from search.limits import Limits, QueryLimitError
from search.plan import plan
from search.request import Match
from search.syntax import (
    And,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Prefix,
    Quoted,
    Run,
    Word,
    parse,
)

SIGNS = '"“”„«»()-=*~:?\\+ \n\t\u00a0\'’.,&/'


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good query with some signs put in, left out or doubled."""
    query = list(draw(QUERIES))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(query)))
        what = draw(st.sampled_from(["put in", "leave out", "double"]))
        if what == "put in":
            query.insert(at, draw(st.sampled_from([*SIGNS, "OR", "NOT", "AND", "title:", " OR ", " NOT ", "~9"])))
        elif query and what == "leave out":
            del query[at - 1]
        elif query:
            query[at:at] = query[:at]
    return "".join(query)


TYPED = st.one_of(QUERIES, mutated(), st.text(), st.text(st.sampled_from(SIGNS + "abORNT"), max_size=40))


def words(node: Node) -> list[Word]:
    match node:
        case Run():
            return [word for chunk in node.chunks for word in chunk]
        case Quoted():
            return list(node.words)
        case Prefix() | Fuzzy():
            return [node.word]
        case Not():
            return words(node.node)
        case And() | Or():
            return [word for child in node.nodes for word in words(child)]
        case Everything():
            return []


@given(TYPED)
def test_anything_can_be_parsed_and_diagnostics_point_into_it(q: str) -> None:
    tree, diagnostics = parse(q)
    for diagnostic in diagnostics:
        assert 0 <= diagnostic.start <= diagnostic.end <= len(q)
        assert diagnostic.message
    assert len({diagnostic.code for diagnostic in diagnostics}) == len(diagnostics)
    found = words(tree)
    assert len(found) <= Limits().words
    for word in found:
        assert q[word.start : word.end] == word.text
    assert [word.start for word in found] == sorted({word.start for word in found})


@given(TYPED)
def test_no_part_of_a_tree_is_empty(q: str) -> None:
    def check(node: Node) -> None:
        match node:
            case Run():
                assert node.chunks
                assert all(node.chunks)
            case Quoted():
                assert node.words
            case Fuzzy():
                assert 0 <= node.distance <= 2
            case And() | Or():
                assert len(node.nodes) > 1
                for child in node.nodes:
                    assert not isinstance(child, Everything)
                    check(child)
            case Not():
                assert not isinstance(node.node, Not | Everything)
                check(node.node)

    check(parse(q)[0])


@given(TYPED, st.sampled_from(Match))
def test_anything_can_be_planned(all_names: Names, q: str, match: Match) -> None:
    made = plan(q, match, all_names, lambda normal: ())
    for clause in made.clauses():
        assert clause.alternatives
        assert clause.typed


@pytest.mark.parametrize(("q", "tree"), [
    ("title:(Kiev OR talks)", "title:Kiev OR title:talks"), ("title:-Kiev", "-title:Kiev"),
    ("title:(Kiev -talks)", "title:Kiev -title:talks"), ("title:title:Kiev", "title:Kiev"),
    ("title:(talk* OR kyiw~1 OR =Kiev)", "title:talk* OR title:kyiw~1 OR title:=Kiev")])
def test_title_holds_for_all_that_it_stands_before(q: str, tree: str) -> None:
    def told(node: Node) -> object:
        match node:
            case And() | Or():
                return type(node), [told(child) for child in node.nodes]
            case Not():
                return Not, told(node.node)
            case Everything():
                return None
            case _:
                return type(node), [word.text for word in words(node)], node.title
    assert told(parse(q)[0]) == told(parse(tree)[0])


@pytest.mark.parametrize("q", [
    pytest.param("(" * 10_000 + "Kiev" + ")" * 10_000, id="brackets"), pytest.param("-" * 10_000 + "Kiev", id="minus"),
    pytest.param("NOT " * 10_000 + "Kiev", id="not"), pytest.param("-(" * 5_000 + "Kiev", id="minus and brackets"),
    pytest.param("title:" * 5_000 + "Kiev", id="title"), pytest.param("a OR " * 10_000, id="or"),
    pytest.param('"' * 10_001, id="quotes"), pytest.param("=" * 10_000 + "Kiev", id="equals"),
    pytest.param("title:(" * 5_000 + "Kiev", id="title and brackets"), pytest.param("Kiev " * 10_000, id="words"),
    pytest.param("NOT (" * 5_000 + "Kiev", id="not and brackets"),
    pytest.param("-NOT " * 5_000 + "Kiev", id="minus not"), pytest.param("title:-" * 5_000 + "Kiev", id="title minus"),
    pytest.param("a" * 1_000_000, id="one long word"), pytest.param("~" * 100_000, id="tildes"),
    pytest.param("a~" * 50_000, id="fuzzy"), pytest.param("*" * 100_000, id="stars")])
def test_long_and_deep_queries_are_read_or_refused(q: str) -> None:
    try:
        tree, diagnostics = parse(q)
    except QueryLimitError:
        assert len(re.findall(r"[^\W_]+", q)) > Limits().words or q.count("(") > Limits().depth
        return
    assert len(words(tree)) <= Limits().words
    assert all(diagnostic.end <= len(q) for diagnostic in diagnostics)


@pytest.mark.parametrize(("q", "start", "end"), [
    pytest.param("grain -", 6, 7, id="at the end"), pytest.param("grain - Kiev", 6, 7, id="before a space"),
    pytest.param("(grain --)", 7, 9, id="before a bracket")])
def test_a_minus_alone_is_told_as_an_operator_with_nothing_after_it(q: str, start: int, end: int) -> None:
    (found,) = parse(q)[1]
    assert (found.code, found.start, found.end) == ("dangling-operator", start, end)
