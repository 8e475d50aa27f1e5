"""A life: a process that takes articles in, indexes, merges, publishes and does one kind of upkeep until it is killed.

Writers reach it over sockets that it inherits, one thread each: a JSON line is a transaction, a line is its answer.
It says "ready" when it begins. Started by `tests.torture.lives`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import index.merging
import index.stories.holders
import index.writer
from index.archive import Archive
from index.article import article_from_record
from index.backup import back_up, restore
from index.folder import DataFolder
from index.writer import Indexer

PAUSE = 0.02                # seconds between two rounds
ACTIVITIES = ("follow", "aside", "reindex", "parallel", "backup", "restore")


def take_in(archive: Archive, channel: socket.socket) -> None:
    """Answer one writer; when it goes, this process goes."""
    with channel.makefile("rwb") as stream:
        for line in stream:
            request = json.loads(line)
            if "put" in request:
                archive.put([article_from_record(record) for record in request["put"]])
            else:
                archive.delete(request["delete"])
            stream.write(b"done\n")
            stream.flush()
    os._exit(0)


def live(data: Path, side: Path, activity: str) -> None:
    """Do the one kind of upkeep, and catch up, for ever."""
    if activity == "parallel":
        index.writer.PARALLEL_FROM = 20
    index.stories.holders.FILED = 500           # a few articles' keys, so that files of keys are written and merged
    index.merging.ASIDE = 1
    indexer = Indexer(data, merge_factor=3, processes=2 if activity == "parallel" else 1,
                      aside=ThreadPoolExecutor(1) if activity == "aside" else None)
    while True:
        match activity:
            case "reindex":
                indexer.reindex()
            case "parallel":
                try:
                    indexer.reindex()
                except OSError:             # its worker has been killed: so is it
                    os.kill(os.getpid(), signal.SIGKILL)
            case "backup":
                back_up(DataFolder(data), side / "news.backup")
            case "restore":
                restore(DataFolder(data), side / "quiet.backup", force=True)
        indexer.catch_up()
        threading.Event().wait(PAUSE)


def main() -> None:
    """Begin."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("side", type=Path)
    parser.add_argument("activity", choices=ACTIVITIES)
    parser.add_argument("sockets", type=int, nargs="*")
    given = parser.parse_args()
    archive = Archive(DataFolder(given.data).archive)
    for descriptor in given.sockets:
        threading.Thread(target=take_in, args=(archive, socket.socket(fileno=descriptor)), daemon=True).start()
    print("ready", flush=True)
    live(given.data, given.side, given.activity)


if __name__ == "__main__":
    main()
