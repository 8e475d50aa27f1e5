"""A few examples of every fuzzing target; `make fuzz` goes on for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.names.registry import Names
from index.readers import FORMATS
from tests.fuzz import Fuzz, targets

EXAMPLES = 15


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> Fuzz:
    return Fuzz.over(Path(tmp_path_factory.mktemp("fuzz")), all_names)


@pytest.mark.parametrize("name", ["query", *FORMATS])
def test_whatever_comes_is_answered_or_rejected_with_a_reason(fuzz: Fuzz, name: str) -> None:
    targets(fuzz, EXAMPLES)[name]()
    assert fuzz.examples[name] >= EXAMPLES
