"""A console over the sample newsroom, shared by the tests of the documents."""

from collections.abc import Iterator

import pytest

from index.names.registry import Names
from tests.docs.console import Console, newsroom


@pytest.fixture(scope="module")
def console(all_names: Names) -> Iterator[Console]:
    """A console in a folder of its own; what one example leaves there, the next finds."""
    with newsroom(all_names) as made:
        yield made
