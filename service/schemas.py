"""The parameters of a search and of the other requests: what is allowed, for API, page, command line and OpenAPI."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from search.request import FACETS, EntityOp, Filters, Group, Interval, Match, SearchRequest, Sort, Undated

ALL_FACETS = (*FACETS, "language")
VALUES = tuple(item.name for item in dataclasses.fields(Filters))
Q_LIMIT = 4_000             # characters of a query
VALUE_LIMIT = 600           # characters of one filter value (an article id holds 512)
VALUES_LIMIT = 100          # values of one filter
PAGE_LIMIT = 10_000         # with pages of 100: one million articles; who wants more takes the export
FACET_LIMIT = 1_000         # buckets of one facet

NO_DATE = "Not a date: give YYYY, YYYY-MM, YYYY-MM-DD or a date-time."

_YEAR = r"([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = (rf"({_YEAR}-({_MONTH}-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
        rf"|{_LEAP}-02-29)")
_HOUR = "([01][0-9]|2[0-3])"
_TIME = rf"[T ]{_HOUR}(:[0-5][0-9](:[0-5][0-9]([.,][0-9]{{1,6}})?)?)?(Z|[+-]{_HOUR}:[0-5][0-9])?"
DATE_PATTERN = rf"({_YEAR}(-{_MONTH})?|{_DAY}({_TIME})?)?"
"""Every date and date-time that there is, as far as a regular expression can say it: all days, no second 60."""


class Whole(fields.Integer):
    """An integer in ASCII digits alone: no sign, blank, underscore or digit of another script."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
            raise ma.ValidationError("Not a whole number: give digits alone, without a sign.")
        return super()._deserialize(value, attr, data, **kwargs)


class Moment(fields.String):
    """YYYY, YYYY-MM, YYYY-MM-DD or a date-time, kept as typed; the empty text (an empty form field) is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text == "":
            return None
        if len(text) > 40 or not re.fullmatch(DATE_PATTERN, text, re.ASCII):
            raise ma.ValidationError(NO_DATE)
        return text


def _choice(enum: type[StrEnum], default: StrEnum | None, description: str) -> fields.Enum[Any]:
    return fields.Enum(enum, by_value=True, load_default=default, metadata={"description": description})


def _values(description: str) -> fields.List[str]:
    each = fields.String(validate=validate.Length(1, VALUE_LIMIT))
    return fields.List(each, load_default=list, validate=validate.Length(max=VALUES_LIMIT),
                       metadata={"description": description})


def _date(name: str, description: str) -> Moment:
    return Moment(data_key=name, load_default=None,
                  metadata={"description": description, "pattern": f"^{DATE_PATTERN}$", "example": "2022-03"})


def _query(description: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=Q_LIMIT), metadata={"description": description}, **more)


class _Parameters(ma.Schema):
    """Parameters of a query string: an unknown one is an error, one given twice is an error unless it is a list."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "Unknown parameter."}  # noqa: RUF012 (marshmallow copies it)

    def load_pairs(self, pairs: Iterable[tuple[str, str]]) -> Any:
        """Check (name, value) pairs and give what the schema makes of them. Raises ValidationError by field."""
        return self.load(self.grouped(pairs))

    def grouped(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Pairs as a dictionary, a list for each repeatable parameter. Raises ValidationError for another."""
        lists = {field.data_key or name for name, field in self.load_fields.items() if isinstance(field, fields.List)}
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in lists:
                found.setdefault(name, []).append(value)
            elif name in found:
                raise ma.ValidationError({name: ["Given more than once."]})
            else:
                found[name] = value
        return found


_FIXED: dict[str, Any] = {
    "q": _query("Query text; empty: everything.", load_default=""),
    "match": _choice(Match, Match.VARIANTS, "`variants`: every spelling of a name; `exact`: only as written."),
    "entity_op": _choice(EntityOp, EntityOp.AND, "Whether all entities asked for must be present, or any."),
    "since": _date("from", "First day, month, year or moment, inclusive."),
    "until": _date("to", "Last day, month, year or moment, inclusive."),
    "undated": _choice(Undated, None, "Undated articles; left out as soon as `from` or `to` is given."),
    "facet": fields.List(fields.String(validate=validate.OneOf(ALL_FACETS)), load_default=None,
                         validate=validate.Length(1, 20), metadata={"description": "Facets to count."}),
    "facet_size": Whole(load_default=10, validate=validate.Range(0, FACET_LIMIT),
                        metadata={"description": "Buckets of each facet."}),
    "interval": _choice(Interval, Interval.AUTO, "Width of the date buckets."),
    "group": _choice(Group, Group.NONE, "`story`: one hit for each story."),
    "sort": _choice(Sort, Sort.RELEVANCE, "Order of the hits."),
    "page": Whole(load_default=1, validate=validate.Range(1, PAGE_LIMIT, error=f"Must be 1 to {PAGE_LIMIT}; for all "
                                                         "articles use the export."),
                  metadata={"description": "Page, from 1."}),
    "size": Whole(load_default=10, validate=validate.Range(1, 100), metadata={"description": "Hits a page."}),
}
_FILTERS = {name: _values(f"Articles with this {name}; repeatable.") for name in VALUES}
_EXCLUDED = {f"exclude_{name}": _values(f"Articles without this {name}; repeatable.") for name in VALUES}
for _name in VALUES:
    _EXCLUDED[f"exclude_{_name}"].data_key = f"exclude.{_name}"

_SearchFields = _Parameters.from_dict({**_FIXED, **_FILTERS, **_EXCLUDED}, name="SearchFields")


class SearchParameters(_SearchFields):  # type: ignore[valid-type, misc]  # made from the tables above
    """The parameters of a search; loading gives a SearchRequest."""

    @ma.post_load
    def request(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """The parameters as a SearchRequest."""
        return search_request(data)


class FacetParameters(SearchParameters):
    """The parameters of a search, and what the buckets' names must contain; loading gives (SearchRequest, contains)."""

    contains = fields.String(load_default="", validate=validate.Length(max=200),
                             metadata={"description": "Part of a name, in any spelling."})

    @ma.post_load
    def request(self, data: dict[str, Any], **kwargs: Any) -> tuple[SearchRequest, str]:
        """The search, and the text to look for in the facet."""
        contains = data.pop("contains")
        return search_request(data), contains


def search_request(data: dict[str, Any]) -> SearchRequest:
    """A SearchRequest from loaded fields."""
    facets = data.pop("facet")
    include = Filters(**{name: tuple(dict.fromkeys(data.pop(name))) for name in VALUES})
    exclude = Filters(**{name: tuple(dict.fromkeys(data.pop(f"exclude_{name}"))) for name in VALUES})
    chosen = FACETS if facets is None else tuple(dict.fromkeys(facets))
    return SearchRequest(**data, filters=include, exclude=exclude, facets=chosen)


class NamesParameters(_Parameters):
    """The parameter of a name look-up."""

    q = _query("A name in any spelling.", required=True)


class SuggestParameters(_Parameters):
    """The parameters of as-you-type suggestions."""

    q = _query("What has been typed so far.", required=True)
    limit = Whole(load_default=8, validate=validate.Range(1, 50), metadata={"description": "Suggestions at most."})


class UsageParameters(_Parameters):
    """The parameters of how an entity is printed; loading gives (SearchRequest, how many spellings)."""

    since = _date("from", "First day, month or year, inclusive.")
    until = _date("to", "Last day, month or year, inclusive.")
    source = _values("Articles of this source; repeatable.")
    language = _values("Articles in this language; repeatable.")
    interval = _choice(Interval, Interval.MONTH, "Width of the date buckets.")
    size = Whole(load_default=20, validate=validate.Range(1, 50), metadata={"description": "Spellings at most."})

    @ma.post_load
    def request(self, data: dict[str, Any], **kwargs: Any) -> tuple[SearchRequest, int]:
        """The articles to look at, and how many spellings to give."""
        filters = Filters(source=tuple(dict.fromkeys(data["source"])), language=tuple(dict.fromkeys(data["language"])))
        return SearchRequest(filters=filters, since=data["since"], until=data["until"],
                             interval=data["interval"]), data["size"]


class Wait(StrEnum):
    """What a write waits for besides being durable."""

    INDEXED = "indexed"


class WriteParameters(_Parameters):
    """The parameter of writes."""

    wait = _choice(Wait, None, "`indexed`: answer when it can be found.")


class NoParameters(_Parameters):
    """No parameter at all."""


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details, with messages by field."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
