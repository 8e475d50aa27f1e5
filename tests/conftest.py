"""Fixtures and settings shared by all tests."""

import os

import pytest
from hypothesis import Phase, settings

from index.names.registry import Names

settings.register_profile("exonym", deadline=None, print_blob=True, derandomize="CI" in os.environ,
                          phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile("exonym")


@pytest.fixture(scope="session")
def all_names() -> Names:
    """Our names and the gazetteer, loaded once: it takes seconds."""
    return Names.load()
