"""Where nothing is found: what is offered instead finds as many articles as it says."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.request import SearchRequest
from search.searcher import Searcher
from service import presenting

OFFER = re.compile(r'<li><a href="([^"]+)">(?:<em>)?([^<]+)(?:</em>)?</a> <span class="count">(\d+) articles?</span>')


def offers(client: FlaskClient, path: str) -> dict[str, int]:
    """The searches that a page offers, by their words, each checked for finding as many articles as it says."""
    text = client.get(path).text
    assert "Nothing found" in text
    found = {}
    for link, words, count in OFFER.findall(text):
        assert client.get("/api/v1/search" + unescape(link)[1:]).json["total"] == int(count) > 0, link
        found[unescape(words)] = int(count)
    return found


@pytest.mark.parametrize(("q", "meant"), [
    pytest.param("Zelneskyy", "Zelensky", id="letters changed places"),
    pytest.param("missles", "missiles", id="a word"),
    pytest.param("Ukriane talkz", "Ukraine talks", id="two words"), pytest.param("=Kyyiv", "Kyyiv", id="too exact"),
    pytest.param('="Kyyiv" missiles', '"Kyyiv" missiles', id="an exact phrase")])
def test_a_query_that_finds_nothing_is_answered_with_one_that_does(newsroom: Path, q: str, meant: str) -> None:
    searcher = Searcher(newsroom)
    found = searcher.search(SearchRequest(q=q))
    assert found.total == 0
    assert found.suggestions[-1] == meant
    assert all(searcher.search(SearchRequest(q=one)).total for one in found.suggestions)


@pytest.mark.parametrize("q", ["Kiev", "", "xyzzyqv", "-Kiev -the", '"', "?!", "a" * 3000])
def test_nothing_is_suggested_without_need_or_sense(newsroom: Path, q: str) -> None:
    assert Searcher(newsroom).search(SearchRequest(q=q)).suggestions == ()


def test_the_filter_that_is_in_the_way_can_be_dropped(client: FlaskClient) -> None:
    found = offers(client, "/?q=Kiev&source=The+Meridian&exclude.spelling=Kyiv&from=2014&to=2014"
                           "&exclude.place=place/kyiv")
    assert found
    assert all(words.startswith(("not ", "outlet: ", "dates: ", "any filter")) for words in found)
    assert "any filter" in found


def test_one_spelling_that_nobody_prints_leads_to_all_spellings(client: FlaskClient) -> None:
    assert offers(client, "/?q=%3DKyyiv").keys() == {"Kyyiv"}
    assert "spelling: only as typed" in offers(client, "/?q=Kyyiv&match=exact")


def test_an_empty_index_says_how_to_fill_it(empty: Flask) -> None:
    text = empty.test_client().get("/?q=Kiev").text
    assert "exonym index" in text


@pytest.mark.parametrize(("value", "noun", "words"), [
    (1, "article", "1 article"), (0, "article", "0 articles"), (2, "story", "2 stories"), (1, "story", "1 story"),
    (1234, "more copy", "1\u202f234 more copies")])
def test_numbers_agree_with_their_nouns(value: int, noun: str, words: str) -> None:
    assert presenting.counted(value, noun) == words
