"""Laws of the order of labels: ranks are those of all that were met, whenever they are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.label_order import LabelOrder

LABELS = st.lists(st.text(alphabet="abAB éжЖ", max_size=4), min_size=1, max_size=30)


@given(labels=LABELS, meetings=st.lists(st.lists(st.integers(0, 29), max_size=8), max_size=8))
def test_ranks_are_in_the_order_of_folded_labels_then_of_values_and_only_what_was_met_has_one(
        labels: list[str], meetings: list[list[int]]) -> None:
    values = [f"place/{number}" for number in range(len(labels))]
    order, met = LabelOrder(values), set[int]()
    for meeting in meetings:
        some = [ordinal for ordinal in meeting if ordinal < len(values)]
        assert [given[1:] for given in order.of(some, lambda id: labels[values.index(id)])] == [
            (values[ordinal], labels[ordinal], ordinal) for ordinal in some]
        met.update(some)
        order.rank()
        ranks = order.ranks.values
        assert {ordinal for ordinal in range(len(values)) if ranks[ordinal]} == met
        assert sorted(met, key=lambda ordinal: ranks[ordinal]) == sorted(
            met, key=lambda ordinal: (labels[ordinal].casefold(), values[ordinal]))


def test_a_label_is_asked_for_once() -> None:
    asked: list[str] = []
    order = LabelOrder(["a", "b"])
    for _ in range(3):
        order.of([1], lambda value: asked.append(value) or value.upper())
    assert asked == ["b"]
    assert order.of([1])[0] == ("b", "b", "B", 1)


def test_what_was_met_is_ranked_when_that_pays_and_an_array_that_was_read_stays_as_it_is() -> None:
    order = LabelOrder([f"{number:04}" for number in range(1000)])
    before = order.ranks
    order.of(range(350))
    for _ in range(3):
        order.missed()
    assert order.ranks is before           # 3 searches of 100 values each are not worth 350
    order.missed()
    assert not before.values.any()
    assert order.ranks.values[:351].tolist() == [*range(1, 351), 0]
