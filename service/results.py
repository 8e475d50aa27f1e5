"""Answers kept for a while, keyed by index generation and request: never stale, because a generation never changes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace

from search.limits import Limits, begin, end
from search.request import SearchRequest
from search.response import SearchResponse
from search.searcher import Searcher
from service.errors import busy
from service.metrics import WAITING

KEPT = 128                  # answers
TURNS = 2                   # searches computed at once in one process; more would only take turns at the processor
PATIENCE = 10.0             # seconds that a search waits for its turn

Key = tuple[int, str, SearchRequest]


class Results:
    """Searches with a searcher, a few at a time, and remembers the last answers."""

    def __init__(self, searcher: Searcher, limits: Limits) -> None:
        self._searcher, self._limits = searcher, limits
        self._turns = threading.BoundedSemaphore(TURNS)
        self._begun = threading.local()
        self._kept: OrderedDict[Key, SearchResponse] = OrderedDict()
        self._lock = threading.Lock()

    def search(self, request: SearchRequest) -> SearchResponse:
        """The answer to a request; `took_ms` is the time it took now. Raises Problem 503 if no turn comes in time."""
        begin = time.perf_counter()
        state = self._searcher.state()
        key = (state.generation, state.names, request)
        found = self._known(key)
        if found is None:
            with self:
                found = self._known(key)                # another thread may just have made it
                if found is None:
                    answer = self._searcher.search(request)
                    self._keep((answer.index.generation, answer.index.names, request), answer)
                    return answer
        return replace(found, took_ms=round((time.perf_counter() - begin) * 1000, 3))

    def __enter__(self) -> Searcher:
        """Take a turn for any other work with the searcher; the limits on a search hold until it ends."""
        with WAITING.track_inprogress():
            if not self._turns.acquire(timeout=PATIENCE):
                raise busy("Too many searches at once; send this again.", 2)
        self._begun.limits = begin(self._limits)
        return self._searcher

    def __exit__(self, *_: object) -> None:
        end(self._begun.limits)
        self._turns.release()

    def _known(self, key: Key) -> SearchResponse | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Key, answer: SearchResponse) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
