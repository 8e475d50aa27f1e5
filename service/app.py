"""The app factory: everything a service process needs, put together in one place."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from index.archive import Archive
from index.folder import DataFolder
from service.api import ArticleId, FacetName, register_api
from service.caching import register_compression
from service.context import EXTENSION, Context
from service.engines import searcher_of
from service.errors import register_errors
from service.indexing import Indexing
from service.keys import Keys
from service.observing import register_observing
from service.pages import register_pages
from service.results import Results
from service.saved import SavedSearches
from service.saved_pages import register_saved_pages
from service.security import RateLimit, register_security
from service.settings import Settings


def create_app(settings: Settings) -> Flask:
    """An app that serves one data folder. `app.extensions["exonym"]` is its Context; start its indexing to have
    written articles published by this process."""
    folder = DataFolder(settings.data)
    archive = Archive(folder.archive)
    searcher = searcher_of(settings)
    made = Context(settings, archive, searcher, Indexing(folder, archive, settings),
                   Keys(folder.keys, settings.api_key), RateLimit(settings.rate_limit),
                   Results(searcher, settings.limits), SavedSearches(folder.saved))
    app = Flask(__name__, static_folder=None)
    app.extensions[EXTENSION] = made
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.url_map.merge_slashes = False           # ids may hold //
    app.url_map.converters |= {"article_id": ArticleId, "facet_name": FacetName}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, 0, count)  # type: ignore[method-assign]
    # Flask calls after_request handlers last to first: compression is outermost, so registered first.
    register_compression(app)
    register_observing(app)
    register_errors(app)
    register_security(app, settings, made.keys, made.limit)
    register_api(app)
    register_pages(app)
    register_saved_pages(app)
    return app
