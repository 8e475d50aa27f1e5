"""Watching: new matches of saved searches handed on, each at least once, and once only if nothing goes wrong.

A match is noted as seen after `deliver` has returned, and before the next ones are handed on. A kill in between
repeats one batch; nothing is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from search.response import Hit
from search.searcher import Searcher
from service.indexing import locked
from service.saved import Saved, SavedError, SavedSearches, within_limits

BATCH = 50                  # matches handed on at once
TERMINAL = "watch"
"""The reader that a watch without a webhook is; with one, its URL is."""

Deliver = Callable[[Saved, Sequence[Hit]], None]


def look(searcher: Searcher, store: SavedSearches, saved: Saved, reader: str, deliver: Deliver,
         batch: int = BATCH) -> int:
    """Hand on what is new of one search, the first to arrive first; how many that were.

    Raises SavedError if it cannot be made a search of, and whatever `deliver` raises.
    """
    request, handed = saved.request(), 0
    while True:
        with within_limits():
            found = searcher.additions(request, store.seen(saved.id, reader), batch)
        if not found.hits:
            return handed
        deliver(saved, found.hits)
        store.mark(saved.id, reader, found.keys)
        handed += len(found.hits)


def message(saved: Saved, hits: Sequence[Hit]) -> dict[str, Any]:
    """What a webhook is sent: the search, and its new matches as GET /api/v1/search gives hits."""
    return {"search": named(saved), "matches": list(hits)}


def named(saved: Saved) -> dict[str, str]:
    """Which search it is that a match is of."""
    return {"id": saved.id, "name": saved.name, "query": saved.query}


@contextmanager
def alone(folder: Path, reader: str) -> Iterator[None]:
    """Keep others from handing the same matches to the same reader. Raises SavedError if somebody is at it."""
    digest = hashlib.blake2b(reader.encode("utf-8", "replace"), digest_size=4).hexdigest()
    with (folder / f"watch-{digest}.lock").open("ab") as lock:
        if not locked(lock):
            raise SavedError(f"another process watches {folder} for the same reader")
        yield


