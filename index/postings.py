"""Postings: the words and names of articles → of each term which articles have it, how often, where, in which form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import kernels
from index.compiled_library import address
from index.segment import TITLE_GAP
from index.segment_writer import Array, Terms
from index.term_table import TermTable, in_order


def postings(numbers: NDArray[np.int32], words: NDArray[np.int64], title_words: NDArray[np.int32],
             names: NDArray[np.int32], table: TermTable) -> Terms:
    """The postings of a table's terms.

    `numbers`: the vocabulary numbers of all words, article after article; `words`, `title_words`: how many each
    article has, its title's first. `names`: number of a name term, article, position, form; by article and position.
    """
    names = names.copy()
    names[:, 0] = table.of_names[names[:, 0]]
    make = _sorted if kernels.KERNELS is None else _counted
    return make(numbers, words, title_words, names, table)


def used_numbers(numbers: NDArray[np.int32], size: int) -> NDArray[np.int64]:
    """Which numbers below `size` there are, ascending."""
    marks = np.zeros(size, np.bool_)
    if kernels.KERNELS is None:
        marks[numbers] = True
    else:
        kernels.KERNELS.mark_numbers(address(numbers, np.int32), len(numbers), address(marks))
    return np.flatnonzero(marks)


def _counted(numbers: NDArray[np.int32], words: NDArray[np.int64], title_words: NDArray[np.int32],
             names: NDArray[np.int32], table: TermTable) -> Terms:
    """In C: where each goes is counted."""
    library: Any = kernels.KERNELS
    terms = np.zeros((len(table.texts), 3), np.int32)           # as in kernels.c
    own, named = (address(names, np.int32), len(names)), address(terms)
    terms[:, 0] = -1
    library.count_postings(address(numbers, np.int32), address(words, np.int64), len(words),
                           address(table.of_words, np.int32), *own, named)
    df, occurrences = terms[:, 1].astype(np.int64), terms[:, 2].astype(np.int64)
    terms[:, 0], terms[:, 1], terms[:, 2] = -1, np.cumsum(df) - df, np.cumsum(occurrences) - occurrences
    postings, places = np.empty((df.sum(), 3), np.int32), np.empty((len(numbers) + len(names), 2), np.int32)
    library.put_postings(address(numbers), address(words), address(title_words, np.int32), len(words), TITLE_GAP,
                         address(table.of_words), address(table.ordinals, np.int32), *own, named, address(postings),
                         address(places))
    return Terms(table.texts, df, table.forms, table.form_counts, postings[:, 0], postings[:, 1], postings[:, 2],
                 [(places[:, 0], places[:, 1])])


def _sorted(numbers: NDArray[np.int32], words: NDArray[np.int64], title_words: NDArray[np.int32],
            names: NDArray[np.int32], table: TermTable) -> Terms:
    """In NumPy: by one sort."""
    term, order = in_order(np.concatenate([table.of_words[numbers], names[:, 0]]))
    document = np.repeat(np.arange(len(words), dtype=np.int32), words)
    document = np.concatenate([document, names[:, 1]])[order]
    place = np.concatenate([_places(words, title_words), names[:, 2]])[order]
    ordinal = np.concatenate([table.ordinals[numbers], names[:, 3]])[order]
    new = np.ones(len(term), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (document[1:] != document[:-1])
    start = np.flatnonzero(new)
    frequencies = np.diff(np.append(start, len(term))).astype(np.int32)
    in_title = place < title_words[document]
    title_frequencies = np.add.reduceat(in_title, start, dtype=np.int32) if len(start) else frequencies
    df = np.bincount(term[start], minlength=len(table.texts))
    return Terms(table.texts, df, table.forms, table.form_counts, document[start], frequencies, title_frequencies,
                 [(place, ordinal)])


def _places(counts: Array, titles: Array) -> NDArray[np.int32]:
    """The position of each word of articles with so many words, of which so many are the title's."""
    place = np.arange(int(counts.sum()), dtype=np.int32)
    place -= np.repeat((np.cumsum(counts) - counts).astype(np.int32), counts)
    title_end = np.repeat(titles, counts)
    place[(place >= title_end) & (title_end > 0)] += TITLE_GAP
    return place
