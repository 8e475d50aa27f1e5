"""A cluster for the tests, if there is one: OPENSEARCH_TEST_NODES are its nodes (`make test-opensearch` starts it)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a cluster nothing here runs, and the reason is told."""
    if not os.environ.get("OPENSEARCH_TEST_NODES"):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip("needs an OpenSearch cluster: make test-opensearch"))


@pytest.fixture(scope="session")
def urls() -> tuple[str, ...]:
    """The nodes of the cluster."""
    return tuple(os.environ["OPENSEARCH_TEST_NODES"].split(","))


@pytest.fixture(scope="module")
def prefix(urls: tuple[str, ...], request: pytest.FixtureRequest) -> Iterator[str]:
    """A prefix of indexes for one module of tests; what stands under it goes afterwards."""
    from opensearchpy import OpenSearch

    name = f"test-{request.module.__name__.replace('_', '-')}"
    client = OpenSearch(list(urls))
    client.indices.delete(f"{name}-*", ignore_unavailable=True)
    yield name
    client.indices.delete(f"{name}-*", ignore_unavailable=True)
    client.indices.delete_index_template(f"{name}-articles", ignore=[404])
    client.close()
