# mypy: allow-untyped-decorators
"""Saved searches under /api/v1: listed, saved, deleted."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields, validate

from service import payloads
from service.api import PREFIX, Routes
from service.bodies import JSON, media_type, one_record
from service.context import context
from service.saved import NAME_LIMIT, QUERY_LIMIT, matching, standing
from service.saved_access import demand_change, demand_sight
from service.saved_pages import one
from service.schemas import NoParameters

saved_api = Routes("saved", __name__, url_prefix=PREFIX, description="Searches that are kept")


class SaveBody(ma.Schema):
    """A search to be saved."""

    class Meta:
        unknown = ma.RAISE

    name = fields.String(required=True, validate=validate.Length(1, NAME_LIMIT),
                         metadata={"description": "Up to 100 characters; no other has it."})
    query = fields.String(load_default="", validate=validate.Length(max=QUERY_LIMIT),
                          metadata={"description": "The parameters of a search, as in a URL."})


_BODY = {"required": True, "content": {JSON: {"schema": SaveBody}}}


@saved_api.route("/saved")
@saved_api.response(200, payloads.SavedAnswer)
@saved_api.arguments(NoParameters, location="query")
def listed(_: dict[str, Any]) -> Response:
    """All saved searches, each with its matches, what is new, or why it cannot be made."""
    demand_sight()
    known = context().saved.all()
    with context().results as searcher:
        rows = standing(searcher, context().saved, known)
    return _fresh(payloads.json_response({"saved": [payloads.standing_row(row) for row in rows]}))


@saved_api.route("/saved", methods=["POST"])
@saved_api.response(201, payloads.SavedPart)
@saved_api.arguments(NoParameters, location="query")
@saved_api.doc(security=[{"key": []}, {}], requestBody=_BODY)
def save(_: dict[str, Any]) -> Response:
    """Save a search under a name; what matches now is not new."""
    demand_change()
    media_type(JSON)
    wanted = SaveBody().load(one_record(context().settings))
    with context().results as searcher:
        saved = context().saved.add(wanted["name"], wanted["query"], matching(searcher, wanted["query"]))
        (row,) = standing(searcher, context().saved, [saved])
    return _fresh(payloads.json_response(payloads.standing_row(row), 201))


@saved_api.route("/saved/<id>", methods=["DELETE"])
@saved_api.response(204)
@saved_api.arguments(NoParameters, location="query")
@saved_api.doc(security=[{"key": []}, {}])
def delete(_: dict[str, Any], id: str) -> Response:
    """Forget a saved search."""
    demand_change()
    context().saved.delete(one(id).id)
    return Response(status=204)


def _fresh(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
