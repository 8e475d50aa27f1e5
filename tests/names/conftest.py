"""A small registry of names for the tests: tests/names/sample over the real gazetteer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.analysis.vocabulary import Vocabulary
from index.names.finder import Finder
from index.names.model import NameMatch
from index.names.registry import Names

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture(scope="session")
def sample_names() -> Names:
    """The names of tests/names/sample and the gazetteer."""
    return Names.load(data=SAMPLE)


@pytest.fixture(scope="session")
def found(sample_names: Names) -> Callable[[str], list[NameMatch]]:
    """The matches in a text, by the sample names."""
    vocabulary = Vocabulary()
    finder = Finder(sample_names, vocabulary)
    return lambda text: finder.find(vocabulary.numbers(text))
