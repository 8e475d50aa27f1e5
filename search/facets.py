"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

from collections.abc import Sequence

from search.date_facet import dates
from search.entity_facets import entities
from search.facet_request import FacetRequest, buckets, in_order
from search.limits import check_time
from search.opened import KINDS
from search.response import Facet
from search.spelling_facet import spellings


def facets(names: Sequence[str], ask: FacetRequest) -> dict[str, Facet]:
    """The facets of these names, in this order; those of entities are counted together."""
    of_entities = entities([name for name in names if name in KINDS], ask)
    return {name: of_entities[name] if name in of_entities else _facet(name, ask) for name in names}


def _facet(name: str, ask: FacetRequest) -> Facet:
    check_time()
    if name in ("source", "language"):
        return _values(name, ask)
    return dates(ask) if name == "date" else spellings(ask)


def _values(name: str, ask: FacetRequest) -> Facet:
    """Sources or languages; the empty one is no value."""
    generation, matches, size = ask.generation, ask.matches(name), ask.request.facet_size
    values = generation.sources if name == "source" else generation.languages
    order = generation.label_order(name)
    known = generation.source_ordinal if name == "source" else generation.language_ordinal
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    if not chosen and ask.wanted is None and (found := matches.first_values(name, size)) is not None:
        missing, shown = found
        return Facet(matches.total, missing, matches.total - missing - sum(shown[1]), buckets(shown, order))
    counts, repeats = matches.values(name)
    missing = 0
    if "" in known:
        missing, counts[known[""]] = int(counts[known[""]]), 0
    candidates = ask.leading(counts, values)
    selected = {known[value] for value in chosen if value in known}
    if selected:
        candidates = list({*candidates, *(ordinal for ordinal in selected if ask.shows(values[ordinal]))})
    its, again = counts.tolist(), repeats.tolist()
    rows = [(-its[ordinal], order_of) for ordinal, order_of in zip(candidates, order.of(candidates), strict=True)
            if its[ordinal]]
    ordinals, of_each = in_order(rows, size, selected)
    stories = [count - again[ordinal] for ordinal, count in zip(ordinals, of_each, strict=True)]
    return Facet(matches.total, missing, matches.total - missing - sum(of_each),
                 buckets((ordinals, of_each, stories), order, selected))
