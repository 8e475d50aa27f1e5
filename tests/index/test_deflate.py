"""What is made smaller comes back, whichever library wrote and whichever reads it; what is damaged is told."""

from __future__ import annotations

import builtins
import sys
import zlib
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import deflate
from index.deflate import compress, decompress

isal_zlib = pytest.importorskip("isal.isal_zlib", reason="there is no build of isal for this processor")
LIBRARIES = [zlib, isal_zlib]
RAW = st.one_of(st.binary(max_size=300), st.text("ab ", max_size=3000).map(str.encode),
                st.lists(st.sampled_from(["Kyiv", "Київ", "talks", " "]), max_size=900).map(" ".join).map(str.encode))


@pytest.mark.parametrize("writer", LIBRARIES)
@pytest.mark.parametrize("reader", LIBRARIES)
@given(raw=RAW)
def test_what_one_writes_the_other_reads(writer: ModuleType, reader: ModuleType, raw: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deflate, "LIBRARY", writer)
        made = compress(raw)
        patch.setattr(deflate, "LIBRARY", reader)
        assert decompress(made) == raw


@pytest.mark.parametrize("library", LIBRARIES)
@given(raw=RAW.filter(bool), at=st.integers(0), flip=st.integers(1, 255))
def test_damage_is_a_value_error_or_changes_nothing(library: ModuleType, raw: bytes, at: int, flip: int) -> None:
    made = bytearray(zlib.compress(raw, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deflate, "LIBRARY", library)
        with pytest.raises(ValueError, match=r"."):
            decompress(bytes(made[:-1]))
        made[at % len(made)] ^= flip
        try:
            assert decompress(bytes(made)) == raw               # a bit of the header that says nothing
        except ValueError:
            return


def test_isal_is_in_use_where_it_is_installed() -> None:
    assert deflate.LIBRARY is isal_zlib


def test_without_isal_zlib_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("isal"):
            raise ImportError(name)
        return before(name, *rest)
    monkeypatch.delitem(sys.modules, "isal", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    assert deflate._library() is zlib
