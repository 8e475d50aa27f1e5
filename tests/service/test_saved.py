"""Saved searches: kept whole, listed with what is new, changed only from our own pages, never dropped."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.article import Article
from index.backup import back_up, restore
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.additions import NO_KEYS
from search.request import FACETS, EntityOp, Filters, Group, Interval, Match, SearchRequest, Sort, Undated
from search.searcher import Searcher
from service import links
from service.app import create_app
from service.cli import main
from service.saved import SavedError, SavedSearches
from service.settings import Settings
from tests.service.conftest import KEY, WRITE, problem_of

ATOM = "{http://www.w3.org/2005/Atom}"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.lists(TEXT.filter(bool), max_size=2, unique=True).map(tuple)
FILTERS = st.builds(Filters, VALUES, VALUES, VALUES, VALUES, VALUES, VALUES, VALUES)
MOMENTS = st.one_of(st.none(), st.dates().map(str), st.sampled_from(["2022", "2022-03", "2022-03-16T05:00:00Z"]))
REQUESTS = st.builds(
    SearchRequest, TEXT, st.sampled_from(Match), FILTERS, FILTERS, st.sampled_from(EntityOp), MOMENTS, MOMENTS,
    st.one_of(st.none(), st.sampled_from(Undated)),
    st.lists(st.sampled_from([*FACETS, "language"]), min_size=1, unique=True).map(tuple), st.integers(0, 1000),
    st.sampled_from(Interval), st.sampled_from(Group), st.sampled_from(Sort), st.integers(1, 10_000),
    st.integers(1, 100))


class Desk:
    """A small newsroom that articles are added to, with a service over it."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.folder = DataFolder(data)
        self.put("one", "Grain leaves Odesa")
        self.app = create_app(Settings(data, api_key=KEY, **settings))  # type: ignore[arg-type]
        self.client = self.app.test_client()
        self.store = SavedSearches(self.folder.saved)

    def put(self, id: str, title: str, date: str | None = None) -> None:
        Archive(self.folder.archive).put([Article(id, title, date=date)])
        Indexer(self.folder.path).catch_up()

    def save(self, name: str, query: str) -> str:
        answer = self.client.post("/api/v1/saved", json={"name": name, "query": query})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def row(self, id: str) -> dict[str, object]:
        return next(row for row in self.client.get("/api/v1/saved").json["saved"] if row["id"] == id)


@pytest.fixture(scope="module", autouse=True)
def names_loaded_once(all_names: Names) -> Iterator[None]:
    """Each new searcher would read all names again, which takes seconds."""
    load = Names.load.__func__  # type: ignore[attr-defined]
    Names.load = classmethod(lambda cls, own=None: all_names)  # type: ignore[assignment, method-assign]
    yield
    Names.load = classmethod(load)  # type: ignore[method-assign]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


@given(REQUESTS)
def test_a_saved_search_is_the_same_search_when_it_is_loaded(tmp_path_factory: pytest.TempPathFactory,
                                                             request: SearchRequest) -> None:
    path = tmp_path_factory.mktemp("saved") / "saved.sqlite"
    query = urlencode(links.pairs_of(request))
    saved = SavedSearches(path).add("any", query)
    assert SavedSearches(path).all() == [saved]
    assert saved.query == query
    assert saved.request() == request


def test_parameters_are_kept_as_typed(desk: Desk) -> None:
    typed = "q=%3DKiev%20grain&exclude.source=Skerry+Wire&match=exact&group=story&facet=date&size=10"
    desk.save("as typed", "?" + typed)
    (saved,) = desk.store.all()
    assert saved.query == typed
    assert saved.request() == links.request_from(
        [("q", "=Kiev grain"), ("exclude.source", "Skerry Wire"), ("match", "exact"), ("group", "story"),
         ("facet", "date")])


@pytest.mark.parametrize(("name", "query", "field"), [
    pytest.param("", "q=a", "name", id="no name"), pytest.param("a\nb", "q=a", "name", id="two lines"),
    pytest.param("x" * 101, "q=a", "name", id="long name"), pytest.param("a", "page=0", "query", id="page 0"),
    pytest.param("a", "colour=red", "query", id="unknown parameter"), pytest.param("a", "grain", "query", id="words"),
    pytest.param("a", "q=%ff", "query", id="not UTF-8"), pytest.param("a", "q=" + "x" * 16_000, "query", id="long")])
def test_what_cannot_be_kept_is_refused_by_field(desk: Desk, name: str, query: str, field: str) -> None:
    body = problem_of(desk.client.post("/api/v1/saved", json={"name": name, "query": query}), 422)
    assert list(body["errors"]) == [field]
    assert desk.store.all() == []


@pytest.mark.parametrize("body", [[], "text", {"name": "a", "query": "", "more": 1}, {"query": "q=a"},
                                  {"name": 5}, {"name": "\ud800"}, {"name": "a", "query": "q=\ud800"}])
def test_a_body_that_is_no_search_is_refused(desk: Desk, body: object) -> None:
    problem_of(desk.client.post("/api/v1/saved", json=body), 422)


def test_a_name_is_given_once(desk: Desk) -> None:
    desk.save("grain", "q=grain")
    assert "grain" in problem_of(desk.client.post("/api/v1/saved", json={"name": "grain "}), 422)["errors"]["name"][0]


def test_there_is_an_end_to_saving(tmp_path: Path) -> None:
    store = SavedSearches(tmp_path / "saved.sqlite", limit=3)
    for number in range(3):
        store.add(str(number), "")
    with pytest.raises(SavedError, match="delete some"):
        store.add("one more", "")


def test_new_is_what_arrives_after_the_last_visit_however_old_it_is(desk: Desk) -> None:
    id = desk.save("grain", "q=grain")
    assert (desk.row(id)["total"], desk.row(id)["new"], desk.row(id)["visited"]) == (1, 0, None)
    desk.put("two", "Grain of an older year", "1991-01-01")
    desk.put("three", "Nothing of the sort")
    assert (desk.row(id)["total"], desk.row(id)["new"]) == (2, 1)
    assert "Grain of an older year" in desk.client.get(f"/saved/{id}").text
    assert "Grain leaves" not in desk.client.get(f"/saved/{id}").text
    assert desk.row(id)["new"] == 1                                     # looking at the list is no visit
    answer = desk.client.post(f"/saved/{id}/visit")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=grain")
    assert desk.row(id)["new"] == 0
    assert desk.row(id)["visited"] is not None
    desk.put("two", "Grain of an older year, corrected")
    assert desk.row(id)["new"] == 0                                     # seen, whatever is changed in it
    desk.put("three", "Grain after all")
    assert desk.row(id)["new"] == 1                                     # it matches only now


def test_the_feed_has_the_latest_to_arrive_first_and_the_name(desk: Desk) -> None:
    desk.put("late", "Grain of long ago", "1991-01-01")
    id = desk.save("Grain & sea", "q=grain")
    answer = desk.client.get(f"/saved/{id}/feed.atom")
    feed = ET.fromstring(answer.data)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        "Grain of long ago", "Grain leaves Odesa"]
    assert feed.findtext(f"{ATOM}title") == "Exonym: Grain & sea"
    assert feed.findtext(f"{ATOM}id") == f"http://localhost/saved/{id}/feed.atom"
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert desk.client.get(f"/saved/{id}/feed.atom", headers=tag).status_code == 304
    desk.store.rename(id, "Grain")
    assert desk.client.get(f"/saved/{id}/feed.atom", headers=tag).status_code == 200


def test_a_search_that_can_no_longer_be_made_is_listed_with_its_reason(desk: Desk) -> None:
    desk.save("sound", "q=grain")
    id = desk.save("broken", "q=grain")
    with sqlite3.connect(desk.folder.saved) as connection:              # as a version with other parameters left it
        connection.execute("UPDATE saved SET query = 'q=grain&colour=red' WHERE id = ?", (id,))
    row = desk.row(id)
    assert (row["query"], row["problem"]) == ("q=grain&colour=red", "colour: Unknown parameter.")
    assert (row["total"], row["new"]) == (None, None)
    page = desk.client.get("/saved").text
    assert "colour: Unknown parameter." in page
    assert "sound" in page
    problem_of(desk.client.get(f"/saved/{id}/feed.atom"), 422)
    assert desk.client.post(f"/saved/{id}/visit").status_code == 422
    assert len(desk.store.all()) == 2
    assert desk.client.delete(f"/api/v1/saved/{id}").status_code == 204
    assert [saved.name for saved in desk.store.all()] == ["sound"]


def test_the_page_saves_renames_and_deletes_by_forms_alone(desk: Desk) -> None:
    results = desk.client.get("/?q=grain&group=story&page=1").text
    assert 'name="query" value="q=grain&amp;group=story"' in results
    saved = desk.client.post("/saved", data={"name": "<b>Grain</b>", "query": "q=grain&group=story"})
    assert (saved.status_code, saved.headers["Location"]) == (303, "/saved")
    (one,) = desk.store.all()
    page = desk.client.get("/saved").text
    assert "&lt;b&gt;Grain&lt;/b&gt;" in page
    assert "<b>Grain" not in page
    assert "<script>" not in page
    assert desk.client.post(f"/saved/{one.id}/rename", data={"name": "Grain"}).status_code == 303
    assert [saved.name for saved in desk.store.all()] == ["Grain"]
    assert desk.client.post(f"/saved/{one.id}/delete").status_code == 303
    assert desk.store.all() == []
    assert "Nothing is saved yet" in desk.client.get("/saved").text
    assert desk.client.post(f"/saved/{one.id}/delete").status_code == 404


@pytest.mark.parametrize(("headers", "status"), [
    pytest.param({}, 303, id="no browser"),
    pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303, id="own page"),
    pytest.param({"Origin": "http://localhost"}, 303, id="own origin of an old browser"),
    pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403, id="other site"),
    pytest.param({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:81"}, 403, id="other port"),
    pytest.param({"Origin": "https://evil.example"}, 403, id="other origin of an old browser"),
    pytest.param({"Origin": "null"}, 403, id="hidden origin"),
    pytest.param({"Sec-Fetch-Site": "same-origin", "Host": "evil.example"}, 403, id="a name bent to this machine"),
    pytest.param({"Sec-Fetch-Site": "cross-site", **WRITE}, 303, id="with a key that may write")])
def test_only_our_own_pages_and_keys_change_saved_searches(desk: Desk, headers: dict[str, str], status: int) -> None:
    answer = desk.client.post("/saved", data={"name": "grain", "query": "q=grain"}, headers=headers)
    assert answer.status_code == status
    assert len(desk.store.all()) == (status == 303)


@pytest.mark.parametrize("settings", [
    pytest.param({"saved": "key"}, id="key"), pytest.param({"host": "0.0.0.0"}, id="reached from elsewhere"),
    pytest.param({"proxies": 1}, id="behind a proxy")])
def test_a_service_for_others_wants_a_key(tmp_path: Path, settings: dict[str, object]) -> None:
    desk = Desk(tmp_path, **settings)
    body = {"name": "grain", "query": "q=grain"}
    problem_of(desk.client.get("/api/v1/saved"), 401)
    problem_of(desk.client.post("/api/v1/saved", json=body), 401)
    assert desk.client.get("/saved").status_code == 401
    assert 'action="/saved"' not in desk.client.get("/?q=grain").text
    made = desk.client.post("/api/v1/saved", json=body, headers=WRITE)
    assert made.status_code == 201
    assert [row["name"] for row in desk.client.get("/api/v1/saved", headers=WRITE).json["saved"]] == ["grain"]
    assert desk.client.get(made.json["feed"]).status_code == 200        # its id is the secret


def test_saving_can_be_switched_off(tmp_path: Path) -> None:
    desk = Desk(tmp_path, saved="off")
    problem_of(desk.client.get("/api/v1/saved", headers=WRITE), 403)
    assert desk.client.post("/saved", data={"name": "a"}).status_code == 403


def test_looking_at_an_empty_list_writes_nothing(desk: Desk, client: FlaskClient, reading_app: Flask) -> None:
    assert desk.client.get("/saved").status_code == 200
    assert not desk.folder.saved.exists()


def test_a_damaged_file_is_told(desk: Desk) -> None:
    desk.folder.saved.write_bytes(b"no database" * 100)
    with pytest.raises(SavedError, match="damaged"):
        desk.store.all()
    problem_of(desk.client.get("/api/v1/saved"), 503)


def test_what_is_seen_is_kept_for_each_reader_and_only_grows(tmp_path: Path) -> None:
    store = SavedSearches(tmp_path / "saved.sqlite")
    saved = store.add("a", "", np.array([5, 3], np.uint64))
    store.mark(saved.id, "one", np.array([2**64 - 1, 3], np.uint64))
    assert store.seen(saved.id, "one").tolist() == [3, 5, 2**64 - 1]
    assert store.seen(saved.id, "two").tolist() == [3, 5]
    store.delete(saved.id)
    store.mark(saved.id, "one", NO_KEYS)                                # deleted meanwhile
    assert store.seen(saved.id, "one").tolist() == []


@given(st.data())
def test_additions_are_all_matches_less_those_seen(newsroom_searcher: Searcher, data: st.DataObject) -> None:
    request = SearchRequest(q=data.draw(st.sampled_from(["Kiev", "", "grain OR Odesa", "=Kiev", "xyzzy"])),
                            group=data.draw(st.sampled_from(Group)))
    keys = newsroom_searcher.keys(request)
    seen = np.array(data.draw(st.lists(st.sampled_from(keys.tolist() or [0]), unique=True)), np.uint64)
    found = newsroom_searcher.additions(request, seen, 1000)
    rest = np.setdiff1d(keys, seen)
    assert found.total == len(keys)
    assert found.new == len(rest) == len(found.hits)
    assert found.keys.tolist() == rest.tolist()
    assert not {hit.id for hit in found.hits} & {
        hit.id for hit in newsroom_searcher.additions(request, rest, 1000).hits}


@pytest.fixture(scope="module")
def newsroom_searcher(newsroom: Path) -> Searcher:
    return Searcher(newsroom)


def test_saved_searches_go_with_a_backup_and_come_back(desk: Desk, tmp_path: Path) -> None:
    id = desk.save("grain", "q=grain")
    desk.put("two", "Grain by rail")
    back_up(desk.folder, tmp_path / "news.backup")
    desk.client.post(f"/saved/{id}/visit")
    desk.save("later", "q=later")
    new = DataFolder(tmp_path / "new")
    assert "saved.sqlite" in restore(new, tmp_path / "news.backup").files
    restore(desk.folder, tmp_path / "news.backup", force=True)
    Indexer(desk.folder.path).catch_up()
    assert SavedSearches(new.saved).all() == desk.store.all()
    assert [saved.name for saved in desk.store.all()] == ["grain"]
    assert desk.row(id)["new"] == 1                                     # the visit was after the backup


def test_a_damaged_file_is_found_by_the_check(desk: Desk, tmp_path: Path) -> None:
    desk.folder.saved.write_bytes(b"no database" * 100)
    result = CliRunner().invoke(main, ["check", "--data", str(desk.folder.path), "--json"])
    assert result.exit_code == 1
    assert [finding["part"] for finding in json.loads(result.stdout)["findings"]] == ["saved searches"]


def test_saved_searches_go_into_a_backup_and_come_back(tmp_path: Path) -> None:
    data, back = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "back")
    Archive(data.archive).put([Article("a", "Trams in Kiev")])
    one = SavedSearches(data.saved).add("Trams", "q=Kiev&source=Desk")
    back_up(data, tmp_path / "file.backup")
    SavedSearches(back.saved).add("Other", "q=x")
    restore(back, tmp_path / "file.backup", force=True)
    assert SavedSearches(back.saved).all() == [one]
