"""Building: the archive's versions as documents on the cluster, by one process or by several at once."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.analysis.analyzer import Analyzer, batches
from index.archive import Archive
from index.folder import DataFolder
from index.names.registry import Names
from index.opensearch import mapping as m
from index.opensearch.bulk import Action, BulkReport, send
from index.opensearch.cluster import Cluster, ClusterSettings
from index.opensearch.documents import Documents
from index.workers import settle

VOCABULARY_LIMIT = 400_000
"""An analyzer is made anew when its vocabulary has more tokens than this (about 400 bytes each)."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a run wrote: its articles' ids and fingerprints (as bytes), the words they print, their entities."""

    numbers: Sequence[int]
    articles: Mapping[int, str]
    fingerprints: Sequence[tuple[int, bytes]]
    words: Sequence[tuple[str, str]]
    name_like: Mapping[str, Sequence[int]]
    entities: Mapping[str, str]
    layers: int
    report: BulkReport


class Run:
    """Writes versions of one archive into one index, with one analyzer."""

    def __init__(self, archive: Archive, cluster: Cluster, analyzer: Analyzer) -> None:
        self._archive, self._cluster, self._analyzer = archive, cluster, analyzer

    def write(self, numbers: Sequence[int], index: str) -> Built:
        """Analyse these versions and write their documents."""
        if len(self._analyzer.vocabulary) > VOCABULARY_LIMIT:
            self._analyzer = Analyzer(self._analyzer.names)
        documents, articles = Documents(self._analyzer), dict[int, str]()
        report = send(self._cluster, self._actions(numbers, index, documents, articles))
        return Built(numbers, articles, [(number, one.to_bytes()) for number, one in documents.fingerprints],
                     documents.words(), documents.name_like(), documents.entities, documents.layers, report)

    def _actions(self, numbers: Sequence[int], index: str, documents: Documents, articles: dict[int, str]
                 ) -> Iterator[Action]:
        for some in batches(self._archive.numbered(numbers)):
            for (number, article), document in zip(some, documents.of_all(some), strict=True):
                articles[number] = article.id
                yield Action("index", index, m.document_id(article.id), document)


def write_all(data: Path, settings: ClusterSettings, runs: Sequence[Sequence[int]], index: str, processes: int
              ) -> Iterator[Built]:
    """Write runs of versions, several at a time; what they wrote in the order of the runs.

    Raises OSError when a process is killed, ClusterError when the cluster cannot take it.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _Worker.start, (data, settings)) as pool:
        try:
            yield from pool.map(_Worker.write, runs, [index] * len(runs))
        except BrokenProcessPool as error:
            raise OSError("a process that was indexing has ended; the next run begins again") from error


class _Worker:
    """What one worker process keeps between runs."""

    run: Run

    @classmethod
    def start(cls, data: Path, settings: ClusterSettings) -> None:
        """Begin a worker process."""
        gc.disable()
        folder = DataFolder(data)
        cls.run = Run(Archive(folder.archive), Cluster(settings), Analyzer(Names.load(folder.names)))
        settle()

    @staticmethod
    def write(numbers: Sequence[int], index: str) -> Built:
        """Write one run in this process."""
        gc.collect()                        # the client's, which may make cycles
        return _Worker.run.write(numbers, index)


def word_actions(built: Built, index: str, known: set[str]) -> Iterator[Action]:
    """What adds the words and entities of a run to the index of words; `known`: those added before, kept up."""
    rows: list[tuple[str, dict[str, Any]]] = [
        (f"w {form}", {"form": form, "term": term}) for form, term in built.words]
    rows += [(f"n {form}", {"name_like": form, "keys": [str(key) for key in keys]})
             for form, keys in built.name_like.items()]
    rows += [(f"e {id}", {"entity": id, "label": label}) for id, label in built.entities.items()]
    for key, body in rows:
        if key not in known:
            known.add(key)
            yield Action("create", index, m.document_id(key), body)
