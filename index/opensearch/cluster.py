"""Cluster: where an index on OpenSearch is, its settings, and the state document that says what is published."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

T = TypeVar("T")

TRIES = 7
PAUSE = 0.25
"""A call that a cluster cannot answer at the moment is made again, after PAUSE seconds, then twice that, and so on."""
LOOK_AGAIN = 1.0
"""While a cluster is known not to answer, one call in so many seconds is made, once; all others fail at once."""
_PASSING = frozenset((429, 500, 502, 503, 504))
_STATE = "published"


class ClusterError(OSError):
    """The cluster cannot be reached or refuses what it is told; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Where the cluster is and how the index lies on it."""

    urls: tuple[str, ...] = ("http://127.0.0.1:9200",)
    prefix: str = "exonym"                                  # of the names of all indexes and templates
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None                              # certificates to trust besides the usual
    shards: int = 1                                         # of the articles
    replicas: int = 1
    timeout: float = 30.0                                   # seconds, for one call


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What is published: the generation, what it was made from, and the indexes it lies in."""

    generation: int = 0
    position: int = 0
    names: str = ""
    analysis: str = ""
    archive: str = ""
    format: int = 0
    articles: int = 0
    articles_index: str = ""
    words_index: str = ""
    layers: int = 0                                         # of names lying over one another, in use
    revision: tuple[int, int] | None = None                 # of the document: its sequence number and primary term


class Cluster:
    """A connection to a cluster. Safe for threads."""

    def __init__(self, settings: ClusterSettings) -> None:
        """Raises ClusterError when the client library is not installed."""
        try:
            from opensearchpy import OpenSearch
        except ImportError as error:
            raise ClusterError("the engine opensearch needs a client: pip install 'exonym[opensearch]'") from error
        self.settings = settings
        login = (settings.user, settings.password or "") if settings.user is not None else None
        self.client: OpenSearch = OpenSearch(
            list(settings.urls), http_auth=login, ca_certs=settings.ca_file, timeout=settings.timeout, max_retries=3,
            retry_on_timeout=True, http_compress=True, pool_maxsize=20)
        self._silence = _Silence()

    @property
    def alias(self) -> str:
        """The name under which other programs find the published articles."""
        return f"{self.settings.prefix}-articles"

    @property
    def _state_index(self) -> str:
        return f"{self.settings.prefix}-state"

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def attempt(self, call: Callable[[], T], again: Callable[[], None] = lambda: None, tries: int = TRIES) -> T:
        """Make a call; again, after `again`, as long as the cluster is only at the moment not able to answer it.

        Raises ClusterError when it stays so, or when the call itself is refused. From when no node has answered until
        one does, whoever calls is told at once.
        """
        from opensearchpy.exceptions import ConnectionError, TransportError

        tries, pause = 1 if self._silence.known() else tries, PAUSE
        for left in reversed(range(tries)):
            try:
                found = call()
            except ConnectionError as error:
                if not left:
                    raise self._silence.begin(f"no node of the cluster answers at {self._nodes} ({_reason(error)})"
                                              ) from error
            except TransportError as error:
                if not left or not _passes(error):
                    raise ClusterError(f"the cluster refuses a call: {error.status_code} {_reason(error)}") from error
            else:
                self._silence.end()
                return found
            time.sleep(pause)
            pause *= 2
            again()
        raise AssertionError("a loop that ends by return or raise")

    @property
    def _nodes(self) -> str:
        """Where the cluster is, without what an address may say of who asks."""
        parts = [urlsplit(url) for url in self.settings.urls]
        return ", ".join(part._replace(netloc=part.netloc.rpartition("@")[2]).geturl() for part in parts)

    def state(self, tries: int = TRIES) -> ClusterState:
        """What is published; generation 0 if nothing ever was. Raises ClusterError."""
        found = self.attempt(lambda: self.client.get(self._state_index, _STATE, ignore=[404]), tries=tries)
        if not found.get("found"):
            return ClusterState()
        known = {item.name for item in fields(ClusterState)}
        values = {name: value for name, value in found["_source"].items() if name in known}
        return ClusterState(**values, revision=(found["_seq_no"], found["_primary_term"]))

    def publish(self, state: ClusterState) -> ClusterState:
        """Make a state the published one. Raises ClusterError if another writer has published meanwhile."""
        body = asdict(state)
        del body["revision"]
        guard: dict[str, Any] = {"op_type": "create"}
        if state.revision is not None:
            guard = {"if_seq_no": state.revision[0], "if_primary_term": state.revision[1]}
        self._make_state_index()
        done = self.attempt(lambda: self.client.index(self._state_index, body, id=_STATE, params=guard, ignore=[409]))
        if done.get("status") == 409:
            raise ClusterError(f"another indexer writes to {self.settings.prefix!r} on this cluster: "
                               "give every archive its own prefix")
        return replace(state, revision=(done["_seq_no"], done["_primary_term"]))

    def _make_state_index(self) -> None:
        body = {"settings": {"number_of_shards": 1, "number_of_replicas": self.settings.replicas},
                "mappings": {"dynamic": False}}
        self.attempt(lambda: self.client.indices.create(self._state_index, body, ignore=[400]))


class _Silence:
    """Whether no node of a cluster answers, as far as is known. Safe for threads."""

    def __init__(self) -> None:
        self._words: str | None = None
        self._look = 0.0
        self._lock = threading.Lock()

    def known(self) -> bool:
        """Whether it is known, and the caller may look whether it has ended. Raises ClusterError for all others."""
        with self._lock:
            if self._words is None:
                return False
            now = time.monotonic()
            if now < self._look:
                raise ClusterError(self._words)
            self._look = now + LOOK_AGAIN
            return True

    def begin(self, words: str) -> ClusterError:
        """No node has answered; the error that says so."""
        with self._lock:
            self._words, self._look = words, time.monotonic() + LOOK_AGAIN
        return ClusterError(words)

    def end(self) -> None:
        """A node has answered."""
        self._words = None


def _passes(error: Any) -> bool:
    """Whether a fault goes by: the cluster is busy or loses a node, or a point in time is gone (expired, or its node).

    One shard of several that refuses a query is told as 500, as if it were broken.
    """
    told = str(error.info)
    if error.status_code == 404:
        return "search_context_missing" in told
    return error.status_code in _PASSING and "too_many" not in told


def _reason(error: Any) -> str:
    info = error.info
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        causes = info["error"].get("root_cause") or [info["error"]]
        return f"{causes[0].get('type')}: {causes[0].get('reason')}"
    return re.sub(r"<[^>]*>:? ?", "", str(error.error))     # objects of the client
