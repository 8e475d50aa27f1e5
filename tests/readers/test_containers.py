"""Archives of any kind give what their files give; broken and hostile ones are rejected within the limits."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest

from index.readers import Limits, ReadError, ReadOptions, read
from index.readers.limits import Budget, LimitError

LINE = json.dumps({"id": "a", "title": "Talks begin"}).encode() + b"\n"
CSV = b"id,title\nb,Talks end\n"


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


MIXED = {"x/one.jsonl": LINE, "x/two.csv": CSV, "__MACOSX/x": b"\0", "x/.hidden": b"\0", "x/three.txt": b"T\n\nText"}


@pytest.mark.parametrize(("name", "content"), [
    pytest.param("a.zip", zipped(MIXED), id="zip"),
    pytest.param("a.tar", tarred(MIXED), id="tar"),
    pytest.param("a.tar.gz", gzip.compress(tarred(MIXED)), id="tar.gz"),
    pytest.param("a.tgz", gzip.compress(tarred(MIXED)), id="tgz"),
    pytest.param("no-ending", zipped({"inner.zip": zipped(MIXED)}), id="zip in zip, told by content"),
    pytest.param("a.zip", zipped({"inner.tar.gz": gzip.compress(tarred(MIXED))}), id="tar.gz in zip"),
])
def test_mixed_archives_are_read_member_by_member(reading, name, content):
    found = reading(name, content)
    assert found.rejects == []
    assert found.titles == ["Talks begin", "Talks end", "T"]


def test_gzip_of_several_members_is_one_file(reading):
    found = reading("x.jsonl.gz", gzip.compress(LINE) + gzip.compress(LINE.replace(b'"a"', b'"b"')))
    assert [article.id for article in found.articles] == ["a", "b"]


def test_a_reject_says_where_in_the_archive_it_stood(reading):
    found = reading("a.zip", zipped({"in.tar": tarred({"x.jsonl": LINE + b"nonsense\n"})}))
    assert found.rejects[0].file.endswith("a.zip")
    assert found.rejects[0].place == "in.tar > x.jsonl: line 2"


def test_files_after_a_broken_one_are_read(reading):
    broken = bytearray(zipped({"a.jsonl": LINE * 50, "b.csv": CSV}))
    broken[60] ^= 0xFF
    found = reading("a.zip", bytes(broken))
    assert "Talks end" in found.titles
    assert "broken or unreadable" in found.reasons[0]


NAMED = zipped({"né.jsonl": LINE, "b.csv": CSV})
NO_NAME = b"n\xab\xab.jsonl"           # as long as né.jsonl, and no UTF-8


def test_a_zip_whose_list_has_a_name_that_is_none_is_rejected(reading):
    at = NAMED.rindex("né.jsonl".encode())
    found = reading("a.zip", NAMED[:at] + NO_NAME + NAMED[at + len(NO_NAME):])
    assert not found.articles
    assert "its list of files is damaged" in found.reasons[0]


def test_a_file_whose_own_name_is_none_is_rejected_and_the_others_are_read(reading):
    found = reading("a.zip", NAMED.replace("né.jsonl".encode(), NO_NAME, 1))
    assert found.titles == ["Talks end"]
    assert "broken or unreadable zip" in found.reasons[0]


def test_a_file_without_a_name_is_read(reading):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), LINE)
        archive.writestr("b.csv", CSV)
    assert reading("a.zip", buffer.getvalue()).titles == ["Talks begin", "Talks end"]


@pytest.mark.parametrize(("name", "content", "reason"), [
    pytest.param("x.jsonl.gz", gzip.compress(LINE * 500)[:-20], "was cut", id="gzip cut"),
    pytest.param("x.jsonl.gz", b"\x1f\x8b" + b"\0" * 50, "broken", id="gzip of nothing"),
    pytest.param("x.zip", zipped(MIXED)[:100], "broken", id="zip cut"),
    pytest.param("x.tar", tarred(MIXED)[:700], "broken", id="tar cut"),
    pytest.param("x.bz2", b"BZh91AY&SY", "bzip2 archives are not read", id="bzip2"),
    pytest.param("x.pdf", b"%PDF-1.7\n\0\1\2", "binary", id="binary"),
])
def test_broken_archives_are_rejected_with_the_reason(reading, name, content, reason):
    assert reason in reading(name, content).reasons[-1]


@pytest.mark.parametrize(("content", "limits", "reason"), [
    pytest.param(gzip.compress(b'{"title": "' + b"x" * (70 << 20)), Limits(), "limit ratio", id="ratio"),
    pytest.param(gzip.compress(LINE * 1000), Limits(unpacked_bytes=10_000), "limit unpacked_bytes", id="bytes"),
    pytest.param(zipped({f"{n}.jsonl": LINE for n in range(20)}), Limits(members=10), "limit members", id="members"),
    pytest.param(gzip.compress(gzip.compress(gzip.compress(LINE))), Limits(depth=2), "limit depth", id="depth"),
    pytest.param(zipped({"x.txt": b"T\n" + b"x" * 5000}), Limits(document_bytes=1000), "limit document_bytes",
                 id="document"),
    pytest.param(gzip.compress(zipped({"x.txt": b"T" * 5000}, zipfile.ZIP_STORED)), Limits(spool_bytes=1000),
                 "limit spool_bytes", id="spool"),
])
def test_bombs_stop_at_the_limit(reading, content, limits, reason):
    assert reason in reading("bomb", content, limits=limits).reasons[-1]


def test_a_short_file_may_compress_as_well_as_it_can(reading):
    found = reading("x.jsonl.gz", gzip.compress(LINE * 20_000))
    assert len(found.articles) == 20_000


def test_the_ratio_counts_all_members_together():
    budget = Budget(Limits(ratio=2), lambda: 1)
    budget.spend(64 << 20)
    with pytest.raises(LimitError, match="limit ratio"):
        budget.spend(1)


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path):
    for name in ("b/2.jsonl", "a/1.jsonl", "c.jsonl", ".git/x.jsonl", "b/.x.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b'{"title": "%s"}' % name.encode())
    assert [article.title for article in read([str(tmp_path)], ReadOptions())] == ["a/1.jsonl", "b/2.jsonl", "c.jsonl"]


def test_standard_input_is_read_like_a_file(monkeypatch):
    for content in (LINE, zipped({"x.jsonl": LINE}), gzip.compress(LINE)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        [article] = read(["-"], ReadOptions())
        assert article.title == "Talks begin"


def test_what_cannot_start_is_an_error_before_anything_is_read(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(LINE)
    with pytest.raises(ReadError, match="does not exist"):
        next(read([str(tmp_path / "x.jsonl"), str(tmp_path / "missing")], ReadOptions()))
    with pytest.raises(ReadError, match="unknown format 'docx'"):
        next(read([str(tmp_path)], ReadOptions(format="docx")))
    with pytest.raises(ReadError, match="--format feed"):
        next(read(["https://example.org/feed"], ReadOptions()))


def test_notes_on_a_folder_are_no_articles_unless_named(tmp_path):
    (tmp_path / "README.md").write_text("About this folder\n\nIt holds texts.")
    (tmp_path / "one.txt").write_text("Title\n\nText.")
    assert [a.title for a in read([str(tmp_path)], ReadOptions())] == ["Title"]
    assert [a.title for a in read([str(tmp_path / "README.md")], ReadOptions())] == ["About this folder"]
