"""Floors for the recogniser on two annotated corpora, which we may measure on but neither ship nor train on.

Gold: WikiGold (CC BY 4.0) and the first test part of CoNLL 2003, in mixed case, PER, LOC, ORG. Counted as in the
evaluation of the facets: per article the sets of (type, name); a predicted entity is right if one of its spellings
equals a gold mention of its type, and wrong if it equals none (names that are gold MISC are not counted); of gold
mentions of one type the shorter forms count once with the longest.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.analysis.tokenizer import spans
from index.analysis.vocabulary import Vocabulary
from index.names.recogniser import Recogniser
from tests.names.recognising import LEXICON, Listed

CORPORA = Path(__file__).parents[3] / "shared/corpora/ner"
GOLD = {"person": "PER", "place": "LOC", "organisation": "ORG"}
pytestmark = pytest.mark.slow


def key(name: str) -> str:
    """A name as it is compared: any case, without *the*, final possessive and spaces before marks."""
    name = re.sub(r"\s+(?=['.,)!?])|(?<=[(])\s+", "", " ".join(name.casefold().split()))
    return re.sub(r"('s|(?<=s)')$", "", re.sub(r"^the ", "", name)).rstrip(".")


def merged(mentions: set[str]) -> list[set[str]]:
    """Gold names, each with its shorter forms."""
    names: dict[str, set[str]] = {}
    for mention in sorted(mentions, key=lambda mention: (-len(mention.split()), mention)):
        longer = next((name for name in names if set(mention.split()) <= set(name.split())), mention)
        names.setdefault(longer, set()).add(mention)
    return list(names.values())


def predicted(articles: list[dict[str, str]]) -> Iterator[list[tuple[str, set[str]]]]:
    """For each article (type, spellings) of every entity recognised, with no names files."""
    vocabulary = Vocabulary()
    recogniser = Recogniser(Listed(), vocabulary, LEXICON)
    for article in articles:
        text = f"{article['title']}\n{article['text']}"
        places = list(spans(text))
        title_end = len(vocabulary.numbers(article["title"] + "\n"))
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for mention in recogniser.mentions(vocabulary.numbers(text), [], title_end):
            printed = text[places[mention.start][1]:places[mention.end - 1][2]]
            found[GOLD[mention.type], mention.entity].add(key(printed))
        yield [(kind, spellings) for (kind, _), spellings in found.items()]


def figures(path: Path) -> tuple[float, float]:
    """Micro precision and F1."""
    articles = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    right = wrong = gold = reached = 0
    for article, entities in zip(articles, predicted(articles), strict=True):
        mentions = [(row["type"], key(row["text"])) for row in article["gold"]["entities"]]
        other = {name for kind, name in mentions if kind == "MISC"}
        for kind in GOLD.values():
            names = {name for which, name in mentions if which == kind}
            own = [spellings for which, spellings in entities if which == kind]
            right += sum(bool(spellings & names) for spellings in own)
            wrong += sum(not spellings & (names | other) for spellings in own)
            groups = merged(names)
            gold += len(groups)
            reached += sum(any(spellings & forms for spellings in own if spellings & names) for forms in groups)
    precision, recall = right / (right + wrong), reached / gold
    return precision, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(("name", "precision", "f1"), [
    pytest.param("wikigold.jsonl", 0.85, 0.755, id="encyclopaedia"),
    pytest.param("conll2003_testa.jsonl", 0.915, 0.88, id="news"),
])
def test_precision_and_f1_do_not_fall(name: str, precision: float, f1: float) -> None:
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project: it may be measured on, not shipped")
    measured = figures(path)
    assert measured[0] >= precision, f"precision {measured[0]:.3f}"
    assert measured[1] >= f1, f"F1 {measured[1]:.3f}"
