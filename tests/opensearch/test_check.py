"""`exonym check` on a cluster finds what was taken away, changed or mixed up there, and what it says mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.opensearch import mapping as m
from index.opensearch.cluster import Cluster, ClusterSettings
from index.opensearch.inspection import look
from index.opensearch.writer import ClusterIndexer
from service.cli import main

ARTICLES = [Article(f"a{number}", f"Talks {number}", "They went on in Kyiv.") for number in range(30)]
Break = Callable[[Cluster], object]


@pytest.fixture
def settings(urls: tuple[str, ...], prefix: str) -> ClusterSettings:
    return ClusterSettings(urls, prefix, replicas=0)


@pytest.fixture
def archive(settings: ClusterSettings, tmp_path: Path, all_names: Names) -> Archive:
    """Thirty articles, published, and one that waits."""
    found = Archive(DataFolder(tmp_path).archive)
    found.put(ARTICLES)
    indexer = ClusterIndexer(tmp_path, settings, all_names, processes=1)
    indexer.reindex()
    indexer.close()
    found.put([Article("late", "Late", "Not indexed yet.")])
    return found


def parts(settings: ClusterSettings, archive: Archive) -> list[tuple[str, str]]:
    return [(finding.part, finding.what) for finding in look(settings, archive).findings]


def _without_one(cluster: Cluster) -> None:
    cluster.client.delete(cluster.state().articles_index, m.document_id("a7"), params={"refresh": "true"})


def _older_version(cluster: Cluster) -> None:
    cluster.client.update(cluster.state().articles_index, m.document_id("a7"), {"doc": {m.NUMBER: 99_999}},
                          params={"refresh": "true"})


def _one_too_many(cluster: Cluster) -> None:
    index = cluster.state().articles_index
    document = cluster.client.get(index, m.document_id("a7"))["_source"]
    cluster.client.index(index, {**document, m.NUMBER: 99_999}, id="stranger", params={"refresh": "true"})


def _no_words(cluster: Cluster) -> None:
    cluster.client.indices.delete(cluster.state().words_index)


def _alias_elsewhere(cluster: Cluster) -> None:
    state = cluster.state()
    cluster.client.indices.update_aliases({"actions": [
        {"remove": {"index": state.articles_index, "alias": cluster.alias}},
        {"add": {"index": state.words_index, "alias": cluster.alias}}]})


def _no_template(cluster: Cluster) -> None:
    cluster.client.indices.delete_index_template(cluster.alias)


def test_a_whole_index_is_well_and_what_waits_is_no_fault(settings: ClusterSettings, archive: Archive) -> None:
    seen = look(settings, archive)
    assert seen.findings == ()
    assert (seen.articles, archive.waiting(seen.position or 0)) == (30, 1)


@pytest.mark.parametrize(("break_it", "told"), [
    pytest.param(_without_one, ("29 articles, and the archive 30", "1 of 30 articles looked up are not"), id="missing"),
    pytest.param(_older_version, ("1 of 30 articles looked up are on", "1 of 30 articles on the"), id="version"),
    pytest.param(_one_too_many, ("31 articles, and the archive 30", "1 of 31 articles on the cluster"), id="extra"),
    pytest.param(_no_words, ("-words-",), id="words"),
    pytest.param(_alias_elsewhere, ("the alias",), id="alias"),
    pytest.param(_no_template, ("the index template",), id="template"),
])
def test_what_is_wrong_is_told_and_reindexing_mends_it(
        settings: ClusterSettings, archive: Archive, tmp_path: Path, all_names: Names, break_it: Break,
        told: tuple[str, ...]) -> None:
    cluster = Cluster(settings)
    break_it(cluster)
    cluster.close()
    found = [what for _, what in parts(settings, archive)]
    assert len(found) == len(told)
    assert [words for words, what in zip(told, found, strict=True) if words not in what] == []
    indexer = ClusterIndexer(tmp_path, settings, all_names, processes=1)
    indexer.reindex()
    indexer.close()
    assert parts(settings, archive) == []


def test_an_archive_that_was_never_published_there_is_told_to_copy(urls: tuple[str, ...], tmp_path: Path) -> None:
    Archive(DataFolder(tmp_path).archive).put(ARTICLES[:1])
    at = {"EXONYM_ENGINE": "opensearch", "EXONYM_OPENSEARCH_URL": urls[0], "EXONYM_OPENSEARCH_PREFIX": "test-nobody"}
    done = CliRunner().invoke(main, ["check", "--json", "--data", str(tmp_path)], env=at)
    assert done.exit_code == 1, done.output
    (finding,) = json.loads(done.stdout)["findings"]
    assert "nothing is published" in finding["what"]
    assert "exonym copy --to opensearch" in finding["do"]


def test_another_archive_under_the_same_prefix_is_told(settings: ClusterSettings, archive: Archive, tmp_path: Path
                                                       ) -> None:
    other: Any = Archive(tmp_path / "other.sqlite")
    other.put(ARTICLES)
    assert [what for _, what in parts(settings, other)] == ["the index was made from another archive"]
