"""Articles of a view are looked up where loops of C read without looking: what is not there is told before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.articles import Articles
from search.searcher import Searcher


def test_an_article_that_a_view_has_not_is_told(tmp_path: Path, all_names: Names) -> None:
    archive, indexer = Archive(DataFolder(tmp_path).archive), Indexer(tmp_path, names=all_names)
    archive.put([Article(str(number), "Kiev talks", "Kyiv bridge reopened.", "2022-03-01") for number in range(3)])
    indexer.catch_up()
    archive.close()
    generation = Searcher(tmp_path, names=all_names).snapshot().published.generation
    view, = generation.views
    assert len(Articles(generation, view, np.array([0, 2]), None).pairs) == 2, "the three are copies"
    for beyond in ([3], [0, 3], [-1, 2]):
        with pytest.raises(IndexError, match="of 3"):
            Articles(generation, view, np.array(beyond), None)
