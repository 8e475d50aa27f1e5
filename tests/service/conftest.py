"""The sample newsroom, indexed once, and services over it or over an empty folder: the real objects throughout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.readers import ReadOptions, read
from index.writer import Indexer
from service.app import create_app
from service.context import EXTENSION
from service.settings import Settings

SEEDS = Path(__file__).parents[2] / "seeds"
KEY = "a-key-for-the-tests"
WRITE = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample newsroom, indexed. Not to be changed."""
    data = tmp_path_factory.mktemp("newsroom")
    found = read([str(SEEDS)], ReadOptions())
    Archive(DataFolder(data).archive).put([record for record in found if isinstance(record, Article)])
    Indexer(data).catch_up()
    return data


@pytest.fixture(scope="session")
def reading_app(newsroom: Path) -> Flask:
    """An app over the newsroom that nobody writes to."""
    return create_app(Settings(newsroom))


@pytest.fixture
def client(reading_app: Flask) -> FlaskClient:
    """A client of the newsroom."""
    return reading_app.test_client()


@pytest.fixture
def get(client: FlaskClient) -> Callable[..., Any]:
    """get(path, **parameters): the decoded JSON of a 200. `exclude_source` stands for `exclude.source`."""
    def ask(path: str, **parameters: Any) -> Any:
        query = {name.replace("exclude_", "exclude."): value for name, value in parameters.items()}
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json
    return ask


@pytest.fixture(scope="session")
def live(newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over a copy of the newsroom that may be written to, with its indexer at work."""
    data = tmp_path_factory.mktemp("live") / "data"
    shutil.copytree(newsroom, data)
    app = create_app(Settings(data, api_key=KEY, index_delay=0.05, wait_limit=120))
    app.extensions[EXTENSION].indexing.start()
    yield app
    app.extensions[EXTENSION].indexing.stop()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app over an empty folder with low limits, which takes articles in and never indexes them."""
    data = tmp_path_factory.mktemp("empty")
    return create_app(Settings(data, api_key=KEY, max_article=4096, max_body=1 << 20, max_records=50))


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    """The problem that an answer holds, checked for its form (RFC 9457 with `errors` by field)."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.text)
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert body["status"] == status
    assert body["detail"]
    assert all(isinstance(text, str) for texts in body["errors"].values() for text in texts)
    return body
