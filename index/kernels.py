"""Kernels of the index: the loops of kernels.c, where a compiler was found at installation.

Who calls one has the same in Python or NumPy beside it: that is what runs where `KERNELS` is None.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, Final

from index.compiled_library import compiled_library

SOURCE = Path(__file__).with_name("kernels.c")

_ARRAY, _NUMBER = ctypes.c_void_p, ctypes.c_int64
FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "double_slots": (None, (_ARRAY, _ARRAY)),
    "number_chunks": (None, (_ARRAY, _ARRAY, _ARRAY, _NUMBER, _NUMBER, _ARRAY, _ARRAY, _ARRAY)),
    "copy_runs": (None, (*[_ARRAY] * 3, _NUMBER, _NUMBER, _ARRAY, _ARRAY)),
    "count_postings": (None, (_ARRAY, _ARRAY, _NUMBER, _ARRAY, _ARRAY, _NUMBER, _ARRAY)),
    "join_by_width": (None, (*[_ARRAY] * 5, _NUMBER, ctypes.c_int32, _ARRAY)),
    "mark_numbers": (None, (_ARRAY, _NUMBER, _ARRAY)),
    "part_by_width": (None, (*[_ARRAY] * 3, _NUMBER, *[_ARRAY] * 3)),
    "place_known": (None, (*[_ARRAY] * 8, _NUMBER, ctypes.c_double, _ARRAY, _ARRAY)),
    "put_postings": (None, (_ARRAY, _ARRAY, _ARRAY, _NUMBER, ctypes.c_int32, _ARRAY, _ARRAY, _ARRAY, _NUMBER, _ARRAY,
                            _ARRAY, _ARRAY)),
    "sketch_runs": (_NUMBER, (_ARRAY, _ARRAY, _NUMBER, _NUMBER, ctypes.c_int32, _NUMBER, _NUMBER, *[_ARRAY] * 6)),
    "words_of_texts": (None, (_ARRAY, _ARRAY, _NUMBER, *[_ARRAY] * 8)),
    "fold_lines": (_NUMBER, (_ARRAY, _NUMBER, _NUMBER, _ARRAY, _ARRAY)),
    "tokens_of_chunks": (None, (_ARRAY, _NUMBER, _ARRAY, _ARRAY, _ARRAY, _ARRAY)),
}

KERNELS: Final[Any | None] = compiled_library(SOURCE, FUNCTIONS)
