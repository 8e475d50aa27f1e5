"""Context: what every request handler works with, made once for an app."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app

from index.archive import Archive
from search.searcher import Searcher
from service.errors import busy
from service.indexing import Indexing
from service.keys import Keys
from service.security import RateLimit
from service.settings import Settings

EXTENSION = "exonym"
TURNS = 2                   # searches computed at once in one process; more would only take turns at the processor
PATIENCE = 10.0             # seconds that a search waits for its turn


@dataclass(frozen=True, slots=True)
class Context:
    """The settings and the long-lived objects of one service process."""

    settings: Settings
    archive: Archive
    searcher: Searcher
    indexing: Indexing
    keys: Keys
    limit: RateLimit
    turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(TURNS))

    @contextmanager
    def turn(self) -> Iterator[Searcher]:
        """The searcher, for as long as one of the turns is held. Raises 503 if none is free in time."""
        if not self.turns.acquire(timeout=PATIENCE):
            raise busy("Too many searches at once; send this again.", 2)
        try:
            yield self.searcher
        finally:
            self.turns.release()


def context() -> Context:
    """The context of the app that answers the current request."""
    found: Context = current_app.extensions[EXTENSION]
    return found
