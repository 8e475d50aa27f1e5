"""What people come for, from the first page to the end, in every way of reading; each figure held against the API."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READERS, TWO_READERS, Open, Reader

ATOM = "{http://www.w3.org/2005/Atom}"


def search_for(page: Page, words: str) -> None:
    """Type into the field of the page and press the button."""
    page.get_by_label("Search the news").fill(words)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_title(re.compile("^" + re.escape(words)))


def follow(page: Page, link: Locator) -> None:
    """Click a link and wait for the page it leads to."""
    target = str(link.get_attribute("href"))
    link.click()
    page.wait_for_url(lambda url: url.endswith(target))


def asked(page: Page) -> list[tuple[str, str]]:
    """The search that the address of the page is."""
    return parse_qsl(urlsplit(page.url).query)


def answer(page: Page) -> Any:
    """What the API says to the search of the page."""
    return page.request.get("/api/v1/search?" + urlsplit(page.url).query).json()


def agrees(page: Page) -> Any:
    """The answer of the API, once the page shows its total and its first hit."""
    found = answer(page)
    noun = "article" if found["total"] == 1 else "articles"
    expect(page.locator("#main h1")).to_contain_text(f"{found['total']} {noun}")
    expect(page.locator(".hit h3").first).to_have_text(found["hits"][0]["title"])
    return found


def facet(page: Page, title: str) -> Locator:
    """One facet of the page."""
    return page.locator("section.facet").filter(has=page.get_by_role("heading", name=title, exact=True))


@pytest.mark.parametrize("reader", READERS)
def test_kiev_who_prints_it_without_them_and_only_that_spelling(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/")
        search_for(page, "Kiev")
        assert agrees(page)["total"] > 100

        follow(page, page.get_by_role("link", name="Who prints which"))
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Harbour Courier")).first
        printed = page.request.get("/api/v1/names/place/kyiv/spellings").json()["spellings"]
        kiev = next(use for use in printed if use["spelling"] == "Kiev")
        courier = next(part["articles"] for part in kiev["sources"] if part["source"] == "Harbour Courier")
        expect(row.get_by_role("cell").nth(printed.index(kiev))).to_have_text(str(courier))
        page.go_back()
        expect(page.locator("#main h1")).to_contain_text("articles")

        follow(page, page.get_by_role("link", name="Leave out Harbour Courier"))
        without = agrees(page)
        expect(page.get_by_role("list", name="Filters in force")).to_contain_text("not outlet: Harbour Courier")
        assert "Harbour Courier" not in {hit["source"] for hit in without["hits"]}
        expect(page.locator(".hit .slug a", has_text="Harbour Courier")).to_have_count(0)

        follow(page, page.get_by_role("link", name="Search only Kiev"))
        only = agrees(page)
        assert asked(page) == [("q", "=Kiev"), ("exclude.source", "Harbour Courier")]
        assert 0 < only["total"] < without["total"]
        assert {part["spelling"] for hit in only["hits"] for part in hit["matched"]} == {"Kiev"}
        expect(page.locator(".why").first).to_have_text(re.compile("printed Kiev, as typed"))

        page.go_back()
        expect(page.get_by_role("link", name="Search only Kiev")).to_be_visible()
        assert agrees(page)["total"] == without["total"]


@pytest.mark.parametrize("reader", READERS)
def test_odessa_between_march_and_may_2022_by_outlet_one_row_a_story(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/")
        search_for(page, "Odessa")
        page.get_by_label("From").fill("2022-03")
        page.get_by_label("To", exact=True).fill("2022-05")
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("list", name="Filters in force")).to_contain_text("from March 2022 to May 2022")
        found = agrees(page)
        assert all("2022-03" <= hit["date"][:7] <= "2022-05" for hit in found["hits"])

        follow(page, page.get_by_role("link", name="one row a story").first)
        stories = agrees(page)
        assert dict(asked(page))["group"] == "story"
        expect(page.locator(".hit")).to_have_count(min(stories["stories"], 10))
        for bucket in stories["facets"]["source"]["buckets"]:
            row = facet(page, "Outlets").locator("li").filter(has_text=bucket["label"])
            expect(row.locator(".count")).to_have_text(str(bucket["stories"]))

        first, second = (bucket["label"] for bucket in stories["facets"]["source"]["buckets"][:2])
        follow(page, facet(page, "Outlets").get_by_role("link", name=re.compile("^" + first)))
        one = agrees(page)
        follow(page, facet(page, "Outlets").get_by_role("link", name=re.compile("^" + second)))
        assert agrees(page)["total"] > one["total"]
        assert {hit["source"] for hit in answer(page)["hits"]} == {first, second}
        follow(page, page.get_by_role("link", name=f"Drop this filter: {first}"))
        assert {hit["source"] for hit in agrees(page)["hits"]} == {second}


@pytest.mark.parametrize("reader", READERS)
def test_from_an_article_to_zelenskyy_to_who_writes_zelensky(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/?q=Zelenskyy&source=Fairhaven+Chronicle")
        follow(page, page.locator(".hit h3 a").first)
        follow(page, page.locator("#narrow").get_by_role("link", name=re.compile("^Volodymyr Zelenskyy")))
        expect(page.get_by_role("heading", level=1)).to_have_text("Volodymyr Zelenskyy")

        uses = page.request.get("/api/v1/names/person/volodymyr-zelenskyy/spellings").json()["spellings"]
        number, use = next((i, use) for i, use in enumerate(uses) if use["spelling"] == "Volodymyr Zelensky")
        table = page.get_by_role("table").first
        shown = {}
        for row in table.locator("tbody tr").all():
            count = row.get_by_role("cell").nth(number).inner_text()
            shown[row.get_by_role("rowheader").inner_text()] = int(re.sub(r"\D", "", count) or 0)
        assert {source: count for source, count in shown.items() if count} == {
            part["source"]: part["articles"] for part in use["sources"]}

        cell = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Fairhaven Chronicle")).first
        follow(page, cell.get_by_role("cell").nth(number).get_by_role("link"))
        found = agrees(page)
        assert found["total"] == shown["Fairhaven Chronicle"]
        assert {hit["source"] for hit in found["hits"]} == {"Fairhaven Chronicle"}


def feed_at(page: Page, link: Locator) -> ET.Element:
    """The feed that a link leads to."""
    return ET.fromstring(page.request.get(str(link.get_attribute("href"))).body())


@pytest.mark.parametrize("reader", READERS)
def test_a_search_is_saved_subscribed_to_and_taken_out_as_csv(reading: Open, reader: Reader) -> None:
    name = f"Odessa for {reader}"
    with reading(reader) as page:
        page.goto("/?q=Odessa&exclude.source=Skerry+Wire")
        found = agrees(page)
        feed = feed_at(page, page.locator(".take").get_by_role("link", name="feed"))
        assert feed.findtext("{http://a9.com/-/spec/opensearch/1.1/}totalResults") == str(found["total"])
        with page.expect_download() as download:
            page.locator(".take").get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename.endswith(".csv")
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
        assert len(rows) == found["total"] > 10
        assert {row["id"] for row in rows} >= {hit["id"] for hit in found["hits"]}
        assert "Skerry Wire" not in {row["source"] for row in rows}

        page.get_by_label("Save this search as").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("/saved")
        row = page.locator(".saved li").filter(has=page.get_by_role("heading", name=name))
        expect(row).to_contain_text(f"{found['total']} articles, none new")
        subscribed = feed_at(page, row.get_by_role("link", name="feed"))
        assert subscribed.findtext(f"{ATOM}title") == f"Exonym: {name}"
        addresses = {str(entry.findtext(f"{ATOM}id")).rsplit("/", 1)[1] for entry in subscribed.findall(f"{ATOM}entry")}
        assert addresses == {quote(row["id"], safe="") for row in rows}
        row.get_by_role("button", name=f"Visit {name}").click()
        page.wait_for_url("/?q=Odessa&exclude.source=Skerry+Wire")
        assert agrees(page)["total"] == found["total"]
        page.goto("/saved")
        row.get_by_role("button", name=f"Delete {name}").click()
        expect(row).to_have_count(0)


@pytest.mark.parametrize("reader", TWO_READERS)
def test_time_is_walked_from_year_to_month_to_day_and_back(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/?q=Kiev")
        for length in (4, 7, 10):
            page.get_by_text("Dates as a table").click()
            table = page.get_by_role("group", name="Table of dates")
            count, link = table.get_by_role("cell").last, table.get_by_role("link").last
            expected = int(re.sub(r"\D", "", count.inner_text()))
            follow(page, link)
            assert agrees(page)["total"] == expected
            since, until = (dict(asked(page))[name] for name in ("from", "to"))
            assert since == until
            assert len(since) == length
        follow(page, page.locator(".below").get_by_role("link").nth(1))
        assert len(dict(asked(page))["from"]) == 7
        follow(page, page.get_by_role("link", name="all time"))
        assert asked(page) == [("q", "Kiev")]


@pytest.mark.parametrize("reader", TWO_READERS)
@pytest.mark.parametrize("path", ["/?q=Kiev", "/entity/place/kyiv"])
def test_a_bar_leads_to_its_stretch_of_time(reading: Open, reader: Reader, path: str) -> None:
    with reading(reader) as page:
        page.goto(path)
        bar = page.locator("svg a").filter(has=page.locator("title", has_text=re.compile("^2022"))).first
        year, count = str(bar.locator("title").text_content()).split(": ")
        bar.locator("rect").last.click()
        page.wait_for_url(re.compile(f"from={year}&to={year}"))
        assert agrees(page)["total"] == int(count)


@pytest.mark.parametrize("reader", TWO_READERS)
def test_a_facet_is_searched_inside_in_any_spelling(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/?q=Kiev&group=story")
        follow(page, facet(page, "Places").get_by_role("link", name=re.compile("^more")))
        page.get_by_label("Look inside, in any spelling").fill("Одеса")
        page.get_by_role("button", name="Look").click()
        expect(page.locator(".facet.wide li")).to_have_count(1)
        follow(page, page.get_by_role("link", name=re.compile("^Odesa")))
        assert asked(page) == [("q", "Kiev"), ("place", "place/odesa"), ("group", "story")]
        agrees(page)


@pytest.mark.parametrize("reader", TWO_READERS)
def test_nothing_found_leads_on(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/?q=Zelneskyy&source=The+Meridian")
        expect(page.locator("#main h1")).to_have_text("Nothing found")
        follow(page, page.locator(".nothing").get_by_role("link", name="Zelensky"))
        assert agrees(page)["total"] > 0
