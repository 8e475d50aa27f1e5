"""With one copy of each shard, the loss of a node under load loses no acknowledged article and stops no search."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index.archive import Archive
from index.article import Article
from index.names.registry import Names
from index.opensearch.cluster import Cluster, ClusterSettings
from index.opensearch.writer import ClusterIndexer
from search.opensearch.engine import ClusterEngine
from search.request import SearchRequest
from search.searcher import Searcher

BATCH = 20
BEFORE, AFTER = 4, 6        # batches written before and after the loss


@dataclass
class Load:
    """Searches one after another in a thread, until stopped; what went wrong is kept."""

    searcher: Searcher
    stopping: threading.Event = field(default_factory=threading.Event)
    totals: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.totals.append(self.searcher.search(SearchRequest("Kiev", size=5)).total)
            except Exception as error:              # the subject of the test: none may come
                self.errors.append(error)


@pytest.fixture
def settings(urls: tuple[str, ...], prefix: str) -> ClusterSettings:
    return ClusterSettings(urls, prefix, shards=3, replicas=1)


@pytest.fixture
def load(settings: ClusterSettings, tmp_path: Path, all_names: Names) -> Iterator[Load]:
    made = Load(Searcher(tmp_path, names=all_names, engine=ClusterEngine(settings)))
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stopping.set()
    thread.join()
    made.searcher.close()


def _batch(number: int) -> list[Article]:
    return [Article(f"{number}-{one}", f"Kyiv talks {number}", f"Delegates met in Київ, {one} of them.", "2024-01-01",
                    "The Meridian") for one in range(BATCH)]


def _kill_the_manager(settings: ClusterSettings) -> str:
    """End the process of the node that leads the cluster, at once; its name."""
    cluster = Cluster(settings)
    client = cluster.client
    client.cluster.health(wait_for_status="green", request_timeout=60)
    (leader,) = client.cat.cluster_manager(format="json")
    number = int(leader["node"].removeprefix("node"))
    os.kill(int(os.environ["OPENSEARCH_TEST_PIDS"].split(",")[number]), signal.SIGKILL)
    cluster.close()
    return str(leader["node"])


def _nodes(settings: ClusterSettings) -> set[str]:
    cluster = Cluster(settings)
    found = {row["name"] for row in cluster.client.cat.nodes(format="json")}
    cluster.close()
    return found


@pytest.mark.skipif("OPENSEARCH_TEST_PIDS" not in os.environ, reason="kills a node of its own: make test-opensearch")
def test_no_acknowledged_article_is_lost_and_searches_go_on(settings: ClusterSettings, load: Load, tmp_path: Path,
                                                            all_names: Names) -> None:
    archive, indexer = Archive(tmp_path / "archive.sqlite"), ClusterIndexer(tmp_path, settings, names=all_names)
    acknowledged: set[str] = set()
    killed = ""
    for number in range(BEFORE + AFTER):
        if number == BEFORE:
            killed = _kill_the_manager(settings)
        batch = _batch(number)
        archive.put(batch)
        indexer.catch_up()
        acknowledged |= {article.id for article in batch}
    indexer.close()
    load.stopping.set()
    assert {view.article.id for view in load.searcher.export(SearchRequest("Киев"))} == acknowledged
    assert load.searcher.state().articles == len(acknowledged) == (BEFORE + AFTER) * BATCH
    assert killed
    assert killed not in _nodes(settings)
    assert load.errors == []
    assert len(load.totals) > 5
    assert load.totals == sorted(load.totals)       # nothing that was found was ever missing again
