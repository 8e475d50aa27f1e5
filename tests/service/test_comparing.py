"""Copies held against one another, and what stands beside an article."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from search.request import SearchRequest
from search.searcher import Searcher
from service import links
from service.comparing import Comparison, compare
from service.neighbours import main_entity, neighbours

TEXTS = st.lists(st.sampled_from(["Kiev", "Kyiv", "the", "talks", "on", "Monday.", "\n\n", "\n \n"]), max_size=30
                 ).map(" ".join)


def words(found: Comparison, side: str) -> list[str]:
    """The words of one of the two texts, as the comparison has them."""
    return [word for parts in found.paragraphs for part in parts
            for word in (part.both or getattr(part, side)).split()]


@given(first=TEXTS, second=TEXTS)
def test_a_comparison_holds_both_texts_whole(first: str, second: str) -> None:
    found = compare(first, second)
    assert words(found, "first") == first.split()
    assert words(found, "second") == second.split()


@given(text=TEXTS)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    found = compare(text, text)
    assert all(part.both for parts in found.paragraphs for part in parts)
    assert found.alike == (1 if text.split() else 0)


def test_a_respelt_name_stands_out_in_its_paragraph() -> None:
    text = "Two dead.\n\nShells hit Kiev on Monday at dawn."
    found = compare(text, text.replace("Kiev", "Kyiv"))
    assert [[(part.both, part.first, part.second) for part in parts] for parts in found.paragraphs] == [
        [("Two dead.", "", "")],
        [("Shells hit", "", ""), ("", "Kiev", "Kyiv"), ("on Monday at dawn.", "", "")]]
    assert round(found.alike, 2) == 0.89


def test_long_texts_are_compared_in_their_beginning() -> None:
    found = compare("word " * 20_000, "word " * 20_000)
    assert found.cut_short
    assert len(words(found, "first")) == 10_000


def test_the_copies_of_a_story_are_all_its_articles(newsroom: Path) -> None:
    searcher = Searcher(newsroom)
    told: dict[str, set[str]] = {}
    for view in searcher.export(SearchRequest()):
        told.setdefault(view.story.id, set()).add(view.article.id)
    assert sum(len(ids) > 1 for ids in told.values()) > 3
    for story, ids in told.items():
        found = searcher.copies(story)
        assert {copy.id for copy in found} == (ids if len(ids) > 1 else set())
        days = [copy.date[:10] for copy in found if copy.date]
        assert days == sorted(days)
        assert searcher.copies(story, 1) == found[:1]


@pytest.mark.parametrize("story", ["", "no story", "0", "ffffffffffffffff", "f" * 40])
def test_what_is_no_story_has_no_copies(newsroom: Path, story: str) -> None:
    assert Searcher(newsroom).copies(story) == ()


def test_a_hit_names_its_copies_and_leads_to_what_differs(client: FlaskClient) -> None:
    text = client.get("/?q=grain&group=story&from=2022-07&to=2022-07").text
    assert "2 more copies:" in text
    path = unescape(re.findall(r'href="(/article/[^"]+\?compare=[^"]+)"', text)[0])
    compared = client.get(path).text
    assert "Copies of one story." in compared
    assert "<del>" in compared
    assert "<ins>" in compared
    assert client.get(path + "-gone").status_code == 404


def test_neighbours_are_the_nearest_articles_of_the_outlet_on_the_subject(newsroom: Path) -> None:
    searcher = Searcher(newsroom)
    seen = 0
    for view in searcher.export(SearchRequest(q="Kiev")):
        found = neighbours(searcher.search, view)
        entity, day = main_entity(view), view.article.day
        if found is None or entity is None or day is None:
            continue
        same = [other for other in searcher.export(links.request_from(
            [("entity", entity.id), ("source", view.article.source or "")])) if other.article.id != view.article.id]
        days = sorted(other.article.day for other in same if other.article.day is not None)
        before = [one for one in days if one < day][-2:]
        assert [hit.date[:10] for hit in found.earlier if hit.date] == [one.isoformat() for one in before]
        after = [one for one in days if one > day][:2]
        assert [hit.date[:10] for hit in found.later if hit.date] == [one.isoformat() for one in after]
        assert all(hit.date and hit.date[:10] == day.isoformat() for hit in found.same_day)
        seen += len(before) + len(after)
    assert seen > 50


def test_an_article_leads_to_its_entities_copies_and_neighbours(client: FlaskClient) -> None:
    story = client.get("/api/v1/search?q=grain&group=story&from=2022-07&to=2022-07").json["hits"][0]
    assert story["story"]["size"] == 3
    text = client.get(links.article_url(story["id"])).text
    assert 'href="/entity/place/odesa"' in text
    assert "2 more copies of this story" in text
    assert text.count("?compare=") == 2
