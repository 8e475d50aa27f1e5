"""What a web page says of itself: title, date with its time, source, address, language, authors.

For each the most explicit statement wins:
1. the JSON-LD object of the article (schema.org NewsArticle and its kin);
2. Open Graph and other `meta` elements;
3. `link rel=canonical`, `time`, `h1`, `title`;
4. for the date, the address (`/2023/05/18/`).
A page that does not tell its date is undated: none is guessed from its words.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from index.dates import DateError, parse_date

ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|NewsItem)$")
TITLE_METAS = ("og:title", "twitter:title", "dc.title", "sailthru.title", "parsely-title", "headline", "title")
DATE_METAS = ("article:published_time", "article:published", "og:published_time", "og:article:published_time",
              "datepublished", "date", "pubdate", "publishdate", "publish-date", "publish_date", "published_at",
              "parsely-pub-date", "sailthru.date", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.date",
              "dc.date.created", "article.published", "cxenseparse:recs:publishtime", "date.created", "created",
              "originalpublicationdate", "article_date_original", "cxenseparse:publishtime", "last-modified",
              "article:modified_time")
SITE_METAS = ("og:site_name", "application-name", "twitter:site:name", "dc.publisher", "cre", "publisher")
AUTHOR_METAS = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author", "article.author")
ADDRESS_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2}|[a-z]{3})[/-](\d{1,2})(?=[/-])", re.IGNORECASE)
JSON_LIMIT = 1_000_000
_ENDING = re.compile(r"\s*[|｜ㅣ•·–—»：:-]|$")
_QUOTES = str.maketrans("’‘‛ʼ“”„", "''''\"\"\"")
_CONTROL = re.compile(r"[\x00-\x1f]")


@dataclass(slots=True)
class Metadata:
    """What was found; None where the page does not say."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    language: str | None = None
    authors: list[str] = field(default_factory=list)
    body: str | None = None         # the text of the article, where JSON-LD repeats it


@dataclass(slots=True)
class _Head:
    """The elements of a page that speak of it, gathered in one walk."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    times: list[HtmlElement] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    title: str = ""
    sites: list[str] = field(default_factory=list)      # names of the site, the likeliest first


def metadata(tree: HtmlElement, address: str | None = None) -> Metadata:
    """The metadata of a parsed page; `address` is where it was fetched, if known."""
    head = _gather(tree)
    found = list(_json_objects(head.scripts))
    article = _article(found)
    head.sites = list(_sites(head, article))
    url = _url(head, article, address)
    return Metadata(_title(head, article), _date(head, article, url), next(iter(head.sites), None), url,
                    _language(tree, head, article), _authors(head, article), _text(article.get("articleBody")))


def _gather(tree: HtmlElement) -> _Head:
    head = _Head()
    for element in tree.iter("meta", "link", "script", "title", "h1", "time"):
        tag = element.tag
        if tag == "meta":
            name = element.get("property") or element.get("name") or element.get("itemprop")
            content = element.get("content")
            if name and content and content.strip():
                head.metas.setdefault(name.strip().lower(), []).append(content.strip())
        elif tag == "link":
            if element.get("href"):
                head.links.setdefault((element.get("rel") or "").lower(), element.get("href"))
        elif tag == "script":
            if "ld+json" in (element.get("type") or "") and element.text:
                head.scripts.append(element.text)
        elif tag == "title":
            head.title = head.title or _tidy(element.text_content())
        elif tag == "h1":
            head.headings.append(_tidy(element.text_content()))
        else:
            head.times.append(element)
    return head


def _json_objects(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every object in the JSON-LD of a page that has a type, outer ones before inner ones."""
    for script in scripts:
        text = script.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
        if len(text) > JSON_LIMIT:
            continue
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        waiting = [value]
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, dict):
                if "@type" in item:
                    yield item
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)


def _article(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The object that describes the article: of an article's type, dated rather than not."""
    best: dict[str, Any] = {}
    page: dict[str, Any] = {}
    for item in found:
        types = item["@type"] if isinstance(item["@type"], list) else [item["@type"]]
        if any(isinstance(name, str) and ARTICLE_TYPE.search(name) for name in types):
            if "datePublished" in item:
                return item
            best = best or item
        elif not page and "datePublished" in item and any(name in ("WebPage", "VideoObject") for name in types):
            page = item
    return best or page


def _title(head: _Head, article: dict[str, Any]) -> str | None:
    """The headline of the JSON-LD or the title for sharing (og:title), else the only heading, else the next best.

    Outlets print a long and a short form of a title, and no element says which is which. Where the two differ, the
    one for sharing is taken if heading and Twitter title repeat it, else the longer one: it names more.
    """
    headline, shared = _tidy(_text(article.get("headline")) or ""), _tidy(next(_metas(head, TITLE_METAS[:1]), ""))
    if headline and shared and headline != shared:
        headline, shared = _as_shown(headline, head), _as_shown(shared, head)
        if shared in head.headings and shared in _metas(head, TITLE_METAS[1:2]):
            return shared
        short, long = sorted((headline, shared), key=len)
        return short if _continues(long, short) else long
    if headline:
        return _without_site(headline, head)
    if not shared and len(head.headings) == 1 and head.headings[0]:
        return head.headings[0]
    for candidate in (shared, *_metas(head, TITLE_METAS[1:]), head.title, *head.headings):
        if candidate:
            return _as_shown(_tidy(candidate), head)
    return None


def _without_site(title: str, head: _Head) -> str:
    """The title without the name of the site behind it."""
    for site in head.sites:
        rest = title[:-len(site)].rstrip()
        if rest and title.casefold().endswith(site.casefold()) and _ENDING.match(rest[-1]):
            return rest[:-1].rstrip()
    return title


def _as_shown(title: str, head: _Head) -> str:
    """The title without what stands behind the part of it that the page shows as its heading."""
    for heading in head.headings:
        if 10 < len(heading) < len(title) and _continues(title, heading):
            return heading
    return _without_site(title, head)


def _continues(long: str, short: str) -> bool:
    """Is `long` the title `short` and more behind a sign of separation?"""
    return long.translate(_QUOTES).startswith(short.translate(_QUOTES)) and bool(_ENDING.match(long[len(short):]))


def _date(head: _Head, article: dict[str, Any], url: str | None) -> str | None:
    """The first statement that is a date; the more precise of equals is not looked for."""
    for printed in _dates(head, article):
        try:
            return parse_date(html.unescape(printed))
        except DateError:
            continue
    match = ADDRESS_DATE.search(urlsplit(url).path) if url else None
    if match:
        try:
            return parse_date(f"{match[3]} {match[2]} {match[1]}" if match[2].isalpha() else "-".join(match.groups()))
        except DateError:
            return None
    return None


def _dates(head: _Head, article: dict[str, Any]) -> Iterator[str]:
    for key in ("datePublished", "dateCreated", "uploadDate"):
        value = article.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield item
    yield from _metas(head, DATE_METAS[:-2])
    marked = [item for item in head.times if "publish" in f"{item.get('itemprop')} {item.get('class')}".lower()
              or item.get("pubdate") is not None]
    for item in (*marked, *head.times[:1]):
        yield item.get("datetime") or _tidy(item.text_content())
    yield from _metas(head, DATE_METAS[-2:])


def _sites(head: _Head, article: dict[str, Any]) -> Iterator[str]:
    publisher = article.get("publisher")
    if isinstance(publisher, list):
        publisher = next(iter(publisher), None)
    names = [*_metas(head, SITE_METAS[:1]), _text(publisher.get("name")) if isinstance(publisher, dict) else None,
             *_metas(head, SITE_METAS[1:])]
    for name in names:
        if name and len(tidy := _tidy(name)) <= 80 and tidy and not tidy.startswith("@") and "://" not in tidy:
            yield tidy


def _url(head: _Head, article: dict[str, Any], address: str | None) -> str | None:
    """The page's own address, absolute. The front page of a site is never the address of an article."""
    page = article.get("mainEntityOfPage")
    stated = (head.links.get("canonical"), *_metas(head, ("og:url",)), article.get("url"),
              page.get("@id") if isinstance(page, dict) else page)
    for candidate in (*stated, address):
        if isinstance(candidate, str):
            try:
                url = urljoin(address or "", _CONTROL.sub("", candidate.strip()))
                parts = urlsplit(url)
            except ValueError:
                continue
            if parts.scheme in ("http", "https") and parts.netloc and (parts.path.strip("/") or parts.query):
                return url
    return address


def _language(tree: HtmlElement, head: _Head, article: dict[str, Any]) -> str | None:
    root = tree.getroottree().getroot()
    for name in (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"),
                 article.get("inLanguage"), *_metas(head, ("content-language", "language", "og:locale"))):
        if isinstance(name, str) and (code := language_code(name)) is not None:
            return code
    return None


def language_code(name: str) -> str | None:
    """The primary subtag of a language tag (BCP 47; `en_GB` too) in small letters, or None if it is none."""
    match = re.match(r"([a-z]{2,3})(?:[-_].*)?$", name.strip().lower())
    return match[1] if match else None


def _authors(head: _Head, article: dict[str, Any]) -> list[str]:
    value = article.get("author")
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        names += [part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str)]
    if not names:
        names = head.metas.get("author", []) or list(_metas(head, AUTHOR_METAS))[:1]
    found = (_tidy(re.sub(r"^\s*by\s+", "", name, flags=re.IGNORECASE)) for name in names)
    return list(dict.fromkeys(name for name in found if name and len(name) <= 100 and "://" not in name))


def _metas(head: _Head, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from head.metas.get(name, ())


def _text(value: object) -> str | None:
    if isinstance(value, list):
        value = next(iter(value), None)
    return value if isinstance(value, str) and value.strip() else None


def _tidy(text: str) -> str:
    """Clean blanks, entities that were escaped twice resolved, marks of direction and joints removed."""
    return " ".join(re.sub(r"[\u00ad\u200b-\u200f\ufeff]", "", html.unescape(text)).split())
