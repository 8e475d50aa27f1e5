"""Similar spellings of a name that no names file knows, among the words this index prints."""

from __future__ import annotations

import numpy as np

from index.analysis.analyzer import word_term
from index.analysis.normal import normal_form
from index.similar import key_hashes, may_be_name, similar_forms
from search.generation import Generation
from search.limits import check_time
from search.postings import form_documents

MAX_SIMILAR = 5
"""A name is related to at most this many other spellings, those that most articles print."""


def similar(generation: Generation, normal: str) -> tuple[str, ...]:
    """The printed forms (exact forms) that may be another spelling of a word in normal form."""
    if not may_be_name(normal):
        return ()
    return generation.cache.get(("similar", generation.key, normal), lambda: _similar(generation, normal),
                                lambda found: 200 + 100 * len(found))


def _similar(generation: Generation, normal: str) -> tuple[str, ...]:
    hashes = np.array(key_hashes(normal), np.uint64)
    articles: dict[str, int] = {}
    for view in generation.views:
        check_time()
        for form in similar_forms(view.segment, normal, hashes):
            printed = form_documents(generation, view, word_term(normal_form(form)))
            articles[form] = articles.get(form, 0) + len(printed.get(form, ()))     # none: all deleted
    found = [form for form, count in articles.items() if count]
    return tuple(sorted(found, key=lambda form: (-articles[form], form))[:MAX_SIMILAR])
