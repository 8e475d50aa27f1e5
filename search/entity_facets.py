"""The facets of entities: persons, places and organisations, counted together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    chosen, complete = {}, {}
    for kind in kinds:
        chosen[kind], complete[kind] = _shown(kind, ask, matches)
    places = [row[4] for shown in chosen.values() for row in shown]
    repeated = dict(zip(places, matches.story_repeats(places).tolist(), strict=True))
    others = dict.fromkeys(kinds, 0)
    if not all(complete.values()):
        covered = matches.covered([row[4] for kind in kinds if not complete[kind] for row in chosen[kind]])
        others = {kind: 0 if complete[kind] else matches.having[kind] - covered[kind] for kind in kinds}
    selected = set(ask.request.filters.entities)
    return {kind: Facet(matches.total, matches.total - matches.having[kind], others[kind], tuple(
        Bucket(value, label, -count, -count - repeated[entity], value in selected)
        for count, _, value, label, entity in shown)) for kind, shown in chosen.items()}


def _shown(kind: str, ask: FacetRequest, matches: Matches) -> tuple[list[Row], bool]:
    """The entities of a type that are shown, and whether there are no others."""
    ids = ask.generation.entities
    selected = {ask.generation.entity_ordinal[id] for id in ask.request.filters.entities
                if id.startswith(kind + "/") and id in ask.generation.entity_ordinal and ask.shows(id)}
    counts, complete = _candidates(kind, ask, matches)
    counts |= {entity: matches.count(entity) for entity in selected if entity not in counts}
    some = [entity for entity, count in counts.items() if count]
    rows = [(-counts[entity], *order, entity) for entity, order in zip(some, _orders(some, ids, ask), strict=True)]
    shown = first(rows, ask.request.facet_size, selected)
    return shown, complete and len(shown) == len(rows)


def _orders(entities: Iterable[int], ids: Sequence[str], ask: FacetRequest) -> list[tuple[str, str, str]]:
    """What entities of equal counts are ordered by."""
    known = ask.generation.label_order
    found = []
    for entity in entities:
        order = known.get(entity)
        if order is None:
            id = ids[entity]
            label = ask.label(id)
            order = known[entity] = label.casefold(), id, label
        found.append(order)
    return found


def _candidates(kind: str, ask: FacetRequest, matches: Matches) -> tuple[dict[int, int], bool]:
    """The entities of a type that may be among the first, with their counts, and whether there are no others."""
    size = ask.request.facet_size
    if ask.wanted is not None:
        of_kind = ask.generation.most_mentioned(kind)[0]
        counts = matches.every_count[of_kind]
        at = ask.leading(counts, [ask.generation.entities[entity] for entity in of_kind])
        return dict(zip(of_kind[at].tolist(), counts[at].tolist(), strict=True)), False
    if not size:
        return {}, False
    best = matches.leaders(kind, size).first(size)
    return dict(zip(best.entities.tolist(), best.counts.tolist(), strict=True)), best.are_all
