"""What is counted: Prometheus metrics of this process, added up over all worker processes when they are read."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Histogram("exonym_request_seconds", "Time to answer a request.", ("method", "route", "status"),
                     registry=REGISTRY, buckets=(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10))
RECORDS = Counter("exonym_records", "Records received over HTTP, by result.", ("result",), registry=REGISTRY)
RUNNING = Gauge("exonym_requests_running", "Requests being answered.", registry=REGISTRY, multiprocess_mode="livesum")
WAITING = Gauge("exonym_searches_waiting", "Searches that wait for their turn at the processor.", registry=REGISTRY,
                multiprocess_mode="livesum")
