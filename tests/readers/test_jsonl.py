"""JSON lines, arrays and objects: every good record is read, every bad one named with its line and reason."""

import json

import pytest

from index.readers import Limits

A, B = {"id": "a", "title": "Talks begin"}, {"id": "b", "title": "Talks end", "desk": {"page": 3}}


@pytest.mark.parametrize(("name", "content"), [
    pytest.param("x.jsonl", f"{json.dumps(A)}\n{json.dumps(B)}\n", id="lines"),
    pytest.param("x.jsonl", f"\ufeff{json.dumps(A)}\r\n\r\n{json.dumps(B)}", id="mark, blank line, no last newline"),
    pytest.param("x.json", json.dumps([A, B]), id="array"),
    pytest.param("x.json", json.dumps([A, B], indent=2), id="array over lines"),
    pytest.param("x.json", json.dumps(A, indent=1) + "\n" + json.dumps(B, indent=1), id="objects over lines"),
    pytest.param("x.json", json.dumps([A, B]).encode("utf-16"), id="array in UTF-16"),
    pytest.param("no-ending", f"{json.dumps(A)}\n{json.dumps(B)}\n", id="told by content"),
])
def test_records_are_read_however_they_are_laid_out(reading, name, content):
    found = reading(name, content)
    assert found.rejects == []
    assert [article.record() for article in found.articles] == [
        {"text": "", "date": None, "source": None, "url": None, "language": None, "authors": [], **record}
        for record in (A, B)]


def test_source_is_given_back_exactly_as_sent(reading):
    found = reading("x.jsonl", '{"title": "t", "source": "Fox Online News"}')
    assert found.articles[0].source == "Fox Online News"
    assert found.articles[0].extra == {}


def test_options_fill_what_a_record_leaves_open(reading):
    found = reading("x.jsonl", '{"title": "t"}\n{"title": "u", "source": "Harbour Post", "language": "uk"}',
                    source="Daily Ledger", language="en")
    assert [(a.source, a.language) for a in found.articles] == [("Daily Ledger", "en"), ("Harbour Post", "uk")]


@pytest.mark.parametrize(("line", "reason"), [
    pytest.param(b'{"title": "t"', "not JSON", id="cut"),
    pytest.param(b'{"title": "caf\xe9"}', "not UTF-8: byte 0xe9 at 15", id="broken UTF-8"),
    pytest.param(b'{"title": "t", "score": NaN}', "NaN is not JSON", id="NaN"),
    pytest.param(b'{"title": "t", "n": -Infinity}', "-Infinity is not JSON", id="infinity"),
    pytest.param(b'{"title": "t", "n": 1e999}', "too large a number", id="float overflow"),
    pytest.param(b'{"title": "t", "n": ' + b"9" * 5000 + b"}", "not JSON", id="huge integer"),
    pytest.param(b"[" * 100_000, "nested too deeply", id="deep nesting"),
    pytest.param(b"[1, 2]", "must be a JSON object", id="not an object"),
    pytest.param(b'{"title": 5}', "must be a string", id="title a number"),
    pytest.param(b'{"title": "t", "date": "soon"}', "date", id="bad date"),
    pytest.param(b'{"title": "' + b"x" * 300_000 + b'"}', "limit record_bytes", id="longer than the limit"),
])
def test_a_bad_line_is_rejected_and_the_rest_goes_on(reading, line, reason):
    content = b'{"id": "a", "title": "first"}\n' + line + b'\n{"id": "b", "title": "last"}\n'
    found = reading("x.jsonl", content, limits=Limits(record_bytes=200_000))
    assert found.titles == ["first", "last"]
    [reject] = found.rejects
    assert reject.place == "line 2"
    assert reason in reject.reason


@pytest.mark.parametrize(("content", "reason"), [
    pytest.param('[{"title": "t"}, {"title": "u"', "not JSON", id="cut in an element"),
    pytest.param('[{"title": "t"}', "the array is not closed", id="cut between elements"),
    pytest.param('[{"title": "t"} {"title": "u"}]', "a comma is missing", id="no comma"),
    pytest.param('[{"title": "t"}, {"text": "' + "x" * 300_000 + '"}]', "limit record_bytes", id="too long"),
])
def test_a_broken_array_gives_what_stands_before_the_fault(reading, content, reason):
    found = reading("x.json", content, limits=Limits(record_bytes=100_000))
    assert found.titles == ["t"]
    assert found.rejects[0].place == "record 2"
    assert reason in found.reasons[0]


def test_array_longer_than_the_record_limit_is_read_element_by_element(reading):
    records = [{"id": str(n), "title": f"Report {n}", "text": "word " * 200} for n in range(500)]
    found = reading("x.json", json.dumps(records), limits=Limits(record_bytes=80_000))
    assert [article.id for article in found.articles] == [str(n) for n in range(500)]
    assert found.rejects == []
