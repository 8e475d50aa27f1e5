"""Lives as seen from outside: an engine (`tests.torture.life`) or the whole service, written to and killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from index.article import Article
from index.crash import VARIABLE
from index.folder import DataFolder

KEY = "a-key-for-the-torture"
PATIENCE = 60.0             # seconds that anything may take to start, to come to a step, or to go away
POLL = 0.02


class GoneError(Exception):
    """The process has ended before it answered."""


class Engine:
    """A process of `tests.torture.life`, with a socket for each writer."""

    def __init__(self, data: DataFolder, side: Path, activity: str, writers: int, log: IO[bytes],
                 crash_at: str = "") -> None:
        pairs = [socket.socketpair() for _ in range(writers)]
        theirs = [pair[1].fileno() for pair in pairs]
        command = [sys.executable, "-m", "tests.torture.life", str(data.path), str(side), activity, *map(str, theirs)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, pass_fds=theirs,
                                        env=os.environ | {VARIABLE: crash_at}, start_new_session=True)
        for _, other in pairs:
            other.close()
        self._streams = [mine.makefile("rwb") for mine, _ in pairs]
        for mine, _ in pairs:
            mine.close()

    def wait_until_ready(self) -> None:
        """Wait for the first sign; a life that ends before it is as good as ready."""
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def put(self, writer: int, articles: Sequence[Article]) -> None:
        """Put articles in one transaction; they are acknowledged when this returns. Raises GoneError."""
        self._ask(writer, {"put": [article.record() for article in articles]})

    def delete(self, writer: int, ids: Sequence[str]) -> None:
        """Delete articles in one transaction. Raises GoneError."""
        self._ask(writer, {"delete": list(ids)})

    def _ask(self, writer: int, request: object) -> None:
        stream = self._streams[writer]
        try:
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
            answer = stream.readline()
        except OSError as error:
            raise GoneError from error
        if answer != b"done\n":
            raise GoneError

    def kill(self) -> None:
        """End it at once, and it alone: what it started has to notice by itself."""
        self.process.kill()

    def bury(self) -> int:
        """Wait until it and all that it started are gone; how many had to be killed."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        left = session(self.process.pid)
        if not until(lambda: not session(self.process.pid)):
            left = session(self.process.pid)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return len(left)
        for stream in getattr(self, "_streams", ()):
            with contextlib.suppress(OSError):          # what could not be sent any more
                stream.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return 0


class Service(Engine):
    """`exonym serve`, written to over HTTP."""

    def __init__(self, data: DataFolder, log: IO[bytes]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.ended = threading.Event()
        environment = {"EXONYM_API_KEY": KEY, "EXONYM_INDEX_DELAY": "0.05", "EXONYM_LOG_LEVEL": "warning"}
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--data", str(data.path), "--port", str(self.port), "--workers", "2"],
            stderr=log, env=os.environ | environment, start_new_session=True)

    def wait_until_ready(self) -> None:
        """Wait until it answers."""
        if not until(lambda: self._answered("GET", "/health/live", b"") or self.process.poll() is not None):
            raise AssertionError("the service does not answer")

    def put(self, writer: int, articles: Sequence[Article]) -> None:
        """Post articles as JSON lines."""
        body = "\n".join(json.dumps(article.record()) for article in articles).encode()
        self._insist("POST", "/api/v1/articles", body)

    def delete(self, writer: int, ids: Sequence[str]) -> None:
        """Delete articles one by one."""
        for id in ids:
            self._insist("DELETE", f"/api/v1/articles/{id}", b"")

    def _insist(self, method: str, path: str, body: bytes) -> None:
        """Send a request until it is acknowledged: a worker that was killed is replaced, and writing is idempotent."""
        while not self._answered(method, path, body):
            if self.ended.wait(POLL):
                raise GoneError

    def _answered(self, method: str, path: str, body: bytes) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status in (200, 201, 404)     # 404: deleted already
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill_one(self, choose: Callable[[Sequence[int]], int]) -> None:
        """Kill one of the processes below the master: a worker, or the indexer. The service goes on."""
        others = [pid for pid in session(self.process.pid) if pid != self.process.pid]
        if others:
            with contextlib.suppress(ProcessLookupError):       # ended by itself
                os.kill(choose(others), signal.SIGKILL)

    def kill(self) -> None:
        """Kill the master alone: workers and indexer have to go by themselves."""
        self.ended.set()
        self.process.kill()


COMMAND = (sys.executable, "-c", "from service.cli import main; main()")
"""The command `exonym` of this source tree."""


def session(leader: int) -> list[int]:
    """The processes of a session that have not ended, the leader's own included."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue                                    # gone meanwhile
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def until(done: Callable[[], bool]) -> bool:
    """Wait until something is so; False if it does not become so."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(POLL)
    return True
