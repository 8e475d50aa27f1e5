"""The facets of entities: persons, places and organisations, counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.counting import Matches
from search.facet_request import FacetRequest, Order, Row, first
from search.limits import check_time
from search.opened import KINDS
from search.request import EntityOp
from search.response import Bucket, Facet


def entities(kinds: Sequence[str], ask: FacetRequest) -> dict[str, Facet]:
    """The facets of some types of entities."""
    if not kinds:
        return {}
    check_time()
    matches = ask.matches("entity" if ask.request.entity_op is EntityOp.OR else None)
    selected = _selected(ask)
    chosen = [_first(entities, counts, ask, selected)
              for entities, counts in _candidates(kinds, ask, matches, selected)]
    repeats, having, covered = matches.shown([order[3] for rows in chosen for _, order in rows])
    rest, facets = iter(repeats), {}
    for kind, rows in zip(kinds, chosen, strict=True):
        buckets = tuple([Bucket(value, label, -count, -count - next(rest), entity in selected)
                         for count, (_, value, label, entity) in rows])
        number = KINDS.index(kind)
        facets[kind] = Facet(matches.total, matches.total - having[number], having[number] - covered[number], buckets)
    return facets


def _selected(ask: FacetRequest) -> set[int]:
    """The entities that are filtered by and may be shown."""
    ordinals = ask.generation.entity_ordinal
    return {ordinals[id] for id in ask.request.filters.entities if id in ordinals and ask.shows(id)}


def _first(entities: Sequence[int], counts: Sequence[int], ask: FacetRequest, selected: set[int]) -> list[Row]:
    """The entities of a type that are shown, out of those that may be, with their counts."""
    orders = ask.generation.entity_orders
    rows = [(-count, orders[entity] or _order(entity, ask)) for entity, count in zip(entities, counts, strict=True)]
    return first(rows, ask.request.facet_size, selected)


def _order(entity: int, ask: FacetRequest) -> Order:
    """What an entity is ordered by, from now on in the generation's list."""
    id = ask.generation.entities[entity]
    label = ask.label(id)
    order = ask.generation.entity_orders[entity] = label.casefold(), id, label, entity
    return order


def _candidates(kinds: Sequence[str], ask: FacetRequest, matches: Matches, selected: set[int]
                ) -> list[tuple[list[int], list[int]]]:
    """Of each type the entities that may be among the first and those that are selected, and their counts."""
    of_kind, also = ask.generation.of_kind, list(selected)
    if ask.wanted is None:
        leaders, counts = matches.leaders(kinds, ask.request.facet_size, also)
    else:
        every = matches.entity_counts()
        leaders, counts = [_wanted(of_kind[kind], ask, every) for kind in kinds], every[also].tolist()
    for entity, count in zip(also, counts, strict=True):
        for kind, (entities, its) in zip(kinds, leaders, strict=True):
            if count and entity in of_kind[kind] and entity not in entities:
                entities.append(entity)
                its.append(count)
    return leaders


def _wanted(of_kind: range, ask: FacetRequest, every: NDArray[np.uint32]) -> tuple[list[int], list[int]]:
    counts = every[of_kind.start : of_kind.stop]
    at = ask.leading(counts, ask.generation.entities[of_kind.start : of_kind.stop])
    return [of_kind[place] for place in at], counts[at].tolist()
