"""The engine that the settings name: who searches, who indexes, and up to where that is published."""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.folder import DataFolder
from index.inspection import Inspection, inspect
from index.writer import Indexer, IndexReport, Progress
from search.searcher import Searcher
from service.settings import PREFIX, Settings

if TYPE_CHECKING:
    from index.opensearch.cluster import ClusterSettings

_HANDED_ON = ("log_format", "log_level", "engine", "opensearch_url", "opensearch_prefix", "opensearch_user",
              "opensearch_password", "opensearch_ca_file", "opensearch_shards", "opensearch_replicas",
              "opensearch_timeout")


class ArchiveFollower(Protocol):
    """What brings an index up to the archive, whichever engine it is of."""

    def catch_up(self, progress: Progress | None = None) -> IndexReport:
        """Index what the archive's log holds beyond what is published, and publish."""

    def reindex(self, progress: Progress | None = None) -> IndexReport:
        """Make the whole index anew from the archive."""

    def verify(self) -> list[str]:
        """Hold the index against the archive; make it anew where they disagree. Returns what was wrong."""

    def close(self) -> None:
        """Close files and connections."""


def searcher_of(settings: Settings) -> Searcher:
    """Reads the index of the settings' engine. Raises ClusterError without a client library."""
    if settings.engine == "embedded":
        return Searcher(settings.data, settings.cache_size)
    from search.opensearch.engine import ClusterEngine

    return Searcher(settings.data, engine=ClusterEngine(cluster_of(settings)))


def indexer_of(settings: Settings, aside: Executor | None = None) -> ArchiveFollower:
    """Writes the index of the settings' engine; `aside`: see Indexer. Raises ClusterError without a client library."""
    if settings.engine == "embedded":
        return Indexer(settings.data, aside=aside)
    from index.opensearch.writer import ClusterIndexer

    return ClusterIndexer(settings.data, cluster_of(settings))


def inspect_all(settings: Settings) -> Inspection:
    """Look through the archive and the index of the settings' engine."""
    if settings.engine == "embedded":
        return inspect(DataFolder(settings.data))
    from index.opensearch.inspection import look

    return inspect(DataFolder(settings.data), partial(look, cluster_of(settings)))


class Publication:
    """Up to where in the archive's log the index of the settings' engine goes. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self._index = Path(settings.data) / "index"
        self._cluster = None
        self._known = 0
        if settings.engine != "embedded":
            from index.opensearch.cluster import Cluster

            self._cluster = Cluster(cluster_of(settings))

    def position(self) -> int:
        """Position in the log; of a cluster that does not answer, what was known last. Raises ManifestError."""
        if self._cluster is not None:
            from index.opensearch.cluster import ClusterError

            with suppress(ClusterError):
                self._known = self._cluster.state(tries=1).position
            return self._known
        from index.manifest import read_manifest

        return read_manifest(self._index).position


def cluster_of(settings: Settings) -> ClusterSettings:
    """Where the cluster is."""
    from index.opensearch.cluster import ClusterSettings

    return ClusterSettings(
        settings.opensearch_url, settings.opensearch_prefix, settings.opensearch_user, settings.opensearch_password,
        settings.opensearch_ca_file, settings.opensearch_shards, settings.opensearch_replicas,
        settings.opensearch_timeout)


def handed_on(settings: Settings) -> dict[str, str]:
    """The settings of engine and logs as the environment of a child process."""
    values = {name: getattr(settings, name) for name in _HANDED_ON}
    return {f"{PREFIX}{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in values.items() if value is not None}
