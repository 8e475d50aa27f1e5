"""Fuzzing: queries and inputs that nobody would write, for as long as one likes.

    python -m tests.fuzz [--minutes 10]

Every query must be answered, with diagnostics if it is odd, or refused if it has too many brackets; every input must
become articles and rejects with a reason. Anything else, an exception above all, is a finding: it is printed, shrunk
to the smallest example, and the run ends 1. `tests/test_fuzz.py` runs a few examples of each target with every test
run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.article import Article, Reject, article_from_record
from index.folder import DataFolder
from index.names.registry import Names
from index.readers import FORMATS, Limits, ReadOptions, read
from index.writer import Indexer
from search.limits import Limits as QueryLimits
from search.limits import QueryLimitError
from search.request import Match, SearchRequest
from search.searcher import Searcher
from tests.random_news import QUERIES, WORDS
from tests.readers.test_any_input import SAMPLES

ROUND = 100                 # examples of a target before the next one has its turn
SIGNS = '"“”„«»()-=*~:?\\+ \n\t\u00a0\u2028\'’.,&/\x00\u0301\u200b\ufeff'
_PARTS = st.one_of(st.sampled_from(WORDS), st.text(SIGNS, max_size=5), st.text(max_size=6),
                   st.sampled_from(["OR", "NOT", "AND", "title:", "title:(", "-(", '="', "~2", "*", "source:"]))
TYPED = st.one_of(QUERIES, st.text(max_size=60), st.lists(_PARTS, max_size=40).map("".join),
                  st.lists(_PARTS, max_size=40).map(" ".join), st.builds("{}{}{}".format, st.text("(-=\"", max_size=60),
                                                                         _PARTS, st.text(")\"*~", max_size=60)))
_MARKUP = ["<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "&#0;",
           "&#xD800;", "<title>", "</title>", "<item>", "<entry>", "<p>", "<script>", "<meta charset='utf-16'>",
           "<time datetime='", "'>", "WARC/1.0\r\n", "\r\n\r\n", "Content-Length: 99999999999\r\n",
           "HTTP/1.1 200 OK\r\n", "---\n", "title: ", "date: 2022-02-30\n", "<link href='", "javascript:",
           "http://[", "//"]
_CELLS = st.text(st.characters(exclude_categories=()), max_size=12)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_CELLS, inner, max_size=3), max_leaves=8)
_FIELDS = st.sampled_from(["id", "title", "text", "date", "source", "url", "language", "authors", "other", ""])
_GOOD = st.fixed_dictionaries({"title": _CELLS, "text": st.sampled_from(WORDS)}, optional={
    "date": st.sampled_from(["2022-03", "2022-03-16T10:00Z", "soon"]), "authors": st.lists(_CELLS, max_size=2),
    "url": _CELLS, "id": _CELLS})
_RECORDS = st.lists(_GOOD | st.dictionaries(_FIELDS, _JSON, max_size=9), max_size=4)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with bytes changed, taken out, put in twice or cut off."""
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        end = min(len(content), at + draw(st.integers(0, 40)))
        content[at:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(content[at:end]) * 2),
                                         st.sampled_from(_MARKUP).map(str.encode)))
    return bytes(content)


def _lines(records: list[dict[str, object]]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


INPUTS = st.one_of(
    damaged(), st.binary(max_size=300), _RECORDS.map(_lines), _RECORDS.map(lambda rows: json.dumps(rows).encode()),
    st.lists(st.one_of(st.sampled_from(_MARKUP), st.text(max_size=10)), max_size=30).map("".join).map(
        lambda text: text.encode("utf-8", "replace")),
    st.builds(lambda text, coding: text.encode(coding, "replace"), st.text(max_size=80),
              st.sampled_from(["utf-16", "utf-32-be", "cp1251", "koi8-u", "utf-7", "shift_jis"])),
    st.lists(st.lists(_CELLS.map(lambda cell: cell.encode("utf-8", "replace").decode()), max_size=6).map(",".join),
             max_size=6).map(lambda rows: ("title,text,date,authors\n" + "\n".join(rows)).encode()))


@dataclass(slots=True)
class Fuzz:
    """What the targets work with, and what was seen of each."""

    folder: Path
    searcher: Searcher
    examples: Counter[str] = field(default_factory=Counter)
    articles: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)

    @classmethod
    def over(cls, folder: Path, names: Names) -> Fuzz:
        """With a small index made in `folder`."""
        data = DataFolder(folder / "data")
        texts = [(word, " ".join(WORDS[at:at + 9])) for at, word in enumerate(WORDS)]
        Archive(data.archive).put([Article(str(at), *text) for at, text in enumerate(texts)])
        Indexer(data.path, names=names).catch_up()
        return cls(folder, Searcher(data.path, names=names))

    def query(self, q: str, match: Match) -> None:
        """Ask a query."""
        self.examples["query"] += 1
        try:
            answer = self.searcher.search(SearchRequest(q, match))
        except QueryLimitError:
            assert q.count("(") > QueryLimits().depth
            return
        for diagnostic in answer.diagnostics:
            assert 0 <= diagnostic.start <= diagnostic.end <= len(q)
            assert diagnostic.message
        assert len(answer.hits) == min(answer.total, 10)
        json.dumps(answer.as_json(), allow_nan=False).encode()

    def read(self, form: str, content: bytes) -> None:
        """Read an input."""
        self.examples[form] += 1
        path = self.folder / "input"
        path.write_bytes(content)
        limits = Limits(document_bytes=1 << 20, members=1000)
        for item in read([str(path)], ReadOptions(format=form, limits=limits)):
            if isinstance(item, Reject):
                self.rejects[form] += 1
                assert item.reason
            else:
                self.articles[form] += 1
                assert article_from_record(item.record()) == item    # what a reader gives, the API would take


def targets(fuzz: Fuzz, examples: int) -> dict[str, Callable[[], None]]:
    """Each target as a call that tries so many examples; raises on a finding, with the smallest example."""
    how = settings(max_examples=examples, deadline=None, database=None, print_blob=False,
                   suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink))
    found: dict[str, Callable[[], None]] = {"query": how(given(TYPED, st.sampled_from(Match))(fuzz.query))}
    for form in FORMATS:
        found[form] = how(given(st.just(form), INPUTS)(fuzz.read))
    return found


def main() -> int:
    """Run all targets in turns until the time is over; 1 if there was a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    end = time.monotonic() + parser.parse_args().minutes * 60
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="exonym-fuzz-") as temporary:
        fuzz = Fuzz.over(Path(temporary), Names.load())
        every = targets(fuzz, ROUND)
        while time.monotonic() < end and len(failed) < len(every):
            for name, target in every.items():
                if name not in failed and time.monotonic() < end:
                    try:
                        target()
                    except Exception:               # the finding, whatever it is
                        failed[name] = traceback.format_exc()
                        print(f"{name}: FAILED\n{failed[name]}", flush=True)
    for name in every:
        print(f"{name}: {fuzz.examples[name]:,} examples, {fuzz.articles[name]:,} articles, "
              f"{fuzz.rejects[name]:,} rejects{', FAILED' if name in failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
