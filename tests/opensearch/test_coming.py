"""A service that was started before its cluster takes it up when it comes, and says so while it is gone again."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.opensearch.cluster import ClusterSettings
from index.opensearch.writer import ClusterIndexer
from service.app import create_app
from service.settings import Settings

PATIENCE = 60.0             # seconds


class Way:
    """A port of this machine that leads to a node, when it is open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._node = (parts.hostname or "", parts.port or 80)
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._joined: list[socket.socket] = []

    def open(self) -> None:
        """Let connections through from now on."""
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Break all connections, and take no more."""
        for one in (self._listener, *self._joined):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(self._node)
                self._joined += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


def until(client: FlaskClient, path: str, status: int) -> Any:
    """The answer when it has this status."""
    end = time.monotonic() + PATIENCE
    while (answer := client.get(path)).status_code != status:
        assert time.monotonic() < end, answer.text
    return answer


@pytest.fixture
def data(urls: tuple[str, ...], prefix: str, tmp_path: Path, all_names: Names) -> Path:
    """A data folder whose index is on the cluster."""
    Archive(DataFolder(tmp_path).archive).put([Article("a", "Talks in Kyiv", "They went on.")])
    indexer = ClusterIndexer(tmp_path, ClusterSettings(urls, prefix, replicas=0), all_names, processes=1)
    indexer.reindex()
    indexer.close()
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "index").mkdir()
    return tmp_path


def test_a_cluster_that_comes_late_and_goes_is_taken_up(urls: tuple[str, ...], prefix: str, data: Path) -> None:
    way = Way(urls[0])
    app = create_app(Settings(data, engine="opensearch", opensearch_url=(way.url,), opensearch_prefix=prefix))
    with closing(way):
        client = app.test_client()
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.get("/api/v1/search?q=Kiev").status_code == 503
        way.open()
        found = until(client, "/api/v1/search?q=Kiev", 200).json
        assert [hit["id"] for hit in found["hits"]] == ["a"]
        assert client.get("/health/ready").json["articles"] == 1
    assert until(client, "/api/v1/search?q=Kiev", 503).json["status"] == 503
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200
