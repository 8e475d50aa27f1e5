"""Documents: an analysed article as the document that stands for it on OpenSearch."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from index.analysis.analyzer import Analysis, Analyzer, word_term
from index.article import FIELDS, Article
from index.builder import article_key
from index.fingerprinting import Fingerprinter
from index.names.model import NameMatch
from index.opensearch import mapping as m
from index.segment import NAME_SIGN, TITLE_GAP, TITLE_WEIGHT
from index.similar import NameLikeWords
from index.stories import Fingerprint


class Documents:
    """Makes documents of articles with one analyzer, and collects what they print."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer, self._vocabulary = analyzer, analyzer.vocabulary
        self._terms: list[str] = []             # vocabulary number → token of its term
        self._forms: list[str] = []             # vocabulary number → token of its exact form
        self._fingerprinter = Fingerprinter(analyzer.vocabulary)
        self._name_like = NameLikeWords(analyzer.vocabulary)
        self._used: set[int] = set()
        self.fingerprints: list[tuple[int, Fingerprint]] = []
        self.entities: dict[str, str] = {}
        """Entity id → label, of all articles so far, in the order met."""
        self.layers = 0
        """The most names that lie over one another in an article so far."""

    def of_all(self, articles: Sequence[tuple[int, Article]]) -> list[dict[str, Any]]:
        """The documents of some articles (each with its version's number in the archive), in order.

        Dozens at a time cost less than half of what they cost one by one.
        """
        texts = [article for _, article in articles]
        analyses = self._analyzer.analyse_all(texts)
        self._extend()
        numbers = [number for number, _ in articles]
        self.fingerprints += zip(numbers, self._fingerprinter.of_all(texts, analyses), strict=True)
        return [self._of(number, article, analysis)
                for number, article, analysis in zip(numbers, texts, analyses, strict=True)]

    def _of(self, number: int, article: Article, analysis: Analysis) -> dict[str, Any]:
        for mention in analysis.mentions:
            self.entities.setdefault(mention.entity, mention.label)
        numbers = analysis.numbers[analysis.words].tolist()
        self._used.update(numbers)
        names = [(match.name, int(analysis.positions[match.start]), match.spelling) for match in analysis.matches]
        found = _columns(number, article, analysis) | self._streams(numbers, names, analysis.title_words)
        found[m.SPELLINGS] = sorted({m.spelling_value(name, form) for name, _, form in names})
        found[m.RECORD] = _record(article, analysis, names)
        return {name: value for name, value in found.items() if value not in ("", [], None)}

    def _streams(self, numbers: Sequence[int], names: Sequence[tuple[str, int, str]], titles: int) -> dict[str, Any]:
        """The bags and streams, of title and text together and of the title alone."""
        terms, forms = [self._terms[number] for number in numbers], [self._forms[number] for number in numbers]
        named = [m.token(NAME_SIGN + name) for name, _, _ in names]
        named_in_title = [m.token(NAME_SIGN + name) for name, place, _ in names if place < titles]
        title_terms, title_forms = terms[:titles] + named_in_title, forms[:titles]
        more = TITLE_WEIGHT - 1
        found: dict[str, Any] = {
            m.TERMS: " ".join(terms + named + title_terms * more), m.FORMS: " ".join(forms + title_forms * more),
            m.of_title(m.TERMS): " ".join(title_terms), m.of_title(m.FORMS): " ".join(title_forms),
            m.WORDS: _parts(terms, titles), m.PRINTED: _parts(forms, titles),
            m.of_title(m.WORDS): " ".join(terms[:titles]), m.of_title(m.PRINTED): " ".join(forms[:titles])}
        for number, stream in enumerate(_layers(names, titles)):
            found[m.layer(number)] = _parts(stream, titles)
            self.layers = max(self.layers, number + 1)
            found[m.of_title(m.layer(number))] = " ".join(stream[:titles]) if titles else ""
        return found

    def words(self) -> list[tuple[str, str]]:
        """(exact form, term) of every word printed so far."""
        vocabulary = self._vocabulary
        return list({vocabulary.exact[number]: word_term(vocabulary.normal[number])
                     for number in sorted(self._used)}.items())

    def name_like(self) -> dict[str, list[int]]:
        """The exact forms printed so far that may be names, with the hashes of their folding keys."""
        exact, found = self._vocabulary.exact, defaultdict[str, list[int]](list)
        capitals = self._name_like.capitals(np.array(sorted(self._used), np.int64)).tolist()
        once = np.array([*{exact[number]: number for number in capitals}.values()], np.int64)
        for number, key in zip(*map(np.ndarray.tolist, self._name_like.of(once)), strict=True):
            found[exact[number]].append(key)
        return found

    def _extend(self) -> None:
        vocabulary = self._vocabulary
        for number in range(len(self._terms), len(vocabulary.normal)):
            self._terms.append(m.token(word_term(vocabulary.normal[number])))
            self._forms.append(m.token(vocabulary.exact[number]))


def _columns(number: int, article: Article, analysis: Analysis) -> dict[str, Any]:
    key, day = article_key(article.id), article.day
    entities = dict.fromkeys(mention.entity for mention in analysis.mentions)
    return {m.NUMBER: number, m.KEY: key, m.STORY: f"{key:016x}",
            m.DAY: day.isoformat() if day is not None else None, m.MOMENT: article.moment,
            m.SOURCE: article.source, m.LANGUAGE: article.language,
            **{kind: [id for id in entities if id.startswith(kind + "/")] for kind in m.ENTITY_TYPES}}


def _record(article: Article, analysis: Analysis, names: Sequence[tuple[str, int, str]]) -> str:
    """What is shown of an article and never searched, as one string: a cluster must not look into it."""
    entities = list(dict.fromkeys(mention.entity for mention in analysis.mentions))
    fields = [getattr(article, name) for name in FIELDS]
    return json.dumps([fields, dict(article.extra), analysis.title_words,
                       [(cut.start, cut.end) for cut in analysis.cuts], entities, names],
                      ensure_ascii=False, separators=(",", ":"))


def _parts(tokens: Sequence[str], titles: int) -> list[str]:
    """Title and text as two values, so that the gap lies between them."""
    return [part for part in (" ".join(tokens[:titles]), " ".join(tokens[titles:])) if part]


def _layers(names: Iterable[tuple[str, int, str]], titles: int) -> list[list[str]]:
    """Streams of mentions that do not overlap within a stream; a place of the text has its number without the gap."""
    layers: list[list[str]] = []
    for name, place, form in sorted(names, key=lambda item: item[1]):
        start = place if place < titles or not titles else place - TITLE_GAP
        tokens = m.mention_tokens(name, form.count(" ") + 1)
        free = next((stream for stream in layers if len(stream) <= start), None)
        if free is None:
            if len(layers) == m.LAYERS:
                continue
            layers.append(free := [])
        free += [m.FREE] * (start - len(free)) + tokens
    for stream in layers:
        stream += [m.FREE] * (titles - len(stream))
    return layers


def read_record(record: str) -> tuple[Article, int, list[tuple[int, int]], list[str], list[NameMatch]]:
    """What `Documents` put beside the searched fields: article, title words, cuts, entities, names.

    The names' `start` and `end` are index positions here, and `entity` is not told.
    """
    fields, extra, title_words, cuts, entities, names = json.loads(record)
    values = dict(zip(FIELDS, fields, strict=True)) | {"authors": tuple(fields[FIELDS.index("authors")])}
    article = Article(**values, extra=extra)
    found = [NameMatch(place, place + form.count(" ") + 1, name, None, form) for name, place, form in names]
    return article, title_words, [(start, end) for start, end in cuts], entities, found
