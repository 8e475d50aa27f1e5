"""The facet of spellings: how the names asked for are printed, for each form the matches that print it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search.display import exact_key
from search.facet_request import FacetRequest, first
from search.filtering import Selection
from search.postings import Documents, within
from search.response import Bucket, Buckets, Facet

FEW = 500
"""So many articles at most are looked up among the matches one by one, more by a mask."""


def spellings(ask: FacetRequest) -> Facet:
    """How the names asked for are printed: for each form the matches that print it."""
    total = sum(len(selection.documents("spelling")) for selection in ask.selections)
    printing: dict[str, dict[int, Documents]] = {}
    for selection, table in zip(ask.selections, ask.spellings(), strict=True):
        for form, documents in table.items():
            found = _passing(documents, selection)
            if len(found):
                printing.setdefault(form, {})[selection.number] = found
    forms = sorted(printing)
    rows = [(-sum(map(len, printing[form].values())), (label.casefold(), label, label, number))
            for number, form in enumerate(forms) if ask.shows(label := ask.spelling_label(form))]
    chosen = {exact_key(spelling) for spelling in ask.request.filters.spelling}
    shown = first(rows, ask.request.facet_size, {order[3] for _, order in rows if forms[order[3]] in chosen})
    buckets = Buckets.of(Bucket(value, label, -count, _stories(printing[forms[number]], ask), forms[number] in chosen)
                         for count, (_, value, label, number) in shown)
    some = _together([printing[forms[order[3]]] for _, order in rows], ask)
    return Facet(total, total - some, some - _together([printing[forms[order[3]]] for _, order in shown], ask), buckets)


def _passing(documents: Documents, selection: Selection) -> Documents:
    """Those of some articles of a view that pass all but the filter of spellings."""
    passed = selection.documents("spelling")
    if min(len(documents), len(passed)) > FEW:
        return documents[selection.mask("spelling")[documents]]
    return within(documents, passed)


def _stories(printing: Mapping[int, Documents], ask: FacetRequest) -> int:
    """How many stories some articles of several views are."""
    story = [ask.generation.views[number].story[documents] for number, documents in printing.items()]
    alone = sum(int(np.count_nonzero(part == 0)) for part in story)
    return alone + len(np.unique(np.concatenate([part[part != 0] for part in story])))


def _together(printings: Sequence[Mapping[int, Documents]], ask: FacetRequest) -> int:
    """How many articles print some of several forms."""
    if len(printings) < 2:
        return sum(len(documents) for printing in printings for documents in printing.values())
    seen: dict[int, NDArray[np.bool_]] = {}
    for printing in printings:
        for number, documents in printing.items():
            if number not in seen:
                seen[number] = np.zeros(ask.generation.views[number].docs, np.bool_)
            seen[number][documents] = True
    return sum(int(np.count_nonzero(mask)) for mask in seen.values())
