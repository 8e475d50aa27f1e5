"""Stories in the index: the same however the articles arrive, and mended after a writer was killed."""

from pathlib import Path

import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.stories import holders
from index.writer import Indexer
from search.request import Group, SearchRequest
from search.searcher import Searcher

TEXT = ("The ferry to the far island was held back for three hours on {day} because of fog, the harbour office in "
        "{city} said. Some two hundred and forty passengers waited in the hall, where the Red Cross gave out tea and "
        "blankets, until Captain Moreau was told at noon that the channel was clear again and the ship could leave.")
FIRST = Article("first", "Fog holds ferry", TEXT.format(day="Tuesday", city="Odessa"), "2021-03-02", "A")
COPY = Article("copy", "Ferry held by fog", TEXT.format(day="Tuesday", city="Odesa"), "2021-03-03", "B")
OTHER = Article("other", "Bakery opens", "A bakery opened in the old school on Monday and sold out by ten o'clock.",
                "2021-03-02", "A")


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.load()


def stories(data: Path, names: Names) -> dict[str, tuple[str, int]]:
    answer = Searcher(data, names=names).search(SearchRequest())
    return {hit.id: (hit.story.id, hit.story.size) for hit in answer.hits}


def index(data: Path, names: Names, *batches: list[Article]) -> Indexer:
    indexer = Indexer(data, names=names)
    archive = Archive(DataFolder(data).archive)
    for batch in batches:
        archive.put(batch)
        indexer.catch_up()
    return indexer


@pytest.mark.parametrize("batches", [
    pytest.param([[FIRST, COPY, OTHER]], id="at once"),
    pytest.param([[FIRST], [OTHER], [COPY]], id="copy last"),
    pytest.param([[COPY], [FIRST, OTHER]], id="first printed last"),
])
def test_a_copy_in_another_spelling_is_one_story_in_any_order(
        tmp_path: Path, names: Names, batches: list[list[Article]]) -> None:
    index(tmp_path, names, *batches)
    found = stories(tmp_path, names)
    assert found["first"] == found["copy"] == (found["first"][0], 2)
    assert found["other"][1] == 1
    answer = Searcher(tmp_path, names=names).search(SearchRequest(group=Group.STORY))
    assert (answer.total, answer.stories, len(answer.hits)) == (3, 2, 2)
    assert [(b.count, b.stories) for b in answer.facets["date"].buckets] == [(2, 2), (1, 1)]


def test_an_article_alone_again_is_a_story_of_its_own(tmp_path: Path, names: Names) -> None:
    indexer = index(tmp_path, names, [FIRST, COPY])
    Archive(DataFolder(tmp_path).archive).delete(["copy"])
    indexer.catch_up()
    alone = stories(tmp_path, names)
    assert alone["first"][1] == 1
    index(tmp_path, names, [COPY])
    Archive(DataFolder(tmp_path).archive).delete(["first"])
    indexer = Indexer(tmp_path, names=names)
    indexer.catch_up()
    assert stories(tmp_path, names)["copy"][1] == 1


@pytest.mark.parametrize("lost", ["stories.sqlite*", "stories.sqlite", "stories.sqlite-keys-*.codes"])
def test_lost_stories_are_found_again(tmp_path: Path, names: Names, lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "FILED", 30)
    index(tmp_path, names, [FIRST, COPY]).close()
    before = stories(tmp_path, names)
    found = list(DataFolder(tmp_path).index.glob(lost))
    assert found
    for path in found:
        path.unlink()
    index(tmp_path, names, [OTHER])
    assert {id: story for id, story in stories(tmp_path, names).items() if id != "other"} == before
