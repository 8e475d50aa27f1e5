"""Filtering: which of the matching articles pass each group of filters, so that a facet can leave its own out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.segment import UNDATED
from search import kernels
from search.articles import Articles, uses_bits
from search.bits import Bits, Mask, bits_of, mask_of
from search.cache import Key
from search.generation import Generation, View
from search.leaves import Found
from search.postings import Documents, contains
from search.request import EntityOp, Filters, SearchRequest, Undated

MANY = 16
"""Where more than one article of this many matches, filters are worked out over all articles of a view, and kept."""

Passing = NDArray[Any]
"""Which articles pass: a mask over the matches; where these are many (`is_dense`), bits over all articles."""
PrintedIn = Callable[[int, str], Documents]
"""(number of a view, spelling) → the articles of the view that print it."""
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Selection:
    """The matches of one view: articles that match the query, and which of them pass each group of filters.

    Groups are `source`, `language`, `date`, `entity`, `spelling`, and `exclude` for all that is excluded.
    """

    generation: Generation
    view: View
    number: int
    found: Found
    passing: dict[str, Passing] = field(default_factory=dict)
    _documents: dict[str | None, Documents] = field(default_factory=dict)
    _bits: dict[str | None, Bits] = field(default_factory=dict)
    _masks: dict[str | None, Mask] = field(default_factory=dict)
    _articles: dict[str | None, Articles] = field(default_factory=dict)
    _is_dense: bool | None = None

    @property
    def is_dense(self) -> bool:
        """Whether the matches are so many that filters look at all articles of the view instead."""
        if self._is_dense is None:
            self._is_dense = self.found.count * MANY > self.view.docs and self.view.is_large
        return self._is_dense

    def documents(self, leaving_out: str | None = None) -> Documents:
        """The articles that pass all groups but one."""
        if not self.passing:
            return self.found.documents
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._documents:
            self._documents[group] = self.found.documents if self._pass_all(group) else self._which(group)
        return self._documents[group]

    def _which(self, group: str | None) -> Documents:
        if not self.is_dense:
            return self.found.documents[np.flatnonzero(self._keep(group))]
        return kernels.KERNELS.ones_in_all([self._matching(), *self._others(group)], self.found.count)

    def count(self) -> int:
        """How many articles pass all groups."""
        return len(self.documents()) if self.passing else self.found.count

    def best(self, count: int) -> tuple[Documents, NDArray[np.float32]] | None:
        """The best `count` articles that pass all groups, and maybe others (see Found.best)."""
        return None if self.passing else self.found.best(count)

    def scores(self) -> NDArray[np.float32] | None:
        """The scores of the articles that pass all groups; None: they have none."""
        if self.found.scores is None or not self.passing:
            return self.found.scores
        marked = self.found.marked(self.generation, self.view.docs) if self.is_dense else None
        return self.found.scores[np.flatnonzero(self._keep(None)) if marked is None
                                 else kernels.KERNELS.places(self.documents(), marked)[1]]

    def articles(self, leaving_out: str | None = None) -> Articles:
        """The articles that pass all groups but one, with what the segment says of them."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._articles:
            key = self.found.key if self._pass_all(group) else None
            documents = self.documents(group)
            is_used = self.is_dense and uses_bits(self.generation, self.view, len(documents), key)
            bits = self.bits(group) if is_used else None
            self._articles[group] = Articles(self.generation, self.view, documents, key, bits)
        return self._articles[group]

    def bits(self, leaving_out: str | None = None) -> Bits:
        """The articles that pass all groups but one, as bits."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._bits:
            if not self.is_dense:
                self._bits[group] = bits_of(self.mask(group))
            elif self._pass_all(group):
                self._bits[group] = self._matching()
            else:
                self._bits[group] = self._matching() & self._keep(group)
        return self._bits[group]

    def mask(self, leaving_out: str | None = None) -> Mask:
        """The articles that pass all groups but one, as a mask over the view's articles, shape (docs,)."""
        group = leaving_out if leaving_out in self.passing else None
        if group not in self._masks:
            if self.is_dense:
                self._masks[group] = mask_of(self.bits(group), self.view.docs)
            else:
                mask = self._masks[group] = np.zeros(self.view.docs, np.bool_)
                mask[self.documents(group)] = True
        return self._masks[group]

    def _pass_all(self, group: str | None) -> bool:
        return not self.passing or (group in self.passing and len(self.passing) == 1)

    def _keep(self, group: str | None) -> Passing:
        return reduce(and_, self._others(group))

    def _others(self, group: str | None) -> list[Passing]:
        return [passed for name, passed in self.passing.items() if name != group]

    def _matching(self) -> Bits:
        """The articles that match, as bits."""
        return self.found.bits(self.generation, self.view.docs)


def select(generation: Generation, found: Sequence[Found], request: SearchRequest, printed_in: PrintedIn
           ) -> list[Selection]:
    """Apply a request's filters to the matches of every view."""
    selections = []
    is_filtered = bool(request.since or request.until or request.undated or request.filters or request.exclude)
    for number, (view, matches) in enumerate(zip(generation.views, found, strict=True)):
        selection = Selection(generation, view, number, matches)
        selections.append(selection)
        if not is_filtered or not len(matches.documents):
            continue
        filters, passing = _Filters(generation, selection), selection.passing
        _values(filters, request.filters, passing)
        _dates(filters, request, passing)
        _entities(filters, request.filters.entities, request.entity_op, passing)
        if request.filters.spelling:
            passing["spelling"] = filters.containing(
                printed_in(number, spelling) for spelling in request.filters.spelling)
        _exclude(filters, request.exclude, partial(printed_in, number), passing)
    return selections


class _Filters:
    """What passes, among what filters are worked out over: the matches of a view if they are few, else all articles."""

    def __init__(self, generation: Generation, selection: Selection) -> None:
        self.generation, self.view = generation, selection.view
        self.documents = None if selection.is_dense else selection.found.documents
        self.size = self.view.docs if self.documents is None else len(self.documents)

    def column(self, name: str) -> NDArray[Any]:
        """A column of the segment."""
        column: NDArray[Any] = self.view.segment[name]
        return column if self.documents is None else column[self.documents]

    def kept(self, key: Key, make: Callable[[], Mask]) -> Passing:
        """What depends on the segment alone; that of all articles is kept."""
        if self.documents is not None:
            return make()
        return self.generation.cache.get(("filter", self.view.segment.name, *key), lambda: bits_of(make()),
                                         lambda bits: bits.nbytes + 200)

    def containing(self, some: Iterable[NDArray[Any]]) -> Passing:
        """What is in one of some ascending lists of articles."""
        mask = np.zeros(self.size, np.bool_)
        for documents in some:
            if self.documents is None:
                mask[documents] = True
            else:
                mask |= contains(documents, self.documents)
        return mask if self.documents is not None else bits_of(mask)

    def with_value(self, name: str, values: Sequence[str]) -> Passing:
        """What has one of some sources (or languages)."""
        generation = self.generation
        local, ordinals = ((self.view.sources, generation.source_ordinal) if name == "source"
                           else (self.view.languages, generation.language_ordinal))
        return self.kept((name, frozenset(values)),
                         lambda: _chosen_values(local, ordinals, values)[self.column(name)])


def _values(filters: _Filters, asked: Filters, passing: dict[str, Passing]) -> None:
    if asked.source:
        passing["source"] = filters.with_value("source", asked.source)
    if asked.language:
        passing["language"] = filters.with_value("language", asked.language)


def _chosen_values(local: NDArray[np.int64], ordinals: dict[str, int], values: Sequence[str]) -> Mask:
    """For each local ordinal whether its value is among `values` (the empty value never is)."""
    wanted = [ordinals[value] for value in values if value and value in ordinals]
    return np.isin(local, wanted)


def _dates(filters: _Filters, request: SearchRequest, passing: dict[str, Passing]) -> None:
    undated = request.undated
    if undated is None:
        undated = Undated.EXCLUDE if request.since is not None or request.until is not None else Undated.INCLUDE
    if undated is Undated.INCLUDE and request.since is None and request.until is None:
        return
    passing["date"] = filters.kept(("date", request.since, request.until, undated),
                                   partial(_in_time, filters, request.since, request.until, undated))


def _in_time(filters: _Filters, since: str | None, until: str | None, undated: Undated) -> Mask:
    days = filters.column("days")
    missing: Mask = days == UNDATED
    if undated is Undated.ONLY:
        return missing
    keep = np.ones(filters.size, np.bool_)
    for bound, last in ((since, False), (until, True)):
        if bound is None:
            continue
        if len(bound) > 10:
            moment, moments = _moment(bound), filters.column("moments")
            keep &= moments <= moment if last else moments >= moment
        else:
            day = _day(bound, last)
            keep &= days <= day if last else days >= day
    passed: Mask = keep | missing if undated is Undated.INCLUDE else keep & ~missing
    return passed


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


def _entities(filters: _Filters, entities: Sequence[str], operation: EntityOp, passing: dict[str, Passing]) -> None:
    if not entities:
        return
    lists = [_mentioning(filters, entity) for entity in dict.fromkeys(entities)]
    if operation is EntityOp.OR:
        passing["entity"] = filters.containing(lists)
        return
    keep = filters.containing(lists[:1])
    for documents in lists[1:]:
        keep = keep & filters.containing([documents])
    passing["entity"] = keep


def _mentioning(filters: _Filters, entity: str) -> NDArray[np.unsignedinteger]:
    ordinal = filters.generation.entity_ordinal.get(entity)
    local = -1 if ordinal is None else int(filters.view.local_entity[ordinal])
    return filters.view.segment.entity_documents(local) if local >= 0 else np.empty(0, np.uint32)


def _exclude(filters: _Filters, exclude: Filters, printed: Callable[[str], Documents], passing: dict[str, Passing]
             ) -> None:
    if not exclude:
        return
    drop = filters.containing([_mentioning(filters, entity) for entity in exclude.entities])
    drop |= filters.containing([printed(spelling) for spelling in exclude.spelling])
    for name, values in (("source", exclude.source), ("language", exclude.language)):
        if values:
            drop |= filters.with_value(name, values)
    passing["exclude"] = ~drop
