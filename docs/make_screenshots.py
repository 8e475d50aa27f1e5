"""Take the pictures of the documents: serve the sample newsroom and have Chromium look at it.

    python docs/make_screenshots.py [--data .demo]      (make screenshots)

Needs Chromium (Debian: `apt-get install --no-install-recommends chromium fonts-dejavu-core`). Each picture is a
search by its URL, so that what is shown can be opened again. Without --data the newsroom is indexed into a
temporary folder.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from service.app import create_app
from service.cli import main as exonym
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PICTURES = {
    "search": ("/?q=Kiev", 1280, 1080),
    "narrow": ("/?q=Kiev", 400, 1000),
    "entity": ("/entity/place/kyiv", 1280, 1130),
    "article": ("/article/chronicle-2023-05-18-crimea-train", 1280, 1240),
    "compare": ("/article/chronicle-2023-05-18-crimea-train?compare=courier-2023-05-18-crimea-train", 1280, 940),
}
"""Name of the picture: path, width and height of the window in CSS pixels."""


class ScreenshotError(Exception):
    """Chromium is missing or took no picture."""


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of a service over a data folder, which ends with the block."""
    server = make_server("127.0.0.1", 0, create_app(Settings(data)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def chromium() -> str:
    """The path of Chromium. Raises ScreenshotError."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return found
    raise ScreenshotError("no Chromium found: apt-get install --no-install-recommends chromium fonts-dejavu-core")


def take(browser: str, address: str, target: Path, width: int, height: int) -> None:
    """One picture of a page. Raises ScreenshotError."""
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(  # noqa: S603 (the browser and our own page)
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--force-color-profile=srgb", "--blink-settings=preferredColorScheme=1", f"--user-data-dir={profile}",
             f"--window-size={width},{height}", f"--screenshot={target}", address],
            capture_output=True, text=True, timeout=120, check=False)
    if not target.exists():
        raise ScreenshotError(f"no picture of {address}: {done.stderr.strip()[-500:]}")


@contextmanager
def newsroom(data: Path | None) -> Iterator[Path]:
    """A data folder with the sample newsroom."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory() as folder:
        exonym(["index", str(ROOT / "seeds"), "--data", folder], standalone_mode=False)
        yield Path(folder)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="Take the pictures of the documents.")
    parser.add_argument("--data", type=Path, help="folder with the sample newsroom, indexed")
    browser = chromium()
    IMAGES.mkdir(exist_ok=True)
    with newsroom(parser.parse_args().data) as data, served(data) as address:
        for name, (path, width, height) in PICTURES.items():
            take(browser, address + path, IMAGES / f"{name}.png", width, height)
            sys.stdout.write(f"docs/images/{name}.png\n")


if __name__ == "__main__":
    main()
