"""Agreement: every engine must count the same before anything is timed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.engine import Answer, Counts, Engine, Query


class DisagreementError(Exception):
    """Two engines answer one query differently; the message shows what each says."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """How many queries of how many an engine answered as the first one did, and its share of the same top ten."""

    engine: str
    queries: int
    of: int
    overlap: float


def check(engines: Sequence[Engine], queries: Iterable[Query], seconds: float) -> list[Agreed]:
    """Put every query to every engine, faceted; each engine has `seconds` a mix, then the rest is passed over.

    Raises DisagreementError at the first difference in the count, the facets or the number of records.
    """
    first, *others = engines
    asked = list(queries)
    truth = [_faceted(first, query) for query in asked]
    for query, (answer, _) in zip(asked, truth, strict=True):
        _same(query, "count without facets", first.search(query).count, answer.count, first.name, first.name)
    return [Agreed(first.name, len(asked), len(asked), 1.0)] + [
        _check(engine, first.name, asked, truth, seconds) for engine in others]


def _check(engine: Engine, first: str, asked: Sequence[Query], truth: Sequence[tuple[Answer, Counts]],
           seconds: float) -> Agreed:
    checked, shared, records = 0, 0, 0
    spent: dict[str, float] = {}
    for query, (answer, counts) in zip(asked, truth, strict=True):
        if not engine.can(query) or spent.get(query.mix, 0.0) > seconds:
            continue
        begin = time.perf_counter()
        found, facets = _faceted(engine, query)
        plain = engine.search(query)
        spent[query.mix] = spent.get(query.mix, 0.0) + time.perf_counter() - begin
        compare(query, (answer, counts), (found, facets), first, engine.name)
        _same(query, "count without facets", plain.count, answer.count, engine.name, first)
        checked += 1
        shared += len({record[0] for record in found.records} & {record[0] for record in answer.records})
        records += len(answer.records)
    return Agreed(engine.name, checked, len(asked), shared / max(1, records))


def _faceted(engine: Engine, query: Query) -> tuple[Answer, Counts]:
    answer, given = engine.facets(query)
    return answer, engine.counts(query, given)


def compare(query: Query, left: tuple[Answer, Counts], right: tuple[Answer, Counts], left_name: str, right_name: str
            ) -> None:
    """Raise DisagreementError unless two answers count alike; stories are compared where both count them."""
    (answer, counts), (found, facets) = left, right
    _same(query, "count", found.count, answer.count, right_name, left_name)
    _same(query, "records", len(found.records), len(answer.records), right_name, left_name)
    _same(query, "months", facets.months, counts.months, right_name, left_name)
    for facet, ours, theirs in (("entities", counts.entities, facets.entities),
                                ("sources", counts.sources, facets.sources)):
        _same(query, facet, _certain(theirs), _certain(ours), right_name, left_name)
    if counts.stories is not None and facets.stories is not None:
        _same_stories(query, counts.stories, facets.stories, left_name, right_name)


def _same_stories(query: Query, counts: Counts, found: Counts, left_name: str, right_name: str) -> None:
    """Compares values that both show: of equals the last may differ."""
    _same(query, "stories of months", found.months, counts.months, right_name, left_name)
    for facet, ours, theirs in (("entities", counts.entities, found.entities),
                                ("sources", counts.sources, found.sources)):
        both = ours.keys() & theirs.keys()
        _same(query, f"stories of {facet}", {value: theirs[value] for value in both},
              {value: ours[value] for value in both}, right_name, left_name)


def _certain(counts: dict[str, int]) -> tuple[list[int], dict[str, int]]:
    """The counts in order, and the values above the last count: which of equals come last is each engine's affair."""
    ordered = sorted(counts.values(), reverse=True)
    last = ordered[-1] if ordered else 0
    return ordered, {value: count for value, count in counts.items() if count > last}


def _same(query: Query, what: str, found: object, wanted: object, engine: str, first: str) -> None:
    if found != wanted:
        raise DisagreementError(f"{query.mix} {query.q!r}: {what}: {engine} says {str(found)[:300]}, "
                                f"{first} says {str(wanted)[:300]}")
