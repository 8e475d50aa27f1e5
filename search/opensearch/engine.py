"""ClusterEngine: the newest published state of an index on a cluster."""

from __future__ import annotations

import threading

from index.opensearch.cluster import Cluster, ClusterError, ClusterSettings
from search.opensearch.published import ClusterIndex


class ClusterEngine:
    """Reads an index on an OpenSearch cluster. Safe for threads."""

    def __init__(self, settings: ClusterSettings) -> None:
        """A cluster that does not answer now may do so later. Raises ClusterError without the client library."""
        self._cluster = Cluster(settings)
        self._lock = threading.Lock()
        self._current: ClusterIndex | None = None
        self._before: ClusterIndex | None = None
        self._damage: ClusterError | None = None
        try:
            self._cluster.state(tries=1)
        except ClusterError as error:
            self._damage = error

    def current(self) -> ClusterIndex:
        """The newest published state; the cluster is asked for its number with every call. Raises ClusterError."""
        try:
            state = self._cluster.state()
        except ClusterError as error:
            self._damage = error
            raise
        self._damage = None
        with self._lock:
            if self._current is None or state != self._current.state:
                if self._before is not None:
                    self._before.close()
                self._before, self._current = self._current, ClusterIndex(self._cluster, state)
            return self._current

    def damage(self) -> Exception | None:
        """Why the cluster could not be asked the last time, if it could not."""
        return self._damage

    def close(self) -> None:
        """Give back what the cluster keeps for this reader, and close connections."""
        for index in (self._before, self._current):
            if index is not None:
                index.close()
        self._cluster.close()
