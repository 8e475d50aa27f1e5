"""The same inputs in any order, twice, in pieces, or stopped and begun again: the same archive and the same answers."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.folder import DataFolder
from index.names.registry import Names
from index.readers import ReadOptions
from index.writer import Indexer
from search.request import Group, SearchRequest, Sort
from search.searcher import Searcher
from service.importing import Importer

SEEDS = Path(__file__).parent.parent / "seeds" / "wire.jsonl"
RECORDS = [line for line in SEEDS.read_text("utf-8").splitlines() if line][:60]
"""From the sample newsroom: wire reports with their copies and rewrites in other outlets."""
REQUESTS = [SearchRequest(size=100), SearchRequest("Kiev", size=100),
            SearchRequest("Kiev", group=Group.STORY, size=100),
            SearchRequest("troops OR Zelensky", sort=Sort.NEWEST, size=100)]


def state(folder: DataFolder, names: Names) -> tuple[list[Any], list[Any]]:
    """The articles of the archive and all answers, as values."""
    archive = Archive(folder.archive)
    ids = sorted(json.loads(line)["id"] for line in RECORDS)
    articles = [archive.get(id) for id in ids]
    archive.close()
    searcher = Searcher(folder.path, names=names)
    answers = []
    for request in REQUESTS:
        answer = searcher.search(request)
        hits = [(hit.id, hit.score, hit.story, hit.snippet, hit.matched) for hit in answer.hits]
        answers.append((answer.total, answer.stories, hits, answer.facets, answer.expansions))
    return articles, answers


def run(folder: DataFolder, records: Sequence[str], name: str, names: Names) -> None:
    """`exonym index` on a file of these records."""
    path = folder.path / f"{name}.jsonl"
    path.write_text("\n".join(records), "utf-8")
    Importer(folder, ReadOptions()).read([str(path)])
    Indexer(folder.path, names=names).catch_up()


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> tuple[list[Any], list[Any]]:
    folder = DataFolder(tmp_path_factory.mktemp("once"))
    run(folder, RECORDS, "all", all_names)
    found = state(folder, all_names)
    assert None not in found[0]
    assert found[1][0][:2] != (60, 60)          # there are copies among them
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(RECORDS), pieces=st.lists(st.integers(0, len(RECORDS)), max_size=3),
       twice=st.booleans(), stopped=st.integers(0, len(RECORDS)))
def test_however_articles_arrive_archive_and_answers_are_the_same(
        at_once: tuple[list[Any], list[Any]], all_names: Names, order: list[str], pieces: list[int], twice: bool,
        stopped: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(Path(place))
        half = folder.path / "half.jsonl"       # a run that was stopped: read so far, never indexed
        half.write_text("\n".join(order[:stopped]) + '\n{"id": "cut of', "utf-8")
        Importer(folder, ReadOptions()).read([str(half)])
        edges = [0, *sorted(pieces), len(order)]
        for number, (start, end) in enumerate(itertools.pairwise(edges)):
            run(folder, order[start:end], str(number), all_names)
        if twice:
            run(folder, RECORDS, "again", all_names)
        assert state(folder, all_names) == at_once
