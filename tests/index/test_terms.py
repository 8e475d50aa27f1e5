"""Terms and printed forms by array operations: the same as by sorting and counting them one by one."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.analyzer import word_term
from index.analysis.vocabulary import Kind, Vocabulary
from index.known_words import KnownWords
from index.merged_terms import merged_lexicon
from index.similar import key_hashes, may_be_name
from index.stories.sketch import word_hash
from index.strings import Strings
from index.term_table import NameTerms, TermTable, in_order

TEXTS = st.lists(st.one_of(
    st.binary(max_size=3), st.text("ab", max_size=30).map(str.encode), st.text("a\0", max_size=9).map(str.encode),
    st.text("жя", max_size=12).map(str.encode), st.sampled_from([b"\xff" * 7, b"\xff" * 8, b"\0" * 14, b"\0" * 15])))


@given(texts=TEXTS, cut=st.tuples(st.integers(0, 9), st.integers(0, 9)), grouped=st.booleans(), data=st.data())
def test_strings_are_ordered_as_python_orders_bytes(texts: list[bytes], cut: tuple[int, int], grouped: bool,
                                                    data: st.DataObject) -> None:
    strings, some = Strings.of(texts)[slice(*cut)], texts[slice(*cut)]
    size = len(some)
    groups = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)) if grouped else [0] * size
    order, new = strings.order(np.array(groups, np.int32) if grouped else None)
    expected = sorted(range(len(some)), key=lambda at: (groups[at], some[at]))
    assert order.tolist() == expected
    pairs = [(groups[at], some[at]) for at in expected]
    assert new.tolist() == [at == 0 or pair != pairs[at - 1] for at, pair in enumerate(pairs)]


@given(texts=TEXTS, others=TEXTS, cut=st.tuples(st.integers(0, 9), st.integers(0, 9)), data=st.data())
def test_strings_taken_joined_and_cut_are_those_of_a_list(texts: list[bytes], others: list[bytes],
                                                          cut: tuple[int, int], data: st.DataObject) -> None:
    joined, every = Strings.joined([Strings.of(texts)[slice(*cut)], Strings.of(others)]), [*texts[slice(*cut)], *others]
    assert list(joined) == every
    assert joined.own().tobytes() == b"".join(every)
    assert joined.lengths.tolist() == list(map(len, every))
    assert joined.begin_with(b"a").tolist() == [text.startswith(b"a") for text in every]
    places = data.draw(st.lists(st.integers(0, len(every) - 1))) if every else []
    assert list(joined.take(np.array(places, np.int64))) == [every[place] for place in places]


@given(st.lists(st.integers(0, 5) | st.integers(0, (1 << 31) - 1)))
def test_numbers_sorted_in_one_are_sorted_stably(numbers: list[int]) -> None:
    values, order = in_order(np.array(numbers, np.int32))
    assert order.tolist() == np.argsort(np.array(numbers), kind="stable").tolist()
    assert values.tolist() == sorted(numbers)


@pytest.mark.parametrize("at_once", [0, 5, 1_000_000])
@given(lexicons=st.lists(TEXTS.map(lambda texts: sorted(set(texts))), min_size=1, max_size=7))
def test_a_merged_lexicon_is_the_set_of_all_terms(lexicons: list[list[bytes]], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.merged_terms.LEXICON", at_once)
        texts, places = merged_lexicon([Strings.of(lexicon) for lexicon in lexicons])
    assert list(texts) == sorted(set().union(*lexicons))
    for lexicon, own in zip(lexicons, places, strict=True):
        assert [texts[place] for place in own.tolist()] == lexicon


WORDS = st.sampled_from(["Kiev", "kiev", "KIEV", "Kiev's", "Kiev’s", "Hello", "Kyiv", "talk", "talks", "Talking",
                         "Київ", "київ", "é", "e\u0301", "7", ","])
NAMES = st.tuples(st.sampled_from(["@place/kyiv", "@surname/talk"]), st.sampled_from(["kiev", "kyiv", "talks"]))


@given(runs=st.lists(st.tuples(st.lists(WORDS), st.lists(NAMES)), min_size=1, max_size=3))
def test_the_table_of_a_segment_is_that_of_counting_word_by_word(
        runs: list[tuple[list[str], list[tuple[str, str]]]]) -> None:
    vocabulary = Vocabulary()
    known = KnownWords.of(vocabulary)
    for tokens, named in runs:                      # one vocabulary, several segments
        numbers = {vocabulary[token] for token in tokens}
        used = sorted(number for number in numbers if vocabulary.kinds[number] & Kind.WORD)
        names = NameTerms()
        given_names = [names.form(*pair) for pair in named]
        table = TermTable.of(known.terms, np.array(used, np.int64), names)

        terms = [word_term(normal) if normal else "" for normal in vocabulary.normal]
        counted: dict[str, dict[str, None]] = {}
        for term, form in [*((terms[number], vocabulary.exact[number]) for number in used), *named]:
            counted.setdefault(term, {})[form] = None
        texts = sorted(counted, key=str.encode)
        assert [text.decode() for text in table.texts] == texts
        assert [form.decode() for form in table.forms] == [form for term in texts for form in counted[term]]
        assert table.form_counts.tolist() == [len(counted[term]) for term in texts]
        for number in used:
            term = terms[number]
            assert texts[table.of_words[number]] == term
            assert [*counted[term]][table.ordinals[number]] == vocabulary.exact[number]
        for (term, form), (number, ordinal) in zip(named, given_names, strict=True):
            assert texts[table.of_names[number]] == term
            assert [*counted[term]][ordinal] == form

        rows = table.foldings(known.name_like, np.array(used, np.int64))
        forms = [table.forms[form] for form in rows.forms.tolist()]
        name_like = {vocabulary.exact[number]: vocabulary.normal[number] for number in used
                     if vocabulary.kinds[number] & (Kind.CAPITAL | Kind.UPPER) == Kind.CAPITAL
                     and may_be_name(vocabulary.normal[number])}
        assert sorted(zip(rows.keys.tolist(), forms, strict=True)) == sorted(
            (key, form.encode()) for form, normal in name_like.items() for key in key_hashes(normal))
        is_word = [not term.startswith("@") for term in texts for _ in counted[term]]
        assert all(is_word[form] for form in rows.forms.tolist())


def test_every_word_of_a_form_has_one_term() -> None:
    vocabulary = Vocabulary()
    known = KnownWords.of(vocabulary)
    tokens = ["Talks", "talks", "TALKS", "talk's", "Talk’s", "é", "e\u0301", "É", "Київ’s", "київ"]
    numbers = [vocabulary[token] for token in [*tokens, "."]]
    terms = [word_term(normal) if normal else "" for normal in vocabulary.normal]
    known.terms.extend()
    assert [text.decode() for text in known.terms.term_texts(known.terms.term_of)] == terms
    assert known.terms.hashes().tolist() == [word_hash(term) if term else 0 for term in terms]
    for _, same in groupby(sorted(numbers, key=vocabulary.exact.__getitem__), vocabulary.exact.__getitem__):
        assert len({terms[number] for number in same}) == 1
