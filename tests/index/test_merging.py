"""Large segments are merged while the index goes on changing, and nothing that changed meanwhile is forgotten."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from late import ASKED, LateExecutor

from index import merging
from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.manifest import read_manifest
from index.names.registry import Names
from index.writer import Indexer
from search.request import SearchRequest
from search.searcher import Searcher

T = TypeVar("T")
FACTOR = 3
LONG = ("The ferry to the far island was held back for three hours on {day} because of fog, the harbour office in "
        "{city} said. Some two hundred and forty passengers waited in the hall, where the Red Cross gave out tea and "
        "blankets, until Captain Moreau was told at noon that the channel was clear again and the ship could leave.")


@pytest.fixture(autouse=True)
def _every_merge_aside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "ASIDE", 1)
        yield


class News:
    """A data folder, its archive, and an indexer that merges aside."""

    def __init__(self, folder: Path, names: Names, aside: Executor) -> None:
        self.folder, self.names = folder, names
        self.archive = Archive(DataFolder(folder).archive)
        self.indexer = Indexer(folder, merge_factor=FACTOR, names=names, aside=aside)

    def add(self, *articles: Article) -> None:
        self.archive.put(articles)
        self.indexer.catch_up()

    def begin(self) -> None:
        """As many segments as make a merge begin."""
        for number in range(FACTOR):
            self.add(Article(f"a{number}", "Kiev talks", f"Talk {number}."), Article(f"b{number}", "Odesa port"))

    @property
    def aside(self) -> list[Path]:
        return sorted(DataFolder(self.folder).index.glob("merge-*"))

    @property
    def segments(self) -> list[tuple[int, int]]:
        return [(entry.docs, entry.deleted) for entry in read_manifest(DataFolder(self.folder).index).segments]

    def told(self) -> dict[str, tuple[str, str, int]]:
        """Article id → title, story, and its size."""
        searcher = Searcher(self.folder, names=self.names)
        answer = searcher.search(SearchRequest(size=100))
        searcher.close()
        assert answer.total == len(answer.hits)
        return {hit.id: (hit.title, hit.story.id, hit.story.size) for hit in answer.hits}

    def finish(self) -> None:
        """Catch up until nothing is aside any more."""
        for _ in range(3 * ASKED):
            self.indexer.catch_up()
        assert not self.aside


@pytest.fixture
def news(tmp_path: Path, all_names: Names) -> News:
    return News(tmp_path, all_names, LateExecutor())


def test_what_arrives_is_found_while_segments_are_merged_aside(news: News) -> None:
    news.begin()
    assert len(news.aside) == 1
    assert news.segments == [(2, 0)] * FACTOR
    news.add(Article("new", "Kyiv bridge"))
    assert len(news.aside) == 1
    assert "new" in news.told()
    news.finish()
    assert news.segments == [(2 * FACTOR, 0), (1, 0)]


def test_what_changed_meanwhile_is_taken_over(news: News) -> None:
    news.add(Article("first", "Fog holds ferry", LONG.format(day="Tuesday", city="Odessa"), "2021-03-02"))
    news.begin()
    assert len(news.aside) == 1
    news.archive.delete(["a0"])
    news.add(Article("b1", "Odesa port, changed"),
             Article("copy", "Ferry held by fog", LONG.format(day="Tuesday", city="Odesa"), "2021-03-03"))
    before = news.told()
    assert before["first"][2] == before["copy"][2] == 2
    news.indexer.catch_up()
    news.indexer.catch_up()
    assert news.told() == before
    assert news.segments[0] == (5, 2)               # what was merged: deleted is what was since then
    news.finish()
    assert news.told() == before
    news.indexer.reindex()
    assert news.told() == before


def test_a_story_that_parts_meanwhile_is_parted_afterwards(news: News) -> None:
    copy = Article("copy", "Ferry held by fog", LONG.format(day="Tuesday", city="Odesa"), "2021-03-03")
    news.add(Article("first", "Fog holds ferry", LONG.format(day="Tuesday", city="Odessa"), "2021-03-02"), copy)
    news.begin()
    news.archive.delete(["first"])
    news.indexer.catch_up()
    news.finish()
    assert news.told()["copy"][2] == 1


def test_only_one_merge_is_aside_and_the_next_waits_for_it(news: News) -> None:
    news.begin()
    first = news.aside
    for number in range(FACTOR):
        news.archive.put([Article(f"c{number}", "Lviv fair")])
        news.indexer.catch_up()
        assert len(news.aside) == 1
    assert news.aside != first                      # asked for the third time, the first was done
    news.finish()
    assert sum(docs for docs, _ in news.segments) == len(news.told()) == 3 * FACTOR


def test_a_merge_whose_segments_are_gone_is_dropped(news: News) -> None:
    news.begin()
    Indexer(news.folder, merge_factor=FACTOR, names=news.names).reindex()
    assert len(news.aside) == 1                     # its process may still be writing
    news.add(Article("new", "Kyiv bridge"))
    news.finish()
    assert news.segments == [(2 * FACTOR, 0), (1, 0)]
    assert len(news.told()) == 2 * FACTOR + 1


def test_making_the_index_anew_gives_up_what_is_aside(news: News) -> None:
    news.begin()
    news.indexer.reindex()
    assert not news.aside
    assert len(news.told()) == 2 * FACTOR


def test_a_merge_that_failed_is_told_and_made_again(tmp_path: Path, all_names: Names) -> None:
    news = News(tmp_path, all_names, _FullDisk(LateExecutor()))
    news.begin()
    with pytest.raises(OSError, match="No space"):
        news.finish()
    assert not news.aside
    news.add(Article("new", "Kyiv bridge"))
    assert len(news.aside) == 1
    news.finish()
    assert news.segments == [(2 * FACTOR + 1, 0)]
    assert len(news.told()) == 2 * FACTOR + 1


class _FullDisk(Executor):
    """Its first work ends as on a full disk."""

    def __init__(self, then: Executor) -> None:
        self._then, self._is_full = then, True

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        if self._is_full:
            self._is_full = False
            return self._then.submit(_fail)
        return self._then.submit(function, *args, **kwargs)


def _fail() -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_closing_gives_up_what_is_aside(tmp_path: Path, all_names: Names) -> None:
    with ThreadPoolExecutor(1) as threads:
        news = News(tmp_path, all_names, threads)
        news.begin()
        news.indexer.close()
        assert not news.aside
        assert len(news.told()) == 2 * FACTOR


def test_a_thread_merges_as_one_does_at_once(tmp_path: Path, all_names: Names) -> None:
    with ThreadPoolExecutor(1) as threads:
        news = News(tmp_path, all_names, threads)
        news.begin()
        threads.submit(int).result()                # after the merge, there being one thread
        news.indexer.catch_up()
        assert news.segments == [(2 * FACTOR, 0)]
        assert not news.aside
        before = news.told()
        news.indexer.reindex()
        assert news.told() == before
        news.indexer.close()


def test_what_a_process_left_is_swept_what_another_is_writing_is_not(news: News) -> None:
    news.begin()
    alive = news.aside
    left = DataFolder(news.folder).index / "merge-left"
    (left / "seg-left").mkdir(parents=True)
    other = Indexer(news.folder, merge_factor=FACTOR, names=news.names)
    other.catch_up()
    other.close()
    assert news.aside == alive
    news.finish()
    assert news.segments == [(2 * FACTOR, 0)]
