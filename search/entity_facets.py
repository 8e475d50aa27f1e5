"""The facets of entities: persons, places and organisations, counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.counting import Matches
from search.facet_request import FacetRequest, Row, first
from search.limits import check_time
from search.request import EntityOp
from search.response import Bucket, Facet


def entities(kinds: Sequence[str], ask: FacetRequest) -> dict[str, Facet]:
    """The facets of some types of entities."""
    if not kinds:
        return {}
    check_time()
    matches = ask.matches("entity" if ask.request.entity_op is EntityOp.OR else None)
    selected = _selected(ask)
    counts = _candidates(kinds, ask, matches, selected)
    chosen = [_first(rows, ask, selected) for rows in counts]
    shown = [order[3] for rows in chosen for _, order in rows]
    repeated, having, covered = matches.shown(shown)
    repeats = iter(repeated.tolist())
    return {kind: Facet(matches.total, matches.total - having[kind], having[kind] - covered[kind],
                        tuple([Bucket(value, label, -count, -count - next(repeats), entity in selected)
                               for count, (_, value, label, entity) in rows]))
            for kind, rows in zip(kinds, chosen, strict=True)}


def _selected(ask: FacetRequest) -> set[int]:
    """The entities that are filtered by and may be shown."""
    ordinals = ask.generation.entity_ordinal
    return {ordinals[id] for id in ask.request.filters.entities if id in ordinals and ask.shows(id)}


def _first(counts: dict[int, int], ask: FacetRequest, selected: set[int]) -> list[Row]:
    """The entities of a type that are shown, out of those that may be, with their counts."""
    orders = ask.generation.entity_orders
    for entity in counts.keys() - orders.keys():
        id = ask.generation.entities[entity]
        label = ask.label(id)
        orders[entity] = label.casefold(), id, label, entity
    return first([(-count, orders[entity]) for entity, count in counts.items() if count], ask.request.facet_size,
                 selected)


def _candidates(kinds: Sequence[str], ask: FacetRequest, matches: Matches, selected: set[int]) -> list[dict[int, int]]:
    """Of each type the entities that may be among the first and those that are selected, with their counts."""
    of_kind, also = ask.generation.of_kind, list(selected)
    if ask.wanted is None:
        leaders, counts = matches.leaders(kinds, ask.request.facet_size, also)
    else:
        every = matches.entity_counts()
        leaders, counts = [_wanted(of_kind[kind], ask, every) for kind in kinds], every[also].tolist()
    for entity, count in zip(also, counts, strict=True):
        for kind, found in zip(kinds, leaders, strict=True):
            if entity in of_kind[kind]:
                found[entity] = count
    return leaders


def _wanted(of_kind: range, ask: FacetRequest, every: NDArray[np.uint32]) -> dict[int, int]:
    counts = every[of_kind.start : of_kind.stop]
    at = ask.leading(counts, ask.generation.entities[of_kind.start : of_kind.stop])
    return {of_kind[place]: int(counts[place]) for place in at}
