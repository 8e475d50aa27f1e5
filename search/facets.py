"""Facets: counts over all matches, by articles and by stories; each facet leaves its own filter out where due."""

from __future__ import annotations

from collections.abc import Sequence

from search.counting import Matches, Shown
from search.date_facet import dates
from search.entity_facets import entities
from search.facet_request import FacetRequest, buckets, first_ordinals
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
    matches, order = ask.matches(name), ask.generation.label_order(name)
    known = ask.generation.source_ordinal if name == "source" else ask.generation.language_ordinal
    chosen = ask.request.filters.source if name == "source" else ask.request.filters.language
    selected = {known[value] for value in chosen if value in known}
    found = matches.first_values(name, ask.request.facet_size) if ask.wanted is None else None
    missing, shown = found if found is not None and selected.issubset(found[1][0]) else _counted(
        name, ask, matches, selected)
    return Facet(matches.total, missing, matches.total - missing - sum(shown[1]), buckets(shown, order, selected))


def _counted(name: str, ask: FacetRequest, matches: Matches, selected: set[int]) -> tuple[int, Shown]:
    """As Matches.first_values, with what is selected among what is shown, and of that what is wanted alone."""
    generation = ask.generation
    values, known = ((generation.sources, generation.source_ordinal) if name == "source"
                     else (generation.languages, generation.language_ordinal))
    counts, repeats = matches.values(name)
    missing = 0
    if "" in known:
        missing, counts[known[""]] = int(counts[known[""]]), 0
    candidates = ask.leading(counts, values)
    if selected:
        candidates = list({*candidates, *(ordinal for ordinal in selected if ask.shows(values[ordinal]))})
    its, again, orders = counts.tolist(), repeats.tolist(), generation.label_order(name).of(candidates)
    rows = [(-its[ordinal], order) for ordinal, order in zip(candidates, orders, strict=True) if its[ordinal]]
    ordinals, of_each = first_ordinals(rows, ask.request.facet_size, selected)
    return missing, (ordinals, of_each, [count - again[ordinal] for ordinal, count in zip(
        ordinals, of_each, strict=True)])
