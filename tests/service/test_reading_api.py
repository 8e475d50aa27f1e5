"""GET /api/v1: the answers have the contract's shape, add up, and mean the same in every spelling."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.searcher import Searcher
from service import links
from service.payloads import fields_of

Get = Callable[..., Any]
FORMS = ("Kiev", "Kyiv", "Київ", "Киев")


def test_the_answer_is_the_searchers_own(get: Get, newsroom: Path) -> None:
    answer = get("/api/v1/search", q="Kiev", size=5)
    wanted = Searcher(newsroom).search(links.request_from([("q", "Kiev"), ("size", "5")])).as_json()
    assert answer.pop("took_ms") >= 0
    assert answer == {name: json.loads(json.dumps(value)) for name, value in wanted.items() if name != "took_ms"}


@pytest.mark.parametrize("form", FORMS)
def test_every_spelling_gives_the_same_articles_in_the_same_order(get: Get, form: str) -> None:
    first, other = get("/api/v1/search", q=FORMS[0], size=100), get("/api/v1/search", q=form, size=100)
    assert [hit["id"] for hit in other["hits"]] == [hit["id"] for hit in first["hits"]]
    assert other["total"] == first["total"] > 50


def test_pages_follow_one_another_without_gap_or_repeat(get: Get) -> None:
    whole = [hit["id"] for hit in get("/api/v1/search", q="Kiev", size=100)["hits"]]
    pages = [hit["id"] for number in range(1, 11)
             for hit in get("/api/v1/search", q="Kiev", size=10, page=number)["hits"]]
    assert pages == whole[:100]
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("facet", ["source", "date"])
def test_a_single_valued_facet_adds_up(get: Get, facet: str) -> None:
    answer = get("/api/v1/search", q="Kiev", facet=facet, facet_size=3)
    found = answer["facets"][facet]
    assert sum(bucket["count"] for bucket in found["buckets"]) + found["other"] + found["missing"] == answer["total"]


def test_links_lead_to_the_other_pages(client: FlaskClient) -> None:
    header = client.get("/api/v1/search?q=Kiev&size=10&page=2").headers["Link"]
    assert '</api/v1/search?q=Kiev&page=3>; rel="next"' in header
    assert '</api/v1/search?q=Kiev>; rel="prev"' in header
    assert 'rel="next"' not in client.get("/api/v1/search?q=Kiev&size=100&page=9").headers["Link"]


def test_an_odd_query_is_answered_with_diagnostics(get: Get) -> None:
    assert get("/api/v1/search", q='"Kyiv (')["diagnostics"]


def test_an_article_has_its_fields_story_and_printed_spellings(get: Get, newsroom: Path) -> None:
    id = "meridian-2018-10-04-kyiv-not-kiev"
    article = get(f"/api/v1/articles/{id}")
    stored = Searcher(newsroom).article(id)
    assert stored is not None
    assert article == json.loads(json.dumps(stored.as_json()))
    assert {form["spelling"] for entity in article["entities"] for form in entity["spellings"]} >= {"Kyiv", "Kiev"}


def test_a_facet_can_be_searched_in_any_spelling(get: Get) -> None:
    for contains in ("Odesa", "Одеса", "odess"):
        labels = [bucket["label"] for bucket in get("/api/v1/facets/place", q="", contains=contains)["buckets"]]
        assert "Odesa" in labels
        assert "Moscow" not in labels


def test_suggestions_come_in_any_spelling(get: Get) -> None:
    for text in ("Kie", "Киї"):
        assert "place/kyiv" in [item["entity"] for item in get("/api/v1/suggest", q=text)["suggestions"]]
    assert len(get("/api/v1/suggest", q="k", limit=1)["suggestions"]) == 1


def test_a_name_is_explained(get: Get) -> None:
    (entry,) = get("/api/v1/names", q="Kiev")["names"]
    assert entry["entity"] == "place/kyiv"
    assert entry["rule"] == "authority file"
    assert {"Kyiv", "Kiev", "Київ", "Киев"} <= {spelling["spelling"] for spelling in entry["spellings"]}


@pytest.mark.parametrize("q", ["Kiev", 'nothing (', "talks"])
def test_records_are_written_as_their_own_as_json_has_them(newsroom: Path, q: str) -> None:
    found = Searcher(newsroom).search(links.request_from([("q", q), ("facet", "date"), ("facet", "place")]))
    assert json.loads(json.dumps(found, default=fields_of)) == json.loads(json.dumps(found.as_json()))


def test_head_is_answered_without_a_body(client: FlaskClient) -> None:
    for path in ("/api/v1/search?q=Kiev", "/api/v1/export.jsonl?q=Kiev", "/?q=Kiev"):
        answer = client.head(path)
        assert (answer.status_code, answer.data) == (200, b"")


def test_spellings_of_an_entity_are_counted_as_the_search_counts_them(get: Get) -> None:
    answer = get("/api/v1/names/place/kyiv/spellings", **{"from": "2022", "interval": "year", "size": 5})
    assert answer["entity"] == {"id": "place/kyiv", "label": "Kyiv", "type": "place"}
    assert len(answer["spellings"]) == 5
    assert answer["articles"] == get("/api/v1/search", entity="place/kyiv", **{"from": "2022"})["total"]
    for use in answer["spellings"]:
        asked = {"entity": "place/kyiv", "spelling": use["spelling"]}
        assert use["articles"] == get("/api/v1/search", **asked, **{"from": "2022"})["total"]
        for row in use["sources"]:
            assert row["articles"] == get("/api/v1/search", source=row["source"], **asked, **{"from": "2022"})["total"]
        for row in use["dates"]:
            year = {"from": row["date"], "to": row["date"]}
            assert row["articles"] == get("/api/v1/search", **asked, **year)["total"]


def test_an_id_of_no_entity_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/api/v1/names/place/nowhere-at-all/spellings")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("parameters", [{"q": "Kiev", "match": "exact"}, {"q": "=Kiev"}, {"q": "title:=Kiev"}],
                         ids=["match=exact", "equals", "in the title"])
def test_an_exact_search_counts_the_one_spelling_it_asks_for(get: Get, parameters: dict[str, str]) -> None:
    answer = get("/api/v1/search", **parameters, facet="spelling")
    (bucket,) = answer["facets"]["spelling"]["buckets"]
    assert (bucket["value"], bucket["count"]) == ("Kiev", answer["total"])
    assert answer["total"] > 0


def test_an_exact_phrase_is_one_spelling_and_an_ordinary_word_is_none(get: Get) -> None:
    phrase = get("/api/v1/search", q='="Kyiv Oblast"', facet="spelling")
    assert [bucket["value"] for bucket in phrase["facets"]["spelling"]["buckets"]] == ["Kyiv Oblast"]
    assert get("/api/v1/search", q="=grain", facet="spelling")["facets"]["spelling"]["buckets"] == []


@pytest.mark.parametrize("q", ["Zelens*", "Zelensky~", "Zelensky~2", "Zelensky~~1"])
def test_the_reason_of_a_prefix_or_near_word_is_the_word_as_printed(get: Get, q: str) -> None:
    hits = get("/api/v1/search", q=q, size=50)["hits"]
    found = [(hit, matched) for hit in hits for matched in hit["matched"]]
    assert found
    for hit, matched in found:
        article = get(f"/api/v1/articles/{hit['id']}")
        assert matched["term"] == q
        assert matched["spelling"] in f"{article['title']} {article['text']}"
        assert matched["spelling"][0] == "Z"
