"""A file of C, compiled into a library beside it by tools/compile_kernels.py, and called through ctypes."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def compiled_library(source: Path, functions: Mapping[str, tuple[Any, Sequence[Any]]], library: Path | None = None
                     ) -> Any | None:
    """The library made of a source, with these functions (result, arguments); None if it is not there, or not of this
    system, or made of another source. `library`: where it is, unless beside the source."""
    try:
        loaded = ctypes.CDLL(str(library or source.with_name("_kernels.so")))
        for name, (result, arguments) in functions.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
        loaded.source_digest.restype = ctypes.c_char_p
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
    except (OSError, AttributeError):
        return None
    return loaded if loaded.source_digest() == digest.encode() else None


def address(array: NDArray[Any], kind: type[np.generic] | None = None, least: int = 0) -> int:
    """Where an array stands, which the caller holds; 0: it is empty. Raises TypeError if it is not of this kind and so
    long, in one piece."""
    flags = array.flags
    if not flags.c_contiguous or len(array) < least or (kind is not None and array.dtype != kind):
        raise TypeError(f"an array of {len(array)} {array.dtype}, not of {least} {kind} in one piece")
    if flags.writeable and array.size:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))      # a third of the time of `ctypes.data`
    return int(array.ctypes.data) if array.size else 0
