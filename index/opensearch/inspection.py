"""Inspection of an index on a cluster: whether what is published is there and agrees with the archive.

Counts are of everything; which articles there are, and in which version, is compared for SAMPLE of them, from the
archive's side and from the cluster's, since reading a hundred million documents would take the cluster hours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.archive import Archive
from index.inspection import TRIES, Finding, Look
from index.opensearch import mapping as m
from index.opensearch.cluster import Cluster, ClusterError, ClusterSettings, ClusterState

SAMPLE = 1000
_REINDEX = "`exonym reindex` makes the index anew; a running service does so by itself when articles are missing"
_REACH = "see that the cluster runs, and that opensearch_url, opensearch_user and opensearch_password are right"


def look(settings: ClusterSettings, archive: Archive) -> Look:
    """Hold what is published on a cluster against an archive."""
    try:
        cluster = Cluster(settings)
        cluster.state(tries=1)              # who asks what is wrong wants to hear it now
        for _ in range(TRIES):
            state = cluster.state()
            found = tuple(_findings(cluster, archive, state))
            if not found or cluster.state() == state:
                break
        cluster.close()
    except ClusterError as error:
        return Look(findings=(Finding("cluster", str(error), _REACH),))
    return Look(state.articles, state.generation, position=state.position, findings=found)


def _findings(cluster: Cluster, archive: Archive, state: ClusterState) -> Iterator[Finding]:
    if not state.generation:
        if len(archive):
            yield Finding("index", f"nothing is published under {cluster.settings.prefix!r} on the cluster",
                          "`exonym copy --to opensearch` makes the index")
        return
    gone = [name for name in (state.articles_index, state.words_index)
            if not cluster.attempt(lambda name=name: cluster.client.indices.exists(name))]  # type: ignore[misc]
    yield from (Finding("index", f"{name} is not on the cluster", _REINDEX) for name in gone)
    yield from _about(cluster, state)
    if not gone:
        yield from (Finding("agreement", what, _REINDEX) for what in _disagreement(cluster, archive, state))


def _about(cluster: Cluster, state: ClusterState) -> Iterator[Finding]:
    """What is wrong with format, template and alias."""
    if state.format != m.FORMAT:
        yield Finding("index", f"it is of format {state.format}, and this version of Exonym writes format {m.FORMAT}",
                      _REINDEX)
    indices = cluster.client.indices
    found = cluster.attempt(lambda: indices.get_index_template(cluster.alias, ignore=[404]))
    versions = [row["index_template"].get("version") for row in found.get("index_templates", ())]
    if versions != [m.FORMAT]:
        told = f"is of version {versions[0]}, not {m.FORMAT}" if versions else "is not on the cluster"
        yield Finding("index", f"the index template {cluster.alias} {told}", "`exonym reindex` writes it")
    aliases = cluster.attempt(lambda: indices.get_alias(name=cluster.alias, ignore=[404]))
    named = sorted(name for name, row in aliases.items() if isinstance(row, dict) and "aliases" in row)
    if named != [state.articles_index]:
        yield Finding("index", f"the alias {cluster.alias} names {', '.join(named) or 'nothing'}, not "
                               f"{state.articles_index}: other programs that use it read something else",
                      "`exonym reindex` sets it")


def _disagreement(cluster: Cluster, archive: Archive, state: ClusterState) -> Iterator[str]:
    """Where the cluster does not hold the articles that the archive had at the published position of its log."""
    if state.archive != archive.identity():
        yield "the index was made from another archive"
        return
    behind = archive.position() - state.position
    if behind < 0:
        yield "the index knows more changes than the archive, which must be an older copy"
        return
    if behind != archive.waiting(state.position):
        yield "the archive's log no longer reaches back to the index: another engine has followed it since"
        return
    wanted = archive.indexed(state.position)
    count = cluster.attempt(lambda: cluster.client.count(index=state.articles_index))["count"]
    if count != len(wanted):
        yield f"the cluster holds {count:,} articles, and the archive {len(wanted):,}"
    yield from _sampled(cluster, wanted, state)


def _sampled(cluster: Cluster, wanted: dict[int, str], state: ClusterState) -> Iterator[str]:
    """What is wrong with a sample of the articles (`wanted`: version number → id)."""
    numbers = list(wanted)
    chosen = [numbers[at] for at in np.linspace(0, len(numbers) - 1, min(SAMPLE, len(numbers))).astype(int).tolist()]
    if chosen:
        ids = [m.document_id(wanted[number]) for number in chosen]
        rows = cluster.attempt(lambda: cluster.client.mget(
            body={"ids": ids}, index=state.articles_index, params={"_source": m.NUMBER}))["docs"]
        held = [row["_source"][m.NUMBER] if row.get("found") else None for row in rows]
        missing = held.count(None)
        other = sum(one is not None and one != number for one, number in zip(held, chosen, strict=True))
        if missing:
            yield f"{missing:,} of {len(chosen):,} articles looked up are not on the cluster"
        if other:
            yield f"{other:,} of {len(chosen):,} articles looked up are on the cluster in another version"
    query: dict[str, object] = {"function_score": {"query": {"match_all": {}}, "random_score": {}}}
    hits = cluster.attempt(lambda: cluster.client.search(
        index=state.articles_index, body={"size": SAMPLE, "_source": [m.NUMBER], "query": query}))["hits"]["hits"]
    extra = sum(hit["_source"][m.NUMBER] not in wanted for hit in hits)
    if extra:
        yield f"{extra:,} of {len(hits):,} articles on the cluster are not in the archive, or in another version"
