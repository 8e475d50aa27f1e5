"""Exports: every match, the same rows as the search counts, and an export that can be read in again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index.article import Article
from index.readers import ReadOptions, read
from search.response import ArticleView, StoryRef
from service.export import BATCH, COLUMNS, csv_rows, json_lines


@pytest.mark.parametrize("query", [
    "q=", "q=Kiev", "q=Odessa&source=Basin+Ledger", "q=Kiev&from=2022&to=2022", "q=xyzzy"])
def test_an_export_has_as_many_rows_as_the_search_counts(client: FlaskClient, query: str) -> None:
    total = client.get(f"/api/v1/search?{query}").json["total"]
    lines = client.get(f"/api/v1/export.jsonl?{query}").text.splitlines()
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/v1/export.csv?{query}").text, newline="")))
    assert len(lines) == len(rows) == total
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]


def test_a_row_is_the_article_as_the_api_gives_it(client: FlaskClient) -> None:
    answer = client.get("/api/v1/export.jsonl?q=Kiev")
    assert answer.content_type == "application/x-ndjson; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="exonym-kiev.jsonl"'
    row = json.loads(answer.text.splitlines()[0])
    assert row == client.get(f"/api/v1/articles/{row['id']}").json


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_an_export_can_be_read_in_again(client: FlaskClient, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"all.{ending}"
    path.write_bytes(client.get(f"/api/v1/export.{ending}?q=").data)
    found = list(read([str(path)], ReadOptions()))
    assert all(isinstance(record, Article) for record in found)
    assert len(found) == client.get("/api/v1/search").json["total"]
    for record in found[:20]:
        assert isinstance(record, Article)
        stored = client.get(f"/api/v1/articles/{record.id}").json
        assert (record.title, record.text, record.date) == (stored["title"], stored["text"], stored["date"])


def test_lists_are_joined_and_commas_kept_in_csv() -> None:
    article = Article("a", 'He said "so", twice', "one\ntwo", None, "S", None, None, ("Ann", "Bo"))
    (row,) = csv.DictReader(io.StringIO("".join(csv_rows([ArticleView(article, StoryRef("s", 1), ())])), newline=""))
    assert tuple(row) == COLUMNS
    assert (row["title"], row["text"], row["authors"]) == ('He said "so", twice', "one\ntwo", "Ann | Bo")
    assert row["date"] == ""


@pytest.mark.parametrize(("text", "cell"), [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
    ("＝1", "'＝1"), ("a=1", "a=1"), ("'=1", "'=1"), ("", ""), ("– a dash", "– a dash")])
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    article = Article("a" + text, text, text + " ", None, text, text, text, (text, "Bo"))
    (row,) = csv.DictReader(io.StringIO("".join(csv_rows([ArticleView(article, StoryRef("s", 1), ())])), newline=""))
    assert (row["id"], row["title"], row["text"]) == ("a" + text, cell, cell + " ")
    assert (row["source"], row["url"], row["language"], row["authors"]) == (cell, cell, cell, f"{cell} | Bo")


def test_rows_are_made_as_they_are_taken() -> None:
    made = 0

    def views() -> object:
        nonlocal made
        while True:
            made += 1
            yield ArticleView(Article(str(made), "t"), StoryRef("s", 1), ())

    pieces = json_lines(views())  # type: ignore[arg-type]
    assert next(pieces).count("\n") == BATCH
    assert made == BATCH
