"""The index with and without its compiled kernels, so that tests hold one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from index import kernels

LIBRARIES: list[Any] = [
    pytest.param(None, id="NumPy"),
    pytest.param(kernels.KERNELS, id="compiled", marks=pytest.mark.skipif(
        kernels.KERNELS is None, reason="kernels.c is not compiled here: no C compiler at installation"))]
each = pytest.mark.parametrize("library", LIBRARIES)


@contextmanager
def using(library: Any) -> Iterator[None]:
    """Kernels of this library; None: what runs without a compiler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "KERNELS", library)
        yield
