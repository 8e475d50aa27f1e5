"""The Python examples of docs/clients.md, run one after another against a service over the sample newsroom."""

from __future__ import annotations

import contextlib
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from service.app import create_app
from service.context import EXTENSION
from service.settings import load_settings
from tests.docs.console import ROOT, Console, fits

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def address(console: Console) -> Iterator[str]:
    """A service as `make run` starts it, on a free port."""
    app = create_app(load_settings({"data": Path(".demo").resolve()}, {"EXONYM_API_KEY": "a-key-of-the-desk"}))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    app.extensions[EXTENSION].indexing.start()
    yield f"http://127.0.0.1:{server.server_port}"
    app.extensions[EXTENSION].indexing.stop()
    server.shutdown()
    server.server_close()


def test_the_python_examples_print_what_the_page_says(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXONYM_API_KEY", "a-key-of-the-desk")
    known: dict[str, object] = {}
    stale = []
    for code, expected in _EXAMPLE.findall(PAGE):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code.replace(ADDRESS, address), "docs/clients.md", "exec"), known)
        if not fits(expected, output.getvalue()):
            stale.append(f"{code}\n{output.getvalue()}")
    assert not stale, "\n".join(stale)


def test_every_python_example_has_its_output() -> None:
    assert len(_EXAMPLE.findall(PAGE)) == PAGE.count("```python") >= 7
