"""Limits: how much one search may ask for and how long it may take, in force for the calls inside a `with` block.

The limits travel in the context of the thread, so that any step of a search may look at them and no step has to
hand them on. Outside a block the defaults hold and nothing runs out of time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass


class SearchTimeoutError(Exception):
    """A search took longer than it may. The message says how long that is."""


class QueryLimitError(ValueError):
    """A query text is larger than it may be. The message says in what, what is allowed, what was found, what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A query beyond `words` or `depth` is refused; what is beyond `expansions` is left out, with a diagnostic;
    `seconds` end the search."""

    words: int = 200            # of a query
    depth: int = 40             # brackets one inside another
    expansions: int = 1000      # words of a segment that one prefix or fuzzy word stands for
    seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Running:
    limits: Limits
    end: float
    clock: Callable[[], float]


_DEFAULT = Limits()
_running: ContextVar[_Running | None] = ContextVar("limits", default=None)
Started = Token[_Running | None]


@contextmanager
def limited(limits: Limits, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Hold every search inside the block to `limits`; the time runs from here."""
    token = begin(limits, clock)
    try:
        yield
    finally:
        end(token)


def begin(limits: Limits, clock: Callable[[], float] = time.monotonic) -> Started:
    """What `limited` does at the beginning of its block; to be ended in the same thread."""
    return _running.set(_Running(limits, clock() + limits.seconds, clock))


def end(started: Started) -> None:
    """What `limited` does at the end of its block."""
    _running.reset(started)


def limits() -> Limits:
    """The limits in force."""
    running = _running.get()
    return running.limits if running is not None else _DEFAULT


def check_time() -> None:
    """Raise SearchTimeoutError when the time is over. Called between the steps of a search."""
    running = _running.get()
    if running is not None and running.clock() > running.end:
        raise SearchTimeoutError(f"The search takes longer than the {running.limits.seconds:g} s it may.")
