"""Runs of words of the same classes are analysed once: what is kept of one is what another's own analysis says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.vocabulary import Vocabulary
from index.names.recogniser_analysed import Analysed
from index.names.recogniser_classes import WordClass
from index.names.recogniser_features import Features
from index.names.recogniser_found import Strings, of_codes
from index.names.recogniser_lexicon import NOTHING
from index.names.recogniser_parts import analyse
from index.names.recogniser_run import Run
from tests.names.recognising import LEXICON

LISTED = [name for name in LEXICON.names if name.isascii()][::400]
ANY = """Velmora Brightwater Okunevych Dockers Zarvas Visited Zorbed NBU ABCD EU IT XK9 COMET ABCDEFGH of for and & the
The , . J. X. Jr II Hall Fame hall fame City Mayor Christian Social Le El Émile Ярослав John Smith Kyiv Paris University
Ministry River Bank Inc Mr President Minister Russian White House United Ukraine's Boston's 65th"""
WORDS = st.one_of(
    st.sampled_from([*(word.capitalize() for name in LISTED for word in name.split()),
                     *(word.capitalize() for word in list(LEXICON.words)[::700])]),
    st.sampled_from(ANY.split()))
RUNS = st.lists(WORDS, min_size=1, max_size=7)


class Desk:
    """What is kept of runs, over one vocabulary."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.features = Features(LEXICON, self.vocabulary)
        self.strings = Strings()
        self.analysed = Analysed(self.features, LEXICON, self.strings)

    def numbers(self, run: list[str]) -> list[int]:
        numbers = [self.vocabulary[word] for word in run]
        self.features.extend()
        return numbers

    def kept(self, runs: list[list[str]], opens: bool) -> list[tuple[object, ...]]:
        """The names of runs that stand side by side, as they are kept."""
        tokens = np.array([number for run in runs for number in self.numbers(run)], np.int32)
        ends = np.cumsum([len(run) for run in runs])
        starts = ends - [len(run) for run in runs]
        codes = self.analysed.codes(tokens, starts, ends, np.full(len(runs), opens))
        found = of_codes(codes, starts, self.analysed.rows)
        names = map(self.strings.text.__getitem__, found.name.tolist())
        scores = map(tuple, found.scores.tolist())
        return list(zip(found.start.tolist(), found.end.tolist(), names, scores, found.fixed.tolist(), strict=True))

    def own(self, run: list[str], at: int, opens: bool) -> list[tuple[object, ...]]:
        """The names of a run that begins at `at`, by rules that see all its words and nothing that was kept."""
        numbers = self.numbers(run)
        words = [self.features.words[number] for number in numbers]
        classes = [WordClass.of(word, int(self.features.flags[number]), LEXICON)._replace(word=word)
                   for word, number in zip(words, numbers, strict=True)]
        stretches = {(start, end): " ".join(filter(None, words[start:end]))
                     for start in range(len(run)) for end in range(start + 2, len(run) + 1)}
        listed = {span: LEXICON.names[name] for span, name in stretches.items() if name in LEXICON.names}
        found = []
        for start, end, scores, fixed in analyse(Run(classes, listed), opens and len(run) > 1):
            name = " ".join(filter(None, words[start:end]))
            if scores != NOTHING:
                found.append((at + start, at + end, LEXICON.same.get(name, name), tuple(map(float, scores)), fixed))
        return found


DESK = Desk()


@settings(max_examples=400, deadline=None)
@given(st.lists(RUNS, min_size=1, max_size=8), st.booleans())
def test_runs_are_analysed_as_if_each_were_the_first(runs: list[list[str]], opens: bool) -> None:
    desk, at, expected = Desk(), 0, []
    for run in runs:
        expected += desk.own(run, at, opens)
        at += len(run)
    for kept in (DESK, desk):      # one that has seen many runs, one that has seen none
        assert kept.kept(runs, opens) == expected
        assert kept.kept(runs, opens) == expected


@pytest.mark.parametrize("run", [
    pytest.param("Corps of the Velmora Zarvas Army", id="the"),
    pytest.param("Christian Soviet Union", id="a creed"),
    pytest.param("Bank of Velmora", id="of"), pytest.param("Council for Velmora", id="for"),
    pytest.param("Council on Velmora", id="on"), pytest.param("Council and Velmora", id="and"),
    pytest.param("Zarvas City of Velmora", id="a division"), pytest.param("Mayor of Velmora", id="an office"),
    pytest.param("Zarvas Hall of Fame Velmora", id="hall of fame"), pytest.param("Le Okunevych", id="an article"),
    pytest.param("Mr Okunevych for Zarvas", id="no person"),
    pytest.param("President of Ukraine Okunevych", id="a title")])
def test_words_that_rules_name_are_told_from_all_others(run: str) -> None:
    words = run.split()
    assert Desk().kept([words], False) == Desk().own(words, 0, False)


def test_runs_of_the_same_classes_keep_their_own_names() -> None:
    desk = Desk()
    runs = [["Mr", "Olen", "Brightwatek"], ["Mr", "Vasyl", "Okunevyk"]]
    names = [name for _, _, name, *_ in desk.kept(runs, False)]
    assert names == ["olen brightwatek", "vasyl okunevyk"]


def test_forgetting_what_was_kept_of_classes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [["Bank", "of", "Velmora"], ["Hall", "of", "Fame"], ["Mayor", "of", "Velmora"], ["Bank", "and", "Velmora"]]
    kept = Desk().kept(runs, False)
    monkeypatch.setattr("index.names.recogniser_analysed.TEMPLATES", 1)
    assert Desk().kept(runs, False) == kept
