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
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from index.archive import Archive, ArchiveError
from index.folder import DataFolder
from index.manifest import ManifestError
from index.names.authority import NamesError
from service.engines import Publication, handed_on, indexer_of
from service.logs import configure_logs
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from service.engines import ArchiveFollower

LOCK = "indexing.lock"
RETRY = 1.0                 # seconds between attempts to get the lock, and before a child is started again
LONGEST_WAIT = 15.0         # seconds between attempts to index while something is in the way
VERIFY_EVERY = 86_400.0     # seconds between two readings of the whole index
VERIFY_SHARE = 20           # of the time at most one part in so many is spent reading an index that is suspected
SUSPECT_EVERY = 5.0         # seconds between two suspicions of one process
FAULT_BYTES = 1024          # the file that says what is in the way has this length always, so that a full disk takes it
_log = logging.getLogger("exonym.indexing")


class Indexing:
    """The guardian of one service process."""

    def __init__(self, data: DataFolder, archive: Archive, settings: Settings) -> None:
        self.data, self.archive, self.delay = data, archive, settings.index_delay
        self._settings, self._publication = settings, Publication(settings)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._suspected = float("-inf")
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
        """Up to where in the archive's log the published generation goes; 0 when it has to be made anew."""
        try:
            return self._publication.position()
        except ManifestError:
            return 0

    def waiting(self) -> int:
        """How many changes of the archive are not yet in the published generation."""
        return self.archive.waiting(self.position())

    def fault(self) -> str | None:
        """Why indexing does not get on, if the indexer said so."""
        try:
            return self.data.indexing_fault.read_text("utf-8", "replace").strip() or None
        except OSError:
            return None

    def suspect(self) -> None:
        """Have the indexer look through the index, and make it anew if it is damaged."""
        now = time.monotonic()
        if now - self._suspected > SUSPECT_EVERY:
            self._suspected = now
            _mark(self.data.suspect)

    def _close(self) -> None:
        child = self._child
        if child is not None and child.stdin is not None:
            child.stdin.close()

    def _guard(self) -> None:
        while not self._stopping.is_set():
            try:
                with (self.data.path / LOCK).open("ab") as lock:
                    if locked(lock):
                        self._run()
            except OSError as error:            # a disk that cannot be written to; it may be mended
                _log.error("the indexer cannot be started: %s", error)
            self._stopping.wait(RETRY)

    def _run(self) -> None:
        """Start the child and wait for its end."""
        command = [sys.executable, "-m", "service.indexing", str(self.data.path), str(self.delay)]
        self._child = child = subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0,  # noqa: S603
                                               env=os.environ | handed_on(self._settings))
        if self._stopping.is_set():
            self._close()
        code = child.wait()
        self._child = None
        if not self._stopping.is_set():
            _log.warning("the indexer ended with status %s; it is started again", code)


def _mark(path: Path) -> None:
    try:
        path.touch()
    except OSError:                     # nothing could be mended on this disk anyway
        _log.warning("the index is suspected, but %s cannot be written", path)


def _write(stream: IO[bytes]) -> None:
    try:
        stream.write(b"\n")
    except (OSError, ValueError):       # the child has ended, or is being ended
        _log.debug("the indexer could not be nudged")


def locked(file: BinaryIO) -> bool:
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
    wishes = _Wishes()
    settings = load_settings({"data": data})
    with ThreadPoolExecutor(1, "merging") as aside, closing(
            Follower(DataFolder(data), wishes.ended, partial(indexer_of, settings, aside))) as follower:
        while not wishes.ended.is_set():
            wishes.wait(delay if follower.work() else min(
                LONGEST_WAIT, max(RETRY, delay) * 2 ** min(follower.failures, 9)))


class _Ended(Exception):  # noqa: N818 (no error)
    """The service stops: what is not published yet is left to the next start."""


class Follower:
    """Catches up; says in the data folder what is in the way, and tries again; mends an index that is damaged."""

    def __init__(self, data: DataFolder, ended: threading.Event, make: Callable[[], ArchiveFollower] | None = None
                 ) -> None:
        """`make`: what brings the index up (None: the index in the data folder)."""
        self.data, self.failures, self._ended = data, 0, ended
        self._make = make
        self._indexer: ArchiveFollower | None = None
        self._said: str | None = None
        self._verified, self._took = float("-inf"), 0.0        # when the index was read last, and how long it took

    def close(self) -> None:
        """Give up what is not done."""
        if self._indexer is not None:
            self._indexer.close()

    def work(self) -> bool:
        """One round; whether nothing was in the way."""
        from index.writer import WriterBusyError

        try:
            self._catch_up()
        except WriterBusyError:         # a command is indexing; what it leaves is done in the next round
            _log.debug("indexing waits for another process")
        except _Ended:
            return True
        except sqlite3.Error as error:
            self._say(f"{error}: is the disk full or damaged that holds {self.data.path}?")
            return False
        except (OSError, NamesError, ArchiveError, MemoryError) as error:
            self._say(str(error) or type(error).__name__)
            return False
        except Exception as error:      # the outermost edge: an index that is damaged unseen may raise anything
            _log.exception("indexing failed")
            _mark(self.data.suspect)
            self._say(f"{type(error).__name__}: {error}")
            return False
        self._say("")
        return True

    def _catch_up(self) -> None:
        from index.writer import Indexer

        if self._indexer is None:
            self._indexer = self._make() if self._make is not None else Indexer(self.data.path)
        if self._suspicious():
            self._verify()
        self._indexer.catch_up(self._progress)
        if time.monotonic() - self._verified > VERIFY_EVERY:
            self._verify()

    def _progress(self, done: int, total: int) -> None:
        if self._ended.is_set():
            raise _Ended

    def _suspicious(self) -> bool:
        return self.data.suspect.exists() and time.monotonic() - self._verified > VERIFY_SHARE * self._took

    def _verify(self) -> None:
        assert self._indexer is not None
        self.data.suspect.unlink(missing_ok=True)
        begin = time.monotonic()
        self._indexer.verify()
        self._verified = time.monotonic()
        self._took = self._verified - begin

    def _say(self, fault: str) -> None:
        """Write down what is in the way. In place, because there may be no room for another file."""
        self.failures = self.failures + 1 if fault else 0
        if fault:
            _log.error("indexing waits: %s", fault)
        if fault == self._said:
            return
        words = " ".join(fault.split()).encode()[: FAULT_BYTES - 1]
        try:
            with open(os.open(self.data.indexing_fault, os.O_WRONLY | os.O_CREAT, 0o644), "wb") as file:
                file.write(words.ljust(FAULT_BYTES - 1) + b"\n")
            self._said = fault
        except OSError:
            _log.debug("%s cannot be written to", self.data.path)


if __name__ == "__main__":
    _settings = load_settings({"data": Path(sys.argv[1])})
    configure_logs(_settings.log_format, _settings.log_level)
    follow(Path(sys.argv[1]), float(sys.argv[2]))
