"""The compiled kernels give what those of NumPy give, and these what a plain loop gives."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.array_kernels import ArrayKernels
from search.bits import Bits, KeptBits, bits_of_numbers, ranks
from search.columns import SHOWN, Arrivals, Column, Lists, Pairs, checked, checked_lists
from search.compiled_kernels import LIBRARY, SOURCE, compiled_kernels
from search.kernels import KERNELS, Kernels
from search.spare import Tally

COMPILED = compiled_kernels()
KINDS: list[Any] = [
    pytest.param(ArrayKernels(), id="NumPy"),
    pytest.param(COMPILED, id="compiled", marks=pytest.mark.skipif(
        COMPILED is None, reason="kernels.c is not compiled here: no C compiler at installation"))]
each = pytest.mark.parametrize("kernels", KINDS)
WIDTHS = st.sampled_from([np.uint8, np.uint16, np.uint32])
SIZE = 12
"""Ordinals are below this; the lists of some articles are longer than what the loops take at once."""


def arrays(values: list[int], width: type[np.unsignedinteger[Any]]) -> np.ndarray[Any, Any]:
    return np.array(values, width)


@st.composite
def some_lists(draw: st.DrawFn) -> tuple[Lists, list[list[int]]]:
    """Lists of articles, and the same as Python's for the articles that are meant."""
    drawn = draw(st.lists(st.lists(st.integers(0, SIZE - 1), max_size=20, unique=True), max_size=30))
    start = np.cumsum([0, *map(len, drawn)]).astype(np.uint32)
    lists = checked_lists(Lists(start, arrays(list(chain.from_iterable(drawn)), draw(WIDTHS)), SIZE))
    if not drawn or draw(st.booleans()):
        return lists, drawn
    chosen = draw(st.lists(st.integers(0, len(drawn) - 1), max_size=60))
    return lists.of(np.array(chosen, np.int64)), [drawn[article] for article in chosen]


@st.composite
def some_column(draw: st.DrawFn) -> tuple[Column, list[int]]:
    """A column, and the ordinals of the articles that are meant."""
    drawn = draw(st.lists(st.integers(0, SIZE - 1), max_size=60))
    column = checked(Column(arrays(drawn, draw(WIDTHS)), SIZE))
    if not drawn or draw(st.booleans()):
        return column, drawn
    chosen = draw(st.lists(st.integers(0, len(drawn) - 1), max_size=90))
    return column.of(np.array(chosen, np.int64)), [drawn[article] for article in chosen]


@st.composite
def stories(draw: st.DrawFn, count: int) -> list[int]:
    """The stories of so many articles, those of each following each other."""
    runs = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    return list(chain.from_iterable([number] * run for number, run in enumerate(runs, 1)))[:count]


def paired(story: list[int], articles: Iterable[int]) -> Pairs:
    return Pairs(np.array([its << 32 | article for its, article in zip(story, articles, strict=True)], np.uint64))


def again(story: list[int], places: list[list[int]], count: int) -> list[int]:
    """For each place how often it was in its story before."""
    found = Counter((its, place) for its, several in zip(story, places, strict=True) for place in several if place)
    return [sum(number - 1 for (_, at), number in found.items() if at == place) for place in range(count)]


def test_the_compiled_kernels_are_in_use_where_there_is_a_compiler() -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert KERNELS.is_compiled


@each
@given(places=st.sets(st.integers(0, 400)), words=st.integers(7, 9))
def test_the_ones_of_bits_are_the_numbers_they_were_made_of(kernels: Kernels, places: set[int], words: int) -> None:
    assert kernels.ones(bits_of_numbers(np.array(sorted(places), np.int64), words * 64)).tolist() == sorted(places)


@each
@given(others=st.sets(st.integers(0, 400)), articles=st.sets(st.integers(0, 447)))
def test_places_are_where_an_article_stands_in_the_list_that_bits_were_made_of(
        kernels: Kernels, others: set[int], articles: set[int]) -> None:
    listed, asked = sorted(others), sorted(articles)
    which, rank = kernels.places(np.array(asked, np.int64), ranks(bits_of_numbers(np.array(listed, np.int64), 448)))
    assert [asked[index] for index in which.tolist()] == [article for article in asked if article in others]
    assert [listed[place] for place in rank.tolist()] == [article for article in asked if article in others]


@each
@given(values=st.lists(st.integers(-5, 20), max_size=60), count=st.integers(0, 20), times=st.sampled_from([1, 1, 30]),
       width=st.sampled_from([np.float32, np.int64]))
def test_the_top_are_the_greatest_and_all_that_equal_the_last(
        kernels: Kernels, values: list[int], count: int, times: int, width: type[Any]) -> None:
    every = values * times                      # many: of whole blocks the greatest is looked at first
    ordered = sorted(every, reverse=True)
    least = ordered[count - 1] if 0 < count < len(every) else -9
    assert kernels.top(np.array(every, width), count).tolist() == [
        index for index, value in enumerate(every) if value >= least]


@each
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=200),
       count=st.integers(1, 100), width=st.sampled_from([np.float32, np.int64]))
def test_the_first_are_those_of_the_greatest_value_then_the_later_then_of_the_lesser_key(
        kernels: Kernels, rows: list[tuple[int, int, bool]], count: int, width: type[Any]) -> None:
    """Of the articles of a view some match."""
    articles = np.flatnonzero([matches for _, _, matches in rows])
    values = np.array([value for value, _, matches in rows if matches], width)
    moments = np.array([moment for _, moment, _ in rows], np.int64)
    keys = np.array([article * 7919 % 10_007 for article in range(len(rows))], np.uint64)
    wanted = sorted(range(len(articles)), key=lambda at: (
        -values[at], -moments[articles[at]], keys[articles[at]]))[:count]
    assert kernels.first(values, articles, Arrivals(moments, keys), count).tolist() == wanted


@each
@given(parts=st.lists(st.dictionaries(st.integers(0, 30), st.floats(0, 100, width=32)), max_size=4))
def test_scores_are_added_up_in_the_order_given(kernels: Kernels, parts: list[dict[int, float]]) -> None:
    totals, wanted = np.zeros(31, np.float32), np.zeros(31, np.float32)
    for part in parts:
        articles = sorted(part)
        kernels.add_scores(totals, np.array(articles, np.int64), np.array([part[it] for it in articles], np.float32))
        for article in articles:
            wanted[article] = wanted[article] + np.float32(part[article])
    assert totals.tobytes() == wanted.tobytes()


@each
@given(parts=st.lists(st.dictionaries(st.integers(0, 99), st.floats(0, 100, width=32)), max_size=4),
       unscored=st.sets(st.integers(0, 3)))
def test_articles_of_several_parts_are_united_with_their_scores_added_up_in_order(
        kernels: Kernels, parts: list[dict[int, float]], unscored: set[int]) -> None:
    given_parts, wanted = [], dict[int, np.float32]()
    for number, part in enumerate(parts):
        articles = sorted(part)
        scores = np.array([part[article] for article in articles], np.float32)
        given_parts.append((np.array(articles, np.int64), None if number in unscored else scores))
        for article, score in zip(articles, scores, strict=True):
            wanted[article] = wanted.get(article, np.float32(0)) + (np.float32(0) if number in unscored else score)
    articles, totals, bits = kernels.unite(given_parts, 100)
    assert articles.tolist() == sorted(wanted) == kernels.ones(bits).tolist()
    assert totals.tobytes() == np.array([wanted[article] for article in sorted(wanted)], np.float32).tobytes()


@each
@given(story=st.lists(st.integers(0, 5), max_size=80), data=st.data())
def test_articles_that_share_a_story_follow_each_other(kernels: Kernels, story: list[int], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(len(story)))))) if story else []
    pairs = kernels.by_story(Column(np.array(story, np.uint32), 6, np.array(chosen, np.int64)))
    articles, stories = pairs.articles, pairs.stories
    assert sorted(articles.tolist()) == [article for article in chosen if story[article]]
    assert stories.tolist() == sorted(story[article] for article in articles.tolist())
    assert stories.tolist() == [story[article] for article in articles.tolist()]


@each
@given(given_lists=some_lists())
def test_gathered_lists_are_the_same_one_after_the_other(kernels: Kernels, given_lists: tuple[Lists, list[list[int]]]
                                                         ) -> None:
    lists, wanted = given_lists
    found = kernels.gather(lists)
    assert found.chosen is None
    assert [found.values[begin:end].tolist()
            for begin, end in zip(found.start[:-1], found.start[1:], strict=True)] == wanted
    assert found.values.dtype == lists.values.dtype


@st.composite
def table(draw: st.DrawFn, size: int) -> Column:
    """What the ordinals of a view are among those of all, which are so many."""
    shift = draw(st.integers(0, size - SIZE))
    return checked(Column(np.array(draw(st.permutations(range(SIZE))), np.uint32) + np.uint32(shift), size))


@each
@given(views=st.lists(some_column(), max_size=3), data=st.data())
def test_counts_of_a_column_are_those_of_its_articles_in_all_views(
        kernels: Kernels, views: list[tuple[Column, list[int]]], data: st.DataObject) -> None:
    tables = [data.draw(table(SIZE + 5)) for _ in views]
    found = kernels.count([(column, its) for (column, _), its in zip(views, tables, strict=True)], SIZE + 5)
    wanted = Counter(int(its.values[ordinal]) for (_, plain), its in zip(views, tables, strict=True)
                     for ordinal in plain)
    assert found.tolist() == [wanted[ordinal] for ordinal in range(SIZE + 5)]


@each
@given(counts=st.lists(st.integers(0, 2), max_size=40), begin=st.integers(0, 3))
def test_a_span_is_from_the_first_to_the_last_that_has_a_count(kernels: Kernels, counts: list[int], begin: int) -> None:
    found = kernels.span(np.array(counts, np.uint32), begin)
    counted = [ordinal for ordinal, count in enumerate(counts) if count and ordinal >= begin]
    assert found == ((counted[0], counted[-1]) if counted else None)


@each
@given(counted=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=60),
       below=st.integers(0, 3), data=st.data())
def test_counts_are_added_up_by_place(
        kernels: Kernels, counted: list[tuple[int, int]], below: int, data: st.DataObject) -> None:
    first, last = sorted(data.draw(st.lists(st.integers(0, len(counted) - 1), min_size=2, max_size=2)))
    counts, places = (np.array(its, np.uint32) for its in zip(*counted, strict=True))
    found = kernels.add(counts, (first, last), Column(places + np.uint32(below + 1), 10), below, 6)
    assert found.tolist() == [sum(count for count, at in counted[first : last + 1] if at == place)
                              for place in range(6)]


@each
@given(views=st.lists(some_lists(), max_size=3), far=st.integers(0, 40), data=st.data())
def test_counts_of_several_views_are_added_up_and_forgotten(
        kernels: Kernels, views: list[tuple[Lists, list[list[int]]]], far: int, data: st.DataObject) -> None:
    tally = Tally(SIZE + far * 40)             # of far more ordinals than articles, or not
    tables = [data.draw(table(tally.size)) for _ in views]
    met = kernels.count_lists([(lists, its) for (lists, _), its in zip(views, tables, strict=True)], tally)
    wanted = Counter(int(its.values[ordinal]) for (_, plain), its in zip(views, tables, strict=True)
                     for values in plain for ordinal in values)
    assert tally.counts.tolist() == [wanted[ordinal] for ordinal in range(tally.size)]
    if met is not None:
        assert sorted(tally.met[:met].tolist()) == sorted(wanted)
    kernels.clear(tally, met)
    assert not tally.counts.any()


@each
@given(counts=st.lists(st.integers(0, 6), min_size=1, max_size=80), size=st.integers(0, 30), listed=st.booleans(),
       data=st.data())
def test_the_most_are_all_that_have_at_least_the_count_of_the_last(
        kernels: Kernels, counts: list[int], size: int, listed: bool, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(counts)), min_size=4, max_size=4)))
    ranges = list(pairwise(edges))
    counted = [ordinal for ordinal, count in enumerate(counts) if count]
    tally = Tally(len(counts))
    tally.counts[:] = counts
    tally.met[: len(counted)] = data.draw(st.permutations(counted))
    found = kernels.most(tally, len(counted) if listed else None, np.array(ranges, np.uint32), size)
    for (first, end), (best, its) in zip(ranges, found, strict=True):
        ordered = sorted((counts[ordinal] for ordinal in range(first, end) if counts[ordinal]), reverse=True)
        least = ordered[min(size, len(ordered)) - 1] if ordered and size else 7
        assert sorted(best) == [ordinal for ordinal in range(first, end) if counts[ordinal] >= least]
        assert its == [counts[ordinal] for ordinal in best]


@each
@given(drawn=st.sets(st.integers(0, 299)),
       groups=st.lists(st.lists(st.sets(st.integers(0, 299)), max_size=5), max_size=4),
       width=st.sampled_from([np.uint16, np.uint32]))
def test_what_is_in_any_set_of_each_group_is_counted(kernels: Kernels, drawn: set[int], groups: list[list[set[int]]],
                                                     width: type[np.unsignedinteger[Any]]) -> None:
    def bits(some: set[int]) -> Bits:
        return kernels.bits(arrays(sorted(some), width), 300)
    assert np.array_equal(bits(drawn), bits_of_numbers(np.array(sorted(drawn), np.int64), 300))
    found = kernels.count_in_each(bits(drawn), [[KeptBits(bits(some)) for some in group] for group in groups])
    assert found == [len(drawn & set().union(*group)) for group in groups]


@each
@given(drawn=st.lists(st.sets(st.integers(0, 299)), min_size=1, max_size=4))
def test_the_numbers_in_all_of_some_sets(kernels: Kernels, drawn: list[set[int]]) -> None:
    found = kernels.ones_in_all([kernels.bits(arrays(sorted(some), np.uint32), 300) for some in drawn], len(drawn[0]))
    assert found.tolist() == sorted(set.intersection(*drawn))


@each
def test_what_is_in_any_of_sets_of_many_thousands(kernels: Kernels) -> None:
    """Words of more than a block."""
    chance, limit = np.random.default_rng(5), 130_003
    some, *others = [np.flatnonzero(chance.random(limit) < share).astype(np.uint32) for share in (0.4, 0.01, 0.2)]
    sets = [KeptBits(kernels.bits(other, limit)) for other in others]
    assert kernels.count_in_each(kernels.bits(some, limit), [sets, sets[1:]]) == [
        len(np.intersect1d(some, np.union1d(*others))), len(np.intersect1d(some, others[1]))]


@each
@given(drawn=st.lists(st.integers(0, 199), unique=True), marked=st.sets(st.integers(0, 199)), data=st.data())
def test_pairs_of_marked_articles_are_kept_or_have_places(kernels: Kernels, drawn: list[int], marked: set[int],
                                                          data: st.DataObject) -> None:
    story, bits = data.draw(stories(len(drawn))), kernels.bits(arrays(sorted(marked), np.uint32), 200)
    pairs = paired(story, drawn)
    wanted = [(its, place, article) for place, (its, article) in enumerate(zip(story, drawn, strict=True))
              if article in marked]
    found = [kernels.marked_pairs(pairs, bits, numbered=numbered).values.tolist() for numbered in (True, False)]
    assert found == [[its << 32 | place for its, place, _ in wanted],
                     [its << 32 | article for its, _, article in wanted]]


@each
def test_a_number_that_no_bit_is_for_is_told(kernels: Kernels) -> None:
    for beyond in (3, 64, 255):
        with pytest.raises(IndexError):
            kernels.bits(np.array([1, beyond], np.uint8), 3)


@each
@given(given_lists=some_lists(), group=st.lists(st.integers(0, (1 << SHOWN) - 1), min_size=SIZE, max_size=SIZE),
       shown=st.lists(st.integers(0, SIZE - 1), unique=True), none=st.integers(0, 2))
def test_every_bit_of_an_article_is_counted(kernels: Kernels, given_lists: tuple[Lists, list[list[int]]],
                                            group: list[int], shown: list[int], none: int) -> None:
    lists, plain = given_lists
    column = Column(np.array(group, np.uint8), 256)
    found = kernels.count_sets(lists, column, np.array([-1] * none + shown, np.int32))
    assert found == [
        sum(any(group[ordinal] >> bit % SHOWN & 1 and (bit < SHOWN or ordinal in shown) for ordinal in values)
            for values in plain) for bit in range(2 * SHOWN)]
    assert column.values.tolist() == group


@each
@given(given_column=some_column(), place=st.lists(st.integers(0, 5), min_size=SIZE + 3, max_size=SIZE + 3),
       below=st.integers(0, 2), data=st.data())
def test_repeats_in_a_column_are_what_its_story_had_before(
        kernels: Kernels, given_column: tuple[Column, list[int]], place: list[int], below: int, data: st.DataObject
        ) -> None:
    column, plain = given_column
    story, its = data.draw(stories(len(plain))), data.draw(table(SIZE + 3))
    places = Column(np.array(place, np.uint32), 6)
    wanted = again(story, [[max(0, place[its.values[ordinal]] - below)] for ordinal in plain], 6 - below)[1:]
    found = kernels.column_repeats(paired(story, range(len(plain))), column.gathered(), True, its, places, below,
                                   5 - below)
    assert found.tolist() == wanted
    if column.chosen is not None:
        every = Column(column.values, SIZE)
        pairs = paired(story, column.chosen.tolist())
        found = kernels.column_repeats(pairs, every, False, its, places, below, 5 - below)
        assert found.tolist() == wanted


@each
@given(given_lists=some_lists(), shown=st.lists(st.integers(0, SIZE - 1), unique=True), none=st.integers(0, 2),
       data=st.data())
def test_repeats_in_lists_are_what_its_story_had_before(
        kernels: Kernels, given_lists: tuple[Lists, list[list[int]]], shown: list[int], none: int, data: st.DataObject
        ) -> None:
    lists, plain = given_lists
    shown = data.draw(st.permutations(shown + [-1] * none))
    place = {ordinal: at for at, ordinal in enumerate(shown, 1) if ordinal >= 0}
    story, room = data.draw(stories(len(plain))), Column(np.zeros(SIZE, np.uint16), 1)
    wanted = again(story, [[place.get(ordinal, 0) for ordinal in values] for values in plain], len(shown) + 1)[1:]
    ordinals = np.array(shown, np.int32)
    found = kernels.list_repeats(paired(story, range(len(plain))), lists.gathered(), True, ordinals, room)
    assert found.tolist() == wanted
    if lists.chosen is not None:
        every = Lists(lists.start, lists.values, SIZE)
        found = kernels.list_repeats(paired(story, lists.chosen.tolist()), every, False, ordinals, room)
        assert found.tolist() == wanted
    assert not room.values.any()


@each
def test_many_articles_with_far_more_entities_than_the_buffers_hold(kernels: Kernels) -> None:
    """What the loops do only for thousands of ordinals: buffers are full, articles are asked for before their turn."""
    chance, size = np.random.default_rng(4), 70_000
    many = chance.integers(0, 14, 20_000)
    many[77] = 5_000
    start = np.append(0, np.cumsum(many)).astype(np.uint32)
    lists = Lists(start, chance.integers(0, size, int(start[-1])).astype(np.uint32), size)
    chosen = np.append(77, np.flatnonzero(chance.random(len(many)) < 0.7))
    plain = [lists.values[start[article] : start[article + 1]] for article in chosen]
    wanted = np.bincount(np.concatenate(plain), minlength=size)
    itself = np.arange(size, dtype=np.uint32)
    for asked in (lists.of(chosen), kernels.gather(lists.of(chosen))):
        tally = Tally(size)
        kernels.count_lists([(asked, Column(itself, size))], tally)
        assert np.array_equal(tally.counts, wanted)
        group, shown = Column((itself % 7 == 0).astype(np.uint8), 256), np.arange(0, size, 35, np.int32)
        assert kernels.count_sets(asked, group, shown)[::SHOWN] == [
            sum(bool((values % step == 0).any()) for values in plain) for step in (7, 35)]


@each
def test_where_nothing_is_there_is_nothing_to_count(kernels: Kernels) -> None:
    none = Lists(np.zeros(3, np.uint32), np.zeros(0, np.uint8), 0)
    nobody, tally, nowhere = Column(np.zeros(0, np.uint32), 0), Tally(0), np.full(1, -1, np.int32)
    met = kernels.count_lists([(none, nobody)], tally)
    assert kernels.most(tally, met, np.zeros((2, 2), np.uint32), 5) == [([], []), ([], [])]
    kernels.clear(tally, met)
    assert kernels.count_sets(none, Column(np.zeros(0, np.uint8), 256), nowhere) == [0] * (2 * SHOWN)
    assert kernels.list_repeats(paired([1, 1], [0, 1]), none, False, nowhere, Column(np.zeros(0, np.uint16), 1)) == [0]
    assert len(kernels.gather(none.of(np.array([1])))) == 1
    assert kernels.ones(np.zeros(0, np.uint64)).tolist() == []
    assert kernels.count([(Column(np.zeros(0, np.uint8), 0), nobody)], 0).tolist() == []
    assert kernels.span(tally.counts, 0) is None


@each
def test_an_article_that_there_is_not_is_told(kernels: Kernels) -> None:
    beyond = np.array([3, 64], np.int64)
    with pytest.raises(IndexError):
        kernels.add_scores(np.zeros(64, np.float32), beyond, np.ones(2, np.float32))
    with pytest.raises(IndexError):
        kernels.unite([(beyond, np.ones(2, np.float32))], 64)
    with pytest.raises(IndexError):
        kernels.first(np.ones(len(beyond), np.float32), beyond,
                      Arrivals(np.zeros(64, np.int64), np.zeros(64, np.uint64)), 1)


def test_a_damaged_column_is_refused_before_a_loop_sees_it() -> None:
    with pytest.raises(ValueError, match="has the value 5, of 5 that there are"):
        checked(Column(np.array([0, 5], np.uint8), 5))
    values = np.array([0, 1, 2], np.uint16)
    for start in ([0, 2], [1, 3], [0, 3, 2, 3], []):
        with pytest.raises(ValueError, match="do not follow each other from 0 to 3"):
            checked_lists(Lists(np.array(start, np.uint32), values, 3))
    with pytest.raises(ValueError, match="has the value 2, of 2 that there are"):
        checked_lists(Lists(np.array([0, 3], np.uint32), values, 2))


def test_a_library_that_is_not_of_this_source_is_not_used(tmp_path: Path) -> None:
    assert compiled_kernels(tmp_path / "missing.so") is None
    (tmp_path / "other.so").write_bytes(b"no library")
    assert compiled_kernels(tmp_path / "other.so") is None
    if COMPILED is not None:
        changed = tmp_path / "kernels.c"
        changed.write_bytes(SOURCE.read_bytes() + b"\n")
        assert compiled_kernels(LIBRARY, changed) is None
        assert compiled_kernels(LIBRARY, SOURCE) is not None
