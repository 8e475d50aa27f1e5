"""Laws of stories: the same set of articles has the same stories, however it came; checked against brute force."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.stories import Fingerprint, Stories, fingerprint, key_files, linking, screening, story_id
from index.stories import holders as holders_module
from index.stories.candidates import NEEDED, entries, weigh
from index.stories.found import COMMON
from index.stories.holders import ANCHORS, Entries, Holders
from index.stories.key_files import KeyFiles, KeyRun
from index.stories.likeness import alike, overlap
from index.stories.prints import Prints, Sketches
from index.stories.screening import overlaps, screened
from index.stories.sketch import FULL, Sketch

PASSAGE = 25   # words


def article(identifier: str, passages: list[int], day: int | None, wording: int = 0) -> Fingerprint:
    """An article pieced together of passages; a quarter of its words are names, the rest change with the wording."""
    parts = [np.zeros(0, np.uint64)]
    for passage in passages:
        names = np.random.default_rng(passage).integers(1, 1 << 59, PASSAGE, dtype=np.uint64) * np.uint64(2)
        others = np.random.default_rng([passage, wording]).integers(1, 1 << 59, PASSAGE, dtype=np.uint64)
        parts.append(np.where(np.arange(PASSAGE) % 4 == 0, names, others * np.uint64(2) + np.uint64(1)))
    words = np.concatenate(parts)
    return fingerprint(identifier, np.zeros(0, np.uint64), words, words % np.uint64(2) == 0, day)


def columns(prints: Mapping[int, Fingerprint]) -> Prints:
    """Fingerprints side by side."""
    return Prints.of([(number, one.to_bytes()) for number, one in prints.items()])


def brute_force(prints: Mapping[int, Fingerprint]) -> dict[int, str]:
    """Number → story: all pairs that share enough keys of which one is an anchor are compared; no index, no memory."""
    holders = Holders(KeyFiles(None))
    all_entries = entries(columns(prints))
    holders.add(all_entries)
    weighed = weigh(holders, columns(prints))
    by_key: dict[int, list[tuple[int, int]]] = {}
    for key, rank, number in zip(all_entries.keys.tolist(), all_entries.ranks.tolist(), all_entries.numbers.tolist(),
                                 strict=True):
        by_key.setdefault(key, []).append((rank, number))
    shared: Counter[tuple[int, int]] = Counter()
    for key, held in by_key.items():
        common = len(held) > COMMON
        weight = {(False, 0): 8, (False, 1): 4, (True, 0): 1, (True, 1): 0}[common, key % 2]
        for _, anchor in sorted(held)[:ANCHORS] if common else held:
            shared.update({(other, anchor): weight for _, other in held if other != anchor})
    group = {number: {number} for number in prints}
    for (other, anchor), weight in shared.items():
        if weight >= NEEDED and group[anchor] is not group[other] and alike(weighed[anchor], weighed[other]):
            merged = group[anchor] | group[other]
            group.update(dict.fromkeys(merged, merged))
    order = {number: (one.day is None, one.day or 0, one.article) for number, one in prints.items()}
    return {number: story_id(min(order[n] for n in group[number])[2]) for number in prints}


def in_company(found: Mapping[int, str]) -> dict[int, str]:
    """The articles that are not alone in their story."""
    sizes = Counter(found.values())
    return {number: story for number, story in found.items() if sizes[story] > 1}


def told(stories: Stories) -> dict[int, str]:
    """What has changed, by number; an article that is alone now is a story of its own."""
    found = stories.changed()
    return {number: f"{story:016x}" if story else stories.story_of(number)
            for number, story in zip(found.numbers.tolist(), found.stories.tolist(), strict=True)}


articles = st.lists(
    st.tuples(st.lists(st.integers(0, 12), min_size=0, max_size=8), st.none() | st.integers(0, 30),
              st.integers(0, 1)), max_size=25,
).map(lambda rows: {number: article(f"a{number}", *row) for number, row in enumerate(rows)})


@pytest.fixture(params=["in memory", "on the disk"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and links are all in memory, or few are."""
    if request.param == "on the disk":
        monkeypatch.setattr(holders_module, "FILED", 40)
        monkeypatch.setattr("index.stories.components.HELD", 3)
        monkeypatch.setattr("index.stories.candidates.AT_ONCE", 500)
        monkeypatch.setattr("index.stories.linking.COMPARED", 20)


@pytest.mark.usefixtures("where")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prints=articles, data=st.data())
def test_stories_do_not_depend_on_order_pieces_or_deletions(prints: dict[int, Fingerprint],
                                                            data: st.DataObject) -> None:
    expected = brute_force(prints)
    order = data.draw(st.permutations(sorted(prints)))
    with Stories(":memory:") as stories:
        while order:
            piece = data.draw(st.integers(1, len(order)))
            stories.add([(number, prints[number]) for number in order[:piece]])
            order = order[piece:]
        assert {number: stories.story_of(number) for number in prints} == expected
        assert told(stories) == in_company(expected)
        stories.publish()
        gone = data.draw(st.sets(st.sampled_from(sorted(prints)))) if prints else set()
        stories.remove(gone)
        left = brute_force({number: one for number, one in prints.items() if number not in gone})
        assert {number: stories.story_of(number) for number in left} == left
        before, now = in_company(expected), in_company(left)
        assert told(stories) == {number: story for number, story in left.items()
                                    if before.get(number) != now.get(number)}
        stories.add([(number, prints[number]) for number in sorted(gone)])
        assert {number: stories.story_of(number) for number in prints} == expected
        came = {number: story for number, story in before.items() if number in gone}
        assert told(stories) == came


@pytest.mark.usefixtures("where")
@pytest.mark.parametrize("seed", range(4))
def test_the_laws_hold_where_keys_become_common(seed: int) -> None:
    """160 articles in one common passage or two, with copies among them: keys cross the border of common and back."""
    source = random.Random(seed)
    prints = {}
    for number in range(160):
        own = [source.randrange(100, 130) for _ in range(source.randrange(0, 4))]
        shared = [0, 1, 2, 3][:source.choice([0, 2, 4, 4])]
        prints[number] = article(f"a{number}", shared + own, source.randrange(60), source.choice([0, 0, 0, number]))
    order = source.sample(sorted(prints), len(prints))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stories.db"
        with Stories(path) as stories:
            for start in range(0, 160, 9):
                stories.add([(number, prints[number]) for number in order[start:start + 9]])
            assert told(stories) == in_company(brute_force(prints))
            stories.publish()
        with Stories(path) as stories:
            assert {number: stories.story_of(number) for number in prints} == brute_force(prints)
            for start in range(0, 150, 30):
                stories.remove(order[start:start + 30])
                left = {number: prints[number] for number in order[start + 30:]}
                assert {number: stories.story_of(number) for number in left} == brute_force(left)


def test_of_two_texts_with_as_many_names_neither_is_first() -> None:
    passages = ([12, 12, 1, 1, 2, 5, 7], [12, 12, 1, 1, 0, 2, 6])
    prints = {number: article(f"a{number}", own, None, number) for number, own in enumerate(passages)}
    holders = Holders(KeyFiles(None))
    holders.add(entries(columns(prints)))
    one, other = weigh(holders, columns(prints)).values()
    assert one.fingerprint.rare.runs == other.fingerprint.rare.runs
    assert alike(one, other) == alike(other, one)


sketches = st.builds(
    lambda values, limit, runs: Sketch(np.array(sorted(value for value in values if value < limit), np.uint32),
                                       limit, runs, np.zeros(0, np.uint8)),
    st.sets(st.integers(0, 40), min_size=1), st.sampled_from([15, 30, FULL]), st.integers(1, 3))


@given(one=sketches, other=sketches)
def test_the_overlap_of_two_sketches_knows_no_order(one: Sketch, other: Sketch) -> None:
    assert overlap(one, other) == overlap(other, one)


CODES = st.integers(0, 90) | st.integers(0, (1 << 64) - 1)


@pytest.mark.parametrize("block", [1, 2, 8])
@given(held=st.lists(CODES, max_size=60), asked=st.lists(CODES, max_size=60))
def test_codes_are_found_in_a_run_with_its_guide_as_without(block: int, held: list[int], asked: list[int]) -> None:
    run, codes = KeyRun(np.array(sorted(held), np.uint64), np.zeros(len(held), np.uint32)), np.array(asked, np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_files, "_BLOCK", block)
        patch.setattr(key_files, "_LARGE", 1)
        patch.setattr(key_files, "_MANY", 1)
        assert run.places(codes).tolist() == [sum(one < code for one in held) for code in asked]


def test_many_codes_are_found_in_a_large_run() -> None:
    chance = np.random.default_rng(1)
    codes = np.sort(chance.integers(0, 1 << 63, key_files._LARGE + 77, np.uint64))
    asked = np.concatenate([chance.choice(codes, key_files._MANY), chance.integers(0, 1 << 63, 9999, np.uint64)])
    run = KeyRun(codes, np.zeros(len(codes), np.uint32))
    assert np.array_equal(run.places(asked), codes.searchsorted(asked))


@given(some=st.lists(sketches, min_size=1, max_size=5), data=st.data())
def test_the_overlaps_of_many_sketches_are_those_of_two(some: list[Sketch], data: st.DataObject) -> None:
    place = st.integers(0, len(some) - 1)
    ones, others = np.array(data.draw(st.lists(st.tuples(place, place), min_size=1)), np.intp).T
    sizes = np.array([len(one.values) for one in some], np.int64)
    limits, runs = (np.array([getattr(one, name) for one in some], np.int64) for name in ("limit", "runs"))
    values = np.concatenate([one.values for one in some])
    together = overlaps(Sketches(values, np.cumsum(sizes) - sizes, sizes, limits, runs), ones, others)
    assert list(zip(*(column.tolist() for column in together), strict=True)) == [
        overlap(some[one], some[other]) for one, other in zip(ones.tolist(), others.tolist(), strict=True)]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(st.lists(st.integers(0, 9), max_size=9), st.none() | st.integers(1, 12),
                               st.integers(0, 2)), min_size=2, max_size=12), at_once=st.sampled_from([1, 7, 4096]),
       signs=st.sampled_from([64, 2048]))
def test_screening_tells_what_is_alike_whatever_is_common(rows: list[tuple[list[int], int | None, int]], at_once: int,
                                                          signs: int) -> None:
    prints = columns({number: article(f"a{number}", *row) for number, row in enumerate(rows)})
    pairs = [(one, other) for one in range(len(rows)) for other in range(len(rows))]
    holders = Holders(KeyFiles(None))
    holders.add(entries(prints))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "AT_ONCE", at_once)
        patch.setattr(screening, "SIGNS", signs)
        sure, asked = told_apart(prints, pairs)
    for all_common in (False, True):
        weighed = {number: replace(one, common_words=np.full_like(one.common_words, all_common),
                                   common_rare=np.full_like(one.common_rare, all_common))
                   for number, one in weigh(holders, prints).items()}
        alike_ = {pair for pair in pairs if alike(weighed[pair[0]], weighed[pair[1]])}
        assert sure <= alike_ <= sure | asked
    assert not sure & asked


def told_apart(prints: Prints, pairs: list[tuple[int, int]]) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The pairs that are alike, and those that may be."""
    sure, asked = screened(prints, *np.array(pairs, np.intp).T)
    return ({pair for pair, is_sure in zip(pairs, sure.tolist(), strict=True) if is_sure},
            {pair for pair, is_asked in zip(pairs, asked.tolist(), strict=True) if is_asked})


def test_screening_leaves_few() -> None:
    prints = {number: article(f"a{number}", [0, *range(number * 8 + 1, number * 8 + 8)], 1) for number in range(20)}
    prints[20] = article("copy", [0, *range(1, 8)], 1)
    prints[21] = article("half", [*range(1, 5), *range(900, 905)], 1)
    pairs = [(one, other) for one in prints for other in range(one)]
    assert told_apart(columns(prints), pairs) == ({(20, 0)}, {(21, 0), (21, 20)})
    assert not np.concatenate(screened(columns({}), np.zeros(0, np.intp), np.zeros(0, np.intp))).size


def test_the_laws_are_tried_on_rewrites_too() -> None:
    prints = {n: article(f"a{n}", [1, 2, 3, 4, 5, 6, 7], 3, wording=n) for n in range(3)}
    assert set(brute_force(prints).values()) == {story_id("a0")}


def test_a_thousand_copies_are_one_story_with_few_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    original = linking.screened

    def counting(prints: Prints, ones: NDArray[np.intp], others: NDArray[np.intp]
                 ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        nonlocal compared
        compared += len(ones)
        return original(prints, ones, others)

    monkeypatch.setattr(linking, "screened", counting)
    prints = [article(f"a{number}", [1, 2, 3, 4, 5, 6, 7, 1000 + number], number) for number in range(1000)]
    with Stories(":memory:") as stories:
        for start in range(0, 1000, 50):
            stories.add(list(enumerate(prints))[start:start + 50])
        assert set(told(stories).values()) == {story_id("a0")}
    assert compared < 1000 * (COMMON + ANCHORS)


keys = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1 << 31), st.integers(0, 30)), max_size=40,
                unique_by=lambda row: (row[0], row[2]))


@settings(deadline=None)
@given(batches=st.lists(keys, max_size=6), limit=st.integers(1, 5), gone=st.sets(st.integers(0, 30)),
       filed=st.sampled_from([1, 10, 1000]), in_files=st.booleans())
def test_holders_list_by_rank_like_a_dictionary(batches: list[list[tuple[int, int, int]]], limit: int,
                                                gone: set[int], filed: int, in_files: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(holders_module, "FILED", filed)
        patch.setattr("index.stories.key_files._PIECE", 3)
        files = KeyFiles(Path(folder) / "keys-" if in_files else None)
        holders, model = Holders(files), set()
        for place, batch in enumerate(batches):     # the keys of an article come all at once
            new = [(key, rank, number + 31 * place) for key, rank, number in batch]
            gone |= {number + 31 * place for number in gone if number % 2}
            model.update(new)
            holders.add(_entries(new))
        holders.remove(_entries(sorted(row for row in model if row[2] in gone)))
        _agree(holders, {row for row in model if row[2] not in gone}, limit)
        back = sorted(row for row in model if row[2] in gone)[::2]
        holders.add(_entries([row for row in model if row[2] in {number for _, _, number in back}]))
        model = {row for row in model if row[2] not in gone or row[2] in {number for _, _, number in back}}
        _agree(holders, model, limit)
        files.remove_dropped()
        if in_files:
            assert sum(len(run.codes) for run in KeyFiles(Path(folder) / "keys-", files.names()).runs) == sum(
                count for _, count in files.names())
            assert len(list(Path(folder).iterdir())) == 2 * len(files.names())


def _entries(rows: list[tuple[int, int, int]]) -> Entries:
    keys_, ranks, numbers = np.array(rows, np.uint32).reshape(-1, 3).T
    return Entries(keys_, numbers, ranks)


def _agree(holders: Holders, model: set[tuple[int, int, int]], limit: int) -> None:
    assert len(holders) == len(model)
    asked = np.array([0, 2, 5, 7], np.uint32)
    found = holders.find(asked[::-1].repeat(2))
    assert found.keys.tolist() == asked.tolist()
    assert found.places.tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    assert found.sizes.tolist() == [sum(key == k for key, _, _ in model) for k in asked]
    every, cut = found.holders(np.arange(4)), found.first(np.arange(4), np.full(4, limit))
    full = found.first(np.arange(4), found.sizes)
    for i, key in enumerate(asked.tolist()):
        assert sorted(every.numbers[every.offsets[i]:every.offsets[i + 1]].tolist()) == sorted(
            n for k, _, n in model if k == key)
        ranks = sorted(rank for k, rank, _ in model if k == key)
        numbers = full.numbers[full.offsets[i]:full.offsets[i + 1]].tolist()
        assert sorted(numbers) == sorted(n for k, _, n in model if k == key)
        rank_of = {(k, n): rank for k, rank, n in model}
        assert [rank_of.get((key, n)) for n in numbers] == ranks or len({*ranks}) < len(ranks) or _several(model)
        assert cut.offsets[i + 1] - cut.offsets[i] == min(limit, len(ranks))


def _several(model: set[tuple[int, int, int]]) -> bool:
    return len({(key, number) for key, _, number in model}) < len(model)
