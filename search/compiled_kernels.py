"""The kernels of kernels.c, called through ctypes. What each does stands in kernels.py."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.compiled_library import address, compiled_library
from search.bits import Bits, KeptBits, Ranks, count_set
from search.columns import NO_PAIRS, SHOWN, Arrivals, Column, Lists, Ordinals, Pairs, Part
from search.opened import KINDS
from search.spare import Tally
from search.top import in_order

LIBRARY = Path(__file__).with_name("_kernels.so")
"""What tools/compile_kernels.py makes of kernels.c when the package is installed."""
SOURCE = Path(__file__).with_name("kernels.c")
FEW = 16
"""Where there are fewer articles than one for so many ordinals, `most` goes through what they have instead of all."""
SMALL = 64
"""So many articles at most are put in order one by one."""
LANES, WAYS, BLOCK = 8, 4, 512
"""As in kernels.c."""

_ARRAY, _NUMBER, _WIDTH = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
RANGES = [_NUMBER * many for many in range(len(KINDS) + 1)]
"""A number for each of so many types: to make such a type of arrays takes longer than to count a hundred articles."""
_HAVING = _NUMBER * (2 * SHOWN)
_CHOSEN = (_ARRAY, _NUMBER)
_PAIRS = (_WIDTH, _ARRAY, _NUMBER)
_COLUMN = (*_CHOSEN, _ARRAY, _WIDTH)
_LISTS = (*_CHOSEN, _ARRAY, _ARRAY, _WIDTH)
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "ones": (None, (_ARRAY, _NUMBER, _ARRAY)),
    "ones_in_all": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, _ARRAY)),
    "set_bits": (_NUMBER, (_ARRAY, _NUMBER, _WIDTH, ctypes.c_uint32, _ARRAY)),
    "count_in_each": (None, (_ARRAY, _NUMBER, _ARRAY, _ARRAY, _NUMBER, _ARRAY)),
    "marked_places": (_NUMBER, (*_CHOSEN, _ARRAY, _ARRAY, _ARRAY, _ARRAY)),
    "top_float": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, _ARRAY, _ARRAY)),
    "top_integer": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, _ARRAY, _ARRAY)),
    "first_float": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, *[_ARRAY] * 6)),
    "first_integer": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, *[_ARRAY] * 6)),
    "add_scores": (None, (*_CHOSEN, _ARRAY, _ARRAY)),
    "unite": (_NUMBER, (*_CHOSEN, _ARRAY, _ARRAY, _ARRAY)),
    "united": (None, (_ARRAY, _NUMBER, _ARRAY, _ARRAY, _ARRAY)),
    "sharing_articles": (_NUMBER, (*_CHOSEN, _ARRAY, _ARRAY)),
    "marked_pairs": (_NUMBER, (_ARRAY, _NUMBER, _ARRAY, _WIDTH, _ARRAY)),
    "count_column": (None, (*_COLUMN, _ARRAY, _ARRAY)),
    "column_repeats": (None, (*_PAIRS, _ARRAY, _WIDTH, _ARRAY, _ARRAY, ctypes.c_uint32, _ARRAY, _ARRAY)),
    "gather_lists": (None, (*_LISTS, _NUMBER, _ARRAY, _ARRAY)),
    "count_lists": (_NUMBER, (*_LISTS, _NUMBER, _ARRAY, _ARRAY, _ARRAY, _NUMBER)),
    "count_sets": (None, (*_LISTS, _NUMBER, _ARRAY, _ARRAY, _NUMBER, _ARRAY)),
    "list_repeats": (None, (*_PAIRS, _ARRAY, _ARRAY, _WIDTH, _ARRAY, _NUMBER, _ARRAY, _ARRAY, _ARRAY)),
    "add_counts": (None, (_ARRAY, _NUMBER, _ARRAY, ctypes.c_uint32, _ARRAY)),
    "counted_span": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER)),
    "shown_sources": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, _ARRAY, _NUMBER, _ARRAY)),
    "dated_span": (_NUMBER, (_ARRAY, _NUMBER, _ARRAY)),
    "shown_buckets": (None, (_ARRAY, _ARRAY, ctypes.c_uint32, _NUMBER, _ARRAY)),
    "shown_first": (_NUMBER, (_ARRAY, _ARRAY, _ARRAY, _NUMBER, _NUMBER, _ARRAY, _NUMBER, _WIDTH, _NUMBER, _NUMBER,
                              _ARRAY, _NUMBER, _ARRAY)),
    "clear_counts": (None, (_ARRAY, _ARRAY, _NUMBER)),
    "most": (None, (_ARRAY, _ARRAY, _NUMBER, _ARRAY, _NUMBER, _NUMBER, _ARRAY, _ARRAY, _ARRAY, _ARRAY)),
}


def compiled_kernels(library: Path = LIBRARY, source: Path = SOURCE) -> CompiledKernels | None:
    """The kernels of a library; None if it is not there, or not of this system, or made of another source."""
    loaded = compiled_library(source, _SIGNATURES, library)
    return None if loaded is None else CompiledKernels(loaded)


class CompiledKernels:
    """Kernels (see there) of a compiled library."""

    is_compiled = True

    def __init__(self, library: Any) -> None:
        self.library = library

    def ones(self, words: Bits) -> NDArray[np.int64]:
        found = np.empty(count_set(words), np.int64)
        self.library.ones(address(words, np.uint64), len(words), _own(found))
        return found

    def ones_in_all(self, sets: Sequence[Bits], first: int) -> NDArray[np.int64]:
        many, words = len(sets), len(sets[0])
        where = (_ARRAY * many)(*[address(bits, np.uint64, words) for bits in sets])
        found = np.empty(first + 1, np.int64)
        return found[: self.library.ones_in_all(where, many, words, _own(found))].copy()

    def bits(self, numbers: Ordinals, limit: int) -> Bits:
        bits = np.zeros(-(-limit // 64), np.uint64)
        if self.library.set_bits(address(numbers), len(numbers), numbers.itemsize, limit, _own(bits)) < len(numbers):
            raise IndexError(f"a number up to {numbers.max()} of {limit}")
        return bits

    def count_in_each(self, bits: Bits, groups: Sequence[Sequence[KeptBits]]) -> list[int]:
        sets, many, words = list(chain.from_iterable(groups)), len(groups), len(bits)
        if sets and min([its.words for its in sets]) < words:
            raise TypeError(f"bits of fewer than {words} words")
        where = (_ARRAY * len(sets))(*[its.address for its in sets])
        ends, counts = (_NUMBER * many)(*accumulate(map(len, groups))), (_NUMBER * many)()
        self.library.count_in_each(address(bits, np.uint64), words, where, ends, many, counts)
        return list(counts)

    def places(self, articles: NDArray[np.int64], marked: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        which, rank = np.empty(len(articles) + 1, np.int64), np.empty(len(articles) + 1, np.int64)
        known = self.library.marked_places(
            *_ascending(articles, len(marked.bits) * 64), address(marked.bits, np.uint64),
            address(marked.below, np.int32), _own(which), _own(rank))
        return which[:known], rank[:known]

    def top(self, values: NDArray[np.float32] | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        if not len(values) > count > 0:
            return np.arange(len(values))
        found = np.empty(len(values) + count + len(values) // BLOCK, np.int64)
        is_float = values.dtype == np.float32
        best, where = self.library.top_float if is_float else self.library.top_integer, _own(found)
        many = best(address(values, np.float32 if is_float else np.int64), len(values), count,
                    where + 8 * len(values), where)
        return found[:many].copy()

    def first(self, values: NDArray[np.float32] | NDArray[np.int64], articles: NDArray[np.int64],
              arrivals: Arrivals, count: int, stand: int = 0) -> NDArray[np.int64]:
        if not 0 < count <= SMALL:
            return in_order(values, articles, arrivals, self.top(values, count))[:count]
        many, is_float = len(values), values.dtype == np.float32
        room = np.empty(many + 2 * count + many // BLOCK, np.int64)
        where = _own(room)
        held: int = (self.library.first_float if is_float else self.library.first_integer)(
            address(values, np.float32 if is_float else np.int64), many, count,
            stand or _ascending(articles, len(arrivals))[0], *arrivals.addresses,
            where + 8 * (many + count), where + 8 * count, where)
        return room[:held]

    def add_scores(self, totals: NDArray[np.float32], articles: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        self.library.add_scores(*_ascending(articles, len(totals)), address(scores, np.float32, len(articles)),
                                 _own(totals))

    def unite(self, parts: Sequence[Part], docs: int) -> tuple[NDArray[np.int64], NDArray[np.float32], Bits]:
        totals, bits, known = np.zeros(docs, np.float32), np.zeros(-(-docs // 64), np.uint64), 0
        where, its = _own(bits), _own(totals)
        for articles, scores in parts:
            known += self.library.unite(*_ascending(articles, docs), None if scores is None else address(
                scores, np.float32, len(articles)), where, its)
        found, of_found = np.empty(known, np.int64), np.empty(known, np.float32)
        self.library.united(where, len(bits), its, _own(found), _own(of_found))
        return found, of_found, bits

    def by_story(self, story: Column) -> Pairs:
        articles, many, stories, _ = _column(story)
        pairs = np.empty(many + 1, np.uint64)
        known = self.library.sharing_articles(articles, many, stories, _own(pairs))
        if not known:
            return NO_PAIRS
        pairs = pairs[:known].copy()                 # what is kept holds no more than it counts
        if known > SMALL:
            pairs.sort()
        return Pairs(pairs)

    def marked_pairs(self, pairs: Pairs, bits: Bits, *, numbered: bool) -> Pairs:
        marked = np.empty(len(pairs) + 1, np.uint64)
        known = self.library.marked_pairs(pairs.address, len(pairs), address(bits, np.uint64, pairs.last // 64 + 1),
                                           numbered, _own(marked))
        return Pairs(marked[:known].copy())          # as above

    def gather(self, lists: Lists) -> Lists:
        if lists.chosen is None:
            return lists
        own = np.empty(len(lists) + 1, np.uint32)
        many = int((lists.start[lists.chosen + 1] - lists.start[lists.chosen]).sum(dtype=np.int64))
        values = np.empty(many + LANES, lists.values.dtype)
        self.library.gather_lists(*_lists(lists), len(lists.values), _own(own), _own(values))
        return Lists(own, values[:many], lists.size)

    def count(self, parts: Sequence[tuple[Column, Column]], size: int) -> NDArray[np.uint32]:
        counts = np.zeros(size, np.uint32)
        if size:
            its = _own(counts)
            for column, table in parts:
                self.library.count_column(*_column(column), _by_ordinal(table, 4, column.size), its)
        return counts

    def span(self, counts: NDArray[np.uint32], begin: int) -> tuple[int, int] | None:
        found: int = self.library.counted_span(_own(counts), begin, len(counts))
        return None if found < 0 else (found >> 32, found & 0xFFFFFFFF)

    def add(self, counts: NDArray[np.uint32], span: tuple[int, int], place: Column, below: int, places: int
            ) -> NDArray[np.uint32]:
        added, begin, many = np.zeros(places, np.uint32), 4 * span[0], span[1] + 1 - span[0]
        self.library.add_counts(_own(counts) + begin, many,
                                 _by_ordinal(place, 4, span[1] + 1) + begin, below + 1, _own(added))
        return added

    def count_lists(self, parts: Sequence[tuple[Lists, Column]], tally: Tally) -> int | None:
        counts, met, *_ = tally.addresses
        if sum([len(lists) for lists, _ in parts]) * FEW < tally.size:
            known: int = 0
            for lists, table in parts:
                known = self.library.count_lists(*_lists(lists), len(lists.values),
                                                  _by_ordinal(table, 4, lists.size), counts, met, known)
            return known
        for lists, table in parts:
            local = np.zeros(lists.size, np.uint32)
            self.library.count_lists(*_lists(lists), len(lists.values), None, _own(local), None, 0)
            self.library.add_counts(_own(local), lists.size, _by_ordinal(table, 4, lists.size), 0, counts)
        return None

    def most(self, tally: Tally, met: int | None, edges: NDArray[np.uint32], size: int
             ) -> list[tuple[list[int], list[int]]]:
        how = RANGES[len(edges)]()
        counts, listed, heap, *room = tally.addresses
        self.library.most(counts, None if met is None else listed, met or 0, _own(edges), len(edges),
                           size, heap, *room, how)
        ends = [0, *accumulate(how)]
        ordinals, its = tally.found[:, : ends[-1]].tolist()
        return [(ordinals[begin:end], its[begin:end]) for begin, end in pairwise(ends)]

    def clear(self, tally: Tally, met: int | None) -> None:
        if met is None:
            tally.counts.fill(0)
        else:
            self.library.clear_counts(*tally.addresses[:2], met)

    def count_sets(self, lists: Lists, group: Column, shown: NDArray[np.int32]) -> list[int]:
        having = _HAVING()
        self.library.count_sets(*_lists(lists), len(lists.values), _by_ordinal(group, 1, lists.size),
                                 _own(shown), len(shown), having)
        return list(having)

    def column_repeats(self, pairs: Pairs, column: Column, is_gathered: bool, table: Column, place: Column, below: int,
                       places: int) -> NDArray[np.uint32]:
        last_and_again = np.zeros((2, WAYS + places), np.uint32)
        its = _own(last_and_again)
        self.library.column_repeats(
            *_pairs(pairs, len(column.values), is_gathered), column.address, column.values.itemsize,
            _by_ordinal(table, 4, column.size), _by_ordinal(place, 4, table.size), below, its,
            its + last_and_again.strides[0])
        return last_and_again[1, WAYS:]

    def list_repeats(self, pairs: Pairs, lists: Lists, is_gathered: bool, shown: NDArray[np.int32], room: Column
                     ) -> NDArray[np.uint32]:
        if len(shown) + WAYS > 0xFFFF:
            raise ValueError(f"{len(shown)} places, more than 16 bits hold")
        last_and_again = np.zeros((2, WAYS + len(shown)), np.uint32)
        its = _own(last_and_again)
        self.library.list_repeats(
            *_pairs(pairs, len(lists.start) - 1, is_gathered), *lists.addresses, lists.values.itemsize,
            _own(shown), len(shown), _by_ordinal(room, 2, lists.size), its,
            its + last_and_again.strides[0])
        return last_and_again[1, WAYS:]


def _column(column: Column) -> tuple[int | None, int, int, int]:
    chosen = column.chosen
    if chosen is None:
        return None, len(column.values), column.address, column.values.itemsize
    return column.chosen_address or address(chosen, np.int64), len(chosen), column.address, column.values.itemsize


def _lists(lists: Lists) -> tuple[int | None, int, int, int, int]:
    chosen = lists.chosen
    if chosen is None:
        return None, len(lists.start) - 1, *lists.addresses, lists.values.itemsize
    return lists.chosen_address or address(chosen, np.int64), len(chosen), *lists.addresses, lists.values.itemsize


def _pairs(pairs: Pairs, gathered: int, is_gathered: bool) -> tuple[bool, int, int]:
    """Raises TypeError when what was gathered for these pairs is of fewer."""
    if is_gathered and gathered < len(pairs):
        raise TypeError(f"{gathered} articles gathered, not {len(pairs)}")
    return is_gathered, pairs.address, len(pairs)


def _by_ordinal(column: Column, width: int, size: int) -> int:
    """Where a column stands that has something of such a width for each of so many ordinals. Raises TypeError if it is
    not one."""
    if len(column.values) < size or column.values.itemsize != width or column.chosen is not None:
        raise TypeError(f"a column of {len(column.values)} {column.values.dtype} for {size} ordinals")
    return column.address


def _ascending(articles: NDArray[np.int64], limit: int) -> tuple[int, int]:
    """Raises IndexError when one is not below a limit, as it may be in a damaged segment."""
    if len(articles) and not 0 <= articles[0] <= articles[-1] < limit:
        raise IndexError(f"articles {articles[0]} to {articles[-1]} of {limit}")
    return address(articles, np.int64), len(articles)


def _own(array: NDArray[Any]) -> int:
    """Where an array stands that was made here, in a quarter of the time of `ctypes.data`; 0: it is empty."""
    return ctypes.addressof(ctypes.c_char.from_buffer(array.data)) if array.size else 0
