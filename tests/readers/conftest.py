"""Small inputs written into the test's folder and read with every limit and option at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.article import Article, Reject
from index.readers import ReadOptions, read


class Reading:
    """What came out of an input: articles and rejects apart."""

    def __init__(self, found: list[Article | Reject]) -> None:
        self.articles = [item for item in found if isinstance(item, Article)]
        self.rejects = [item for item in found if isinstance(item, Reject)]

    @property
    def titles(self) -> list[str]:
        return [article.title for article in self.articles]

    @property
    def reasons(self) -> list[str]:
        return [reject.reason for reject in self.rejects]


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Reading]:
    """reading(name, content, **options): the content written under that name and read."""
    def run(name: str, content: str | bytes, **options: Any) -> Reading:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Reading(list(read([str(path)], ReadOptions(**options))))
    return run
