"""Bulk: many small writes in few calls, each with its own result; what the cluster cannot take now is sent again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.opensearch.cluster import PAUSE, Cluster, ClusterError

BULK_BYTES = 6_000_000
BULK_ACTIONS = 2_000
ROUNDS = 8
_LATER = frozenset((429, 503))
_DONE = {"create": (409,), "delete": (404,), "update": (404,), "index": ()}
"""Answers that are as good as done: it is there already, or gone already."""


@dataclass(frozen=True, slots=True)
class Action:
    """One write: `index`, `create`, `update` or `delete` of the document `id`."""

    kind: str
    index: str
    id: str
    body: Mapping[str, Any] | None = None

    def lines(self) -> bytes:
        """The action as a bulk call wants it."""
        head = json.dumps({self.kind: {"_index": self.index, "_id": self.id}})
        if self.body is None:
            return f"{head}\n".encode()
        body = {"doc": self.body} if self.kind == "update" else self.body
        return f"{head}\n{json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n".encode()


@dataclass(slots=True)
class BulkReport:
    """How many writes the cluster took, and which it refused for good: (document id, reason)."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: BulkReport) -> None:
        """Add another report to this one."""
        self.done += other.done
        self.refused += other.refused


def send(cluster: Cluster, actions: Iterable[Action]) -> BulkReport:
    """Write everything. Raises ClusterError when the cluster stays unable to take it."""
    report = BulkReport()
    for part in _parts(actions):
        report.add(_send_part(cluster, part))
    return report


def _parts(actions: Iterable[Action]) -> Iterator[list[tuple[Action, bytes]]]:
    part: list[tuple[Action, bytes]] = []
    size = 0
    for action in actions:
        lines = action.lines()
        if part and (size + len(lines) > BULK_BYTES or len(part) == BULK_ACTIONS):
            yield part
            part, size = [], 0
        part.append((action, lines))
        size += len(lines)
    if part:
        yield part


def _send_part(cluster: Cluster, part: Sequence[tuple[Action, bytes]]) -> BulkReport:
    """Every write is told by itself to be done, refused, or to be made again later."""
    report, waiting = BulkReport(), list(part)

    def call() -> None:
        nonlocal waiting
        answer = cluster.client.bulk(body=b"".join(lines for _, lines in waiting))
        later = []
        for sent, item in zip(waiting, answer["items"], strict=True):
            ((kind, result),) = item.items()
            status = result["status"]
            if status < 300 or status in _DONE[kind]:
                report.done += 1
            elif status in _LATER:
                later.append(sent)
            else:
                report.refused.append((result["_id"], str(result["error"].get("reason"))))
        waiting = later

    for number in range(ROUNDS):
        cluster.attempt(call)
        if not waiting:
            return report
        time.sleep(PAUSE * 2**number)
    raise ClusterError(f"the cluster did not take {len(waiting)} writes: it has too much to do, or too few copies")
