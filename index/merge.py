"""Merge: several segments → one, deleted articles left out. Memory is bounded: a run of terms at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.segment import Segment
from index.segment_writer import Array, Columns, SegmentWriter, Terms
from index.similar import read_foldings

RUN = 2_000_000
"""Occurrences merged at a time (about 60 bytes each), if they are not all of one term."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment to be merged and which of its articles are kept."""

    segment: Segment
    live: NDArray[np.bool_]          # (segment.docs,)


def merge(parts: Sequence[Part], folder: Path) -> None:
    """Write the kept articles of `parts`, in order, as one segment."""
    writer = SegmentWriter(folder)
    step("merge:begun")
    if any(part.segment["positions"].dtype.itemsize == 4 for part in parts):
        writer.wide_positions()
    texts, ordinals = _merged_lexicon([part.segment for part in parts])
    renumbered = _renumber([part.live for part in parts])
    for start, stop in _runs(parts, ordinals, len(texts)):
        writer.add(_merge_run(parts, ordinals, renumbered, texts[start:stop], start))
    foldings: dict[bytes, tuple[int, ...]] = {}
    for part in parts:
        foldings |= read_foldings(part.segment)
    writer.close(_merge_columns(parts), foldings)
    step("merge:written")


def _merged_lexicon(segments: Sequence[Segment]) -> tuple[list[bytes], list[NDArray[np.int32]]]:
    """All terms in order, and for each segment the place of its terms among them."""
    every: set[bytes] = set()
    for segment in segments:
        every.update(_texts(segment))
    texts = sorted(every)
    place = {text: number for number, text in enumerate(texts)}
    return texts, [np.fromiter(map(place.__getitem__, _texts(segment)), np.int32, segment.terms)
                   for segment in segments]


def _texts(segment: Segment) -> list[bytes]:
    blob, offsets = bytes(segment["lexicon"]), segment["term_text"].tolist()
    return [blob[start:end] for start, end in pairwise(offsets)]


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

    terms: Array                     # (P,) merged term, counted from the run's first
    documents: Array                 # (P,) new local numbers
    frequencies: Array
    title_frequencies: Array
    positions: Array                 # (O,)
    ordinals: Array                  # (O,) in the merged term's forms


def _merge_run(parts: Sequence[Part], ordinals: Sequence[NDArray[np.int32]], renumbered: Sequence[NDArray[np.int32]],
               texts: list[bytes], start: int) -> Terms:
    forms: list[dict[str, int]] = [{} for _ in texts]
    runs = [_read_run(part, places, numbers, (start, start + len(texts)), forms)
            for part, places, numbers in zip(parts, ordinals, renumbered, strict=True)]
    term = np.concatenate([run.terms for run in runs])
    order = np.argsort(term, kind="stable")
    frequencies = np.concatenate([run.frequencies for run in runs])
    df = np.bincount(term, minlength=len(texts))
    here = np.flatnonzero(df)
    printed, form_counts, occurrences = _printed_forms(
        forms, [(np.zeros(1, np.int32), run.positions, run.ordinals) for run in runs] if len(texts) == 1 else
        [_in_order(np.repeat(term, frequencies), runs)])
    return Terms(
        [texts[t] for t in here], df[here], printed, form_counts[here],
        np.concatenate([run.documents for run in runs])[order], frequencies[order],
        np.concatenate([run.title_frequencies for run in runs])[order], occurrences)


def _in_order(term: Array, runs: Sequence[_Run]) -> tuple[Array, Array, Array]:
    """Term, position and ordinal of all occurrences, term after term; `term`: that of each as they are."""
    order = np.argsort(term, kind="stable")
    return (term[order], np.concatenate([run.positions for run in runs])[order],
            np.concatenate([run.ordinals for run in runs])[order])


def _printed_forms(forms: Sequence[dict[str, int]], pieces: Sequence[tuple[Array, Array, Array]]
                   ) -> tuple[list[bytes], Array, list[tuple[Array, Array]]]:
    """The forms that some occurrence kept is printed in, how many each term has, and the occurrences with new ordinals.

    `pieces`: term (of all, or of each occurrence), position and ordinal. Forms that only deleted articles printed go
    with these.
    """
    counts = np.array([len(known) for known in forms], np.int64)
    begin = (np.cumsum(counts) - counts).astype(np.int32)
    used = np.zeros(int(counts.sum()), np.bool_)
    for term, _, ordinals in pieces:
        used[begin[term] + ordinals] = True
    kept = np.bincount(np.repeat(np.arange(len(forms)), counts)[used], minlength=len(forms))
    texts = [form.encode() for form, keep in zip(chain.from_iterable(forms), used.tolist(), strict=True) if keep]
    renumbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
    first = (np.cumsum(kept) - kept).astype(np.int32)
    return texts, kept, [(positions, renumbered[begin[term] + ordinals] - first[term])
                         for term, positions, ordinals in pieces]


def _read_run(part: Part, places: NDArray[np.int32], renumbered: NDArray[np.int32], span: tuple[int, int],
              forms: list[dict[str, int]]) -> _Run:
    segment = part.segment
    first, last = (int(edge) for edge in np.searchsorted(places, span))
    flat = _flat_postings(segment, first, last)
    keep = part.live[flat.documents]
    keep_occurrences = np.repeat(keep, flat.frequencies)
    term = np.repeat(places[first:last] - span[0], np.diff(segment["term_post"][first : last + 1].astype(np.int64)))
    occurrences = np.diff(segment["term_occ"][first : last + 1].astype(np.int64))
    remap, begin = _map_forms(segment, first, last, places[first:last] - span[0], forms)
    ordinals = remap[flat.ordinals + np.repeat(begin, occurrences)]
    return _Run(term[keep], renumbered[flat.documents[keep]], flat.frequencies[keep], flat.title_frequencies[keep],
                flat.positions[keep_occurrences], ordinals[keep_occurrences])


def _map_forms(segment: Segment, first: int, last: int, places: Array, forms: list[dict[str, int]]
               ) -> tuple[Array, Array]:
    """Add the printed forms of a range of terms to `forms`; old form → new ordinal, and where each term's begin."""
    edges = segment["term_form"][first : last + 1].astype(np.int64)
    starts = segment["form_text"][edges[0] : edges[-1] + 1].astype(np.int64) if last > first else np.zeros(1, np.int64)
    blob = bytes(segment["forms"][starts[0] : starts[-1]])
    offsets = (starts - starts[0]).tolist()
    remap = []
    base = int(edges[0]) if last > first else 0
    for place, (low, high) in zip(places.tolist(), zip(edges.tolist(), edges[1:].tolist(), strict=False), strict=True):
        known = forms[place]
        for form in range(low - base, high - base):
            text = blob[offsets[form] : offsets[form + 1]].decode()
            remap.append(known.setdefault(text, len(known)))
    return np.array(remap, np.int32), (edges[:-1] - base).astype(np.int32)


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
    each = np.repeat(width, counts)
    values = np.full(len(each), default, np.int32)
    at = segment[f"{table}_at"][first:last].astype(np.int64)
    for size in (1, 2, 4):
        chosen = np.flatnonzero(width == size)
        if len(chosen):
            low, high = int(at[chosen[0]]), int(at[chosen[-1]]) + int(counts[chosen[-1]])
            values[each == size] = segment[f"{stream}{size}"][low:high]
    return values


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
