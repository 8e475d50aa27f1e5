"""The writer lock: one process at a time writes to the index of a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from index.folder import DataFolder


class WriterBusyError(Exception):
    """Another process is writing to this data folder."""


@contextmanager
def writer_lock(data: DataFolder) -> Iterator[None]:
    """Hold a data folder's writer lock; it goes with the process, however that ends. Raises WriterBusyError."""
    descriptor = os.open(data.writer_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WriterBusyError(f"another process is indexing into {data.path}; try again later") from error
        yield
    finally:
        os.close(descriptor)
