"""ClusterIndexer: follows the archive's log and publishes generations of the index on a cluster. One a data folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.folder import DataFolder
from index.kept_stories import KeptStories, reconcile
from index.lock import writer_lock
from index.names.registry import Names
from index.names_in_use import NamesInUse
from index.opensearch import mapping as m
from index.opensearch.building import Built, Run, word_actions, write_all
from index.opensearch.bulk import Action, send
from index.opensearch.cluster import Cluster, ClusterSettings, ClusterState
from index.stories import Stories, StoriesError, story_number
from index.writer import ANALYSIS, IndexReport, Progress

PARALLEL_FROM = 2_000
"""So many articles at once are written by several processes."""
LARGEST_RUN = 2_000
KNOWN_WORDS = 2_000_000
"""Words remembered as written, so that they are not sent again (about 150 bytes each)."""

_log = logging.getLogger("exonym.indexing")


class ClusterIndexer:
    """Brings an index on a cluster up to the archive of a data folder."""

    def __init__(self, data: Path, settings: ClusterSettings, names: Names | None = None,
                 processes: int | None = None) -> None:
        """`names`: those of this folder, where they are loaded already. `processes`: how many analyse at once when
        many articles have come (None: one a core, at most eight). Raises ClusterError without a client library."""
        self._data, self._settings = DataFolder(data), settings
        self._processes = processes if processes is not None else min(os.cpu_count() or 1, 8)
        self._data.index.mkdir(parents=True, exist_ok=True)
        self._archive = Archive(self._data.archive)
        self._cluster = Cluster(settings)
        self._names, self._stories = NamesInUse(self._data, names), KeptStories(self._data)
        self._words: tuple[str, set[str]] = ("", set())     # index of words, and what it is known to hold

    def close(self) -> None:
        """Close connections and the file of stories."""
        self._stories.close()
        self._cluster.close()
        self._archive.close()

    def catch_up(self, progress: Progress | None = None) -> IndexReport:
        """Index what the archive's log holds beyond the published generation, and publish.

        An index of another archive, made with other names, another analysis or another format, or one that the log
        does not reach back to, is made anew while the old one keeps serving. Raises WriterBusyError, ClusterError.
        """
        with writer_lock(self._data):
            try:
                state, names = self._cluster.state(), self._names.take_up()
                made_of = (state.names, state.analysis, state.archive, state.format)
                if made_of == (names, ANALYSIS, self._archive.identity(), m.FORMAT) and self._reaches(state):
                    with suppress(StoriesError):
                        return self._follow(state, progress)
                return self._rebuild(state, progress)
            except BaseException:
                self._forget()
                raise

    def reindex(self, progress: Progress | None = None) -> IndexReport:
        """Make the whole index anew from the archive; the old one serves until the new one is published."""
        with writer_lock(self._data):
            try:
                return self._rebuild(self._cluster.state(), progress)
            except BaseException:
                self._forget()
                raise

    def verify(self) -> list[str]:
        """Whether the cluster has the published indexes, with as many articles as were published; if not, make them
        anew. Returns what was wrong. Raises WriterBusyError, ClusterError."""
        with writer_lock(self._data):
            state = self._cluster.state()
            if not state.generation:
                return []
            found = [] if self._reaches(state) else ["the published index is not there, or not of this archive"]
            if not found:
                counted = self._cluster.attempt(lambda: self._cluster.client.count(index=state.articles_index))["count"]
                if counted != state.articles:
                    found = [f"{counted:,} articles on the cluster, not {state.articles:,}"]
            if found:
                _log.error("the index is made anew: %s", "; ".join(found))
                self._rebuild(state, None)
            return found

    def _forget(self) -> None:
        """After a failure nothing half done stays in memory."""
        self._stories.close()
        self._words = ("", set())

    def _reaches(self, state: ClusterState) -> bool:
        """Whether the log still holds all that came after the published generation, and the index is there."""
        behind = self._archive.position() - state.position
        exists = self._cluster.attempt(lambda: self._cluster.client.indices.exists(state.articles_index))
        return bool(exists) and behind >= 0 and behind == self._archive.waiting(state.position)

    def _follow(self, state: ClusterState, progress: Progress | None) -> IndexReport:
        changes = self._archive.changes(state.position)
        if not changes.added and not changes.removed:
            return IndexReport(state.generation, 0, 0, rebuilt=False)
        stories = self._stories.open(lambda opened: self._mend(opened, state))
        gone = {article.id for article in self._archive.versions(list(changes.removed)).values()}
        stories.remove(changes.removed)
        coming, layers = self._build(changes.added, state, stories, progress)
        send(self._cluster, (Action("delete", state.articles_index, m.document_id(id))
                             for id in sorted(gone - set(coming.values()))))
        self._publish(replace(state, generation=state.generation + 1, position=changes.upto,
                              layers=max(state.layers, layers)))
        return IndexReport(state.generation + 1, len(changes.added), len(changes.removed), rebuilt=False)

    def _rebuild(self, state: ClusterState, progress: Progress | None) -> IndexReport:
        generation = max(state.generation, self._archive.generation()) + 1
        position, numbers = self._archive.snapshot()
        names = self._names.take_up()
        stories = self._stories.begin_anew()
        new = replace(state, generation=generation, position=position, names=names, analysis=ANALYSIS,
                      archive=self._archive.identity(), format=m.FORMAT,
                      articles_index=f"{self._cluster.alias}-{generation:06d}",
                      words_index=f"{self._settings.prefix}-words-{generation:06d}")
        self._make_indexes(new)
        _, layers = self._build(numbers, new, stories, progress)
        self._publish(replace(new, layers=layers))
        return IndexReport(generation, len(numbers), 0, rebuilt=state.generation > 0)

    def _make_indexes(self, state: ClusterState) -> None:
        """Empty indexes of a new generation; what a killed writer left under their names goes."""
        indices = self._cluster.client.indices
        self._cluster.attempt(lambda: indices.put_index_template(self._cluster.alias, m.template(self._settings)))
        for name in (state.articles_index, state.words_index):
            self._cluster.attempt(lambda name=name: indices.delete(name, ignore=[404]))  # type: ignore[misc]
        self._cluster.attempt(lambda: indices.create(state.articles_index))
        self._cluster.attempt(lambda: indices.create(state.words_index, m.words_body(self._settings)))

    def _build(self, numbers: Sequence[int], state: ClusterState, stories: Stories, progress: Progress | None
               ) -> tuple[dict[int, str], int]:
        """Write these versions; number → article id, and the most layers of names."""
        if self._words[0] != state.words_index or len(self._words[1]) > KNOWN_WORDS:
            self._words = (state.words_index, set())
        written: dict[int, str] = {}
        layers = 0
        for built in self._runs(numbers, state.articles_index):
            written |= built.articles
            layers = max(layers, built.layers)
            report = built.report
            report.add(send(self._cluster, word_actions(built, *self._words)))
            for id, reason in report.refused:
                _log.error("the cluster refused document %s: %s", id, reason)
            stories.add_missing(built.fingerprints)
            if progress is not None:
                progress(len(written), len(numbers))
        return written, layers

    def _runs(self, numbers: Sequence[int], index: str) -> Iterator[Built]:
        several = self._processes > 1 and len(numbers) >= PARALLEL_FROM
        size = min(LARGEST_RUN, -(-len(numbers) // (2 * self._processes))) if several else LARGEST_RUN
        runs = [numbers[start : start + size] for start in range(0, len(numbers), max(size, 1))]
        if several:
            yield from write_all(self._data.path, self._settings, runs, index, self._processes)
            return
        run = Run(self._archive, self._cluster, self._names.analyzer)
        for part in runs:
            yield run.write(part, index)

    def _publish(self, state: ClusterState) -> None:
        stories = self._stories.now
        send(self._cluster, story_actions(stories, state.articles_index))
        client, settings = self._cluster.client, self._settings
        both = [state.articles_index, state.words_index]
        self._cluster.attempt(lambda: client.indices.refresh(",".join(both)))
        count = self._cluster.attempt(lambda: client.count(index=state.articles_index))["count"]
        self._names.keep()
        self._cluster.publish(replace(state, articles=count))
        self._cluster.attempt(lambda: client.indices.update_aliases({"actions": [
            {"remove": {"index": f"{self._cluster.alias}-*", "alias": self._cluster.alias}},
            {"add": {"index": state.articles_index, "alias": self._cluster.alias}}]}))
        stories.publish(_publication(state))
        self._archive.purge(state.position, state.generation)
        self._sweep(settings, both)

    def _sweep(self, settings: ClusterSettings, kept: Sequence[str]) -> None:
        """Remove the indexes of generations before; a reader that is still at one begins anew with the newest."""
        client = self._cluster.client
        pattern = f"{settings.prefix}-articles-*,{settings.prefix}-words-*"
        found = self._cluster.attempt(lambda: client.indices.get_settings(pattern, ignore_unavailable=True))
        for name in found:
            if name not in kept:
                self._cluster.attempt(lambda name=name: client.indices.delete(name, ignore=[404]))  # type: ignore[misc]

    def _mend(self, stories: Stories, state: ClusterState) -> None:
        """Make the stories those of exactly the published articles, where a killed writer left them otherwise: the live
        ones but for what came since."""
        if stories.believe(_publication(state)):
            return
        changes = self._archive.changes(state.position)
        published = (set(self._archive.live_numbers()) - set(changes.added)) | set(changes.removed)
        reconcile(stories, np.array(sorted(published), np.int64), self._archive, lambda: self._names.analyzer)


def story_actions(stories: Stories, index: str) -> Iterator[Action]:
    """What tells the documents of an index their stories: those that differ from what was told them, or all where that
    is not known. A document is written as alone in its story."""
    changed = stories.changed()
    told = zip(changed.numbers.tolist(), changed.stories.tolist(), strict=True)
    alone = np.setdiff1d(stories.numbers(), changed.numbers).tolist() if changed.is_all else []
    for number, story in chain(told, ((number, 0) for number in alone)):
        article = stories.article(number)
        body = {m.STORY: f"{story or story_number(article):016x}", m.SHARED: f"{story:016x}" if story else None}
        yield Action("update", index, m.document_id(article), body)


def _publication(state: ClusterState) -> str:
    """What the stories call a generation."""
    return f"{state.articles_index} {state.generation}"
