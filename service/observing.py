"""What an operator sees: one log line a request, Prometheus metrics, and whether the service is alive and ready."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from flask import Blueprint, Flask, Response, g, has_request_context, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from index import kernels
from index.manifest import ManifestError
from index.opensearch.cluster import ClusterError
from index.segment import SegmentError
from search.kernels import KERNELS
from service.context import Context, context
from service.logs import configure_logs
from service.metrics import RECORDS, REGISTRY, REQUESTS, RUNNING
from service.server import MULTIPROCESS

LEAST_SPACE = 64 << 20      # bytes free on the disk below which writing is in danger
_log = logging.getLogger("exonym.request")
observing = Blueprint("observing", __name__)


class _OfRequest(logging.Filter):
    """Gives every record that is made while a request is answered the id of that request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


def configure_request_logs(style: str, level: str) -> None:
    """Send the logs to standard error, as text or as JSON lines, each with the id of its request."""
    configure_logs(style, level, " [%(request_id)s]", _OfRequest())


def count_records(results: Iterable[str]) -> None:
    """Count the results of a write."""
    for result in results:
        RECORDS.labels(result).inc()


def register_observing(app: Flask) -> None:
    """Give each request an id, time it, count it, log it; add /health and /metrics."""

    @app.before_request
    def begin() -> None:
        g.begin = time.perf_counter()
        RUNNING.inc()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else uuid.uuid4().hex

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.begin
        route = request.url_rule.rule if request.url_rule is not None else "unknown"
        method = request.method if request.method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE") else "other"
        REQUESTS.labels(method, route, str(response.status_code)).observe(seconds)
        response.headers["X-Request-ID"] = g.request_id
        fields = {"method": request.method, "path": request.path, "route": route,
                  "status": response.status_code, "ms": round(seconds * 1000, 2), "address": request.remote_addr}
        _log.info("%s %s %s %s ms", fields["method"], ascii(request.path)[1:-1][:200], fields["status"], fields["ms"],
                  extra={"fields": fields})
        return response

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        if g.pop("begin", None) is not None:
            RUNNING.dec()

    app.register_blueprint(observing)


@observing.route("/health/live")
def live() -> Response:
    """The process answers."""
    return _health({"status": "ok"})


@observing.route("/health/ready")
def ready() -> Response:
    """Whether searches are answered (200 or 503), and what else is amiss."""
    found = problems(context())
    searching = not any(problem["part"] == "search" for problem in found)
    body: dict[str, Any] = {"status": "ok" if not found else "degraded" if searching else "unavailable",
                            "problems": found}
    if searching:
        state = context().searcher.state()
        body |= {"generation": state.generation, "articles": state.articles}
    return _health(body, 200 if searching else 503)


def problems(about: Context) -> list[dict[str, str]]:
    """What is wrong, each with the part that suffers (search, writing) and a sentence that says why."""
    found = []
    try:
        about.searcher.state()
    except (OSError, ValueError, LookupError, ManifestError, SegmentError) as error:
        found.append({"part": "search", "detail": f"The index cannot be read: {error}"})
    damage = about.searcher.damage()
    if isinstance(damage, ManifestError | SegmentError):    # a cluster is told above
        found.append({"part": "indexing", "detail": f"The index is made anew: {damage}"})
        about.indexing.suspect()
    fault = about.indexing.fault()
    if fault is not None:
        found.append({"part": "indexing", "detail": f"New articles cannot be found yet: {fault}"})
    if not os.access(about.settings.data, os.W_OK):
        found.append({"part": "writing", "detail": "The data folder cannot be written to."})
    free = shutil.disk_usage(about.settings.data).free
    if free < LEAST_SPACE:
        found.append({"part": "writing", "detail": f"Only {free >> 20} MB are free on the disk of the data folder."})
    return found


def _health(body: dict[str, Any], status: int = 200) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json")
    response.cache_control.no_store = True
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


class _State:
    """Gauges read at the time of the scrape."""

    def __init__(self, about: Context) -> None:
        self.about = about

    def collect(self) -> Iterator[Metric]:
        with suppress(ManifestError, SegmentError, ClusterError):      # what cannot be read has no number
            state = self.about.searcher.state()
            yield GaugeMetricFamily("exonym_index_generation", "Published generation.", value=state.generation)
            yield GaugeMetricFamily("exonym_index_articles", "Articles in the index.", value=state.articles)
        yield GaugeMetricFamily("exonym_archive_articles", "Articles in the archive.", value=len(self.about.archive))
        yield GaugeMetricFamily("exonym_index_lag", "Changes of the archive that are not yet indexed.",
                                value=self.about.indexing.waiting())
        yield GaugeMetricFamily("exonym_kernels_compiled", "1 if the loops in C are compiled, else 0.",
                                value=KERNELS.is_compiled and kernels.KERNELS is not None)


@observing.route("/metrics")
def metrics() -> Response:
    """Prometheus metrics of all worker processes together."""
    gauges = CollectorRegistry()
    gauges.register(_State(context()))
    counted = REGISTRY
    if MULTIPROCESS in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return Response(generate_latest(counted) + generate_latest(gauges),
                    content_type="text/plain; version=0.0.4; charset=utf-8")
