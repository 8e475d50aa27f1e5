"""Did you mean: what else could have been typed, where a query finds nothing; only what finds something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from search.display import capitalised
from search.limits import QueryLimitError
from search.request import SearchRequest
from search.response import SearchResponse

WORDS_LIMIT = 6             # words of a query that are looked at
LOOKED_AT = 20              # articles whose spellings are counted
_PLAIN = re.compile(r'(?<![\w=:"~*\'’-])[^\W\d_][\w\'’-]{2,}(?![\w*~:"])')
_OPERATORS = frozenset(("OR", "AND", "NOT"))
_EXACTLY = re.compile(r'(?<![^\s(-])=(?=["\w])')

Ask = Callable[[SearchRequest], SearchResponse]


def every_spelling(q: str) -> str:
    """The query without its `=`: each name in every spelling."""
    return _EXACTLY.sub("", q)


def did_you_mean(ask: Ask, request: SearchRequest) -> tuple[str, ...]:
    """Queries that find something under the filters of `request`, which finds nothing."""
    respelt = _respelt(ask, every_spelling(request.q))
    candidates = dict.fromkeys((every_spelling(request.q), respelt))
    return tuple(q for q in candidates if q != request.q and _total(ask, replace(request, q=q)))


def _total(ask: Ask, request: SearchRequest) -> int:
    try:
        return ask(replace(request, facets=(), page=1, size=1)).total
    except QueryLimitError:             # the spelling of a word may be several words
        return 0


def _respelt(ask: Ask, q: str) -> str:
    """The query with each word that no article has replaced by the word spelt nearly so that most articles have."""
    if '"' in q:
        return q
    for found in list(_PLAIN.finditer(q))[:WORDS_LIMIT][::-1]:
        word = found.group()
        if word not in _OPERATORS and not _total(ask, SearchRequest(q=word)):
            q = q[: found.start()] + _nearest(ask, word) + q[found.end() :]
    return q


def _nearest(ask: Ask, word: str) -> str:
    near = ask(SearchRequest(q=f"{word}~", facets=(), size=LOOKED_AT))
    counts = Counter(spelling for hit in near.hits for spelling in {item.spelling for item in hit.matched})
    nearest = max(sorted(counts), key=lambda spelling: counts[spelling], default=word)
    return capitalised(nearest) if word[0].isupper() else nearest
