"""Costs besides queries: the memory's speed, an update of an index, what names and stories cost when indexing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import spool
from benchmarks.engine import Query
from benchmarks.engines import exonym, tantivy_peer
from index.analysis.analyzer import AT_ONCE, Analyzer, batches, word_term
from index.analysis.vocabulary import Kind, Vocabulary
from index.archive import Archive
from index.builder import Builder
from index.fingerprinting import Fingerprinter
from index.folder import DataFolder
from index.names.batch import Batch
from index.names.finder import Finder
from index.names.model import NameMatch
from index.names.recogniser import Recogniser
from index.names.registry import Names
from index.stories import Fingerprint, Stories
from index.workers import settle
from search.generation import Generation, View
from search.searcher import Searcher

UPDATED = 100
PER_ARTICLE = ("days", "source", "entity_start", "entity_document")
"""Arrays a faceted search reads besides its postings: whole columns, as a common word needs nearly all of them."""


def memory_speed(megabytes: int = 512, rounds: int = 5) -> float:
    """Bytes a second that one core reads in order: the best of some passes over an array larger than the caches."""
    values = np.ones(megabytes * 131_072, np.uint64)
    took = []
    for _ in range(rounds):
        begin = time.perf_counter()
        values.max()
        took.append(time.perf_counter() - begin)
    return values.nbytes / min(took)


def bytes_read(generation: Generation, query: Query) -> int:
    """The bytes of the arrays that a faceted search for one word has to read, once each."""
    return sum(_of_view(view, query.words[0]) for view in generation.views)


def _of_view(view: View, word: str) -> int:
    segment = view.segment
    term = segment.term(word)
    if term < 0:
        return 0
    count = segment.document_frequency(term)
    posts, _ = segment.title_frequencies(term)
    postings = count * (int(segment["gap_width"][term]) + int(segment["freq_width"][term])) + 8 * len(posts)
    return postings + view.norm.nbytes + view.story.nbytes + sum(segment[name].nbytes for name in PER_ARTICLE)


def updates(work: Path, spooled: Path, rounds: int = 3) -> dict[str, list[float]]:
    """Seconds of the clock until new versions of UPDATED articles are found, for Exonym and Tantivy, on copies.

    The first round of each engine includes opening the index for writing.
    """
    found: dict[str, list[float]] = {}
    with TemporaryDirectory(dir=work) as scratch:
        for name, writer, folder in (("Exonym", exonym.Writer, "exonym"), ("Tantivy", tantivy_peer.Writer, "tantivy")):
            if not (work / folder).exists():
                continue
            copy = Path(scratch) / folder
            shutil.copytree(work / folder, copy)
            appears = _appearing(copy) if name == "Exonym" else _appearing_in_tantivy(copy)
            opened = None
            found[name] = []
            for number in range(rounds):
                documents = [replace(document, terms=f"zzupdate{number} {document.terms}",
                                     title=f"Zzupdate{number} {document.title}")
                             for document in spool.read(spooled, number * UPDATED, UPDATED)]
                begin = time.perf_counter()
                opened = opened if opened is not None else writer(copy)
                opened.update(documents)
                appears(f"zzupdate{number}")
                found[name].append(time.perf_counter() - begin)
            shutil.rmtree(copy)
    return found


def _appearing(folder: Path) -> Callable[[str], None]:
    searcher = Searcher(folder)

    def check(word: str) -> None:
        total = searcher.search(exonym.request(Query("", f"={word}", "all", "forms", (word,)), ())).total
        if total != UPDATED:
            raise AssertionError(f"{total} of {UPDATED} updated articles are found")
    return check


def _appearing_in_tantivy(folder: Path) -> Callable[[str], None]:
    def check(word: str) -> None:
        total = tantivy_peer.Tantivy(folder).search(Query("", word, "all", "terms", (word,))).count
        if total != UPDATED:
            raise AssertionError(f"{total} of {UPDATED} updated articles are found")
    return check


def stages(spooled: Path, names: Names, count: int = 3000) -> list[tuple[str, float]]:
    """Milliseconds of CPU an article of each stage of indexing, one process, the stages one after another.

    The collector of garbage is set as in the processes that build segments.
    """
    articles = [document.article() for document in islice(spool.read(spooled), count)]
    analyzer = Analyzer(names)
    analyses = [analyzer.analyse(article) for article in articles]
    vocabulary = Vocabulary()
    finder, recogniser = Finder(names, vocabulary), Recogniser(names, vocabulary)
    fingerprinter = Fingerprinter(analyzer.vocabulary)
    settle()
    timed: list[tuple[str, float]] = []

    def stage(name: str, work: Callable[[], object]) -> None:
        begin = time.process_time()
        work()
        timed.append((name, (time.process_time() - begin) * 1000 / count))

    tokens: list[Batch] = []
    found: list[list[tuple[list[NameMatch], list[tuple[int, int, str]]]]] = []

    def words() -> None:
        tokens.extend(Batch.of([
            (vocabulary.numbers(article.title), vocabulary.numbers("\n"), vocabulary.numbers(article.text))
            for article in articles[first:first + AT_ONCE]], vocabulary) for first in range(0, count, AT_ONCE))
        for number in range(len(vocabulary)):
            if vocabulary.kinds[number] & Kind.WORD:
                word_term(vocabulary.normal[number])

    def names_found() -> None:
        found.extend(map(finder.of_batch, tokens))

    stage("words and stems", words)
    stage("names", names_found)
    stage("entities", lambda: [recogniser.of_batch(batch, [matches for matches, _ in own], [taken for _, taken in own])
                               for batch, own in zip(tokens, found, strict=True)])
    prints: list[Fingerprint] = []
    stage("fingerprints of stories", lambda: prints.extend(
        fingerprinter.of(article, analysis) for article, analysis in zip(articles, analyses, strict=True)))
    with TemporaryDirectory() as scratch:
        stories = Stories(Path(scratch) / "stories.sqlite")
        stage("grouping stories", lambda: stories.add(list(enumerate(prints))))
        stories.close()
        archive = Archive(DataFolder(Path(scratch)).archive)
        stage("archive", lambda: archive.put(articles))
        archive.close()
        builder = Builder(Analyzer(names))
        whole = time.process_time()
        for some in batches(enumerate(articles)):
            builder.add_all(some)
        collected = (time.process_time() - whole) * 1000 / count
        stage("writing the segment", lambda: builder.write(Path(scratch) / "segment"))
        timed.append(("(analysis, fingerprints and collecting, as the builder does them)", collected))
    return timed
