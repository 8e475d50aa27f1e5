"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

from collections.abc import Sequence

from search.date_facet import dates
from search.entity_facets import entities
from search.facet_request import FacetRequest, first
from search.limits import check_time
from search.opened import KINDS
from search.response import Bucket, Facet
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
    generation, matches = ask.generation, ask.matches(name)
    values = generation.sources if name == "source" else generation.languages
    known = generation.source_ordinal if name == "source" else generation.language_ordinal
    orders = generation.value_orders(name)
    counts, repeats = matches.values(name)
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    missing = 0
    if "" in known:
        missing, counts[known[""]] = int(counts[known[""]]), 0
    candidates = ask.leading(counts, values)
    selected = {known[value] for value in chosen if value in known}
    if selected:
        candidates = list({*candidates, *(ordinal for ordinal in selected if ask.shows(values[ordinal]))})
    its, again = counts.tolist(), repeats.tolist()
    rows = [(-its[ordinal], orders[ordinal]) for ordinal in candidates if its[ordinal]]
    shown = first(rows, ask.request.facet_size, selected)
    buckets = tuple([Bucket(value, label, -count, -count - again[ordinal], ordinal in selected)
                     for count, (_, value, label, ordinal) in shown])
    return Facet(matches.total, missing, matches.total - missing + sum([count for count, _ in shown]), buckets)
