"""exonym saved and exonym watch: each new match handed on once, over restarts, and never lost."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.article import Article
from index.folder import DataFolder
from index.names.registry import Names
from index.writer import Indexer
from search.response import Hit
from search.searcher import Searcher
from service import watching
from service.cli import main
from service.saved import Saved, SavedSearches
from service.webhook import DeliveryError, Webhook

Run = Callable[..., Result]
STATUSES = (200, 202, 204)


class Hook:
    """A webhook on this machine: answers with `statuses` in turn, the last for ever, and keeps what it took."""

    def __init__(self) -> None:
        self.statuses = [200]
        self.headers: dict[str, str] = {}
        self.bodies: list[dict[str, Any]] = []          # all that came
        self.taken: list[str] = []                      # ids answered with 2xx, in order
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.bodies.append(body)
                status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
                if 200 <= status < 300:
                    hook.taken += [match["id"] for match in body["matches"]]
                self.send_response(status)
                for name, value in {"Content-Length": "0", **hook.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/new?for=desk"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def names_loaded_once(all_names: Names) -> Iterator[None]:
    """Each new searcher would read all names again, which takes seconds."""
    load = Names.load.__func__  # type: ignore[attr-defined]
    Names.load = classmethod(lambda cls, own=None: all_names)  # type: ignore[assignment, method-assign]
    yield
    Names.load = classmethod(load)  # type: ignore[method-assign]


def put(data: Path, *ids: str, title: str = "Grain leaves Odesa") -> None:
    Archive(DataFolder(data).archive).put([Article(id, title) for id in ids])
    Indexer(data).catch_up()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one article and one saved search."""
    put(tmp_path, "one")
    SavedSearches(DataFolder(tmp_path).saved).add("grain", "q=grain", Searcher(tmp_path).keys(Saved(
        "", "", "q=grain", "").request()))
    return tmp_path


@pytest.fixture
def run(data: Path) -> Run:
    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [*map(str, arguments), "--data", str(data)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result
    return call


def printed(result: Result) -> list[str]:
    return [json.loads(line)["hit"]["id"] for line in result.stdout.splitlines()]


def test_saved_searches_are_added_listed_and_deleted(run: Run, data: Path) -> None:
    added = run("saved", "add", "sea", "Київ grain", "--exclude.source", "BBC", "--group", "story", "--json")
    assert json.loads(added.stdout)["query"] == \
        "q=%D0%9A%D0%B8%D1%97%D0%B2+grain&group=story&exclude.source=BBC"
    rows = json.loads(run("saved", "list", "--json").stdout)
    assert [(row["name"], row["total"], row["new"], row["problem"]) for row in rows] == [
        ("grain", 1, 0, None), ("sea", 0, 0, None)]
    assert "1 article, 0 new" in run("saved", "list").stdout
    assert run("saved", "delete", "sea").exit_code == 0
    assert run("saved", "delete", "sea").exit_code == 2
    again = run("saved", "add", "grain", "grain")
    assert again.exit_code == 2
    assert "there is a saved search 'grain' already" in again.output
    assert run("saved", "add", "bad", "grain", "--from", "soon").exit_code == 2
    assert [row["name"] for row in json.loads(run("saved", "list", "--json").stdout)] == ["grain"]


def test_watch_prints_what_is_new_since_the_last_time(run: Run, data: Path) -> None:
    assert run("watch", "--json").stdout == ""
    put(data, "b", "a")
    put(data, "else", title="Trams")
    text = run("watch", "grain").stdout
    assert text.startswith("grain: 2 new")
    assert "Grain leaves Odesa" in text
    assert run("watch", "--once").stdout == ""
    put(data, "c", "one", title="Grain leaves Odesa again")
    assert printed(run("watch", "--json")) == ["c"]         # a changed article that was there is not new
    assert run("watch", "--json").stdout == ""


def test_a_webhook_is_a_reader_of_its_own(run: Run, data: Path, hook: Hook) -> None:
    put(data, "a", "b")
    assert printed(run("watch", "--json")) == ["a", "b"]
    result = run("watch", "--webhook", hook.url, "--allow-private")
    assert (result.exit_code, result.stdout) == (0, "grain: 2 posted\n")
    (body,) = hook.bodies
    assert {name: body["search"][name] for name in ("name", "query")} == {"name": "grain", "query": "q=grain"}
    assert [match["id"] for match in body["matches"]] == ["a", "b"]
    assert body["matches"][0]["snippet"] or body["matches"][0]["title"]
    assert set(body["matches"][0]) == set(Hit.__slots__)
    assert run("watch", "--webhook", hook.url, "--allow-private").stdout == ""


def test_what_a_webhook_refuses_comes_again(run: Run, data: Path, hook: Hook) -> None:
    put(data, "a")
    hook.statuses = [410]
    result = run("watch", "--webhook", hook.url, "--allow-private")
    assert result.exit_code == 2
    assert "answered 410 Gone" in result.output
    assert len(hook.bodies) == 1                             # saying it again at once would not help
    put(data, "b")
    hook.statuses = [204]
    assert run("watch", "--webhook", hook.url, "--allow-private").exit_code == 0
    assert hook.taken == ["a", "b"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/",
                                     "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/"])
def test_a_private_address_is_not_posted_to(run: Run, data: Path, address: str) -> None:
    put(data, "a")
    result = run("watch", "--webhook", address)
    assert result.exit_code == 2
    assert "private address" in result.output
    assert printed(run("watch", "--json")) == ["a"]


@pytest.mark.parametrize("address", ["ftp://example.org/", "example.org/hook", "http://", "http://[/"])
def test_a_webhook_that_is_no_http_address_is_told(run: Run, data: Path, address: str) -> None:
    put(data, "a")
    assert run("watch", "--webhook", address).exit_code == 2


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.statuses, hook.headers = [307], {"Location": "http://169.254.169.254/"}
    with pytest.raises(DeliveryError, match="answered 307"):
        Webhook(hook.url, allow_private=True).post({"matches": []})


def test_busy_and_broken_answers_are_tried_again_after_growing_pauses(hook: Hook) -> None:
    pauses: list[float] = []
    hook.statuses = [503, 429, 500, 408, 201]
    Webhook(hook.url, retries=4, allow_private=True, pause=pauses.append).post({"matches": [{"id": "a"}]})
    assert pauses == [1, 2, 4, 8]
    assert hook.taken == ["a"]


def test_the_other_side_says_how_long_to_wait(hook: Hook) -> None:
    pauses: list[float] = []
    hook.statuses, hook.headers = [503, 503, 200], {"Retry-After": "7"}
    Webhook(hook.url, allow_private=True, pause=pauses.append).post({"matches": []})
    assert pauses == [7, 7]
    hook.statuses, hook.headers = [503, 200], {"Retry-After": "99999"}
    Webhook(hook.url, allow_private=True, pause=pauses.append).post({"matches": []})
    assert pauses[2:] == [60]


def test_attempts_end(hook: Hook) -> None:
    pauses: list[float] = []
    hook.statuses = [500]
    with pytest.raises(DeliveryError, match="answered 500"):
        Webhook(hook.url, retries=2, allow_private=True, pause=pauses.append).post({"matches": []})
    assert len(hook.bodies) == len(pauses) + 1 == 3


def test_nobody_there_is_tried_again_and_told() -> None:
    closed = Hook()
    closed.close()
    pauses: list[float] = []
    with pytest.raises(DeliveryError, match="refused"):
        Webhook(closed.url, retries=1, allow_private=True, pause=pauses.append).post({"matches": []})
    assert pauses == [1]


def test_a_search_that_cannot_be_made_is_told_and_the_others_are_watched(run: Run, data: Path) -> None:
    run("saved", "add", "broken", "grain")
    with sqlite3.connect(DataFolder(data).saved) as connection:
        connection.execute("UPDATE saved SET query = 'page=0' WHERE name = 'broken'")
    put(data, "a")
    result = run("watch", "--json")
    assert result.exit_code == 1
    assert "broken cannot be made: page: " in result.stderr
    assert printed(result) == ["a"]
    listed = run("saved", "list")
    assert listed.exit_code == 1
    assert "cannot be made: page: " in listed.stdout
    assert run("watch", "nobody").exit_code == 2


def test_two_watches_for_one_reader_do_not_repeat_each_other(run: Run, data: Path) -> None:
    with watching.alone(data, watching.TERMINAL):
        result = run("watch")
        assert result.exit_code == 2
        assert "another process watches" in result.output
    assert run("watch").exit_code == 0


def test_once_and_every_exclude_each_other(run: Run) -> None:
    assert run("watch", "--once", "--every", "5").exit_code == 2


class KilledError(Exception):
    """The watch ends here."""


STEPS = st.lists(st.one_of(
    st.tuples(st.just("add"), st.integers(1, 4)), st.tuples(st.just("change"), st.integers(0, 9)),
    st.tuples(st.just("watch"), st.sampled_from(STATUSES)), st.tuples(st.just("refuse"), st.integers(0, 2)),
    st.tuples(st.just("die before"), st.integers(0, 2)), st.tuples(st.just("publish"), st.just(0))), max_size=8)


@settings(max_examples=10)
@given(STEPS)
def test_each_new_match_is_delivered_exactly_once_over_restarts(tmp_path_factory: pytest.TempPathFactory,
                                                                all_names: Names, steps: list[tuple[str, int]]) -> None:
    """A watch that dies before the hook answers 2xx, or is refused, leaves nothing out and repeats nothing taken."""
    data, hook = tmp_path_factory.mktemp("watched"), Hook()
    put(data, "before")
    store = SavedSearches(DataFolder(data).saved)
    store.add("grain", "q=grain", Searcher(data, names=all_names).keys(Saved("", "", "q=grain", "").request()))
    added: list[str] = []

    def watch(fails_after: int | None = None, status: int = 200) -> None:
        """A new process each time: nothing is kept but the files."""
        batches = 0

        def deliver(saved: Saved, hits: Any) -> None:
            nonlocal batches
            batches += 1
            if fails_after is not None and batches > fails_after:
                raise KilledError
            hook.statuses = [status]
            Webhook(hook.url, retries=0, allow_private=True).post(watching.message(saved, hits))

        watching_store = SavedSearches(store.path)
        (saved,) = watching_store.all()
        try:
            watching.look(Searcher(data, names=all_names), watching_store, saved, hook.url, deliver, batch=2)
        except (KilledError, DeliveryError):
            assert fails_after is not None or status >= 300

    try:
        for what, number in steps:
            if what == "add":
                ids = [f"n{len(added) + at}" for at in range(number)]
                Archive(DataFolder(data).archive).put([Article(id, "Grain by rail") for id in ids])
                added += ids
            elif what == "change" and number < len(added):
                Archive(DataFolder(data).archive).put([Article(added[number], f"Grain by road {len(hook.bodies)}")])
            elif what == "publish":
                Indexer(data).catch_up()
            elif what == "watch":
                watch(status=number)
            elif what == "refuse":
                watch(status=(400, 500, 302)[number])
            elif what == "die before":
                watch(fails_after=number)
        Indexer(data).catch_up()
        watch()
    finally:
        hook.close()
    assert sorted(hook.taken) == sorted(added)
