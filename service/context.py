"""Context: what every request handler works with, made once for an app."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from index.archive import Archive
from search.searcher import Searcher
from service.indexing import Indexing
from service.keys import Keys
from service.results import Results
from service.saved import SavedSearches
from service.security import RateLimit
from service.settings import Settings

EXTENSION = "exonym"


@dataclass(frozen=True, slots=True)
class Context:
    """The settings and the long-lived objects of one service process."""

    settings: Settings
    archive: Archive
    searcher: Searcher
    indexing: Indexing
    keys: Keys
    limit: RateLimit
    results: Results
    saved: SavedSearches


def context() -> Context:
    """The context of the app that answers the current request."""
    found: Context = current_app.extensions[EXTENSION]
    return found
