"""LateExecutor: work that takes a while, always the same while."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")
ASKED = 3


class LateFuture(Future[T]):
    """Says that it is done when it is asked for the third time."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0

    def done(self) -> bool:
        self._asked += 1
        return self._asked >= ASKED and super().done()


class LateExecutor(Executor):
    """Does the work when it is given, and says so later: what was read for it is as old as a slow thread's would be."""

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = LateFuture()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
