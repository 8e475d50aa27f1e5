"""The commands on a cluster: an archive is copied there, searched there, and goes on there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import main

SEEDS = Path(__file__).parents[2] / "seeds"
Run = Callable[..., Any]


@pytest.fixture
def run(urls: tuple[str, ...], prefix: str, tmp_path: Path) -> Run:
    """Runs a command over one data folder; its JSON. `engine`: as the settings name it."""
    cluster = {"EXONYM_OPENSEARCH_URL": ",".join(urls), "EXONYM_OPENSEARCH_PREFIX": prefix,
               "EXONYM_OPENSEARCH_REPLICAS": "0", "EXONYM_DATA": str(tmp_path)}

    def call(*words: str, engine: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--json"], env=cluster | {"EXONYM_ENGINE": engine})
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return call


def found(answer: dict[str, Any]) -> object:
    """What two engines must agree on."""
    return answer["total"], answer["stories"], answer["facets"], answer["expansions"], {
        hit["id"]: (hit["snippet"], hit["matched"], hit["entities"], hit["story"]) for hit in answer["hits"]}


def test_an_archive_moves_to_a_cluster_and_goes_on_there(run: Run, tmp_path: Path) -> None:
    run("index", str(SEEDS), engine="embedded")
    copied = run("copy", "--to", "opensearch", engine="embedded")
    whole = ("search", "Kiev", "--size", "100", "--sort", "newest")
    before = run(*whole, engine="embedded")
    assert copied["articles"] == before["index"]["articles"]
    assert found(run(*whole, engine="opensearch")) == found(before)
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"id": "late", "title": "Talks in Київ", "text": "Nothing else."}), "utf-8")
    assert run("index", str(more), engine="opensearch")["added"] == 1
    assert run(*whole, engine="opensearch")["total"] == before["total"] + 1
    assert run("delete", before["hits"][0]["id"], engine="opensearch")["deleted"] == 1
    assert run(*whole, engine="opensearch")["total"] == before["total"]
    run("index", str(more), engine="embedded")      # the log that the old index needs is gone: it is made anew
    assert found(run(*whole, engine="embedded")) == found(run(*whole, engine="opensearch"))
