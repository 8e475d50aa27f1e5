"""Merge: several segments → one, deleted articles left out. Memory is bounded: a run of terms at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.merged_terms import MergedFoldings, MergedForms, merged_lexicon
from index.ranges import copy_runs
from index.segment import Segment
from index.segment_writer import Array, Columns, SegmentWriter, Terms
from index.strings import Strings
from index.widths import SIZES, joined

RUN = 2_000_000
"""Occurrences merged at a time (about 60 bytes each), if they are not all of one term."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment to be merged and which of its articles are kept."""

    segment: Segment
    live: NDArray[np.bool_]          # (segment.docs,)


def merge(parts: Sequence[Part], folder: Path, check: Callable[[], None] = lambda: None) -> None:
    """Write the kept articles of `parts`, in order, as one segment. `check` is called again and again: what it raises
    ends the merge."""
    writer = SegmentWriter(folder)
    step("merge:begun")
    if any(part.segment["positions"].dtype.itemsize == 4 for part in parts):
        writer.wide_positions()
    texts, ordinals = merged_lexicon(
        [Strings(part.segment["lexicon"], part.segment["term_text"].astype(np.int64)) for part in parts])
    renumbered = _renumber([part.live for part in parts])
    foldings = MergedFoldings([part.segment for part in parts])
    for start, stop in _runs(parts, ordinals, len(texts)):
        check()
        terms, forms = _merge_run(parts, ordinals, renumbered, texts[start:stop], start)
        writer.add(terms)
        foldings.add(forms)
    writer.close(_merge_columns(parts), foldings.rows())
    step("merge:written")


def _renumber(lives: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.int32]]:
    """For each segment: old local number → new one (meaningless where not live)."""
    starts = [0, *accumulate(int(live.sum()) for live in lives)]
    return [np.cumsum(live, dtype=np.int32) - np.int32(1 - start) for live, start in zip(lives, starts, strict=False)]


def _runs(parts: Sequence[Part], ordinals: Sequence[NDArray[np.int32]], terms: int) -> Iterator[tuple[int, int]]:
    """Ranges of merged terms with at most RUN occurrences each (or one term)."""
    load = np.zeros(terms, np.int64)
    for part, places in zip(parts, ordinals, strict=True):
        load[places] += np.diff(part.segment["term_occ"].astype(np.int64))
    ends = np.cumsum(load)
    start = 0
    while start < terms:
        limit = (ends[start - 1] if start else 0) + RUN
        stop = max(start + 1, int(np.searchsorted(ends, limit, side="right")))
        yield start, stop
        start = stop


@dataclass(frozen=True, slots=True)
class _Run:
    """The kept postings of a range of one segment's terms, flat."""

    terms: Array                     # (T,) merged term, counted from the run's first
    postings: Array                  # (T,) how many
    occurrences: Array               # (T,) how many
    documents: Array                 # (P,) new local numbers
    frequencies: Array
    title_frequencies: Array
    positions: Array                 # (O,)
    forms: Array                     # (O,) among the forms of the run


def _merge_run(parts: Sequence[Part], ordinals: Sequence[NDArray[np.int32]], renumbered: Sequence[NDArray[np.int32]],
               texts: Strings, start: int) -> tuple[Terms, MergedForms]:
    ranges = [tuple(np.searchsorted(places, (start, start + len(texts))).tolist()) for places in ordinals]
    forms = MergedForms.of([(part.segment, first, last, places[first:last] - start)
                            for part, places, (first, last) in zip(parts, ordinals, ranges, strict=True)], len(texts))
    runs = [_read_run(part, places[first:last] - start, numbers, (first, last), own)
            for part, places, numbers, (first, last), own in
            zip(parts, ordinals, renumbered, ranges, forms.numbers, strict=True)]
    for run in runs:
        forms.used[run.forms] = True
    form_counts, form_ordinals = forms.in_use()
    places, df = _destinations(len(texts), [(run.terms, run.postings) for run in runs])
    documents, frequencies, title_frequencies = (
        _placed([(getattr(run, name), run.postings) for run in runs], places)
        for name in ("documents", "frequencies", "title_frequencies"))
    if len(texts) == 1:                             # perhaps of a very frequent word: not all in one piece
        occurrences = [(run.positions, form_ordinals[run.forms]) for run in runs]
    else:
        places, _ = _destinations(len(texts), [(run.terms, run.occurrences) for run in runs])
        occurrences = [(_placed([(run.positions, run.occurrences) for run in runs], places),
                        _placed([(form_ordinals[run.forms], run.occurrences) for run in runs], places))]
    here = np.flatnonzero(df)
    return Terms(texts.take(here), df[here], forms.texts(), form_counts[here], documents, frequencies,
                 title_frequencies, occurrences), forms


def _destinations(terms: int, counts: Sequence[tuple[Array, Array]]) -> tuple[list[Array], Array]:
    """Where the values of each of a segment's terms begin when they are put term after term, and how many there are of
    each term in all.

    `counts`: of each segment its terms and how many values each has.
    """
    totals = np.zeros(terms, np.int64)
    for own, count in counts:
        totals[own] += count
    free, places = np.cumsum(totals) - totals, []
    for own, count in counts:
        places.append(free[own])
        free[own] += count
    return places, totals


def _placed(pieces: Sequence[tuple[Array, Array]], places: Sequence[Array]) -> Array:
    """Values of several segments as one array, those of each term at their place. `pieces`: of each segment the values,
    and how many each term has."""
    values = np.empty(sum(len(piece) for piece, _ in pieces), np.result_type(*[piece.dtype for piece, _ in pieces]))
    for (piece, counts), to in zip(pieces, places, strict=True):
        copy_runs(piece, np.cumsum(counts) - counts, counts, values, to)
    return values


def _read_run(part: Part, places: NDArray[np.int32], renumbered: NDArray[np.int32], span: tuple[int, int],
              forms: NDArray[np.int32]) -> _Run:
    segment, (first, last) = part.segment, span
    flat = _flat_postings(segment, first, last)
    edges = segment["term_form"][first : last + 1].astype(np.int64)
    postings, occurrences = (np.diff(segment[name][first : last + 1].astype(np.int64))
                             for name in ("term_post", "term_occ"))
    number = forms[flat.ordinals + np.repeat(edges[:-1] - edges[0], occurrences)]
    keep = part.live[flat.documents]
    documents, run = renumbered[flat.documents], (flat.frequencies, flat.title_frequencies, flat.positions, number)
    if keep.all():
        return _Run(places, postings, occurrences, documents, *run)
    term = np.repeat(np.arange(last - first), postings)[keep]
    frequencies, titles, positions, number = run
    kept = np.repeat(keep, frequencies)
    frequencies = frequencies[keep]
    return _Run(places, np.bincount(term, minlength=last - first),
                np.bincount(term, frequencies, minlength=last - first).astype(np.int64),
                documents[keep], frequencies, titles[keep], positions[kept], number[kept])


@dataclass(frozen=True, slots=True)
class _Flat:
    documents: Array
    frequencies: Array
    title_frequencies: Array
    positions: Array
    ordinals: Array


def _flat_postings(segment: Segment, first: int, last: int) -> _Flat:
    """Everything posted under the terms first..last of a segment, decoded at once."""
    edges = segment["term_post"][first : last + 1].astype(np.int64)
    df = np.diff(edges)
    start = edges[:-1] - edges[0] if last > first else df
    gaps = _flat(segment, "gap", "gaps", (first, last), df, 0)
    total = np.cumsum(gaps)
    total += np.repeat(segment["first"][first:last].astype(np.int64) - total[start], df)
    documents = total.astype(np.int32)
    frequencies = _flat(segment, "freq", "freqs", (first, last), df, 1)
    titles = np.zeros(len(documents), np.int32)
    low, high = int(segment["term_title"][first]), int(segment["term_title"][last])
    counts = np.diff(segment["term_title"][first : last + 1].astype(np.int64))
    titles[segment["title_post"][low:high] + np.repeat(start, counts)] = segment["title_freq"][low:high]
    begin, end = int(segment["term_occ"][first]), int(segment["term_occ"][last])
    occurrences = np.diff(segment["term_occ"][first : last + 1].astype(np.int64))
    ordinals = _flat(segment, "form", "ordinals", (first, last), occurrences, 0)
    return _Flat(documents, frequencies, titles, segment["positions"][begin:end], ordinals)


def _flat(segment: Segment, table: str, stream: str, span: tuple[int, int], counts: Array, default: int) -> Array:
    """The values of a range of terms, whatever width each was written with."""
    first, last = span
    width = segment[f"{table}_width"][first:last]
    at = segment[f"{table}_at"][first:last].astype(np.int64)
    streams = []
    for size in SIZES:
        chosen = np.flatnonzero(width == size)
        low, high = (int(at[chosen[0]]), int(at[chosen[-1]]) + int(counts[chosen[-1]])) if len(chosen) else (0, 0)
        streams.append(segment[f"{stream}{size}"][low:high])
    return joined(streams, counts, width, default)


def _merge_columns(parts: Sequence[Part]) -> Columns:
    def joined(name: str) -> Array:
        return np.concatenate([part.segment[name][part.live] for part in parts])

    sources, source = _merge_values([(part.segment.sources, part.segment["source"][part.live]) for part in parts])
    languages, language = _merge_values(
        [(part.segment.languages, part.segment["language"][part.live]) for part in parts])
    counts, entities, entity = _merge_entities(parts)
    return Columns(
        joined("numbers"), joined("keys"), joined("days"), joined("moments"), joined("lengths"),
        joined("title_words"), source, sources, language, languages,
        np.concatenate([[0], np.cumsum(counts)]), entity, entities, *_merge_cuts(parts))


def _merge_values(columns: Sequence[tuple[Sequence[Any], Array]]) -> tuple[list[Any], Array]:
    """Ordinals of several lists of values → ordinals of one list of those in use."""
    known: dict[Any, int] = {}
    merged = []
    for values, ordinals in columns:
        used = np.unique(ordinals)
        table = np.zeros(len(values), np.int64)
        for ordinal in used.tolist():
            table[ordinal] = known.setdefault(values[ordinal], len(known))
        merged.append(table[ordinals])
    return list(known), np.concatenate(merged)


def _merge_cuts(parts: Sequence[Part]) -> tuple[Array, Array]:
    counts, cuts = [], []
    for part in parts:
        each = np.diff(part.segment["cut_start"].astype(np.int64))
        cuts.append(part.segment["cuts"][np.repeat(part.live, each)])
        counts.append(each[part.live])
    return np.concatenate([[0], np.cumsum(np.concatenate(counts))]), np.concatenate(cuts)


def _merge_entities(parts: Sequence[Part]) -> tuple[Array, list[tuple[str, str]], Array]:
    counts, columns, labels = [], [], dict[str, str]()
    for part in parts:
        starts = part.segment["entity_start"].astype(np.int64)
        each = np.diff(starts)
        kept = part.segment["entity"][np.repeat(part.live, each)]
        counts.append(each[part.live])
        columns.append(([id for id, _ in part.segment.entities], kept))
        for id, label in part.segment.entities:
            labels.setdefault(id, label)
    ids, entity = _merge_values(columns)
    return np.concatenate(counts), [(id, labels[id]) for id in ids], entity
