"""Parameters of a search: what is taken, what is refused, and how they become links and come back."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from search.request import EntityOp, Filters, Group, Interval, Match, SearchRequest, Sort, Undated
from service import links
from service.schemas import ALL_FACETS, DATE_PATTERN, SearchParameters

DOCS = Path(__file__).parents[2] / "docs" / "http-api.md"
texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
values = st.lists(texts, max_size=3, unique=True).map(tuple)
dates = st.none() | st.sampled_from(["2022", "2022-03", "2022-03-16", "2022-03-16T12:30", "2022-03-16T12:30:05+02:00"])
filters = st.builds(Filters, values, values, values, values, values, values, values)
requests = st.builds(
    SearchRequest, q=st.text(st.characters(exclude_categories=("Cs",)), max_size=50), match=st.sampled_from(Match),
    filters=filters, exclude=filters, entity_op=st.sampled_from(EntityOp), since=dates, until=dates,
    undated=st.none() | st.sampled_from(Undated), facet_size=st.integers(0, 1000), interval=st.sampled_from(Interval),
    facets=st.lists(st.sampled_from(ALL_FACETS), min_size=1, unique=True).map(tuple), group=st.sampled_from(Group),
    sort=st.sampled_from(Sort), page=st.integers(1, 1000), size=st.integers(1, 100))


@given(requests)
def test_a_request_comes_back_from_its_link(request: SearchRequest) -> None:
    assert links.request_from(links.pairs_of(request)) == request


@given(requests, st.sampled_from(["person", "place", "source", "spelling", "language"]), texts)
def test_what_was_added_or_excluded_can_be_dropped(request: SearchRequest, facet: str, value: str) -> None:
    bare = links.remove(request, facet, value)
    assert value in links.selected(links.add(request, facet, value), facet)
    assert value in getattr(links.exclude(request, facet, value).exclude, facet)
    assert value not in links.selected(links.exclude(request, facet, value), facet)
    assert links.remove(links.add(request, facet, value), facet, value) == bare
    assert links.remove(links.exclude(request, facet, value), facet, value) == bare
    assert bare.page == 1


@pytest.mark.parametrize(("name", "value"), [
    *(pytest.param(name, value, id=f"{name} {value!r}") for name in ("page", "size", "facet_size")
      for value in ("-1", "x", "1.5", "NaN", "1e3", "9" * 20, "٣", "1;2", "0x10", "\0", "", " 1", "1_0", "+1")),
    *(pytest.param(name, value, id=f"{name} {value}")
      for name, value in (("page", "0"), ("size", "0"), ("size", "101"))),
    pytest.param("page", "100001", id="page too far"), pytest.param("facet_size", "1001", id="too many buckets"),
    *(pytest.param("from", value, id=f"from {value[:12]!r}") for value in (
        "yesterday", "2022-13", "2022-02-30", "0000-00-00", "99999-01-01", "-1", "2022-01-01T99:99", "2022/01/01",
        "x" * 5000, "\0", "2022-1", "20220101", "2022-W01", "２０２２", "2022\n")),
    *(pytest.param(name, "nonsense", id=f"{name} nonsense") for name in (
        "match", "entity_op", "undated", "interval", "group", "sort", "facet", "foo", "Q", "exclude.", "exclude.q",
        "size ")),
    pytest.param("source", "", id="empty source"), pytest.param("q", "a" * 4001, id="long query"),
])
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        links.request_from([(name, value)])
    assert list(caught.value.normalized_messages()) == [name]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("value", ["-3", "٣", "1.5"])
def test_a_number_of_another_form_is_refused_with_the_right_one(value: str) -> None:
    with pytest.raises(ValidationError, match="digits alone, without a sign"):
        links.request_from([("facet_size", value)])


def test_a_single_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="Given more than once"):
        links.request_from([("q", "a"), ("q", "b")])


def test_a_page_too_far_down_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValidationError, match="use the export"):
        links.request_from([("page", "100000"), ("size", "100")])


@pytest.mark.parametrize("value", ["2022", "2022-02", "2022-02-28", "2022-02-28T23:59", "2022-02-28T23:59:59.5Z",
                                   "2022-02-28 23:59:59+02:00", "0001-01-01", "9999"])
def test_dates_are_kept_as_they_were_typed(value: str) -> None:
    assert links.request_from([("from", value)]).since == value


@given(st.from_regex(re.compile(DATE_PATTERN, re.ASCII), fullmatch=True).filter(bool))
def test_every_date_that_is_taken_is_one(value: str) -> None:
    whole = value + "-01-01"[len(value) - 4:] if len(value) < 10 else value.replace(",", ".")
    assert dt.datetime.fromisoformat(whole)


@given(st.dates())
def test_every_day_is_taken(day: dt.date) -> None:
    assert links.request_from([("to", day.isoformat())]).until == day.isoformat()


def test_an_empty_date_field_is_no_date() -> None:
    assert links.request_from([("from", ""), ("to", "")]) == SearchRequest()


@pytest.mark.parametrize(("q", "term", "wanted"), [
    pytest.param("Kiev", "Kiev", "=Kiev", id="word"),
    pytest.param("kiev talks", "kiev", "=kiev talks", id="one of several"),
    pytest.param('"Kiev region" talks', "Kiev region", '="Kiev region" talks', id="phrase"),
    pytest.param("New York fire", "New York", '="New York" fire', id="name of two words"),
    pytest.param("Kievan Kiev", "Kiev", "Kievan =Kiev", id="not inside a word"),
    pytest.param("=Kiev OR Kiev", "Kiev", "=Kiev OR =Kiev", id="the one that is not exact yet"),
    pytest.param("Київ -Одеса", "Одеса", "Київ -=Одеса", id="excluded"),
])
def test_search_only_puts_the_sign_before_the_term(q: str, term: str, wanted: str) -> None:
    assert links.only_as_typed(SearchRequest(q=q), term).q == wanted


def test_every_spelling_takes_all_signs_away() -> None:
    exact = SearchRequest(q='=Kiev (="Kiev region" OR -=Kyiv) a=b', match=Match.EXACT,
                          filters=Filters(spelling=("Kiev",)))
    assert links.every_spelling(exact) == SearchRequest(q='Kiev ("Kiev region" OR -Kyiv) a=b')


@pytest.mark.parametrize(("value", "interval", "wanted"), [
    pytest.param("2022", "year", ("2022", "2022"), id="year"),
    pytest.param("2022-05", "month", ("2022-05", "2022-05"), id="month"),
    pytest.param("2022-05-30", "week", ("2022-05-30", "2022-06-05"), id="week"),
    pytest.param("9999-12-27", "week", ("9999-12-27", "9999-12-31"), id="last week"),
])
def test_a_date_bucket_is_a_range(value: str, interval: str, wanted: tuple[str, str]) -> None:
    assert links.span(value, interval) == wanted


def test_every_parameter_is_documented() -> None:
    table = DOCS.read_text(encoding="utf-8").split("## Searching")[1].split("```sh")[0]
    first = " ".join(re.findall(r"^\| (`.*?) \|", table, re.M))
    wanted = {field.data_key or name for name, field in SearchParameters().load_fields.items()}
    assert set(re.findall(r"`([^`]+)`", first)) == wanted
