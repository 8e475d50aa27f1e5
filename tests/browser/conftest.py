"""A service over the sample newsroom and a real browser before it: Chromium, driven by Playwright.

Without Chromium these tests are skipped, saying so; with BROWSER_TESTS=required they fail instead.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from service.app import create_app
from service.settings import Settings
from tests.service.conftest import newsroom  # noqa: F401 (a fixture)

NAMES = ("chromium", "chromium-browser", "google-chrome")
WAIT = 15_000               # milliseconds that anything is waited for


def missing(what: str) -> NoReturn:
    """Skip the test, or fail where a browser is demanded."""
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(f"{what} (BROWSER_TESTS=required)")
    pytest.skip(what)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


class Quiet(WSGIRequestHandler):
    """No line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def address(newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: F811
    """Where a copy of the newsroom is served; searches are saved in it."""
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(newsroom, data)
    app = create_app(Settings(data, rate_limit=0))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        missing("no Chromium: apt-get install --no-install-recommends chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        expect.set_options(timeout=WAIT)
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@dataclass(frozen=True)
class Reader:
    """How somebody reads: with or without JavaScript, on which screen."""

    scripts: bool = True
    width: int = 1280
    height: int = 900
    dark: bool = False


WIDE, PLAIN = Reader(), Reader(scripts=False)
NARROW = Reader(width=320, height=640)
DARK = Reader(dark=True)
NARROW_DARK = Reader(width=320, height=640, dark=True)
NARROW_PLAIN_DARK = Reader(scripts=False, width=320, height=640, dark=True)
READERS = [pytest.param(WIDE, id="wide"), pytest.param(PLAIN, id="no-javascript"), pytest.param(NARROW, id="narrow"),
           pytest.param(DARK, id="dark"), pytest.param(NARROW_PLAIN_DARK, id="narrow-dark-no-javascript")]
TWO_READERS = [READERS[0], READERS[-1]]

Open = Callable[..., Any]


@pytest.fixture
def reading(browser: Browser, address: str) -> Open:
    """reading(reader): a context manager that gives a page as this reader has it.

    Whatever is asked of another host, is refused by the Content-Security-Policy, or goes wrong in a script, fails.
    """
    @contextmanager
    def open_page(reader: Reader = WIDE) -> Iterator[Page]:
        context = browser.new_context(
            base_url=address, java_script_enabled=reader.scripts, accept_downloads=True,
            viewport={"width": reader.width, "height": reader.height},
            color_scheme="dark" if reader.dark else "light")
        page, amiss = _watched(context, address)
        try:
            yield page
        finally:
            context.close()
        assert amiss == []
    return open_page


def _watched(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    amiss: list[str] = []
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else amiss.append(sent.url))
    page.on("pageerror", lambda error: amiss.append(str(error)))
    page.on("console", lambda line: amiss.append(line.text) if _is_amiss(line) else None)
    page.on("response", lambda got: amiss.append(f"{got.status} {got.url}") if _failed(got) else None)
    return page, amiss


def _is_amiss(line: ConsoleMessage) -> bool:
    """An error of a script or of the policy; what could not be loaded is looked at as a response."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")


def _failed(got: Response) -> bool:
    """A part of a page that could not be had; the page itself may be one that tells of an error."""
    return got.status >= 400 and got.request.resource_type != "document"
