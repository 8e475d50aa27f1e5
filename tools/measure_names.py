"""Measure names without index or service: does a spelling looked up have the name of a spelling printed?

    python tools/measure_names.py GROUPS.jsonl PAIRS.csv [ARTICLES.jsonl]

GROUPS: {"source", "type", "latin": [...], "cyrillic": [...]} a line; PAIRS: a CSV of `a`, `b`, `kind`, names that are
different. With ARTICLES, the finder's speed over their texts as well.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from pathlib import Path

from index.analysis.vocabulary import Vocabulary
from index.names.finder import Finder
from index.names.registry import Names

SENTENCES = {"place": "Officials in {} said the talks went on late into the night.",
             "person": "{} told reporters that the talks would go on.",
             "org": "{} said in a statement that the talks would go on.",
             None: "The report named {} only once and gave no more than that."}


class Measure:
    """Looks up and finds spellings, each once."""

    def __init__(self, names: Names) -> None:
        self.names, self.vocabulary = names, Vocabulary()
        self.finder = Finder(names, self.vocabulary)
        self.by_query: dict[str, frozenset[str]] = {}
        self.by_text: dict[tuple[str, str | None], frozenset[str]] = {}

    def asked(self, spelling: str) -> frozenset[str]:
        """The names of a query that are the whole query."""
        if spelling not in self.by_query:
            matches = self.names.lookup(spelling)
            first, last = min((m.start for m in matches), default=0), max((m.end for m in matches), default=0)
            self.by_query[spelling] = frozenset(m.name for m in matches if (m.start, m.end) == (first, last))
        return self.by_query[spelling]

    def printed(self, spelling: str, kind: str | None) -> frozenset[str]:
        """The names found in an article that prints the spelling."""
        key = (spelling, kind)
        if key not in self.by_text:
            numbers = self.vocabulary.numbers(SENTENCES[kind].format(spelling))
            self.by_text[key] = frozenset(match.name for match in self.finder.find(numbers))
        return self.by_text[key]


def recall(measure: Measure, path: Path, show: int) -> None:
    """Ordered pairs of spellings of one group that find each other, by source, type and direction."""
    hits: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        group = json.loads(line)
        kind = group.get("type") or "place"
        forms = [(form, script) for script in ("latin", "cyrillic") for form in group[script]]
        for query, script in forms:
            for form, other in forms:
                if query == form:
                    continue
                row = (f"{group['source']} {kind}", f"{script} → {other}")
                found = int(bool(measure.asked(query) & measure.printed(form, kind)))
                hits[row] += found
                total[row] += 1
                if not found and show:
                    print(f"  missed {query} → {form}  {set(measure.asked(query))} {set(measure.printed(form, kind))}")
    for row in sorted(total):
        print(f"{row[0]:18} {row[1]:22} {hits[row]:5} of {total[row]:5}  {hits[row] / total[row]:.3f}")
    for direction in dict.fromkeys(row[1] for row in total):
        matched, pairs = (sum(c[row] for row in total if row[1] == direction) for c in (hits, total))
        print(f"{'all':18} {direction:22} {matched:5} of {pairs:5}  {matched / pairs:.3f}")


def identical(measure: Measure, path: Path, show: int) -> None:
    """Groups of which every Latin spelling, typed, is the same names."""
    several = [spellings for line in path.read_text(encoding="utf-8").splitlines()
               if len(spellings := json.loads(line)["latin"]) > 1]
    same = 0
    for spellings in several:
        asked = [measure.asked(spelling) for spelling in spellings]
        alike = bool(asked[0]) and len(set(asked)) == 1
        same += alike
        if not alike and show:
            print(f"  differ {[(spelling, *names) for spelling, names in zip(spellings, asked, strict=True)]}")
    print(f"identical {same} of {len(several)}  {same / len(several):.4f}")


def false_matches(measure: Measure, path: Path, show: int) -> None:
    """Pairs of different names where one looked up finds the other printed."""
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for pair in csv.DictReader(file):
            found = bool(measure.asked(pair["a"]) & measure.printed(pair["b"], None))
            for kind in ("all", pair["kind"]):
                hits[kind] += found
                total[kind] += 1
            if found and show:
                print(f"  false {pair['a']} → {pair['b']}  {set(measure.asked(pair['a']))}")
    for kind in sorted(total):
        print(f"false {kind:18} {hits[kind]:5} of {total[kind]:5}  {hits[kind] / total[kind]:.3f}")


def speed(names: Names, path: Path) -> None:
    """Nanoseconds a token of the finder over a file of articles, the vocabulary new and known."""
    vocabulary = Vocabulary()
    with path.open(encoding="utf-8") as file:
        articles = [vocabulary.numbers(record["title"] + "\n" + record["text"]) for record in map(json.loads, file)]
    tokens = sum(map(len, articles))
    finder = Finder(names, vocabulary)
    for run in ("first pass", "second pass"):
        begun = time.process_time()
        found = sum(len(finder.find(article)) for article in articles)
        seconds = time.process_time() - begun
        print(f"{run}: {tokens:,} tokens, {found:,} matches, {seconds / tokens * 1e9:.0f} ns a token")


def main() -> None:
    """Print all figures."""
    begun = time.process_time()
    names = Names.load()
    print(f"loaded {len(names.entities)} entities in {time.process_time() - begun:.3f} s")
    measure, show = Measure(names), int("--show" in sys.argv)
    paths = [Path(argument) for argument in sys.argv[1:] if argument != "--show"]
    recall(measure, paths[0], show)
    identical(measure, paths[0], show)
    false_matches(measure, paths[1], show)
    if len(paths) > 2:
        speed(names, paths[2])


if __name__ == "__main__":
    main()
