"""One article with its entities, where they stand, and what the cleaning left out."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from index.analysis.analyzer import Analyzer, kept
from index.analysis.tokenizer import spans
from index.article import Article
from index.cleaning import Cut
from index.names.recogniser_output import EntityMention
from index.names.registry import Names
from search.response import ArticleEntity, ArticleView, Mark, PrintedSpelling, StoryRef

VOCABULARY_LIMIT = 300_000
_POSSESSIVE = re.compile(r"(?:['’ʼ‘]s|(?<=s)['’ʼ‘])$", re.IGNORECASE)


class Viewer:
    """Analyses articles for display. Safe for threads; one article at a time."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._analyzer = Analyzer(names)
        self._lock = threading.Lock()

    def view(self, article: Article, story: StoryRef) -> ArticleView:
        """The article with its entities, each with the spellings it prints, and the places they stand at."""
        with self._lock:
            if len(self._analyzer.vocabulary) > VOCABULARY_LIMIT:
                self._analyzer = Analyzer(self._names)
            analysis = self._analyzer.analyse(article)
        offsets = _offsets(article, analysis.cuts)
        found: dict[str, tuple[str, str, dict[str, int]]] = {}
        marks = []
        for mention in analysis.mentions:
            mark = _mark(article, mention, offsets)
            marks.append(mark)
            whole = article.title if mark.field == "title" else article.text
            printed = " ".join(whole[mark.start : mark.end].split())
            known = self._names.entity(mention.entity)
            label = known.label if known is not None else mention.label
            spellings = found.setdefault(mention.entity, (label, str(mention.type), {}))[2]
            spellings[printed] = spellings.get(printed, 0) + 1
        entities = tuple(
            ArticleEntity(id, label, kind, tuple(PrintedSpelling(text, count) for text, count in
                                                 sorted(spellings.items(), key=lambda item: (-item[1], item[0]))))
            for id, (label, kind, spellings) in found.items())
        return ArticleView(article, story, entities, tuple(marks), analysis.cuts)


def _offsets(article: Article, cuts: Sequence[Cut]) -> list[tuple[str, int, int]]:
    """Where each token of the analysis stands: words and marks of the title, the break, those of the text."""
    found = [("title", start, end) for _, start, end in spans(article.title)]
    found.append(("title", len(article.title), len(article.title)))
    for begin, stop in kept(article.text, [(cut.start, cut.end) for cut in cuts]):
        found += [("text", begin + start, begin + end) for _, start, end in spans(article.text[begin:stop])]
    return found


def _mark(article: Article, mention: EntityMention, offsets: Sequence[tuple[str, int, int]]) -> Mark:
    field, start, _ = offsets[mention.start]
    last_field, _, end = offsets[mention.end - 1]
    whole = article.title if field == "title" else article.text
    if last_field != field:
        end = len(whole)
    possessive = _POSSESSIVE.search(whole[start:end])
    if possessive is not None:
        end = start + possessive.start()
    return Mark(field, start, end, mention.entity)
