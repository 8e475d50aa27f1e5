"""Every page for everybody: no violation that axe-core finds, nothing wider than a narrow screen, on paper too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NARROW_DARK, WIDE, Open, missing

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
ARTICLE = "/article/chronicle-2023-05-18-crimea-train"
PAGES = {
    "start": "/", "results": "/?q=Kiev", "exactly": "/?q=%3DKiev&page=2", "misread": "/?q=%28Kiev",
    "filtered": "/?q=Odessa&from=2022&to=2022&exclude.source=Skerry+Wire&place=place/kyiv&group=story&sort=newest",
    "nothing": "/?q=Zelneskyy&undated=only", "refused": "/?page=x", "facet": "/facet/place?q=Kiev&contains=o",
    "entity": "/entity/place/kyiv", "person": "/entity/person/volodymyr-zelenskyy?from=2022&interval=month",
    "article": ARTICLE, "copies": ARTICLE + "?compare=courier-2023-05-18-crimea-train", "missing": "/article/none",
    "docs": "/docs",
}


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        missing("no axe-core: npm ci --prefix tests/browser")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds amiss: rule, and where."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run()")
    assert len(found["passes"]) > 15
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found["violations"]
            for node in rule["nodes"]]


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in PAGES.items()])
def test_a_page_has_no_violation_and_is_no_wider_than_the_screen(reading: Open, axe: str, path: str) -> None:
    for reader in (WIDE, NARROW_DARK):
        with reading(reader) as page:
            page.goto(path)
            assert violations(page, axe) == [], reader
            assert page.evaluate("document.documentElement.scrollWidth") <= reader.width


def test_the_pages_of_saved_searches_have_no_violation(reading: Open, axe: str) -> None:
    for reader in (WIDE, NARROW_DARK):
        with reading(reader) as page:
            page.goto("/?q=Lviv")
            page.get_by_role("button", name="Save", exact=True).click()
            page.wait_for_url("/saved")
            own = str(page.locator(".saved li a").first.get_attribute("href")).removesuffix("/feed.atom")
            for path in ("/saved", own):
                page.goto(path)
                assert violations(page, axe) == [], (path, reader)
                assert page.evaluate("document.documentElement.scrollWidth") <= reader.width
            page.goto("/saved")
            page.get_by_role("button", name="Delete").first.click()


def test_suggestions_have_no_violation(reading: Open, axe: str) -> None:
    with reading() as page:
        page.goto("/")
        page.get_by_label("Search the news").press_sequentially("зел")
        page.locator("#suggestions").get_by_role("option").first.wait_for()
        page.get_by_label("Search the news").press("ArrowDown")
        assert violations(page, axe) == []


def test_paper_shows_what_was_found_and_no_controls(reading: Open) -> None:
    with reading() as page:
        page.goto("/?q=Kiev")
        page.emulate_media(media="print")
        assert page.locator(".hit h3").first.is_visible()
        for control in ("form.search", "#narrow", ".pager", ".take", ".order"):
            assert not page.locator(control).first.is_visible()
