"""Builder: analysed articles → one segment. Articles become arrays of numbers; counting makes the postings."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import Analysis, Analyzer, batches
from index.article import Article
from index.known_words import KnownWords
from index.names.matches import Meanings
from index.names.recogniser_output import EntityMentions, Shown
from index.postings import postings, used_numbers
from index.segment import NAME_SIGN, TITLE_WEIGHT, UNDATED
from index.segment_writer import Columns, SegmentWriter
from index.stories import Fingerprint, story_number
from index.term_table import NameTerms, TermTable

_EPOCH = 719163  # date(1970, 1, 1).toordinal()


class Builder:
    """Collects articles and writes them as one segment.

    `tokens` says how much it holds; the caller closes a builder before it holds more than memory allows
    (about 5 bytes a token while collecting, besides what is known of the words, and 60 more while writing).
    """

    def __init__(self, analyzer: Analyzer, known: KnownWords | None = None) -> None:
        """`known`: what another builder with the same analyzer has worked out of its words."""
        self._analyzer = analyzer
        self._known = known if known is not None else KnownWords.of(analyzer.vocabulary)
        self._numbers: list[NDArray[np.int32]] = []
        self._name_terms = NameTerms()
        self._name_forms = _NameForms(self._name_terms, analyzer.meanings)
        self._names = array("i")                    # term, article, position, form; the next name's; …
        self._docs = _DocumentTable()
        self.fingerprints: list[tuple[int, Fingerprint]] = []
        self.tokens = 0

    def __len__(self) -> int:
        return len(self._docs.numbers)

    def add(self, number: int, article: Article) -> Analysis:
        """Analyse an article (`number` is its version in the archive) and add it."""
        return self.add_all([(number, article)])[0]

    def add_all(self, articles: Sequence[tuple[int, Article]]) -> list[Analysis]:
        """Analyse and add articles: dozens at a time cost less than half of what they cost one by one."""
        texts = [article for _, article in articles]
        analyses = self._analyzer.analyse_all(texts)
        prints = self._known.fingerprinter.of_all(texts, analyses)
        self._add_names(len(self), analyses)
        numbers = [number for number, _ in articles]
        self.fingerprints += zip(numbers, prints, strict=True)
        self._docs.add_all(numbers, texts, analyses, self._add_words(analyses))
        return analyses

    def _add_words(self, analyses: Sequence[Analysis]) -> list[int]:
        """Add the words of analyses; how many each has."""
        if not analyses:
            return []
        is_word = np.concatenate([one.words for one in analyses])
        self._numbers.append(np.concatenate([one.numbers for one in analyses])[is_word])
        self.tokens += len(self._numbers[-1])
        ends = np.cumsum([len(one.words) for one in analyses])
        counts: list[int] = np.diff(np.cumsum(is_word)[ends - 1], prepend=0).tolist()
        return counts

    def _add_names(self, document: int, analyses: Sequence[Analysis]) -> None:
        """Add the names of analyses; `document` is the number of the first."""
        counts = [len(one.matches) for one in analyses]
        if not any(counts):
            return
        starts, _, meanings, spellings = np.concatenate([one.matches.rows for one in analyses]).T
        codes = ((meanings.astype(np.int64) << 32) + spellings).tolist()
        forms = np.array(list(map(self._name_forms.__getitem__, codes)), np.int64)
        places = np.concatenate([one.positions for one in analyses])
        before = np.cumsum([0, *(len(one.positions) for one in analyses[:-1])])
        columns = (forms >> 32, np.repeat(np.arange(document, document + len(counts)), counts),
                   places[starts + np.repeat(before, counts)], forms & 0xFFFFFFFF)
        self._names.frombytes(np.stack(columns, axis=1).astype(np.int32).tobytes())

    def write(self, folder: Path, is_durable: bool = True) -> None:
        """Write everything added so far as a segment; `is_durable`: see `SegmentWriter`."""
        numbers = np.concatenate([np.empty(0, np.int32), *self._numbers])
        self._numbers = [numbers]
        used = used_numbers(numbers, len(self._analyzer.vocabulary))
        table = TermTable.of(self._known.terms, used, self._name_terms)
        terms = postings(numbers, np.array(self._docs.words, np.int64), np.array(self._docs.title_words, np.int32),
                         np.frombuffer(self._names, np.int32).reshape(-1, 4), table)
        writer = SegmentWriter(folder, is_durable)
        if terms.occurrences[0][0].max(initial=0) >= 1 << 16:
            writer.wide_positions()
        writer.add(terms)
        writer.close(self._docs.columns(), table.foldings(self._known.name_like, used))


class _NameForms(dict[int, int]):
    """(Meaning << 32) + spelling of a match → the number of the term in the high 32 bits, that of the form in the low
    ones."""

    def __init__(self, terms: NameTerms, meanings: Meanings) -> None:
        super().__init__()
        self._terms, self._meanings = terms, meanings

    def __missing__(self, match: int) -> int:
        meaning = (match + (1 << 31)) >> 32
        name, _ = self._meanings.pairs[meaning]
        term, form = self._terms.form(NAME_SIGN + name, self._meanings.text(match - (meaning << 32)))
        code = self[match] = term << 32 | form
        return code


class _Entities(dict[int, int]):
    """Where an entity is in the list of those that are shown → its number in the segment."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}         # of the entities by id, in the order of their numbers
        self._numbers: dict[str, int] = {}
        self._shown: Sequence[Shown] = ()

    def of_all(self, mentions: Sequence[EntityMentions]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The entities that are mentioned in articles of one batch, each once an article, the first first; and how many
        each article has."""
        if mentions[0].shown is not self._shown:
            self.clear()
            self._shown = mentions[0].shown
        places = np.concatenate([one.rows[:, 2] for one in mentions]).tolist()
        numbers = np.array(list(map(self.__getitem__, places)), np.int64)
        article = np.repeat(np.arange(len(mentions)), np.array([len(one.rows) for one in mentions]))
        _, first = np.unique(article << 32 | numbers, return_index=True)
        first.sort()
        return numbers[first], np.bincount(article[first], minlength=len(mentions))

    def __missing__(self, place: int) -> int:
        entity, _, label = self._shown[place]
        self.labels.setdefault(entity, label)
        number = self[place] = self._numbers.setdefault(entity, len(self._numbers))
        return number


class _Dates(dict[str | None, tuple[int, int]]):
    """The date of an article → its day and its moment, as the columns have them."""

    def __missing__(self, date: str | None) -> tuple[int, int]:
        article = Article("", date=date)
        day, moment = article.day, article.moment
        found = self[date] = (int(UNDATED) if day is None else day.toordinal() - _EPOCH,
                              0 if moment is None else moment)
        return found


class _DocumentTable:
    """The columns, some articles at a time."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.words: list[int] = []
        self.title_words: list[int] = []
        self._keys: list[int] = []
        self._dates = _Dates()
        self._days_moments: list[tuple[int, int]] = []
        self._sources: dict[str, int] = {"": 0}
        self._languages: dict[str, int] = {"": 0}
        self._entities = _Entities()
        self._source: list[int] = []
        self._language: list[int] = []
        self._entity: list[NDArray[np.int64]] = []
        self._entity_counts: list[NDArray[np.int64]] = []
        self._cuts: list[int] = []
        self._cut_end: list[int] = [0]

    def add_all(self, numbers: Sequence[int], articles: Sequence[Article], analyses: Sequence[Analysis],
                words: Sequence[int]) -> None:
        """Add a row for each of these articles."""
        self.numbers += numbers
        self.words += words
        self.title_words += [analysis.title_words for analysis in analyses]
        self._keys += [article_key(article.id) for article in articles]
        self._days_moments += [self._dates[article.date] for article in articles]
        sources, languages = self._sources, self._languages
        self._source += [sources.setdefault(article.source or "", len(sources)) for article in articles]
        self._language += [languages.setdefault(article.language or "", len(languages)) for article in articles]
        if analyses:
            entities, counts = self._entities.of_all([analysis.mentions for analysis in analyses])
            self._entity.append(entities)
            self._entity_counts.append(counts)
        for analysis in analyses:
            for cut in analysis.cuts:
                self._cuts += (cut.start, cut.end)
            self._cut_end.append(len(self._cuts))

    def columns(self) -> Columns:
        """The rows so far, column by column."""
        words, titles = np.array(self.words, np.int64), np.array(self.title_words, np.int64)
        dates, none = np.array(self._days_moments, np.int64).reshape(-1, 2), np.zeros(1, np.int64)
        return Columns(
            numbers=np.array(self.numbers, np.int64), keys=np.array(self._keys, np.uint64),
            days=dates[:, 0].astype(np.int32), moments=dates[:, 1].copy(),
            lengths=words + (TITLE_WEIGHT - 1) * titles, title_words=titles,
            source=np.array(self._source, np.int64), sources=list(self._sources),
            language=np.array(self._language, np.int64), languages=list(self._languages),
            entity_start=np.cumsum(np.concatenate([none, *self._entity_counts])),
            entity=np.concatenate([none[:0], *self._entity]),
            entities=list(self._entities.labels.items()),
            cut_start=np.array(self._cut_end, np.int64), cuts=np.array(self._cuts, np.int64))


def article_key(id: str) -> int:
    """A 64-bit hash of an article's id, the same in every index; in hexadecimal, the id of a story it begins."""
    return story_number(id)


def build(analyzer: Analyzer, articles: Iterable[tuple[int, Article]], folder: Path) -> int:
    """Write one segment of (number, article) pairs; returns how many."""
    builder = Builder(analyzer)
    for some in batches(articles):
        builder.add_all(some)
    builder.write(folder)
    return len(builder)
