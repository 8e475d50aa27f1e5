"""The sample newsroom in seeds/ is the world that its README promises, read here without any code of ours."""

from __future__ import annotations

import csv
import datetime as dt
import html.parser
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
PUBLISHED = SEEDS.parent.parent / "shared" / "seeds"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
Record = dict[str, Any]
PRESENT = {
    "O(dessa|DESSA), Texas": 4, "Odessa, Florida": 1, "Odessa, Delaware": 1, "chicken Kiev": 2, "Dynamo Kiev": 1,
    "Dynamo Kyiv": 1, "Kyiv Oblast": 1, "Georgia.*(Atlanta|Savannah)": 4, "Tbilisi.*Georgia": 4,
    "Artemivsk|Artyomovsk|Артемівськ": 3, "D(nipro|nepro)petrovsk": 3, "Zviahel": 1, r"Krym\b": 1, "Crimea": 15,
    "Medvedev": 4, "Medvedchuk": 2, "Wladimir Klitschko": 1, "Vitali Klitschko": 4, "Navalnaya": 2, r"Navalny\b": 3,
    "Yermak": 3, r"Budanov\b": 3, "Prigozhin": 5, "Qaddafi|Gadhafi|Gaddafi": 4, "Peskov": 15, "Lavrov": 4,
    "Saakashvili": 3, "Poroshenko": 10, "SBU": 8, "HUR": 4, "OSCE": 5, "NATO": 10, "IAEA": 4, "Gazprom": 3,
    "Naftogaz": 1, "Ukrzaliznytsia": 2, r"Azov\b": 3, "Wagner": 6, r"Bucha\b": 3, "Mariupol": 5, "Kakhovka": 3,
    "Kerch": 4, "Києва": 1, "Києві": 3, "Харкова": 3, "Зеленського": 2, "Бахмутом": 1, "Киева": 1, "Харькове": 1,
    "Зеленского": 1,
}
"""Patterns of names, and how many articles at least print one of each."""


class Body(html.parser.HTMLParser):
    """Paragraphs of the division with class `article-body`."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.paragraphs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div":
            self.inside = ("class", "article-body") in attrs
        elif tag == "p" and self.inside:
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "div"

    def handle_data(self, data: str) -> None:
        if self.inside and self.paragraphs:
            self.paragraphs[-1] += data.strip()


def from_tables() -> Iterator[Record]:
    for line in (SEEDS / "wire.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)
    with (SEEDS / "courier.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            yield {name: value or None for name, value in row.items()}


def from_texts() -> Iterator[Record]:
    for path in sorted((SEEDS / "texts").glob("*.txt")):
        raw = path.read_text("utf-8")
        if raw.startswith("---\n"):
            _, front, text = raw.split("---\n", 2)
            yield {"id": path.stem, "text": text.strip()} | dict(line.split(": ", 1) for line in front.splitlines())
        else:
            title, _, text = raw.partition("\n")
            yield {"id": path.stem, "title": title, "text": text.strip(), "date": None, "source": None}


def from_pages() -> Iterator[Record]:
    for path in sorted((SEEDS / "pages").glob("*.html")):
        raw = path.read_text("utf-8")
        data = json.loads(raw.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
        news = next(item for item in data.get("@graph", [data]) if item["@type"] == "NewsArticle")
        body = Body()
        body.feed(raw)
        yield {"id": path.stem, "title": news["headline"], "text": "\n\n".join(body.paragraphs), "page": raw,
               "date": news["datePublished"], "source": news["publisher"]["name"], "language": news["inLanguage"],
               "url": news["mainEntityOfPage"]}


def from_feed() -> Iterator[Record]:
    channel = ElementTree.parse(SEEDS / "feed.xml").getroot().find("channel")
    assert channel is not None
    for item in channel.iter("item"):
        text = re.sub(r"</p>\s*", "\n\n", item.findtext(CONTENT, "")).replace("<p>", "").strip()
        yield {"id": item.findtext("guid"), "title": item.findtext("title"), "text": text, "url": item.findtext("link"),
               "source": channel.findtext("title"), "language": channel.findtext("language"),
               "date": parsedate_to_datetime(item.findtext("pubDate", "")).isoformat()}


READERS = {"tables": from_tables, "texts": from_texts, "pages": from_pages, "feed": from_feed}


def readme_table(first_column: str) -> list[list[str]]:
    """Rows (heading first) of the README's table whose heading starts with `first_column`."""
    lines = (SEEDS / "README.md").read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first_column} |"))
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines[start:])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not row.startswith("| ---")]


def house(article: Record) -> str:
    """The column of the README's table of spellings that an article follows."""
    source = article["source"]
    if source == "Fairhaven Chronicle":
        return f"{source} {'until 2019-09-30' if article['date'] < '2019-10-01' else 'from 2019-10-01'}"
    return source if source in ("Harbour Courier", "The Meridian", "Skerry Wire") else "the others"


def words(article: Record) -> list[str]:
    return re.findall(r"\w+", f"{article['title']} {article['text']}".casefold())


def prints(article: Record, spelling: str) -> bool:
    """Whether a spelling stands in the article, as it is or in the capitals of a dateline."""
    forms = f"{re.escape(spelling)}|{re.escape(spelling.upper())}"
    return re.search(rf"\b(?:{forms})\b", f"{article['title']}\n{article['text']}") is not None


def runs(tokens: Sequence[str], length: int) -> set[tuple[str, ...]]:
    return set(zip(*(tokens[i:] for i in range(length)), strict=False))


def overlap(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


@pytest.fixture(scope="module")
def articles() -> dict[str, Record]:
    records = [record for reader in READERS.values() for record in reader()]
    by_id = {record["id"]: record for record in records}
    assert len(by_id) == len(records), "ids are unique"
    return by_id


@pytest.mark.parametrize(("reader", "least"), [
    pytest.param("tables", 60, id="jsonl-and-csv"), pytest.param("texts", 6, id="texts"),
    pytest.param("pages", 6, id="pages"), pytest.param("feed", 6, id="feed")])
def test_every_format_holds_articles_with_title_and_text(reader: str, least: int) -> None:
    records = list(READERS[reader]())
    assert len(records) >= least
    assert all(record["title"].strip() and 80 <= len(record["text"].split()) <= 260 for record in records)


def test_the_outlets_are_those_of_the_readme(articles: dict[str, Record]) -> None:
    outlets = {(name, language) for name, _, language, _ in readme_table("outlet")[1:]}
    assert len(outlets) == 12
    assert {(a["source"], a["language"]) for a in articles.values() if a["source"] is not None} == outlets
    assert len(articles) >= 84


def test_dates_are_iso_and_agree_with_id_and_address(articles: dict[str, Record]) -> None:
    dated = [a for a in articles.values() if a["date"] is not None]
    assert all("2014" <= str(dt.datetime.fromisoformat(a["date"]).year) <= "2025" for a in dated)
    assert {len(a["date"]) for a in dated} == {10, 25}, "days, and date-times with a zone"
    for a in dated:
        assert a["date"][:10] in a["id"]
        assert a.get("url") is None or a["date"][:10].replace("-", "/") in a["url"]
    undated = [a for a in articles.values() if a["date"] is None]
    assert len([a for a in undated if a["source"] is not None]) >= 5
    assert len([a for a in undated if a["source"] is None]) >= 5


def test_an_outlet_prints_only_its_house_spellings(articles: dict[str, Record]) -> None:
    heading, *rows = readme_table("name")
    allowed = {row[0].strip("`"): set(row[1].split(", ")) for row in readme_table("article")[1:]}
    for a in (a for a in articles.values() if a["source"] is not None and a["language"] == "en"):
        for row in rows:
            own = row[heading.index(house(a))]
            foreign = set(row[1:]) - {own, "–"} - allowed.get(a["id"], set()) if own != "–" else set()
            assert not [s for s in foreign if prints(a, s)], (a["id"], own)


def test_every_house_spelling_and_every_exception_is_in_print(articles: dict[str, Record]) -> None:
    heading, *rows = readme_table("name")
    signed = [a for a in articles.values() if a["source"] is not None and a["language"] == "en"]
    for row in rows:
        for spelling in set(row[1:]) - {"–"}:
            at_home = [a for a in signed if row[heading.index(house(a))] == spelling]
            assert any(prints(a, spelling) for a in at_home), spelling
    for key, spellings, _ in readme_table("article")[1:]:
        assert all(prints(articles[key.strip("`")], s) for s in spellings.split(", ")), key


def test_the_chronicle_changes_from_kiev_to_kyiv(articles: dict[str, Record]) -> None:
    chronicle = [a for a in articles.values() if a["source"] == "Fairhaven Chronicle"]
    before = {a["date"][:4] for a in chronicle if prints(a, "Kiev") and a["date"] < "2019-10-01"}
    after = {a["date"][:4] for a in chronicle if prints(a, "Kyiv") and a["date"] >= "2019-10-01"}
    assert len(before) >= 5
    assert len(after) >= 5


def told(kind: str) -> list[list[str]]:
    """The ids in each row of the README's list of stories that is of this kind."""
    return [re.findall(r"`(.+?)`", ids) for name, ids in readme_table("kind")[1:] if name == kind]


def test_stories_told_more_than_once_are_all_and_only_those_listed(articles: dict[str, Record]) -> None:
    shingles = {key: runs(words(a), 3) for key, a in articles.items()}
    bounds = {"rewrite": (0.0, 0.1), "update": (0.0, 0.6), "reworded": (0.1, 0.6), "copy": (0.6, 1.0)}
    kinds = {frozenset(pair): kind for kind in ("rewrite", "update", "reworded", "copy")
             for ids in told(kind) for pair in itertools.combinations(ids, 2)}
    assert {key for pair in kinds for key in pair} <= set(articles)
    for pair in itertools.combinations(articles, 2):
        least, most = bounds[kinds.get(frozenset(pair), "rewrite")]
        assert least <= overlap(shingles[pair[0]], shingles[pair[1]]) <= most, pair
    for ids in told("update"):
        assert all(overlap(shingles[one], shingles[other]) > 0.1 for one, other in itertools.pairwise(ids)), ids
    assert {kind: list(kinds.values()).count(kind) >= 3 for kind in bounds} == dict.fromkeys(bounds, True)
    assert sum(len(ids) - 1 for ids in told("copy")) >= 6


def test_a_rewrite_shares_names_and_numbers_but_not_sentences(articles: dict[str, Record]) -> None:
    for ids in told("rewrite") + told("reworded"):
        marks = [set(re.findall(r"\b[A-Z]\w{3,}|\d+", articles[key]["text"])) for key in ids]
        assert len(set.intersection(*marks)) >= 6, ids
    for ids in told("rewrite"):
        assert not set.intersection(*(runs(words(articles[key]), 12) for key in ids)), ids


@pytest.mark.parametrize(("pattern", "least"), [
    pytest.param(pattern, least, id=pattern.casefold().replace(" ", "-")) for pattern, least in PRESENT.items()])
def test_the_names_that_the_product_is_about_are_in_print(
        articles: dict[str, Record], pattern: str, least: int) -> None:
    found = [a for a in articles.values() if re.search(rf"(?s){pattern}", f"{a['title']}\n{a['text']}")]
    assert len(found) >= least


def test_saved_pages_carry_what_a_real_page_carries_round_its_article() -> None:
    for a in from_pages():
        assert dt.datetime.fromisoformat(a["date"]).tzinfo is not None
        for mark in ("<nav", 'rel="canonical"', 'property="og:site_name"', 'class="share"', 'class="related"',
                     'class="comments"', "<footer>"):
            assert mark in a["page"], (a["id"], mark)


def test_no_text_shares_a_run_of_twelve_words_with_a_published_one(articles: dict[str, Record]) -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the published articles to compare with are not on this machine")
    published = {run for path in PUBLISHED.glob("*.txt")
                 for run in runs(re.findall(r"\w+", path.read_text("utf-8").casefold()), 12)}
    assert published
    assert not [a["id"] for a in articles.values() if runs(words(a), 12) & published]
