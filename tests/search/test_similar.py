"""An unknown name finds its similar spellings, says so, and never turns a known name into another."""

from pathlib import Path

import pytest

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.request import Filters, Match, SearchRequest
from search.response import SearchResponse
from search.searcher import Searcher

PRINTED = {
    "velychyn": "Inspector Serhiy Velychyn opened the hall.", "velichin": "Inspector Sergei Velichin shut the hall.",
    "ballot": "The ballot was long.", "ballet": "The ballet was long.", "kyiv": "The hall in Kyiv is old.",
    "peskov": "Peskov spoke of the hall.", "pskov": "Pskov has a hall.", "yusov": "Yusov spoke of the hall.",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp("similar")
    names = Names.load()
    Archive(DataFolder(folder).archive).put([Article(id, text=text) for id, text in PRINTED.items()])
    Indexer(folder, names=names).catch_up()
    return Searcher(folder, names=names)


def found(answer: SearchResponse) -> set[str]:
    return {hit.id for hit in answer.hits}


@pytest.mark.parametrize(("q", "wanted"), [
    pytest.param("Velychyn", {"velychyn", "velichin"}, id="from Ukrainian"),
    pytest.param("Velichin", {"velychyn", "velichin"}, id="from Russian"),
    pytest.param("Величин", {"velychyn", "velichin"}, id="from Cyrillic"),
    pytest.param('"Sergei Velychyn"', {"velychyn", "velichin"}, id="a given name in either language"),
    pytest.param("ballot", {"ballot"}, id="a dictionary word is never folded"),
    pytest.param("Peskov", {"peskov"}, id="a known name is not folded"),
    pytest.param("Iusov", {"yusov"}, id="an unknown spelling of a known name"),
    pytest.param("=Velychyn", {"velychyn"}, id="exactly this spelling"),
])
def test_similar_spellings(searcher: Searcher, q: str, wanted: set[str]) -> None:
    assert found(searcher.search(SearchRequest(q))) == wanted


def test_what_was_done_is_said_and_can_be_undone(searcher: Searcher) -> None:
    answer = searcher.search(SearchRequest("Velychyn"))
    assert [hit.matched[0].how for hit in answer.hits] == ["as typed", "similar spelling"]
    assert [(e.how, [s.spelling for s in e.spellings]) for e in answer.expansions] == [
        ("similar spelling", ["Velichin", "Velychyn"])]
    without = searcher.search(SearchRequest("Velychyn", exclude=Filters(spelling=("Velichin",))))
    assert found(without) == {"velychyn"}
    assert found(searcher.search(SearchRequest("Velychyn", match=Match.EXACT))) == {"velychyn"}


def test_a_spelling_whose_articles_were_all_deleted_is_no_longer_related(tmp_path: Path, all_names: Names) -> None:
    archive, indexer = Archive(tmp_path / "archive.sqlite"), Indexer(tmp_path, names=all_names)
    archive.put([Article("gone", text=PRINTED["velychyn"]), Article("kept", text=PRINTED["velichin"]),
                 *(Article(str(i), text="The hall is old.") for i in range(9))])
    indexer.catch_up()
    archive.delete(["gone"])
    indexer.catch_up()
    searcher = Searcher(tmp_path, names=all_names)
    assert len(searcher.snapshot().published.generation.views) == 1
    assert [found(searcher.search(SearchRequest(q))) for q in ("Velichin", "Velychyn")] == [{"kept"}, {"kept"}]
