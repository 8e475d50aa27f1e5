"""Spool: articles with what our analysis found in them, a line each, for every engine to be built from.

Other engines are given ready terms, so that all index the same words: the stems of the text and of the title
(parted by a word of its own, so that no phrase crosses), the printed forms, the names and the entities. They are spared
the work of finding them, which ours does again when it indexes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.analysis.analyzer import Analysis, Analyzer, batches, word_term
from index.analysis.vocabulary import Vocabulary
from index.article import Article
from index.names.registry import Names

GAP = "zzgap"
"""Stands between title and text: an ordinary word to the engines, in every article with a title."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Document:
    """An article ready to be indexed: `terms`, `forms`, `names` and `entities` are values joined by spaces."""

    id: str
    day: str                         # ISO date, or "" if undated
    source: str
    terms: str
    forms: str
    names: str
    entities: str
    title: str
    text: str

    @property
    def month(self) -> int:
        """Months since year 0, or -1."""
        return int(self.day[:4]) * 12 + int(self.day[5:7]) - 1 if self.day else -1

    @property
    def date(self) -> int:
        """The day as the number YYYYMMDD, or 0."""
        return int(self.day.replace("-", "")) if self.day else 0

    def article(self) -> Article:
        """As the product takes it in."""
        return Article(self.id, self.title, self.text, self.day or None, self.source or None, language="en")


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the analysis of all articles took."""

    articles: int
    tokens: int
    cpu: float


def write(path: Path, articles: Iterable[Article], names: Names) -> Analysed:
    """Analyse articles and write them."""
    analyzer, count, tokens, cpu = Analyzer(names), 0, 0, 0.0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for some in batches(enumerate(articles)):
            batch = [article for _, article in some]
            begin = time.thread_time()
            analyses = analyzer.analyse_all(batch)
            cpu += time.thread_time() - begin
            for article, analysis in zip(batch, analyses, strict=True):
                line, words = _line(article, analysis, analyzer.vocabulary)
                file.write(line)
                count, tokens = count + 1, tokens + words
    return Analysed(count, tokens, cpu)


def _line(article: Article, analysis: Analysis, vocabulary: Vocabulary) -> tuple[str, int]:
    """An article's line, and how many words it has."""
    numbers = analysis.numbers[analysis.words].tolist()
    title = analysis.title_words
    terms = [word_term(vocabulary.normal[number]) for number in numbers]
    forms = [vocabulary.exact[number] for number in numbers]
    gap = [GAP] if title else []
    fields = (article.id, (article.date or "")[:10], article.source or "",
              " ".join(terms[:title] + gap + terms[title:]), " ".join(forms[:title] + gap + forms[title:]),
              " ".join(match.name for match in analysis.matches),
              " ".join(dict.fromkeys(mention.entity for mention in analysis.mentions)),
              article.title.translate(_ESCAPES), article.text.translate(_ESCAPES))
    return "\t".join(fields) + "\n", len(numbers)


def read(path: Path, start: int = 0, count: int | None = None) -> Iterator[Document]:
    """The documents of a spool, or some of them."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in islice(file, start, None if count is None else start + count):
            *fields, title, text = line.rstrip("\n").split("\t")
            yield Document(*fields, _unescaped(title), _unescaped(text))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return "\\".join(part.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
                     for part in text.split("\\\\"))


def in_lists(documents: Iterable[Document], size: int = 1000) -> Iterator[list[Document]]:
    """Documents in lists."""
    waiting = iter(documents)
    while batch := list(islice(waiting, size)):
        yield batch
