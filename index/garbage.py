"""Garbage: its collection put off while much is loaded that stays; looking through that takes a third of the time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def put_off() -> Iterator[None]:
    """Collect no garbage inside the block. Where several threads are in one, the first to begin is the one whose end
    has it collected again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
