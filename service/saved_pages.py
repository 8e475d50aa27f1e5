"""The pages of saved searches: the list with its forms, what is new of one, and the feed of each."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import NotFound

from search.additions import NO_KEYS
from search.request import SearchRequest
from service import links
from service.caching import entity_tag, tagged, unchanged
from service.context import context
from service.pages import root
from service.saved import PAGE, Saved, matching, standing, unseen
from service.saved_access import can_save, demand_change, demand_sight

SHOWN = 50                  # new matches on a page, articles in a feed
saved_pages = Blueprint("saved_pages", __name__)


def one(id: str) -> Saved:
    """The saved search with this id. Raises 404."""
    for saved in context().saved.all():
        if saved.id == id:
            return saved
    raise NotFound("There is no such saved search. It may have been deleted.")


@saved_pages.route("/saved")
def listed() -> Response:
    """All saved searches with what is new, and forms to visit, rename and delete them."""
    demand_sight()
    known = context().saved.all()
    with context().results as searcher:
        rows = standing(searcher, context().saved, known)
    return _page("saved.html", rows=rows, may_change=can_save(), wanted=SearchRequest())


@saved_pages.route("/saved", methods=["POST"])
def save() -> Response:
    """Save the search of the form; what matches now is not new."""
    demand_change()
    query = request.form.get("query", "")
    with context().results as searcher:
        keys = matching(searcher, query)
    context().saved.add(request.form.get("name", ""), query, keys)
    return _go("/saved")


@saved_pages.route("/saved/<id>")
def new(id: str) -> Response:
    """What is new of one search since it was last visited, the latest to arrive first."""
    demand_sight()
    saved = one(id)
    with context().results as searcher:
        found = unseen(searcher, context().saved, saved, SHOWN)
    return _page("saved_new.html", saved=saved, found=found, wanted=saved.request(), may_change=can_save())


@saved_pages.route("/saved/<id>/visit", methods=["POST"])
def visit(id: str) -> Response:
    """Go to the results; what matches now is no longer new."""
    demand_change()
    saved = one(id)
    wanted = saved.request()
    with context().results as searcher:
        context().saved.mark(saved.id, PAGE, searcher.keys(wanted))
    return _go(links.url(wanted))


@saved_pages.route("/saved/<id>/rename", methods=["POST"])
def rename(id: str) -> Response:
    """Give a search the name of the form."""
    demand_change()
    context().saved.rename(one(id).id, request.form.get("name", ""))
    return _go("/saved")


@saved_pages.route("/saved/<id>/delete", methods=["POST"])
def delete(id: str) -> Response:
    """Forget a search."""
    demand_change()
    context().saved.delete(one(id).id)
    return _go("/saved")


@saved_pages.route("/saved/<id>/feed.atom")
def feed(id: str) -> Response:
    """The matches as a feed, the latest to arrive first: an old article that comes late is in it too."""
    saved = one(id)
    tag = entity_tag(saved.name)
    known = unchanged(tag)
    if known is not None:
        return known
    wanted = saved.request()
    with context().results as searcher:
        found = searcher.additions(wanted, NO_KEYS, SHOWN, latest_first=True)
    body = render_template("feed.xml", wanted=replace(wanted, page=1), found=found, root=root(), name=saved.name,
                           own_address=f"/saved/{saved.id}/feed.atom")
    return tagged(Response(body, content_type="application/atom+xml; charset=utf-8"), tag)


def _page(template: str, **values: object) -> Response:
    response = Response(render_template(template, **values), content_type="text/html; charset=utf-8")
    response.cache_control.no_store = True
    return response


def _go(address: str) -> Response:
    return Response(status=303, headers={"Location": address})


def register_saved_pages(app: Flask) -> None:
    """Add the pages."""
    app.jinja_env.globals["can_save"] = can_save
    app.register_blueprint(saved_pages)
