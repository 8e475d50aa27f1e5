"""Fingerprints of many articles at once are, bit for bit, those that plain arithmetic makes of each alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from index_kernels import each, using
from numpy.typing import NDArray

from index.analysis.analyzer import Analysis, Analyzer, word_term
from index.analysis.vocabulary import Kind, Vocabulary
from index.article import Article
from index.fingerprinting import Fingerprinter
from index.names.registry import Names
from index.opensearch.documents import Documents
from index.stories import Fingerprint, Texts, fingerprint, fingerprints
from index.stories.sketch import FULL, SHORT_TEXT, Sketch, word_hash

MASK = (1 << 64) - 1
NO_WORDS = np.zeros(0, np.uint64)


# -- the reference: one article, one number after another ------------------------------

def plain_hash(run: Sequence[int]) -> int:
    """The hash of one run of words, in whole numbers modulo 2^64."""
    code = len(run)
    for word in run:
        code = (code * 0x9E3779B97F4A7C15 & MASK) ^ word
        code ^= code >> 29
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        code = (code ^ (code >> shift)) * factor & MASK
    return code >> 32


def plain_sketch(words: Sequence[int], length: int, least: int, share: int) -> tuple[list[int], int, int, list[int]]:
    """Values, limit, runs and eighths of the runs of so many words."""
    places = range(len(words) - length + 1) if length else ()
    runs = list(dict.fromkeys(plain_hash(words[place:place + length]) for place in places))
    limit = max(sorted(runs)[least], FULL // share) if len(runs) > least else FULL
    values = sorted(value for value in runs if value < limit)
    place_of = {value: place for place, value in enumerate(runs)}
    return values, limit, len(runs), [place_of[value] * 8 // len(runs) for value in values]


def plain_fingerprint(article: str, title: Sequence[int], words: Sequence[int], rare: Sequence[bool],
                      day: int | None) -> Fingerprint:
    """The fingerprint of one article."""
    names: list[int] = []
    for word, is_rare in zip(words, rare, strict=True):
        if is_rare and names[-1:] != [word]:
            names.append(word)
    if len(names) * 3 > len(words):
        names = []
    told = [*title, *words] if len(words) < SHORT_TEXT else words
    values, limit, runs, _ = plain_sketch(told, min(5, len(told)), 192, 4)
    of_words = Sketch(np.array(values, np.uint32), limit, runs, np.zeros(0, np.uint8))
    values, limit, runs, eighths = plain_sketch(names, 3, 128, 8)
    return Fingerprint(article, day, of_words,
                       Sketch(np.array(values, np.uint32), limit, runs, np.array(eighths, np.uint8)))


def plain_fingerprint_of(article: Article, analysis: Analysis, vocabulary: Vocabulary) -> Fingerprint:
    """The fingerprint of an analysed article."""
    hashes: list[int] = []
    rare, begins = [], True
    for number in analysis.numbers.tolist():
        kind = int(vocabulary.kinds[number])
        starts = bool(kind & (Kind.SENTENCE_END | Kind.BREAK | Kind.QUOTE))
        begins = begins or starts
        told_by_print = bool(kind & Kind.NUMBER) or (bool(kind & Kind.CAPITAL) and not begins)
        rare.append(bool(kind & Kind.WORD) and told_by_print)
        hashes.append(word_hash(word_term(vocabulary.normal[number])))
        if kind & Kind.WORD:
            begins = starts
    keep, end = analysis.words.tolist(), 0
    for match in analysis.matches:
        if match.start >= end:
            end = match.end
            hashes[match.start], rare[match.start] = word_hash(match.name), True
            keep[match.start + 1:end] = [False] * (end - match.start - 1)
    title = [place for place in range(analysis.title_end) if keep[place]]
    text = [place for place in range(analysis.title_end, len(keep)) if keep[place]]
    return plain_fingerprint(article.id, [hashes[place] for place in title], [hashes[place] for place in text],
                             [rare[place] for place in text], article.day.toordinal() if article.day else None)


def parts_of(one: Fingerprint) -> tuple[object, ...]:
    """All that a fingerprint holds, so that it can be compared."""
    return (one.article, one.day, one.to_bytes(), *(
        (sketch.values.tolist(), sketch.values.dtype, sketch.limit, sketch.runs, sketch.eighths.tolist(),
         sketch.eighths.dtype) for sketch in (one.words, one.rare)))


# -- fingerprints of words ------------------------------------------------------------

@dataclass(frozen=True)
class Made:
    """An article to be made up: how many words, how many different ones, how many in a hundred rare."""

    title: int
    text: int
    different: int
    rare: int
    day: int | None
    seed: int

    def words(self) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """The title's and the text's words, and which are rare."""
        source = np.random.default_rng(self.seed)
        known = np.random.default_rng(0).integers(0, MASK, self.different, dtype=np.uint64, endpoint=True)
        count = self.title + self.text
        return known[source.integers(0, self.different, count)], source.random(count) * 100 < self.rare

    def plain(self, article: str) -> Fingerprint:
        """Its fingerprint by the reference."""
        words, rare = self.words()
        return plain_fingerprint(article, words[:self.title].tolist(), words[self.title:].tolist(),
                                 rare[self.title:].tolist(), self.day)


LENGTHS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 12, 18, 19, 20, 21, 60, 196, 197, 300, 900])
MADE = st.builds(Made, title=st.integers(0, 8), text=LENGTHS, different=st.sampled_from([1, 2, 4, 5000]),
                 rare=st.sampled_from([0, 15, 30, 33, 50, 100]), day=st.none() | st.integers(1, 800_000),
                 seed=st.integers(0, 1000))
LONG = Made(6, 900, 5000, 30, 738_000, 1)
ONE_WORD = Made(0, 30, 1, 30, None, 2)      # the last name of one is the first of the next
SHORT = Made(3, 0, 5000, 0, 1, 3)


def together(articles: Sequence[Made]) -> list[Fingerprint]:
    """The fingerprints of all of them at once; the ids are their places."""
    words, rare = zip(*(made.words() for made in articles), strict=True) if articles else ((), ())
    texts = Texts(np.concatenate([NO_WORDS, *words]), np.concatenate([np.zeros(0, np.bool_), *rare]),
                  np.array([made.title for made in articles], np.int64),
                  np.array([made.text for made in articles], np.int64))
    return fingerprints([f"a{place}" for place in range(len(articles))], [made.day for made in articles], texts)


@each
@settings(max_examples=200)
@given(articles=st.lists(MADE, max_size=8))
@example(articles=[])
@example(articles=[LONG, LONG])
@example(articles=[replace(LONG, text=words) for words in (195, 196, 197, 198)])
@example(articles=[ONE_WORD, ONE_WORD, SHORT, ONE_WORD])
@example(articles=[SHORT, Made(0, 4, 2, 0, None, 4), Made(0, 0, 1, 0, None, 5), Made(1, 2, 2, 0, 7, 6)])
def test_fingerprints_made_together_are_those_of_plain_arithmetic(library: Any, articles: list[Made]) -> None:
    expected = [made.plain(f"a{place}") for place, made in enumerate(articles)]
    with using(library):
        assert list(map(parts_of, together(articles))) == list(map(parts_of, expected))


@given(made=MADE)
def test_one_article_alone_is_a_batch_of_one(made: Made) -> None:
    words, rare = made.words()
    alone = fingerprint("a0", words[:made.title], words[made.title:], rare[made.title:], made.day)
    assert parts_of(alone) == parts_of(made.plain("a0"))


def test_a_name_that_ends_one_article_and_begins_the_next_counts_in_both() -> None:
    name, words = 9, list(range(100, 130))
    first, second = [*words, 1, words[0], 2, words[1], name], [name, *words, 3, words[2], 4]
    rare_first, rare_second = [word < 10 for word in first], [word < 10 for word in second]
    texts = Texts(np.array(first + second, np.uint64), np.array(rare_first + rare_second),
                  np.array([0, 0]), np.array([len(first), len(second)]))
    one, other = fingerprints(["a", "b"], [None, None], texts)
    assert one.rare.values.tolist() == [plain_hash([1, 2, name])]
    assert other.rare.values.tolist() == [plain_hash([name, 3, 4])]


def test_long_texts_and_tables_are_among_what_is_tried() -> None:
    long, table = LONG.plain("a"), Made(0, 300, 5000, 50, 1, 1).plain("a")
    assert long.words.limit < FULL
    assert long.rare.limit < FULL
    assert len(set(long.rare.eighths.tolist())) == 8
    assert table.rare.runs == 0


@pytest.mark.parametrize(("article", "title", "text", "day", "digest"), [
    pytest.param("long", 0, 900, 738_000, "92974369472caac448b921a72ce7ce65", id="long"),
    pytest.param("é", 6, 14, None, "ad39d5152f7acaaa8bc28b521756ae1d", id="with its title"),
    pytest.param("few", 1, 2, 1, "5b9827398d55114d6ccac921f81d98fc", id="shorter than a run"),
    pytest.param("", 0, 0, None, "a5d97b5bc23466f9f01f6137cfbf11ec", id="empty"),
])
def test_fingerprints_are_kept_as_they_have_always_been(article: str, title: int, text: int, day: int | None,
                                                        digest: str) -> None:
    """The digests are of the bytes written when fingerprints were made one by one."""
    words = np.random.default_rng(1).integers(1, 1 << 62, 900, dtype=np.uint64)
    rare = words % np.uint64(4) == 0
    own = slice(title, title + text)
    kept = fingerprint(article, words[:title], words[own], rare[own], day).to_bytes()
    assert hashlib.sha256(kept).hexdigest()[:32] == digest


@pytest.mark.parametrize(("words", "rare", "titles", "texts"), [
    pytest.param(3, 2, [1], [2], id="rare"), pytest.param(3, 3, [1], [3], id="texts"),
    pytest.param(3, 3, [0], [2], id="titles"), pytest.param(1, 1, [], [], id="no articles"),
])
def test_words_that_are_not_as_many_as_counted_are_refused(words: int, rare: int, titles: list[int],
                                                           texts: list[int]) -> None:
    with pytest.raises(ValueError, match=rf"words \({words},\) and rare \({rare},\) must have the same shape"):
        Texts(np.zeros(words, np.uint64), np.zeros(rare, np.bool_), np.array(titles, np.int64),
              np.array(texts, np.int64))


# -- fingerprints of analysed articles --------------------------------------------------

PARTS = ("Kyiv", "Odessa", ", Texas", "Volodymyr Zelensky", "Mr. Zelensky", "said", ".", "The", "(", '"', "John", "12",
         "National Bank of Ukraine", "Bank of England (BOE)", "and", "of", "the", "\n", "River", "Київ", "у", "goal",
         "65th Air Division", "a league of many matches in which nothing was won by anyone yet", "Advertisement", "won")
TEXTS = st.lists(st.sampled_from(PARTS), max_size=60).map(" ".join)
ARTICLES = st.builds(Article, st.sampled_from(["a", "é"]), TEXTS, TEXTS, st.sampled_from([None, "2023-05-18"]))


@pytest.fixture(scope="module")
def analyzer(all_names: Names) -> Analyzer:
    """One analyzer, whose words are known better with every example."""
    return Analyzer(all_names)


@each
@settings(max_examples=150)
@given(articles=st.lists(ARTICLES, max_size=6))
@example(articles=[])
@example(articles=[Article("a", "Kyiv", "so said Kyiv"), Article("b", "", ""), Article("c", "Kyiv", "12 Kyiv. John")])
def test_analysed_articles_too_are_fingerprinted_alike_in_any_company(
        analyzer: Analyzer, library: Any, articles: list[Article]) -> None:
    analyses = analyzer.analyse_all(articles)
    with using(library):
        found = Fingerprinter(analyzer.vocabulary).of_all(articles, analyses)
    expected = [plain_fingerprint_of(article, analysis, analyzer.vocabulary)
                for article, analysis in zip(articles, analyses, strict=True)]
    assert list(map(parts_of, found)) == list(map(parts_of, expected))


def test_documents_made_together_are_those_made_alone(all_names: Names) -> None:
    talks = Article("a", "Talks in Kyiv", "Volodymyr Zelensky said in Kiev that NATO talks go on.", "2023-05-18")
    bank = Article("c", "Paris", "The National Bank of Ukraine met in Paris.")
    articles = [(7, talks), (8, Article("b", "", "")), (11, bank)]
    together, alone = Documents(Analyzer(all_names)), Documents(Analyzer(all_names))
    assert together.of_all(articles) == [document for one in articles for document in alone.of_all([one])]
    for one, other in zip(together.fingerprints, alone.fingerprints, strict=True):
        assert (one[0], parts_of(one[1])) == (other[0], parts_of(other[1]))
    assert (together.words(), together.name_like()) == (alone.words(), alone.name_like())
    assert (together.entities, together.layers) == (alone.entities, alone.layers)
    assert together.of_all([]) == []
