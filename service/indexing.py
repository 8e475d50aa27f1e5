"""The background indexer: one process for a data folder, which publishes what the archive has taken in.

Every service process keeps a guardian thread. The one that gets the lock file starts the indexer as a child
process, so that indexing never holds up a search, and starts it again should it end. The child lives as long
as its standard input is open: when its guardian's process ends, however it ends, the child ends too and another
guardian takes over.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, BinaryIO

from index.archive import Archive
from index.folder import DataFolder
from service.engines import Publication, engine_environment, indexer_of
from service.settings import Settings, load_settings

LOCK = "indexing.lock"
RETRY = 1.0                 # seconds between attempts to get the lock, and before a child is started again
_log = logging.getLogger("exonym.indexing")


class Indexing:
    """The guardian of one service process."""

    def __init__(self, data: DataFolder, archive: Archive, settings: Settings) -> None:
        self.data, self.archive, self.delay = data, archive, settings.index_delay
        self._settings, self._publication = settings, Publication(settings)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._guard, name="indexing", daemon=True)

    def start(self) -> None:
        """Begin to guard; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the child, if this process has it, after what it is doing; wait for it."""
        self._stopping.set()
        self._close()
        if self._thread.is_alive():
            self._thread.join()

    def nudge(self) -> None:
        """Ask for indexing now instead of after the delay; without effect if another process has the child."""
        child = self._child
        if child is not None and child.stdin is not None:
            _write(child.stdin)

    def position(self) -> int:
        """Up to where in the archive's log the published generation goes."""
        return self._publication.position()

    def waiting(self) -> int:
        """How many changes of the archive are not yet in the published generation."""
        return max(0, self.archive.position() - self.position())

    def _close(self) -> None:
        child = self._child
        if child is not None and child.stdin is not None:
            child.stdin.close()

    def _guard(self) -> None:
        while not self._stopping.is_set():
            with (self.data.path / LOCK).open("ab") as lock:
                if _locked(lock):
                    self._run()
            self._stopping.wait(RETRY)

    def _run(self) -> None:
        """Start the child and wait for its end."""
        command = [sys.executable, "-m", "service.indexing", str(self.data.path), str(self.delay)]
        self._child = child = subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0,  # noqa: S603
                                               env=os.environ | engine_environment(self._settings))
        if self._stopping.is_set():
            self._close()
        code = child.wait()
        self._child = None
        if not self._stopping.is_set():
            _log.warning("the indexer ended with status %s; it is started again", code)


def _write(stream: IO[bytes]) -> None:
    try:
        stream.write(b"\n")
    except (OSError, ValueError):       # the child has ended, or is being ended
        _log.debug("the indexer could not be nudged")


def _locked(file: BinaryIO) -> bool:
    """Whether `file` could be locked for this process. Where there is no flock there is one process, so it could."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class _Wishes:
    """What the guardian asks for over standard input: a line is a nudge, the end means stop."""

    def __init__(self) -> None:
        self.wake, self.ended = threading.Event(), threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while os.read(0, 4096):
            self.wake.set()
        self.ended.set()
        self.wake.set()

    def wait(self, seconds: float) -> None:
        self.wake.wait(seconds)
        self.wake.clear()


def follow(data: Path, delay: float) -> None:
    """Publish what the archive has, again and again, until standard input ends."""
    from index.writer import WriterBusyError

    wishes = _Wishes()
    indexer = indexer_of(load_settings({"data": data}))
    while not wishes.ended.is_set():
        try:
            indexer.catch_up()
        except WriterBusyError:         # a command is indexing; what it leaves is done in the next round
            _log.debug("indexing waits for another process")
        except (OSError, sqlite3.OperationalError) as error:    # the disk; the next round may find it mended
            _log.error("indexing waits: %s", error)
        wishes.wait(delay)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    follow(Path(sys.argv[1]), float(sys.argv[2]))
