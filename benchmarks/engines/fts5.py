"""SQLite FTS5: one table with columns terms, forms and names; articles and entities in tables beside it.

The matches of a faceted query go into a temporary table that the counts are joined to; where a source is chosen, the
sources are counted by a statement of their own without it. CROSS JOIN has SQLite start from the matches: left to itself
it reads all entities of all articles. Without facets the matches are counted by one statement and ranked by another;
`+rank` has it rank only what passes the filters. FTS5 keeps no copy of the indexed text (content=''); the article
itself stands in the table of articles, uncompressed, which is SQLite's way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.engine import ENTITIES, TOP, Answer, Counts, Query
from benchmarks.spool import Document

_TABLES = """
CREATE TABLE article (number INTEGER PRIMARY KEY, id TEXT, title TEXT, text TEXT, source INTEGER, date INTEGER,
                      month INTEGER);
CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE entity (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE mention (article INTEGER, entity INTEGER, PRIMARY KEY (article, entity)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(terms, forms, names, content='',
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M* P* S*'");
"""
_ENTITIES = ("SELECT entity.name, c FROM (SELECT mention.entity AS e, count(*) AS c FROM hit CROSS JOIN mention ON"
             f" mention.article = hit.number GROUP BY e ORDER BY c DESC LIMIT {ENTITIES}) JOIN entity ON"
             " entity.number = e")
_SOURCES = ("SELECT source.name, c FROM (SELECT article.source AS s, count(*) AS c FROM {} GROUP BY s"
            f" ORDER BY c DESC LIMIT {ENTITIES}) JOIN source ON source.number = s")
_MONTHS = "SELECT month, count(*) FROM hit CROSS JOIN article USING (number) GROUP BY month"


class FTS5:
    """Search and joins."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "index.sqlite")
        self._db.execute("PRAGMA cache_size = -262144")
        self._db.execute("PRAGMA mmap_size = 17179869184")
        self._db.execute("PRAGMA temp_store = MEMORY")
        self._db.execute("CREATE TEMP TABLE hit (number INTEGER PRIMARY KEY, rank REAL)")

    def can(self, query: Query) -> bool:
        return True

    def search(self, query: Query) -> Answer:
        where, values = _where(query)
        (count,) = self._db.execute(f"SELECT count(*) FROM {where}", values).fetchone()
        if query.newest:
            where = _where(query, article=True)[0]
        rank = "+rank" if query.since or query.source else "rank"
        order = "article.date DESC" if query.newest else rank
        best = f"SELECT words.rowid AS number FROM {where} ORDER BY {order} LIMIT {TOP}"
        return Answer(count, self._fetch(best, values))

    def facets(self, query: Query) -> tuple[Answer, list[dict[Any, int]]]:
        where, values = _where(query)
        self._db.execute("DELETE FROM hit")
        count = self._db.execute(f"INSERT INTO hit SELECT words.rowid, rank FROM {where}", values).rowcount
        order = "(SELECT date FROM article WHERE article.number = hit.number) DESC" if query.newest else "rank"
        records = self._fetch(f"SELECT number FROM hit ORDER BY {order} LIMIT {TOP}", ())
        matches, values = "hit CROSS JOIN article USING (number)", []
        if query.source:
            matches, values = _where(replace(query, source=""), article=True)
        return Answer(count, records), [dict(self._db.execute(*sql).fetchall()) for sql in (
            (_ENTITIES,), (_SOURCES.format(matches), values), (_MONTHS,))]

    def counts(self, query: Query, given: list[dict[Any, int]]) -> Counts:
        return Counts(*given)

    def _fetch(self, best: str, values: Sequence[object]) -> list[tuple[str, str, str]]:
        return self._db.execute(f"SELECT id, title, text FROM ({best}) JOIN article USING (number)",
                                values).fetchall()

    def close(self) -> None:
        self._db.rollback()
        self._db.close()


def _where(query: Query, article: bool = False) -> tuple[str, list[object]]:
    words = ['"' + word.replace('"', '""') + '"' for word in query.words]
    if query.operator == "phrase":
        match = " + ".join(words)
    elif query.operator == "prefix":
        match = words[0] + " *"
    else:
        match = (" AND " if query.operator == "all" else " OR ").join(words)
    values: list[object] = [f"{query.field} : ({match})"]
    if not query.source and not query.since and not article:
        return "words WHERE words MATCH ?", values
    where = "words JOIN article ON article.number = words.rowid WHERE words MATCH ?"
    if query.since:
        where += " AND article.date BETWEEN ? AND ?"
        values += [int(query.since.replace("-", "")), int(query.until.replace("-", ""))]
    if query.source:
        where += " AND article.source = (SELECT number FROM source WHERE name = ?)"
        values.append(query.source)
    return where, values


class Writer:
    """One transaction a batch, no journal: nothing reads the index while it is built."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "index.sqlite")
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;"
                               + _TABLES)
        self._sources: dict[str, int] = {}
        self._entities: dict[str, int] = {}
        self._count = 0

    def add(self, batch: Sequence[Document]) -> None:
        articles, mentions, words = [], [], []
        for document in batch:
            self._count += 1
            source = self._sources.setdefault(document.source, len(self._sources))
            articles.append((self._count, document.id, document.title, document.text, source, document.date,
                             document.month))
            mentions += sorted((self._count, self._entities.setdefault(entity, len(self._entities)))
                               for entity in document.entities.split())
            words.append((self._count, document.terms, document.forms, document.names))
        with self._db:
            self._db.executemany("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?)", articles)
            self._db.executemany("INSERT INTO mention VALUES (?, ?)", mentions)
            self._db.executemany("INSERT INTO words (rowid, terms, forms, names) VALUES (?, ?, ?, ?)", words)

    def close(self) -> None:
        with self._db:
            self._db.executemany("INSERT INTO source (name, number) VALUES (?, ?)", self._sources.items())
            self._db.executemany("INSERT INTO entity (name, number) VALUES (?, ?)", self._entities.items())
            self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._db.close()
