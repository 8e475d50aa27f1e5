"""The server under `exonym serve`: gunicorn with threads, in this process's name; waitress where there is no fork."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client when it is imported: the folder in which worker processes count together."""
M_ARENA_MAX, ARENAS = -8, 2
HEAD_SECONDS = 10           # a request's head must have arrived by then
BODY_SECONDS = 60           # and the whole request by then
_log = logging.getLogger("exonym")


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are finished first."""
    settings.data.mkdir(parents=True, exist_ok=True)
    folder, master = tempfile.mkdtemp(prefix="exonym-metrics-"), os.getpid()
    os.environ[MULTIPROCESS] = folder
    try:
        from service.observing import configure_request_logs

        configure_request_logs(settings.log_format, settings.log_level)
        (_serve_with_waitress if sys.platform == "win32" else _serve_with_gunicorn)(settings)
    finally:
        if os.getpid() == master:       # a worker that ends comes by here too, and the others still count
            shutil.rmtree(folder, ignore_errors=True)


def _started(settings: Settings) -> Flask:
    """The app of one worker process, warm so that no reader waits; its guardian of the indexer at work."""
    from index.manifest import ManifestError
    from index.opensearch.cluster import ClusterError
    from index.segment import SegmentError
    from service.app import create_app
    from service.context import EXTENSION

    app = create_app(settings)
    try:
        _warm(app)
    except (ManifestError, SegmentError) as error:
        _log.error("%s; it is made anew, and searches are answered then", error)
    except ClusterError as error:
        _log.error("%s; searches are answered when it does", error)
    gc.collect()
    gc.freeze()      # names and index stay: to go through them for garbage holds all searches up, .2 s at a time
    app.extensions[EXTENSION].indexing.start()
    return app


def _warm(app: Flask) -> None:
    """Have everything read that is read when first needed: the index, names, word lists, templates."""
    from search.request import SearchRequest
    from service.context import EXTENSION

    for template in app.jinja_env.list_templates():
        app.jinja_env.get_template(template)
    searcher = app.extensions[EXTENSION].searcher
    for q in ("", "Kyiv", "unheardof"):     # a name and a word
        searcher.search(SearchRequest(q=q))
    searcher.suggest("Ky", 1)


def _share_arenas() -> None:
    """Have glibc's threads share two arenas: by itself it makes eight a processor, and each keeps what it once had
    (mallopt(3), M_ARENA_MAX). Python's threads take turns anyway."""
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)       # other C libraries have none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def _serve_with_gunicorn(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication

    _share_arenas()

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in _configuration(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return _started(settings)

    Server().run()


def _configuration(settings: Settings) -> dict[str, Any]:
    memory = Path("/dev/shm")  # noqa: S108 (heartbeats on a disk can block)
    return {
        "bind": [f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"],
        "workers": settings.processes, "threads": settings.threads, "worker_class": _worker_class(settings.max_body),
        "timeout": settings.request_timeout, "graceful_timeout": settings.stop_timeout, "keepalive": 5,
        "limit_request_line": 8190, "max_requests": 0, "preload_app": False,
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "control_socket_disable": True, "proc_name": "exonym", "loglevel": settings.log_level,
        "worker_exit": _worker_exit, "child_exit": _child_exit, "logger_class": _logger_class(),
    }


def _worker_exit(server: Any, worker: Any) -> None:
    """In the worker, as it ends: let its indexer finish."""
    from service.context import EXTENSION

    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions[EXTENSION].indexing.stop()


def _child_exit(server: Any, worker: Any) -> None:
    """In the master: forget the gauges of a dead worker."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _logger_class() -> type:
    """gunicorn's logger without handlers of its own, so that all logs are of one form."""
    from gunicorn.glogging import Logger

    class Plain(Logger):  # type: ignore[misc]
        def setup(self, cfg: Any) -> None:
            self.error_log.propagate = True
            self.error_log.setLevel(cfg.loglevel.upper())

        def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
            """Requests are logged by the app."""

    return Plain


class _Body:
    """A chunked body whose faults reach the app as OSError, like those of any body; no chunk is longer than a body."""

    def __init__(self, reader: Any, limit: int) -> None:
        self._reader, self._size_of, self._limit = reader, reader.parse_chunk_size, limit
        reader.parse_chunk_size = self._bounded

    def _bounded(self, unreader: Any, data: bytes | None = None) -> Any:
        size, rest = self._size_of(unreader, data)
        if size > self._limit:
            raise OSError(f"a chunk is longer than the {self._limit} bytes of a body")
        return size, rest

    def read(self, size: int) -> Any:
        """At most `size` bytes."""
        from gunicorn.http.errors import ParseException

        try:
            return self._reader.read(size)
        except ParseException as error:
            raise OSError(f"it is not chunked as it should be: {error}") from error


class _Reading:
    """Connections whose requests are still arriving, and when they must have arrived. Safe for threads."""

    def __init__(self) -> None:
        self._ends: dict[Any, float] = {}
        self._lock = threading.Lock()

    def expect(self, conn: Any, seconds: float) -> None:
        """What is awaited of a connection must arrive within so many seconds."""
        with self._lock:
            self._ends[conn] = time.monotonic() + seconds

    def arrived(self, conn: Any) -> None:
        """Nothing is awaited of it any more."""
        with self._lock:
            self._ends.pop(conn, None)

    def end_late(self) -> None:
        """End the reading (not the answering) of what takes too long to arrive."""
        now = time.monotonic()
        with self._lock:
            late = [conn for conn, end in self._ends.items() if end < now]
            for conn in late:
                del self._ends[conn]
        for conn in late:
            try:
                conn.sock.shutdown(socket.SHUT_RD)
            except OSError:
                _log.debug("a slow connection was gone already")


def _worker_class(max_body: int) -> type:
    from gunicorn.http.body import ChunkedReader
    from gunicorn.http.errors import InvalidHeader, UnsupportedTransferCoding
    from gunicorn.workers.gthread import ThreadWorker

    class Worker(ThreadWorker):  # type: ignore[misc]
        """gunicorn's threads, with an end to clients that dawdle, and no 501 for a client's mistake."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._reading = _Reading()

        def handle(self, conn: Any) -> Any:
            self._reading.expect(conn, HEAD_SECONDS)
            try:
                return super().handle(conn)
            finally:
                self._reading.arrived(conn)

        def handle_request(self, req: Any, conn: Any) -> Any:
            self._reading.expect(conn, BODY_SECONDS)
            if isinstance(req.body.reader, ChunkedReader):
                req.body.reader = _Body(req.body.reader, max_body)
            return super().handle_request(req, conn)

        def murder_pending(self) -> None:       # called every second
            super().murder_pending()
            self._reading.end_late()

        def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
            if isinstance(exc, UnsupportedTransferCoding):
                exc = InvalidHeader(f"Transfer-Encoding: {exc}")
            super().handle_error(req, client, addr, exc)

    return Worker


def _serve_with_waitress(settings: Settings) -> None:
    import waitress  # type: ignore[import-untyped, unused-ignore]

    def stop(signal_number: int, frame: object) -> None:
        raise SystemExit(0)                     # waitress drops requests in flight on a bare SIGTERM

    signal.signal(signal.SIGTERM, stop)
    waitress.serve(_started(settings), host=settings.host, port=settings.port, threads=settings.threads)
