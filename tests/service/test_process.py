"""`exonym serve` as a process: what it logs, what it counts over its workers, and how it stops."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.archive import Archive
from index.folder import DataFolder
from search.kernels import KERNELS

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes under /proc")

KEY, OTHER = "a-key-that-no-log-may-hold", "a-wrong-key-that-no-log-may-hold"
SERVE = [sys.executable, "-c", "from service.cli import main; main(prog_name='exonym')", "serve", "--json"]
STARTED = 120               # seconds to wait for a service on a machine that has much to do


@dataclass(frozen=True)
class Service:
    """A running service, the port it listens on, and the file its standard error goes to."""

    process: subprocess.Popen[bytes]
    data: Path
    port: int
    errors: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of an answer over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=STARTED)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def refuses(self) -> bool:
        """Whether a new connection is refused."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def stop(self) -> int:
        """Ask it to stop and wait; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STARTED)


@pytest.fixture(scope="module")
def service(newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of two workers over a copy of the newsroom, logging all it can."""
    yield from started(newsroom, tmp_path_factory.mktemp("served"))


@pytest.fixture
def to_be_stopped(newsroom: Path, tmp_path: Path) -> Iterator[Service]:
    """Another one, for a test that stops it."""
    yield from started(newsroom, tmp_path)


def started(newsroom: Path, folder: Path) -> Iterator[Service]:
    """A service over a copy of the newsroom in `folder`; stopped at the end."""
    data = folder / "data"
    shutil.copytree(newsroom, data)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "EXONYM_API_KEY": KEY, "EXONYM_LOG_LEVEL": "debug", "EXONYM_WORKERS": "2"}
    errors = folder / "errors"
    with errors.open("wb") as sink:
        process = subprocess.Popen([*SERVE, "--data", str(data), "--port", str(port)], env=environment, stderr=sink,
                                   stdin=subprocess.DEVNULL)
    running = Service(process, data, port, errors)
    try:
        while running.refuses() or running.ask("/health/ready")[0] != 200:
            assert process.poll() is None, errors.read_text()
        yield running
    finally:
        running.stop()


def test_logs_are_json_lines_with_the_id_of_the_request_and_without_secrets(service: Service) -> None:
    body = json.dumps({"id": "logged", "title": "Logged"}).encode()
    good, bad = f"Bearer {KEY}", f"Bearer {OTHER}"
    json_type = "application/json"
    assert service.ask("/api/v1/articles", "POST", body, Authorization=good, Content_Type=json_type)[0] == 201
    assert service.ask("/api/v1/articles", "POST", body, Authorization=bad, Content_Type=json_type)[0] == 401
    assert service.ask("/api/v1/search?q=Kiev&page=0", Authorization=good, X_Request_ID="desk-7")[0] == 422
    assert service.ask(f"/api/v1/search?api_key={KEY}", Authorization=bad)[0] == 422
    assert service.ask("/api/v1/search?q=%0AERROR+forged", Authorization=good)[0] == 200
    assert service.ask("/%0AERROR%20forged")[0] == 404
    text = service.errors.read_text()
    assert KEY not in text
    assert OTHER not in text
    rows = [json.loads(line) for line in text.splitlines()]
    requests = [row for row in rows if row["logger"] == "exonym.request"]
    assert {"time", "level", "message", "request_id", "method", "route", "status", "ms", "address"} <= set(requests[0])
    assert [row["status"] for row in requests if row["request_id"] == "desk-7"] == [422]
    assert len({row["request_id"] for row in requests}) == len(requests) >= 6


def test_the_indexer_logs_in_the_same_form(service: Service) -> None:
    (service.data / "names.yml").write_text("nonsense: [")
    body = json.dumps({"id": "waits", "title": "Waits"}).encode()
    status, _ = service.ask("/api/v1/articles", "POST", body, Authorization=f"Bearer {KEY}",
                            Content_Type="application/json")
    assert status == 201
    end = time.monotonic() + STARTED
    while "indexing waits" not in (text := service.errors.read_text()):
        assert time.monotonic() < end, text
    rows = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    told = [row for row in rows if row["logger"] == "exonym.indexing" and "names.yml" in row["message"]]
    assert told[0]["level"] == "error"
    (service.data / "names.yml").unlink()


def test_metrics_are_those_of_all_workers_together(service: Service) -> None:
    for _ in range(20):
        assert service.ask("/api/v1/suggest?q=Ki")[0] == 200
    body = b'{"id": "x", "title": "X"}\n{"id": "y"}\n'
    assert service.ask("/api/v1/articles", "POST", body, Authorization=f"Bearer {KEY}",
                       Content_Type="application/x-ndjson")[0] == 200
    text = service.ask("/metrics")[1]
    found = dict(re.findall(r"^(exonym_[^ ]+) (\S+)$", text, re.M))
    route = 'method="GET",route="/api/v1/suggest",status="200"'
    assert float(found[f"exonym_request_seconds_count{{{route}}}"]) == 20
    assert float(found['exonym_records_total{result="rejected"}']) == 1
    assert float(found["exonym_requests_running"]) == 1             # the one that asks
    assert float(found["exonym_searches_waiting"]) == 0
    assert float(found["exonym_index_generation"]) >= 1
    assert "exonym_index_lag" in found
    assert float(found["exonym_kernels_compiled"]) == KERNELS.is_compiled


def test_the_others_go_on_when_a_worker_ends(service: Service) -> None:
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    workers = [int(child) for child in children.read_text().split()]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGTERM)
    while workers[0] in map(int, children.read_text().split()):
        pass
    for path in ("/api/v1/search?q=Kiev", "/", "/feed.atom?q=Kiev", "/api/v1/names?q=Kiev", "/metrics"):
        assert [service.ask(path)[0] for _ in range(4)] == [200] * 4


def test_a_request_that_has_begun_is_answered_before_the_service_stops(to_be_stopped: Service) -> None:
    service = to_be_stopped
    body = json.dumps({"id": "last", "title": "The last one in"}).encode()
    head = (f"POST /api/v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nExpect: 100-continue\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", service.port), STARTED) as connection:
        connection.sendall(head + body[:5])
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")    # a worker has taken it up
        service.process.send_signal(signal.SIGTERM)
        while b"Worker exiting" not in service.errors.read_bytes():     # the other one, which has nothing to do
            pass
        connection.sendall(body[5:])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 201
        assert json.loads(answer.read())["results"] == [{"id": "last", "result": "created"}]
    assert service.process.wait(STARTED) == 0
    archive = Archive(DataFolder(service.data).archive)
    stored = archive.get("last")
    archive.close()
    assert stored is not None
    assert stored.title == "The last one in"


STARTS = """
import gc, sys
from pathlib import Path
from service.context import EXTENSION
from service.server import _started
from service.settings import Settings
app = _started(Settings(data=Path(sys.argv[1])))
app.extensions[EXTENSION].indexing.stop()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_what_a_worker_has_loaded_is_not_gone_through_for_garbage(newsroom: Path, tmp_path: Path) -> None:
    shutil.copytree(newsroom, tmp_path / "data")
    answer = subprocess.run([sys.executable, "-c", STARTS, str(tmp_path / "data")], capture_output=True, text=True,
                            timeout=STARTED, check=True)
    frozen, others = map(int, answer.stdout.split())
    assert frozen > 100_000, "the names alone are more objects"
    assert others < frozen / 10
