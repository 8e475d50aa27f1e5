"""Putting off the collection of garbage: nothing is collected inside, and afterwards it is as it was before."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

from index import garbage
from index.names.registry import Names


def counted(block: Callable[[], object]) -> int:
    """How often garbage is collected by itself while something is done."""
    collected: list[str] = []

    def note(phase: str, info: dict[str, Any]) -> None:
        collected.append(phase)
    gc.callbacks.append(note)
    try:
        block()
    finally:
        gc.callbacks.remove(note)
    return collected.count("start")


def many_objects() -> object:
    return [[number] for number in range(100_000)]


def test_nothing_is_collected_inside_and_it_is_afterwards() -> None:
    def inside() -> None:
        with garbage.put_off(), garbage.put_off():
            many_objects()
    assert counted(many_objects) > 10
    assert counted(inside) <= 1          # when it is over
    assert gc.isenabled()


def test_after_an_error_too_and_where_it_was_off_it_stays_off() -> None:
    with pytest.raises(ValueError, match="no"), garbage.put_off():
        raise ValueError("no")
    assert gc.isenabled()
    gc.disable()
    try:
        with garbage.put_off():
            many_objects()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_names_are_loaded_without_it() -> None:
    assert counted(Names.load) < 10      # else some three hundred times
