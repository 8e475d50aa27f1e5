"""The pages: what they show, that every link of them leads somewhere, and that no text of an article becomes markup."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.article import Article
from search.request import SearchRequest
from search.response import ArticleView, Cut, Mark, StoryRef
from search.searcher import Searcher
from service import links, presenting, reading
from tests.service.conftest import WRITE

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = ["<xmtag>", "<script>xm()</script>", '" onload="xm()', "' onload='xm()", "</title><xmtag>", "--><xmtag>",
           "]]><xmtag>", "</textarea><xmtag>", "{{7*7}}<xmtag>", "javascript:xm()", "\u2028<xmtag>", "&lt;xmtag&gt;",
           "\x00\x0b<xmtag>", " JaVaScRiPt:xm()", "data:text/html,<xmtag>", '=HYPERLINK("http://x")', "@SUM(1)"]


class Page(HTMLParser):
    """The elements and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def links(self) -> list[str]:
        return [href for tag, attributes in self.tags if tag == "a" and (href := attributes.get("href"))]

    def fields(self) -> dict[str, str]:
        return {str(attributes["name"]): attributes.get("value") or "" for tag, attributes in self.tags
                if tag == "input" and attributes.get("name")}


def page(client: FlaskClient, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return Page(answer.text)


@pytest.mark.parametrize("path", [
    "/", "/?q=Kiev", "/?q=Kiev&group=story&sort=newest", "/?q=Odessa&from=2022&to=2022&exclude.source=Skerry+Wire",
    "/?q=xyzzy&place=place%2Fkyiv&undated=only", "/?q=%3DKiev&match=exact&spelling=Kiev", "/facet/place?q=Kiev",
    "/article/meridian-2018-10-04-kyiv-not-kiev", "/entity/place/kyiv", "/docs"])
def test_every_link_leads_somewhere(client: FlaskClient, path: str) -> None:
    local = {link for link in page(client, path).links() if link.startswith("/")}
    assert len(local) > 3
    for link in sorted(local)[:80]:
        assert client.head(link).status_code == 200, link
    assert not [link for link in page(client, path).links() if not re.match(r"/|#|https?://", link)]


def test_a_hit_says_why_it_was_found(client: FlaskClient) -> None:
    text = " ".join(re.sub(r"<[^>]+>", "", client.get("/?q=Kiev&size=100").text).split())
    assert "searched Kiev — printed Kyiv, same name" in text
    assert "printed Kiev, as typed" in text


def test_the_spellings_searched_are_shown_each_with_its_way_out(client: FlaskClient, newsroom: Path) -> None:
    (expansion,) = Searcher(newsroom).search(SearchRequest(q="Kiev")).expansions
    found = page(client, "/?q=Kiev")
    for item in expansion.spellings:
        assert links.url(links.exclude(SearchRequest(q="Kiev"), "spelling", item.spelling)) in found.links()
    assert "/?q=%3DKiev" in found.links()
    assert "/?q=Kiev" in page(client, "/?q=%3DKiev").links()


def test_a_facet_value_can_be_added_excluded_and_dropped_again(client: FlaskClient) -> None:
    start = page(client, "/?q=Kiev").links()
    assert "/?q=Kiev&source=The+Meridian" in start
    assert "/?q=Kiev&exclude.source=The+Meridian" in start
    for path in ("/?q=Kiev&source=The+Meridian", "/?q=Kiev&exclude.source=The+Meridian"):
        assert "/?q=Kiev" in page(client, path).links()


def test_dates_go_from_year_to_month_to_day_and_back(client: FlaskClient) -> None:
    seen, path = [], "/?q=Kiev"
    for length in (4, 7, 10):
        steps = [link for link in page(client, path).links()
                 if len(dict(parse_qsl(urlsplit(link).query)).get("from", "")) == length]
        assert steps, (path, length)
        seen.append(path)
        path = steps[-1]
    day = page(client, path)
    assert day.fields()["from"] == day.fields()["to"]
    month = day.fields()["from"][:7]
    assert f"/?q=Kiev&from={month}&to={month}" in day.links()
    assert "/?q=Kiev" in day.links()


def test_a_form_carries_the_rest_of_the_search_along(client: FlaskClient) -> None:
    fields = page(client, "/?q=Kiev&source=The+Meridian&group=story&page=2").fields()
    assert (fields["source"], fields["group"], fields["q"]) == ("The Meridian", "story", "Kiev")
    assert "page" not in fields


def test_fields_left_empty_stay_out_of_the_address(client: FlaskClient) -> None:
    for path, clean in (("/?q=Kiev&from=&to=&undated=", "/?q=Kiev"), ("/?q=", "/"),
                        ("/?q=%F0%9F%98%80&from=&source=a%26b&source=c", "/?q=%F0%9F%98%80&source=a%26b&source=c")):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, clean)
        assert client.get(clean).status_code == 200


NUMBER = re.compile(r'<(?:a class="both"|a) href="([^"]+)"[^>]*>(?:<bdi[^>]*>[^<]*</bdi></a> )?'
                    r'(?:<span class="count">)?(\d+)(?: articles)?<')


@pytest.mark.parametrize("path", ["/entity/place/kyiv", "/entity/person/volodymyr-zelenskyy",
                                  "/entity/place/odesa?from=2022-03-02&to=2022-05-20&interval=month"])
def test_every_number_of_an_entity_is_a_search_for_as_many_articles(client: FlaskClient, path: str) -> None:
    numbers = {unescape(link): int(count) for link, count in NUMBER.findall(client.get(path).text)}
    assert len(numbers) > 15
    for link, count in numbers.items():
        assert client.get(f"/api/v1/search{link[1:]}").json["total"] == count, link


def test_an_entity_that_no_names_file_lists_has_a_page(client: FlaskClient, newsroom: Path) -> None:
    searcher = Searcher(newsroom)
    known = searcher.snapshot().names
    people = searcher.facet("person", replace(SearchRequest(), facet_size=1000)).buckets
    other = next(bucket for bucket in people if known.entity(bucket.value) is None)
    text = client.get(links.entity_url(other.value)).text
    assert f"<h1>{other.label}</h1>" in text
    assert "No names file lists this name" in text


@pytest.mark.parametrize("path", ["/entity/place/nowhere-at-all", "/entity/kyiv", "/entity/place/kyiv?from=soon"])
def test_no_entity_is_told_as_an_error(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


def test_nothing_found_offers_a_way_on(client: FlaskClient) -> None:
    found = page(client, "/?q=Kiev&source=No+Such+Paper")
    assert "/?q=Kiev" in found.links()


def test_a_facet_page_looks_inside_in_any_spelling(client: FlaskClient) -> None:
    text = client.get("/facet/place?q=&contains=Одеса").text
    assert "Odesa" in text
    assert "Moscow" not in text


def test_the_geographical_names_are_attributed(client: FlaskClient) -> None:
    found = page(client, "/")
    assert "https://www.geonames.org/" in found.links()
    assert "https://creativecommons.org/licenses/by/4.0/" in found.links()


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(client: FlaskClient) -> None:
    for path in ("/?q=Kiev", "/article/meridian-2018-10-04-kyiv-not-kiev", "/docs", "/docs/try"):
        for tag, attributes in page(client, path).tags:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (path, tag)
            if tag in ("script", "img") or (tag == "link" and attributes.get("rel") in ("stylesheet", "icon")):
                address = attributes.get("src") or attributes.get("href") or ""
                assert address.startswith("/static/"), (path, tag)
                assert client.get(address).status_code == 200


def test_a_page_is_small(client: FlaskClient) -> None:
    packed = {"Accept-Encoding": "gzip"}
    parts = ["/?q=Kiev", *(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/?q=Kiev").text))]
    assert sum(len(client.get(part, headers=packed).data) for part in parts) < 60_000


@pytest.fixture(scope="module")
def hostile(live: Flask) -> Iterator[list[str]]:
    """Ids of articles made of hostile texts."""
    client, ids = live.test_client(), []
    for number, text in enumerate(HOSTILE):
        article = {"id": f"hostile-{number}{text}", "title": f"Zqmarkup {text}", "source": f"S{text}", "url": text,
                   "text": f"{text} zqmarkup in Kyiv {text}\n\n{text}", "authors": [text], "language": text,
                   "date": "2022-05-01"}
        wait = "?wait=indexed" if number == len(HOSTILE) - 1 else ""
        assert client.post(f"/api/v1/articles{wait}", json=article, headers=WRITE).status_code == 201
        ids.append(str(article["id"]))
    yield ids
    for id in ids:
        client.delete("/api/v1/articles/" + quote(id, safe=""), headers=WRITE)


def test_texts_of_articles_never_become_markup(live: Flask, hostile: list[str]) -> None:
    client = live.test_client()
    paths = ["/?q=zqmarkup&size=100", "/?q=zqmarkup&size=100&group=story", "/facet/source?q=zqmarkup",
             *("/article/" + quote(id, safe="") for id in hostile),
             *(f"/?q={quote(text)}&source={quote(text)}" for text in HOSTILE)]
    for path in paths:
        for tag, attributes in page(client, path).tags:
            assert not tag.startswith("xm"), path
            assert not [name for name in attributes if name.startswith("on")], path
            for name in ("href", "src", "action", "formaction"):
                assert re.match(r"/|#|\?|https?://|$", attributes.get(name) or ""), path
    assert len(page(client, paths[0]).links()) > len(HOSTILE)


def test_a_feed_of_hostile_texts_is_well_formed(live: Flask, hostile: list[str]) -> None:
    feed = ET.fromstring(live.test_client().get("/feed.atom?q=zqmarkup&size=100").data)
    assert len(feed.findall(f"{ATOM}entry")) == len(hostile)
    assert all(element.tag.startswith("{") for element in feed.iter())
    assert not [link for link in feed.iter(f"{ATOM}link") if not str(link.get("href")).startswith("http")]


def test_no_cell_of_an_export_of_hostile_texts_is_a_formula(live: Flask, hostile: list[str]) -> None:
    text = live.test_client().get("/api/v1/export.csv?q=zqmarkup").text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["id"] for row in rows} == set(hostile)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_feed_of_a_search_is_its_newest_articles(client: FlaskClient) -> None:
    feed = ET.fromstring(client.get("/feed.atom?q=Kiev&exclude.source=Skerry+Wire").data)
    wanted = client.get("/api/v1/search?q=Kiev&exclude.source=Skerry+Wire&sort=newest").json["hits"]
    ids = [str(entry.findtext(f"{ATOM}id")).rsplit("/article/")[1] for entry in feed.findall(f"{ATOM}entry")]
    assert ids == [quote(hit["id"], safe="") for hit in wanted]
    updated = [str(entry.findtext(f"{ATOM}updated")) for entry in feed.findall(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)


@pytest.mark.parametrize("path", ["/opensearch.xml", "/feed.atom?q=%3Cxm%3E"])
@pytest.mark.parametrize("host", ["desk.example", "127.0.0.1:8000"])
def test_machine_pages_name_the_host_of_the_request(client: FlaskClient, path: str, host: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert ET.fromstring(answer.data) is not None
    assert f"http://{host}/" in answer.text


def test_marks_and_cuts_of_an_article_stand_where_they_are() -> None:
    text = "Kyiv woke.\n\n  Kyiv and Lviv slept. Read more here."
    cut = text.index("Read more")
    view = ArticleView(Article("a", "Kyiv", text), StoryRef("s", 1), (), (
        Mark("title", 0, 4, "place/kyiv"), Mark("text", 0, 4, "place/kyiv"), Mark("text", 14, 18, "place/kyiv"),
        Mark("text", 23, 27, "place/lviv")), (Cut(cut, len(text), "read-more"),))
    assert [part.entity for part in reading.title_parts(view)] == ["place/kyiv"]
    first, second = reading.text_parts(view)
    assert [part.text for part in first] == ["Kyiv", " woke."]
    assert [(part.text, part.entity, part.cut) for part in second] == [
        ("Kyiv", "place/kyiv", False), (" and ", None, False), ("Lviv", "place/lviv", False), (" slept. ", None, False),
        ("Read more here.", None, True)]
    assert text.replace("\n\n  ", "") == "".join(part.text for parts in (first, second) for part in parts)


@pytest.mark.parametrize(("value", "words"), [
    ("2023-05-18", "18 May 2023"), ("2023-05-18T12:00:00Z", "18 May 2023"), ("2023-05", "May 2023"),
    ("0001-01-01", "1 January 0001"), (None, "undated")])
def test_dates_are_put_in_words(value: str | None, words: str) -> None:
    assert presenting.date_words(value) == words
