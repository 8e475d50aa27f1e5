"""The archive keeps every article as given, and its log tells the indexer what changed."""

import hashlib
import json
import threading
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive, ArchiveError, Changes
from index.article import Article, ArticleError, article_from_record, json_string
from index.packed_article import packed


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive.sqlite")


def test_an_article_comes_back_as_it_was_put(archive: Archive) -> None:
    article = Article("a", "T", "long text " * 100, "2022-05-01", "BBC", "http://x", "en", ("A", "B"), {"k": [1, None]})
    assert archive.put([article]) == ["created"]
    assert archive.get("a") == article


TEXTS = st.text(st.sampled_from('ab"\\\n\r\t\x00\x1f\x7f\u2028é😀 ')) | st.text()
VALUES = st.none() | st.integers() | TEXTS | st.lists(TEXTS, max_size=2)


@given(text=TEXTS)
def test_a_text_is_written_as_json_writes_it(text: str) -> None:
    assert json_string(text) == json.dumps(text, ensure_ascii=False).encode()


@given(article=st.builds(Article, TEXTS, TEXTS, TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS,
                         st.none() | TEXTS, st.lists(TEXTS, max_size=2).map(tuple),
                         st.dictionaries(TEXTS | st.sampled_from(["text", "texts", "tex", "title"]), VALUES)))
def test_digest_and_record_are_those_of_plain_json(article: Article) -> None:
    plain = json.dumps(article.record(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert article.digest() == hashlib.blake2b(plain.encode(), digest_size=16).digest()
    values = [article.title, article.text, article.date, article.source, article.url, article.language,
              article.authors, dict(article.extra)]
    raw = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    digest, record = packed(article)
    assert digest == article.digest()
    assert record[:1] == (b"j" if len(raw) < 300 else b"z")
    assert (record[1:] if len(raw) < 300 else zlib.decompress(record[1:])) == raw


@given(batches=st.lists(st.lists(st.builds(Article, st.sampled_from(["a", "b", "c", "d", "a\0"]),
                                           st.sampled_from("xy")), max_size=4), max_size=4),
       gone=st.sampled_from(["a", "d", "z"]))
def test_articles_put_at_once_are_as_if_put_one_by_one(batches: list[list[Article]], gone: str) -> None:
    with TemporaryDirectory() as name:
        together, alone = (Archive(Path(name) / f"{which}.sqlite") for which in ("together", "alone"))
        for batch in batches:
            assert together.put(batch) == [result for article in batch for result in alone.put([article])]
            assert together.delete([gone]) == alone.delete([gone])
        assert together.changes(0) == alone.changes(0)
        numbers = range(1, together.position() + 1)
        assert together.versions(numbers) == alone.versions(numbers)
        assert together.live_numbers() == alone.live_numbers()
        together.close()
        alone.close()


@pytest.mark.parametrize(("record", "refused"), [
    pytest.param({"title": "a\udc80b\ud800"}, {"title": "U+DC80"}, id="in a field"),
    pytest.param({"title": "a", "note": "\ud801"}, {"note": "U+D801"}, id="in a field of its own"),
    pytest.param({"title": "a", "n\ud802": "\ud803"}, {"key": "U+D802"}, id="in a key"),
    pytest.param({"title": "a", "notes": [{"b": "\ud804"}]}, {"notes": "U+D804"}, id="further inside"),
    pytest.param({"title": "a", "authors": ["b", "\ud805"]}, {"authors": "U+D805"}, id="in a list"),
    pytest.param({"title": "a", "notes": {1, 2}}, {"notes": "is not JSON"}, id="no JSON"),
])
def test_what_no_file_can_store_is_refused(record: dict[str, object], refused: dict[str, str]) -> None:
    with pytest.raises(ArticleError) as error:
        article_from_record(record)
    assert error.value.problems.keys() == refused.keys()
    assert all(what in error.value.problems[name] for name, what in refused.items())


def test_the_same_article_twice_changes_nothing(archive: Archive) -> None:
    archive.put([Article("a", "one")])
    before = archive.position()
    assert archive.put([Article("a", "one")]) == ["unchanged"]
    assert archive.position() == before


def test_within_one_call_the_later_article_wins(archive: Archive) -> None:
    assert archive.put([Article("a", "one"), Article("a", "two")]) == ["created", "updated"]
    article = archive.get("a")
    assert article is not None
    assert article.title == "two"


def test_the_log_gives_the_net_effect(archive: Archive) -> None:
    archive.put([Article("a", "one"), Article("b", "one")])
    middle = archive.position()
    archive.put([Article("a", "two"), Article("c", "one")])
    archive.delete(["b", "c", "none"])
    assert archive.changes(0).added == [3]
    assert archive.changes(0).removed == []
    assert archive.changes(middle) == Changes(archive.position(), [3], [1, 2])


def test_an_old_version_can_be_read_until_it_is_purged(archive: Archive) -> None:
    archive.put([Article("a", "one")])
    archive.put([Article("a", "two")])
    assert archive.versions([1])[1].title == "one"
    archive.purge(archive.position())
    assert archive.versions([1, 2]).keys() == {2}
    archive.put([Article("a", "three")])
    assert archive.position() == 3, "log positions are never used again"


def test_writers_in_many_threads_lose_nothing(archive: Archive) -> None:
    def write(who: int) -> None:
        for i in range(20):
            archive.put([Article(f"{who}-{i}", "t")])

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(archive) == 80
    assert archive.damage() == []


def test_an_archive_of_another_format_is_refused(tmp_path: Path, archive: Archive) -> None:
    archive._connection().execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveError, match="format 99"):
        Archive(tmp_path / "archive.sqlite")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "delete"]), st.integers(0, 2))))
def test_replaying_the_log_in_pieces_gives_the_live_versions(steps: list[tuple[str, str, int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "a.sqlite")
        seen: set[int] = set()
        position = 0
        for id, step, value in steps:
            if step == "put":
                archive.put([Article(id, str(value))])
            else:
                archive.delete([id])
            if value == 1:
                changes = archive.changes(position)
                seen = seen - set(changes.removed) | set(changes.added)
                position = changes.upto
        changes = archive.changes(position)
        seen = seen - set(changes.removed) | set(changes.added)
        assert sorted(seen) == archive.live_numbers()
        archive.close()
