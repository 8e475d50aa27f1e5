"""Short forms: which names of an article stand for a longer one of it (*Popko*, *the Bank*, *NBU*)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.names.recogniser_found import ORGANISATION, PERSON, Strings

_SMALL = frozenset({"of", "the", "for", "and", "&"})
_COUNT, _TYPE = 8, 2
"""Bits of a code that hold the number of forms, of a key that hold the type."""


class ShortForms:
    """The short forms of names, which are the same in all articles, as numbers of `strings`."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings
        self._rows = array("i")
        self._codes = _Codes(strings, self._rows)

    def full_names(self, text: NDArray[np.intp], types: NDArray[np.intp], article: NDArray[np.intp],
                   full: NDArray[np.intp], acronyms: Mapping[int, Mapping[str, str]]) -> NDArray[np.intp]:
        """For each name of a batch the one of its article that it may be short for, or itself; -1 if there is none.

        `text`, `types`, `article`: a row a name. `full`: the names that have short forms, article by article; the first
        keeps a form. `acronyms`: article → acronym → name, both in normal form; they go before all other forms, and
        first names of persons behind.
        """
        codes = np.array([self._codes[key] for key in (text[full] << _TYPE | types[full]).tolist()], np.intp)
        counts = codes & ((1 << _COUNT) - 1)
        ends = np.cumsum(counts)
        owner = np.repeat(full, counts)
        places = np.arange(len(owner)) + np.repeat((codes >> _COUNT) - ends + counts, counts)
        keys = article[owner] << 32 | np.frombuffer(self._rows, np.intc)[places]
        is_first = np.zeros(len(owner), np.bool_)
        is_first[ends[types[full] == PERSON] - 1] = True
        named = np.array(list(self._named(text, article, full, acronyms)), np.intp).reshape(-1, 2)
        keys = np.concatenate((named[:, 0], keys[~is_first], keys[is_first]))
        owner = np.concatenate((named[:, 1], owner[~is_first], owner[is_first]))
        known, at = np.unique(keys, return_index=True)
        wanted = article << 32 | text
        place = np.searchsorted(known, wanted)
        known, at = np.append(known, -1), np.append(at, 0)
        return np.where(known[place] == wanted, np.append(owner, -1)[at[place]], -1)

    def _named(self, text: NDArray[np.intp], article: NDArray[np.intp], full: NDArray[np.intp],
               acronyms: Mapping[int, Mapping[str, str]]) -> Iterator[tuple[int, int]]:
        """Acronyms in their articles, as keys, each with the name that it was introduced for."""
        for number, own in acronyms.items():
            first, last = np.searchsorted(article[full], (number, number + 1)).tolist()
            by_name = {self._strings.text[text[name]]: name for name in full[first:last].tolist()}
            for acronym, long_form in own.items():
                if long_form in by_name:
                    yield number << 32 | self._strings[acronym], by_name[long_form]


class _Codes(dict[int, int]):
    """Name and type → a code: where its short forms stand in `rows`, how many they are."""

    def __init__(self, strings: Strings, rows: array[int]) -> None:
        super().__init__()
        self._strings, self._rows = strings, rows

    def __missing__(self, key: int) -> int:
        forms = _forms(self._strings.text[key >> _TYPE].split(" "), key & ((1 << _TYPE) - 1))
        code = self[key] = len(self._rows) << _COUNT | len(forms)
        self._rows.extend([self._strings[form] for form in forms])
        return code


def _forms(words: Sequence[str], kind: int) -> tuple[str, ...]:
    """The short forms of a name of several words, in order of preference; the first name of a person comes last."""
    if kind == PERSON:
        return f"{words[0]} {words[-1]}", *(" ".join(words[first:]) for first in range(1, len(words))), words[0]
    if kind != ORGANISATION:
        return ()
    content = [word for word in words if word not in _SMALL]
    initials = ("".join(word[0] for word in content),) if len(content) > 1 else ()
    return *initials, *(" ".join(words[:length]) for length in range(len(words) - 1, 0, -1)), words[-1]
