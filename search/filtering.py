"""Filtering: which of the matching articles pass each group of filters, so that a facet can leave its own out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search.generation import Generation, View
from search.matching import Found
from search.postings import Documents, contains
from search.request import EntityOp, Filters, SearchRequest, Undated

Mask = NDArray[np.bool_]
PrintedIn = Callable[[int, str], Documents]
"""(number of a view, spelling) → the articles of the view that print it."""
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Selection:
    """The matches of one view: articles that match the query, and which of them pass each group of filters.

    Groups are `source`, `language`, `date`, `entity`, `spelling`, and `exclude` for all that is excluded.
    """

    view: View
    number: int
    found: Found
    passing: dict[str, Mask] = field(default_factory=dict)
    _documents: dict[str | None, Documents] = field(default_factory=dict)
    _masks: dict[str | None, Mask] = field(default_factory=dict)
    _stories: dict[str | None, NDArray[np.uint32]] = field(default_factory=dict)

    def chosen(self, leaving_out: str | None = None) -> NDArray[np.int64] | None:
        """Indices of `found` that pass all groups but one; None: all of them."""
        masks = [mask for group, mask in self.passing.items() if group != leaving_out]
        if not masks:
            return None
        keep = masks[0]
        for mask in masks[1:]:
            keep = keep & mask
        return np.flatnonzero(keep)

    def documents(self, leaving_out: str | None = None) -> Documents:
        """The articles that pass all groups but one."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._documents:
            chosen = self.chosen(group)
            self._documents[group] = self.found.documents if chosen is None else self.found.documents[chosen]
        return self._documents[group]

    def stories(self, leaving_out: str | None = None) -> NDArray[np.uint32]:
        """The stories of the articles that pass all groups but one, as ordinals of the generation."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._stories:
            self._stories[group] = self.view.story[self.documents(group)]
        return self._stories[group]

    def mask(self, leaving_out: str | None = None) -> Mask:
        """The articles that pass all groups but one, as a mask over the view's articles, shape (docs,)."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._masks:
            mask = self._masks[group] = np.zeros(self.view.docs, np.bool_)
            mask[self.documents(group)] = True
        return self._masks[group]


def select(generation: Generation, found: Sequence[Found], request: SearchRequest, printed_in: PrintedIn
           ) -> list[Selection]:
    """Apply a request's filters to the matches of every view."""
    selections = []
    is_filtered = any((request.filters != Filters(), request.exclude != Filters(), request.since, request.until,
                       request.undated))
    for number, (view, matches) in enumerate(zip(generation.views, found, strict=True)):
        selection = Selection(view, number, matches)
        selections.append(selection)
        if not is_filtered or not len(matches.documents):
            continue
        _values(generation, selection, request.filters)
        _dates(selection, request)
        _entities(generation, selection, request.filters.entities, request.entity_op)
        if request.filters.spelling:
            selection.passing["spelling"] = _any_printed(selection, request.filters.spelling, printed_in)
        _exclude(generation, selection, request.exclude, printed_in)
    return selections


def _values(generation: Generation, selection: Selection, filters: Filters) -> None:
    view, documents = selection.view, selection.found.documents
    if filters.source:
        wanted = _chosen_values(view.sources, generation.source_ordinal, filters.source)
        selection.passing["source"] = wanted[view.segment["source"][documents]]
    if filters.language:
        wanted = _chosen_values(view.languages, generation.language_ordinal, filters.language)
        selection.passing["language"] = wanted[view.segment["language"][documents]]


def _chosen_values(local: NDArray[np.int64], ordinals: dict[str, int], values: Sequence[str]) -> Mask:
    """For each local ordinal whether its value is among `values` (the empty value never is)."""
    wanted = [ordinals[value] for value in values if value and value in ordinals]
    return np.isin(local, wanted)


def _dates(selection: Selection, request: SearchRequest) -> None:
    undated = request.undated
    if undated is None:
        undated = Undated.EXCLUDE if request.since is not None or request.until is not None else Undated.INCLUDE
    if undated is Undated.INCLUDE and request.since is None and request.until is None:
        return
    segment, documents = selection.view.segment, selection.found.documents
    days = segment["days"][documents]
    missing = days == UNDATED
    if undated is Undated.ONLY:
        selection.passing["date"] = missing
        return
    keep = np.ones(len(documents), np.bool_)
    for bound, last in ((request.since, False), (request.until, True)):
        if bound is None:
            continue
        if len(bound) > 10:
            moment = _moment(bound)
            moments = segment["moments"][documents]
            keep &= moments <= moment if last else moments >= moment
        else:
            day = _day(bound, last)
            keep &= days <= day if last else days >= day
    selection.passing["date"] = keep | missing if undated is Undated.INCLUDE else keep & ~missing


def _moment(bound: str) -> int:
    moment = dt.datetime.fromisoformat(bound)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return int((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds())


def _day(bound: str, last: bool) -> int:
    """Days since 1970 of the first (or last) day of YYYY, YYYY-MM or YYYY-MM-DD."""
    parts = [int(part) for part in bound.split("-")]
    if len(parts) == 3:
        return dt.date(*parts).toordinal() - _EPOCH
    year, month = parts[0], parts[1] if len(parts) == 2 else (12 if last else 1)
    if not last:
        return dt.date(year, month, 1).toordinal() - _EPOCH
    following = dt.date(year, month, 28).toordinal() + 4
    return following - dt.date.fromordinal(following).day - _EPOCH if (year, month) != (9999, 12) else \
        dt.date.max.toordinal() - _EPOCH


def _entities(generation: Generation, selection: Selection, entities: Sequence[str], operation: EntityOp) -> None:
    if not entities:
        return
    documents = selection.found.documents
    masks = [contains(_mentioning(generation, selection.view, entity), documents) for entity in dict.fromkeys(entities)]
    keep = masks[0]
    for mask in masks[1:]:
        keep = keep & mask if operation is EntityOp.AND else keep | mask
    selection.passing["entity"] = keep


def _mentioning(generation: Generation, view: View, entity: str) -> NDArray[np.unsignedinteger]:
    ordinal = generation.entity_ordinal.get(entity)
    local = -1 if ordinal is None else int(view.local_entity[ordinal])
    return view.segment.entity_documents(local) if local >= 0 else np.empty(0, np.uint32)


def _any_printed(selection: Selection, spellings: Sequence[str], printed_in: PrintedIn) -> Mask:
    keep = np.zeros(len(selection.found.documents), np.bool_)
    for spelling in spellings:
        keep |= contains(printed_in(selection.number, spelling), selection.found.documents)
    return keep


def _exclude(generation: Generation, selection: Selection, exclude: Filters, printed_in: PrintedIn) -> None:
    if exclude == Filters():
        return
    view, documents = selection.view, selection.found.documents
    drop = np.zeros(len(documents), np.bool_)
    for values, local, ordinals, column in (
            (exclude.source, view.sources, generation.source_ordinal, "source"),
            (exclude.language, view.languages, generation.language_ordinal, "language")):
        if values:
            drop |= _chosen_values(local, ordinals, values)[view.segment[column][documents]]
    for entity in exclude.entities:
        drop |= contains(_mentioning(generation, view, entity), documents)
    if exclude.spelling:
        drop |= _any_printed(selection, exclude.spelling, printed_in)
    selection.passing["exclude"] = ~drop
