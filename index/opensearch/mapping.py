"""Mapping: the fields of an article on OpenSearch, named once for the writer and the queries.

The analysis is ours: every text field is a string of ready-made tokens, split at spaces by the built-in analyser
`whitespace`, so that no plug-in is needed and index, query and display agree. For title and text apart:

terms, forms      bags: a word's term, or the form it is printed in, as many times as it weighs; names among the terms
words, printed    streams: term and printed form of each word at its position, title, gap of 10, text
names0 … names5   streams with equal positions: a mention of a name of n words is n tokens, `@name␟n␟1` … `@name␟n␟n`,
                  in the first of these fields that is free there; `_` stands where no name does
title_…           the same for the title alone

A phrase is words and names side by side, so it is asked of these streams; all else is asked of the bags.
"""

from __future__ import annotations

import hashlib
from typing import Any

from index.opensearch.cluster import ClusterSettings
from index.segment import NAME_SIGN, TITLE_GAP

FORMAT = 1
"""Raised whenever the fields change; an index of another format is made anew."""
LAYERS = 6
"""So many names may lie over one another; any further one is found, but not in a phrase."""
PART, SPACE, NOTHING, FREE = "␟", "␠", "␀", "_"
LONGEST = 120
"""The analyser cuts a token of more than 255 UTF-16 units; a longer one than this is its beginning and a hash."""

TERMS, FORMS, WORDS, PRINTED = "terms", "forms", "words", "printed"
KEY, NUMBER, DAY, MOMENT = "key", "number", "day", "moment"
SOURCE, LANGUAGE, SPELLINGS, STORY, SHARED, RECORD = "source", "language", "spellings", "story", "shared", "record"
ENTITY_TYPES = ("person", "place", "organisation")


def layer(number: int) -> str:
    """The field of a layer of names."""
    return f"names{number}"


def of_title(field: str) -> str:
    """The field that holds the title's part of another."""
    return f"title_{field}"


def token(text: str) -> str:
    """A term or form as a token: no space in it, never empty, never too long."""
    text = text.replace(" ", SPACE)
    if len(text) > LONGEST:
        return f"{text[:80]}{PART}{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"
    return text or NOTHING


def mention_tokens(name: str, words: int) -> list[str]:
    """The tokens of a mention of a name (its id) of so many words."""
    start = token(NAME_SIGN + name)
    return [f"{start}{PART}{words}{PART}{place + 1}" for place in range(words)]


def spelling_value(name: str, form: str) -> str:
    """A name (its id) in a printed form, as the field of spellings has it."""
    return f"{name}{PART}{form}"


def document_id(article: str) -> str:
    """The id of an article's document: a hash, since an id of ours may be longer than theirs can be."""
    return hashlib.blake2b(article.encode(), digest_size=16).hexdigest()


def articles_body(settings: ClusterSettings) -> dict[str, Any]:
    """Settings and mapping of an index of articles."""
    bag = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
    stream = {"type": "text", "analyzer": "whitespace", "norms": False, "position_increment_gap": TITLE_GAP}
    streams = (WORDS, PRINTED, *(layer(number) for number in range(LAYERS)))
    properties: dict[str, Any] = dict.fromkeys((TERMS, FORMS), bag) | dict.fromkeys(streams, stream)
    properties |= {of_title(name): kind for name, kind in properties.items()}
    properties |= {name: {"type": "keyword"} for name in (
        SOURCE, LANGUAGE, SPELLINGS, STORY, SHARED, *ENTITY_TYPES)}
    properties |= {KEY: {"type": "unsigned_long"}, NUMBER: {"type": "long"}, MOMENT: {"type": "long"},
                   DAY: {"type": "date", "format": "strict_date"},
                   RECORD: {"type": "text", "index": False}}
    return {"settings": {"number_of_shards": settings.shards, "number_of_replicas": settings.replicas,
                         "refresh_interval": "-1", "codec": "best_compression"},
            "mappings": {"dynamic": "strict", "_meta": {"format": FORMAT}, "properties": properties}}


def words_body(settings: ClusterSettings) -> dict[str, Any]:
    """Settings and mapping of an index of words: what is printed anywhere, for prefixes, near and similar words.

    Three kinds of document: `form` with `term`; `name_like` (a form) with `keys`, hashes of its folding keys;
    `entity` with `label`, of entities that no names file may know.
    """
    keyword = {"type": "keyword"}
    return {"settings": {"number_of_shards": 1, "number_of_replicas": settings.replicas, "refresh_interval": "-1"},
            "mappings": {"dynamic": "strict", "_meta": {"format": FORMAT}, "properties": {
                "form": keyword, "term": keyword, "name_like": keyword, "keys": keyword, "entity": keyword,
                "label": {"type": "keyword", "index": False, "doc_values": False}}}}


def template(settings: ClusterSettings) -> dict[str, Any]:
    """The index template of the articles, versioned."""
    return {"index_patterns": [f"{settings.prefix}-articles-*"], "version": FORMAT, "priority": 200,
            "template": articles_body(settings)}
