"""What the page gains with JavaScript: results in place, a way back, suggestions, keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import NARROW, PLAIN, WIDE, Open, Reader
from tests.browser.test_journeys import agrees, asked, facet, follow

BUDGET = 60_000             # bytes of the first page with everything it needs, but for pictures


def mark(page: Page) -> None:
    """Leave a mark that lasts as long as the page is not loaded anew."""
    page.evaluate("window.marked = true")


def in_place(page: Page) -> bool:
    return page.evaluate("window.marked === true") is True


def test_results_are_swapped_in_place_and_back_works(reading: Open) -> None:
    with reading() as page:
        page.goto("/?q=Kiev")
        mark(page)
        whole = agrees(page)["total"]
        follow(page, facet(page, "Outlets").get_by_role("link", name=re.compile("^The Meridian")))
        some = agrees(page)["total"]
        assert some < whole
        follow(page, page.get_by_role("link", name="newest"))
        follow(page, page.get_by_role("link", name="Drop this filter: The Meridian"))
        assert asked(page) == [("q", "Kiev"), ("sort", "newest")]
        page.get_by_label("Search the news").fill("Odessa")
        page.get_by_role("button", name="Search", exact=True).click()
        page.wait_for_url(re.compile("q=Odessa"))
        agrees(page)
        assert in_place(page)
        for expected in (whole, some, some, whole):
            page.go_back()
            expect(page.locator("#main h1")).to_contain_text(f"{expected} articles")
            assert agrees(page)["total"] == expected
        assert asked(page) == [("q", "Kiev")]
        page.go_forward()
        assert agrees(page)["total"] == some
        page.reload()
        assert agrees(page)["total"] == some


def test_what_was_found_is_said_to_screen_readers(reading: Open) -> None:
    with reading() as page:
        page.goto("/?q=Kiev")
        follow(page, facet(page, "Outlets").get_by_role("link", name=re.compile("^The Meridian")))
        expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ articles"))


@pytest.mark.parametrize("typed", ["зел", "Zelen", "zelensk", "Володимир"])
def test_names_are_suggested_in_any_spelling(reading: Open, typed: str) -> None:
    with reading() as page:
        page.goto("/")
        field = page.get_by_label("Search the news")
        field.press_sequentially(typed)
        option = page.locator("#suggestions").get_by_role("option").first
        expect(option).to_contain_text("Volodymyr Zelenskyy")
        expect(field).to_have_attribute("aria-expanded", "true")
        field.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
        field.press("Enter")
        page.wait_for_url(re.compile(r"\?q="))
        assert agrees(page)["expansions"][0]["entity"] == "person/volodymyr-zelenskyy"


def test_suggestions_close_and_leave_what_was_typed(reading: Open) -> None:
    with reading() as page:
        page.goto("/")
        field = page.get_by_label("Search the news")
        field.press_sequentially("kie")
        page.locator("#suggestions").get_by_role("option").first.wait_for()
        field.press("Escape")
        expect(page.locator("#suggestions").get_by_role("option")).to_have_count(0)
        expect(field).to_have_value("kie")
        expect(field).to_have_attribute("aria-expanded", "false")


def test_keys_go_to_the_field_and_from_hit_to_hit(reading: Open) -> None:
    with reading() as page:
        page.goto("/?q=Kiev")
        hits = page.locator(".hit h3 a")
        for key, number in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
            page.keyboard.press(key)
            expect(hits.nth(number)).to_be_focused()
        page.keyboard.press("/")
        expect(page.get_by_label("Search the news")).to_be_focused()
        page.keyboard.type("j/k")
        expect(page.get_by_label("Search the news")).to_have_value("j/k")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this text, or this label, has the focus."""
    for _ in range(250):
        page.keyboard.press("Tab")
        here = page.evaluate("""() => { const at = document.activeElement;
            return [at.getAttribute('aria-label') ?? at.innerText ?? '', getComputedStyle(at).outlineStyle]; }""")
        if here[0].strip().startswith(name):
            assert here[1] != "none", f"{name}: the focus cannot be seen"
            return
    pytest.fail(f"no way to {name!r} by Tab")


@pytest.mark.parametrize("reader", [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")])
def test_the_first_journey_by_keyboard_alone(reading: Open, reader: Reader) -> None:
    with reading(reader) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("/")
        page.keyboard.type("Kiev")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"q=Kiev$"))
        whole = agrees(page)["total"]
        tab_to(page, "Leave out Harbour Courier")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("exclude.source"))
        assert agrees(page)["total"] < whole
        tab_to(page, "Search only Kiev")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("q=%3DKiev"))
        agrees(page)
        tab_to(page, "Search every spelling")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"q=Kiev&"))
        agrees(page)


@pytest.mark.parametrize("path", ["/", "/?q=Kiev", "/entity/place/kyiv"])
@pytest.mark.parametrize("reader", [pytest.param(WIDE, id="wide"), pytest.param(PLAIN, id="no-javascript")])
def test_the_first_page_is_light(reading: Open, reader: Reader, path: str) -> None:
    with reading(reader) as page:
        done: list[Request] = []
        page.on("requestfinished", lambda sent: done.append(sent))
        page.goto(path, wait_until="networkidle")
        sizes = {sent.url: sent.sizes()["responseBodySize"] for sent in done if sent.resource_type != "image"}
        assert any("exonym.css" in url for url in sizes)
        assert sum(sizes.values()) < BUDGET, sizes
