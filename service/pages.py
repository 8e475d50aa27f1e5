"""The pages for readers: search, article, facet, documentation; the feed and the files they need."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound

from index.article import Article
from search.limits import QueryLimitError
from search.request import Group, Interval, Match, SearchRequest, Sort
from search.response import ArticleView
from search.usage import usage
from service import links, presenting, reading
from service.api import no_entity
from service.caching import entity_tag, tagged, unchanged
from service.comparing import compare
from service.context import context
from service.errors import Problem, as_problem
from service.export import xml_text
from service.neighbours import neighbours
from service.portrait import COLUMNS, portrait
from service.schemas import ALL_FACETS, FacetParameters, UsageParameters
from service.security import DOCS_POLICY
from service.ways_on import ways_on

STATIC = Path(__file__).with_name("static")
COPIES = 5                  # copies of a story that a hit names
pages = Blueprint("pages", __name__)


@pages.route("/")
def search() -> Response:
    """The form and, for any parameters, the results. Fields that a form sent empty are taken out of the address."""
    given = _given()
    if len(given) < len(list(request.args.items(multi=True))):
        return Response(status=302, headers={"Location": f"/?{urlencode(given, errors='replace')}" if given else "/"})
    tag = entity_tag()
    known = unchanged(tag)
    if known is not None:
        return known
    try:
        wanted = links.request_from(given)
        if not wanted.q and wanted.sort is Sort.RELEVANCE:
            wanted = replace(wanted, sort=Sort.NEWEST)      # nothing typed: nothing to be relevant to
        found = context().results.search(wanted)
    except (ma.ValidationError, QueryLimitError) as error:
        return _page("search.html", 422, wanted=SearchRequest(q=request.args.get("q", "")[:200]), found=None,
                     problem=as_problem(error))
    stories = dict.fromkeys(hit.story.id for hit in found.hits if hit.story.size > 1)
    copies = {story: context().searcher.copies(story, COPIES + 1) for story in stories}
    chips = presenting.chips(wanted, found)
    ways = ways_on(context().results.search, wanted, found, chips) if not found.total else None
    return tagged(_page("search.html", wanted=wanted, found=found, copies=copies, chips=chips, ways=ways, problem=None),
                  tag)


def _given() -> list[tuple[str, str]]:
    """The parameters of the request; what a form sends empty was not given."""
    return [(name, value) for name, value in request.args.items(multi=True) if value or name not in _EMPTY]


_EMPTY = frozenset(("q", "from", "to", "undated", "sort", "match", "group", "contains", "compare"))


@pages.route("/article/<article_id:article_id>")
def article(article_id: str) -> Response:
    """An article with its entities, its copies and its neighbours in time; `compare=ID`: held against another."""
    view = _view(article_id)
    other = request.args.get("compare")
    if other:
        against = _view(other)
        return _page("compare.html", view=view, other=against, wanted=SearchRequest(),
                     headline=compare(view.article.title, against.article.title),
                     found=compare(view.article.text, against.article.text))
    copies = [copy for copy in context().searcher.copies(view.story.id) if copy.id != article_id]
    return _page("article.html", view=view, title=reading.title_parts(view), text=reading.text_parts(view),
                 groups=reading.by_type(view.entities), wanted=SearchRequest(), copies=copies,
                 beside=neighbours(context().results.search, view))


def _view(article_id: str) -> ArticleView:
    view = context().searcher.article(article_id)
    if view is None:
        raise Problem(404, "There is no article with this id. It may have been deleted.")
    return view


@pages.route("/entity/<article_id:entity_id>")
def entity(entity_id: str) -> Response:
    """An entity: who prints which spelling, when, and with whom it is named."""
    tag = entity_tag()
    known = unchanged(tag)
    if known is not None:
        return known
    within, _ = UsageParameters().load_pairs(_given())
    if "interval" not in request.args:
        within = replace(within, interval=Interval.AUTO)
    with context().results as searcher:
        found = usage(searcher, entity_id, within, COLUMNS)
        listed = searcher.snapshot().names.spellings(entity_id)
    if found is None:
        raise no_entity()
    return tagged(_page("entity.html", found=found, within=within, wanted=SearchRequest(),
                        view=portrait(found, within, listed)), tag)


@pages.route(f"/facet/<any({', '.join(ALL_FACETS)}):facet>")
def facet(facet: str) -> Response:
    """All values of one facet, with a field to search inside it."""
    wanted, contains = FacetParameters().load_pairs(_given())
    wanted = replace(wanted, facet_size=max(wanted.facet_size, 200))
    with context().results as searcher:
        found = searcher.facet(facet, wanted, contains)
    back = replace(wanted, facet_size=10)
    view = presenting.facet_view(back, facet, found)
    return _page("facet.html", view=view, facet=found, contains=contains, wanted=back)


@pages.route("/feed.atom")
def feed() -> Response:
    """The search as an Atom feed, the newest first unless another order is asked for."""
    tag = entity_tag()
    known = unchanged(tag)
    if known is not None:
        return known
    wanted = links.request_from(request.args.items(multi=True))
    if wanted.sort is Sort.RELEVANCE and "sort" not in request.args:
        wanted = replace(wanted, sort=Sort.NEWEST)
    found = context().results.search(replace(wanted, facets=("source",), facet_size=0))
    body = render_template("feed.xml", wanted=wanted, found=found, root=root())
    return tagged(Response(body, content_type="application/atom+xml; charset=utf-8"), tag)


@pages.route("/opensearch.xml")
def opensearch() -> Response:
    """The description with which a browser adds the search."""
    body = render_template("opensearch.xml", root=root())
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")


@pages.route("/docs")
def docs() -> Response:
    """The operations of the API as a plain list."""
    description = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return _page("docs.html", paths=description["paths"], wanted=SearchRequest())


@pages.route("/docs/try")
def try_out() -> Response:
    """Swagger UI, from our own files."""
    response = _page("swagger.html")
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


@pages.route("/static/<path:name>")
def static_file(name: str) -> Response:
    """Styles, scripts and pictures; they may be kept as long as their address holds their digest."""
    if name not in _digests():
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    response = Response((STATIC / name).read_bytes(), mimetype=kind)
    response.set_etag(_digests()[name])
    response.cache_control.max_age = 31_536_000 if "v" in request.args else 3600
    response.make_conditional(request)
    return response


@cache
def _digests() -> dict[str, str]:
    """The digest of every static file, by its name below the folder."""
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    return {path.relative_to(STATIC).as_posix(): hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
            for path in files}


def asset(name: str) -> str:
    """The address of a static file, with its digest."""
    return f"/static/{name}?v={_digests()[name]}"


def root() -> str:
    """Where the service is reached, without a slash at the end."""
    return (context().settings.public_url or request.host_url).rstrip("/")


def _page(template: str, status: int = 200, **values: Any) -> Response:
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")


def hidden(wanted: SearchRequest, *without: str) -> list[tuple[str, str]]:
    """The parameters that a form carries along: those of `wanted` but the page and the form's own fields."""
    return [(name, value) for name, value in links.pairs_of(wanted) if name not in ("page", *without)]


def of_article(item: Article) -> str:
    """A name for an article: its title, or the beginning of its text."""
    return item.title.strip() or " ".join(item.text.split())[:80]


def register_pages(app: Flask) -> None:
    """Add the pages, and what their templates call."""
    names: dict[str, Callable[..., Any] | Any] = {
        "links": links, "presenting": presenting, "asset": asset, "hidden": hidden, "of_article": of_article,
        "Sort": Sort, "Group": Group, "Match": Match, "Interval": Interval}
    app.jinja_env.globals.update(names)
    app.jinja_env.filters.update(number=presenting.number, date_words=presenting.date_words, xml=xml_text)
    app.register_blueprint(pages)
