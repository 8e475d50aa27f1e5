"""A service whose cluster does not answer: it starts, says why it finds nothing, and takes articles."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service.app import create_app
from service.cli import main
from service.settings import Settings
from tests.service.conftest import KEY, WRITE, problem_of

pytest.importorskip("opensearchpy", reason="needs the client: pip install 'exonym[opensearch]'")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A port of this machine on which nobody listens."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))         # bound, not listening: nobody else gets it
        yield int(held.getsockname()[1])


@pytest.fixture(scope="module")
def data(newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(newsroom, tmp_path_factory.mktemp("away") / "data"))


@pytest.fixture(scope="module")
def away(data: Path, port: int) -> FlaskClient:
    """A client of a service that is told to use a cluster there, with something of a password in its address."""
    return create_app(Settings(data, api_key=KEY, engine="opensearch",
                               opensearch_url=(f"http://reader:secret@127.0.0.1:{port}",))).test_client()


def test_it_lives_and_says_why_it_is_not_ready(away: FlaskClient, port: int) -> None:
    assert away.get("/health/live").status_code == 200
    ready = away.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json["status"] == "unavailable"
    (problem,) = ready.json["problems"]
    assert problem["part"] == "search"
    assert f"no node of the cluster answers at http://127.0.0.1:{port}" in problem["detail"]
    assert "refused" in problem["detail"]
    assert "secret" not in problem["detail"]


@pytest.mark.parametrize("path", [
    pytest.param("/api/v1/search?q=Kiev", id="search"), pytest.param("/api/v1/suggest?q=Ki", id="suggestions"),
    pytest.param("/api/v1/facets/place", id="facet"), pytest.param("/api/v1/export.jsonl", id="export"),
    pytest.param("/feed.atom?q=Kiev", id="feed")])
def test_searches_are_sent_away_with_the_reason(away: FlaskClient, path: str) -> None:
    for _ in range(30):                     # at once: whoever waited would wait for minutes here
        answer = away.get(path)
        assert "cluster" in problem_of(answer, 503)["detail"]
        assert int(answer.headers["Retry-After"]) >= 1


def test_the_page_says_so_too(away: FlaskClient) -> None:
    answer = away.get("/?q=Kiev")
    assert answer.status_code == 503
    assert "The cluster that holds the index does not answer now" in answer.text


def test_articles_are_taken_and_metrics_given(away: FlaskClient, data: Path) -> None:
    article = {"id": "written-meanwhile", "title": "Talks", "text": "They went on."}
    assert away.post("/api/v1/articles", json=article, headers=WRITE).status_code == 201
    with closing(sqlite3.connect(data / "archive.sqlite")) as archive:
        assert archive.execute("SELECT 1 FROM version WHERE live AND id = 'written-meanwhile'").fetchone() == (1,)
    metrics = away.get("/metrics")
    assert metrics.status_code == 200
    assert "exonym_archive_articles" in metrics.text
    assert "exonym_index_articles" not in metrics.text


def test_a_check_says_that_the_cluster_does_not_answer_and_what_to_do(data: Path, port: int) -> None:
    at = {"EXONYM_ENGINE": "opensearch", "EXONYM_OPENSEARCH_URL": f"http://127.0.0.1:{port}"}
    done = CliRunner().invoke(main, ["check", "--json", "--data", str(data)], env=at)
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)
    assert found["articles"]
    (finding,) = found["findings"]
    assert finding["part"] == "cluster"
    assert "no node of the cluster answers" in finding["what"]
    assert "opensearch_url" in finding["do"]
