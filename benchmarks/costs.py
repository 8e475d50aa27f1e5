"""Costs besides queries: the memory's speed, an update of an index, what names and stories cost when indexing."""

from __future__ import annotations

import multiprocessing
import shutil
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import spool
from benchmarks.engine import Query
from benchmarks.engines import exonym, tantivy_peer
from index.analysis.analyzer import Analyzer, batches, word_term
from index.analysis.vocabulary import Kind, Vocabulary
from index.archive import Archive
from index.builder import Builder
from index.fingerprinting import Fingerprinter
from index.folder import DataFolder
from index.names.batch import Batch
from index.names.finder import Finder
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


def analysis(spooled: Path, count: int = 20_000) -> list[tuple[str, float]]:
    """Milliseconds of CPU an article of each stage of the analysis, in a process that knows no word yet."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_analysis, spooled, count).result()


def _analysis(spooled: Path, count: int) -> list[tuple[str, float]]:
    """The collector of garbage is set, and articles are taken together, as in the processes that build segments."""
    names, vocabulary = Names.load(), Vocabulary()
    finder, recogniser = Finder(names, vocabulary), Recogniser(names, vocabulary)
    word_term("first")                      # loads the stemmers
    numbered = enumerate(document.article() for document in islice(spool.read(spooled), count))
    parts = [[article for _, article in part] for part in batches(numbered)]
    settle()
    took: Counter[str] = Counter()
    stemmed = 0
    for articles in parts:
        begin = time.process_time()
        batch = Batch.of([tuple(map(vocabulary.numbers, (article.title, "\n", article.text))) for article in articles],
                         vocabulary)
        numbered_at = time.process_time()
        found = finder.of_batch(batch)
        found_at = time.process_time()
        recogniser.of_batch(batch, found.entities(), found.barred)
        recognised_at = time.process_time()
        for number in range(stemmed, len(vocabulary)):
            if vocabulary.kinds[number] & Kind.WORD:
                word_term(vocabulary.normal[number])
        stemmed = len(vocabulary)
        took.update({"words": numbered_at - begin, "stems of new words": time.process_time() - recognised_at,
                     "names": found_at - numbered_at, "entities": recognised_at - found_at})
    return [(stage, seconds * 1000 / sum(map(len, parts))) for stage, seconds in took.items()]


def stages(spooled: Path, names: Names, count: int = 3000) -> list[tuple[str, float]]:
    """Milliseconds of CPU an article of each stage of indexing after the analysis, one process, one after another.

    The collector of garbage is set as in the processes that build segments.
    """
    articles = [document.article() for document in islice(spool.read(spooled), count)]
    analyzer = Analyzer(names)
    parts = [[article for _, article in part] for part in batches(enumerate(articles))]
    analyses = [analyzer.analyse_all(part) for part in parts]
    fingerprinter = Fingerprinter(analyzer.vocabulary)
    settle()
    timed: list[tuple[str, float]] = []

    def stage(name: str, work: Callable[[], object]) -> None:
        begin = time.process_time()
        work()
        timed.append((name, (time.process_time() - begin) * 1000 / count))

    prints: list[Fingerprint] = []
    stage("fingerprints of stories", lambda: prints.extend(
        chain.from_iterable(map(fingerprinter.of_all, parts, analyses))))
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
