"""The facets of entities: persons, places and organisations, counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    candidates = _candidates(kinds, ask, matches)
    chosen = {kind: _shown(kind, ask, matches, candidates[kind]) for kind in kinds}
    shown_entities = [order[3] for shown in chosen.values() for _, order in shown]
    repeated = iter(matches.entity_repeats(shown_entities).tolist())
    having, covered = matches.mentioning(shown_entities)
    selected = set(ask.request.filters.entities)
    return {kind: Facet(matches.total, matches.total - having[kind], having[kind] - covered[kind],
                        tuple(Bucket(value, label, -count, -count - next(repeated), value in selected)
                              for count, (_, value, label, _) in shown)) for kind, shown in chosen.items()}


def _shown(kind: str, ask: FacetRequest, matches: Matches, counts: dict[int, int]) -> list[Row]:
    """The entities of a type that are shown, out of those that may be, with their counts."""
    ids = ask.generation.entities
    selected = {ask.generation.entity_ordinal[id] for id in ask.request.filters.entities
                if id.startswith(kind + "/") and id in ask.generation.entity_ordinal and ask.shows(id)}
    counts |= {entity: int(matches.every_count[entity]) for entity in selected if entity not in counts}
    orders = ask.generation.entity_orders
    for entity in counts.keys() - orders.keys():
        label = ask.label(ids[entity])
        orders[entity] = label.casefold(), ids[entity], label, entity
    return first([(-count, orders[entity]) for entity, count in counts.items() if count], ask.request.facet_size,
                 selected)


def _candidates(kinds: Sequence[str], ask: FacetRequest, matches: Matches) -> dict[str, dict[int, int]]:
    """Of each type the entities that may be among the first, with their counts."""
    if ask.wanted is None:
        return matches.leaders(kinds, ask.request.facet_size)
    return {kind: _wanted(ask.generation.of_kind[kind], ask, matches) for kind in kinds}


def _wanted(of_kind: range, ask: FacetRequest, matches: Matches) -> dict[int, int]:
    counts = matches.every_count[of_kind.start : of_kind.stop].astype(np.int64)
    at = ask.leading(counts, ask.generation.entities[of_kind.start : of_kind.stop])
    return {of_kind[place]: int(counts[place]) for place in at}
