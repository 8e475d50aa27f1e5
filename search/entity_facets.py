"""The facets of entities: persons, places and organisations, counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.counting import Matches, ShownEntities
from search.facet_request import FacetRequest, buckets, first_ordinals
from search.limits import check_time
from search.opened import KINDS
from search.request import EntityOp
from search.response import Facet


def entities(kinds: Sequence[str], ask: FacetRequest) -> dict[str, Facet]:
    """The facets of some types of entities."""
    if not kinds:
        return {}
    check_time()
    matches = ask.matches("entity" if ask.request.entity_op is EntityOp.OR else None)
    selected, order, total = _selected(ask), ask.generation.label_order("entity"), matches.total
    found = matches.first_entities(kinds, ask.request.facet_size) if ask.wanted is None else None
    if found is None or not selected.issubset(found[1][0]):
        found = _counted(kinds, ask, matches, selected)
    how, shown, having, covered = found
    every, begin, facets = buckets(shown, order, selected), 0, {}
    for kind, many in zip(kinds, how, strict=True):
        number, end = KINDS.index(kind), begin + many
        facets[kind] = Facet(total, total - having[number], having[number] - covered[number], every.part(begin, end))
        begin = end
    return facets


def _counted(kinds: Sequence[str], ask: FacetRequest, matches: Matches, selected: set[int]) -> ShownEntities:
    """As Matches.first_entities, with what is selected among what is shown, and of that what is wanted alone."""
    chosen = [_first(entities, counts, ask, selected)
              for entities, counts in _candidates(kinds, ask, matches, selected)]
    every, counts = ([one for its in chosen for one in its[place]] for place in range(2))
    repeats, having, covered = matches.shown(every)
    stories = [count - again for count, again in zip(counts, repeats, strict=True)]
    return [len(entities) for entities, _ in chosen], (every, counts, stories), having, covered


def _selected(ask: FacetRequest) -> set[int]:
    """The entities that are filtered by and may be shown."""
    asked = ask.request.filters.entities
    ordinals = ask.generation.entity_ordinal if asked else {}
    return {ordinals[id] for id in asked if id in ordinals and ask.shows(id)}


def _first(entities: Sequence[int], counts: Sequence[int], ask: FacetRequest, selected: set[int]
           ) -> tuple[list[int], list[int]]:
    """The entities of a type that are shown, out of those that may be, and their counts."""
    orders = ask.generation.label_order("entity").of(entities, ask.label)
    return first_ordinals(zip([-count for count in counts], orders, strict=True), ask.request.facet_size, selected)


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
