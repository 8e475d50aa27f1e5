"""Laws of words on any text: where they stand, what is compared of them, and that each is analysed alike everywhere."""

from __future__ import annotations

import random
from string import ascii_lowercase
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from index_kernels import each, using
from nltk.stem.snowball import EnglishStemmer, SnowballStemmer

from index.analysis import chunks, compiled_chunks
from index.analysis.analyzer import kept, positions, word_term
from index.analysis.normal import TOKEN_LIMIT, exact_form, normal_form
from index.analysis.stems import SUFFIXES, stem
from index.analysis.tokenizer import APOSTROPHES, WORD, is_word, spans, tokens
from index.analysis.vocabulary import Kind, Vocabulary
from index.segment import TITLE_GAP

LETTERS = "abkstuz'’ʼʹАБкєїйёіыьæøǿœłđßıİſŉΐς\u0301\u0306\u0308\u00ad\u200b\u2060.-, 12\n(“"
TEXTS = st.one_of(st.text(), st.text(st.sampled_from(LETTERS), max_size=30))
WORDS = TEXTS.map(tokens).map(lambda found: [token for token in found if is_word(token)]).filter(bool).map(
    lambda found: found[0])
STEPS = [vars(EnglishStemmer)[f"_EnglishStemmer__step{step}_suffixes"] for step in ("1a", "1b", 2, 3, 4, 5)]
SPECIAL = vars(EnglishStemmer)["_EnglishStemmer__special_words"]
ENDINGS = sorted({"y", *SUFFIXES, *(suffix for step in STEPS for suffix in step)})
LATIN = st.builds("{}{}{}".format, st.text(st.sampled_from("abeginrsty"), min_size=1, max_size=9),
                  st.sampled_from(["", *ENDINGS]), st.sampled_from(["", *ENDINGS]))


@given(TEXTS)
def test_spans_lie_in_the_text_in_order_and_hold_the_tokens(text: str) -> None:
    found, reached = list(spans(text)), 0
    for token, start, end in found:
        assert reached <= start < end <= len(text)
        assert text[start:end] == token
        reached = end
    assert [token for token, _, _ in found] == tokens(text)


@given(TEXTS)
def test_no_letter_or_digit_is_dropped(text: str) -> None:
    inside = {at for _, start, end in spans(text) for at in range(start, end)}
    assert all(at in inside for at, letter in enumerate(text) if letter.isalnum() and letter not in APOSTROPHES)


@given(TEXTS)
def test_the_words_are_the_tokens_that_are_no_marks(text: str) -> None:
    found = [(start, end) for token, start, end in spans(text) if is_word(token)]
    assert [match.span() for match in WORD.finditer(text)] == found
    vocabulary = Vocabulary()
    for token in tokens(text):
        number = vocabulary[token]
        assert bool(vocabulary.kinds[number] & Kind.WORD) == is_word(token)


@given(TEXTS)
def test_a_word_alone_is_one_token_and_words_with_spaces_are_the_same_words(text: str) -> None:
    words = [token for token in tokens(text) if is_word(token)]
    assert tokens(" ".join(words)) == words


@example("a" * 99 + "'s, " + "s" * 101).via("as long as a form may be, and longer")
@given(st.one_of(TEXTS, st.text(st.sampled_from("aB1s'.,!( \n\n"), max_size=30)))
def test_numbers_stand_for_the_tokens(text: str) -> None:
    vocabulary = Vocabulary()
    for _ in range(2):
        assert [vocabulary.printed[number] for number in vocabulary.numbers_of_all([text])[0]] == tokens(text)
    assert len(vocabulary) == len(set(tokens(text)))
    for token, number in vocabulary.items():
        assert bool(vocabulary.kinds[number] & Kind.POSSESSIVE) == (
            is_word(token) and token[-1] in "sS'’" and exact_form(token) != token.casefold())
        assert vocabulary.exact[number] == (exact_form(token) if is_word(token) else "")
        assert vocabulary.normal[number] == (normal_form(token) if is_word(token) else "")


PIECES = st.one_of(TEXTS, st.text(st.sampled_from("aB1s'.,!( \n\n"), max_size=30),
                   st.text(st.sampled_from("aБ.…!?-/&:\"' \n"), max_size=15),
                   st.text(st.sampled_from("aй\0 "), max_size=40), st.text(st.characters(codec=None), max_size=5))


def vocabulary_of(library: Any) -> Vocabulary:
    """A vocabulary that looks chunks up in a library; None: in Python."""
    with using(library):
        return Vocabulary()


@each
@given(batches=st.lists(st.lists(PIECES, max_size=6), max_size=4))
def test_many_texts_at_once_are_numbered_like_each_alone(library: Any, batches: list[list[str]]) -> None:
    together, alone = vocabulary_of(library), Vocabulary()
    for texts in batches:
        found = together.numbers_of_all(texts)
        assert [numbers.tolist() for numbers in found] == [alone.numbers(text).tolist() for text in texts]
        assert all(numbers.dtype == np.int32 for numbers in found)
    assert together.printed == alone.printed


@example(["A", "I", "b", "7", "a7", "G20", "USA", "Usa", "uSA", "x" * 100, "X" * 101, "it's", "É", ".", "\n\n",
          "a", "A"])
@given(st.lists(TEXTS, max_size=8).map(lambda texts: [token for text in texts for token in tokens(text)]))
def test_tokens_added_at_once_are_those_added_one_by_one(every: list[str]) -> None:
    together, alone = Vocabulary(), Vocabulary()
    for some in (every[: len(every) // 2], every, []):
        together.add_all(some)
    numbers = [alone[token] for token in every]
    assert [together[token] for token in every] == numbers
    assert (together.printed, together.exact, together.normal) == (alone.printed, alone.exact, alone.normal)
    assert together.kinds.tolist() == alone.kinds.tolist()


@each
@pytest.mark.parametrize("limits", [{}, {"LIMIT": 500}, {"BYTES": 9000}])
def test_thousands_of_chunks_are_told_apart(library: Any, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
                                            ) -> None:
    for limit, most in limits.items():
        monkeypatch.setattr(compiled_chunks, limit, most)
        monkeypatch.setattr(chunks, limit, most, raising=False)
    source = random.Random(len(limits))
    lengths = [*range(1, 20), *[compiled_chunks.LONGEST + more for more in (-1, 0, 1, 500)]]
    words = ["".join(source.choices("abcdefgh,", k=source.choice(lengths))) for _ in range(5000)]
    together, alone = vocabulary_of(library), Vocabulary()
    for _ in range(20):
        texts = ["".join(word + source.choice(" \n") for word in source.choices(words, k=200)) for _ in range(10)]
        assert [numbers.tolist() for numbers in together.numbers_of_all(texts)] == [
            alone.numbers(text).tolist() for text in texts]


@example("s's's").via("a possessive of a possessive")
@example("ǿre").via("a letter with stroke and accent")
@example("æ" * 100)
@example("a" * 99 + "'s's")
@given(WORDS)
def test_forms_of_forms_are_the_same_forms(word: str) -> None:
    exact, normal = exact_form(word), normal_form(word)
    assert exact_form(exact) == exact
    assert normal_form(normal) == normal
    assert normal_form(exact) == normal
    assert len(exact) <= TOKEN_LIMIT
    assert len(normal) <= TOKEN_LIMIT


@given(WORDS)
def test_every_word_has_a_form_and_a_term(word: str) -> None:
    assert exact_form(word)
    assert normal_form(word)
    assert word_term(normal_form(word))
    assert not any(letter.isspace() for letter in exact_form(word)), "forms of several words are joined by a space"


@given(st.one_of(LATIN, st.text(st.sampled_from(ascii_lowercase), min_size=1), st.sampled_from([*SPECIAL]),
                 st.builds("{}{}{}".format, st.sampled_from(["", "gener", "commun", "arsen", *SPECIAL]),
                           st.text(st.sampled_from("aeioystnlb"), max_size=8), st.sampled_from(["s", "e", "es"]))))
def test_the_stem_of_a_latin_word_is_snowballs(word: str) -> None:
    assert stem(word) == SnowballStemmer("english").stem(word)


def test_every_ending_that_snowball_replaces_has_the_stemmer_asked() -> None:
    replaced = [*ENDINGS, *(word for word, its in SPECIAL.items() if word != its)]
    assert [ending for ending in replaced if not ending.endswith(SUFFIXES) and ending != "l"] == []
    assert stem("roll") == "roll"
    assert stem("controll") == "control", "l goes after another l alone"


@given(WORDS)
def test_case_and_typography_do_not_change_a_word(word: str) -> None:
    assert exact_form(word.casefold()) == exact_form(word)
    assert normal_form(word.casefold()) == normal_form(word)


@pytest.mark.parametrize(("one", "other"), [
    ("KIEV", "Kiev"), ("Kiev’s", "Kiev"), ("L'viv", "L’viv"), ("Ki\u00adev", "Kiev"), ("Kharkiv's", "kharkiv"),
    ("e\u0301", "\u00e9"), ("Lukashenkos'", "lukashenkos")])
def test_accidents_of_print_are_one_spelling(one: str, other: str) -> None:
    assert exact_form(one) == exact_form(other)


@pytest.mark.parametrize(("one", "other"), [
    ("Kiev", "Kyiv"), ("Київ", "Киев"), ("L'viv", "Lviv"), ("ё", "е"), ("é", "e")])
def test_other_spellings_have_other_exact_forms(one: str, other: str) -> None:
    assert exact_form(one) != exact_form(other)


@pytest.mark.parametrize(("one", "other"), [
    ("L'viv", "Lviv"), ("ё", "е"), ("é", "e"), ("Łódź", "Lodz"), ("Mariupol’", "Mariupol"), ("Øresund", "oresund")])
def test_diacritics_and_apostrophes_do_not_count_in_the_normal_form(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("ї", "і"), ("Київ", "Киив")])
def test_letters_of_their_own_stay(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_words_of_the_title_come_first_and_those_of_the_text_after_a_gap(articles: list[tuple[str, str]]) -> None:
    found = [(tokens(title), ["\n", *tokens(text)]) for title, text in articles]
    sizes = [(len(title), len(text)) for title, text in found]
    begins = np.cumsum([0, *(title + text for title, text in sizes)])
    words = np.array([is_word(token) for title, text in found for token in (*title, *text)], np.bool_)
    places, titles = positions(words, begins, begins[:-1] + np.array([title for title, _ in sizes], np.intp))
    for begin, end, before, (_, text) in zip(begins, begins[1:], titles.tolist(), articles, strict=False):
        first = before + TITLE_GAP if before else 0
        assert places[begin:end][words[begin:end]].tolist() == [
            *range(before), *range(first, first + sum(map(is_word, tokens(text))))]
    assert titles.tolist() == [sum(map(is_word, tokens(title))) for title, _ in articles]


@given(TEXTS, st.lists(st.integers(0, 40), max_size=4, unique=True).map(sorted))
def test_what_is_kept_and_what_is_cut_is_the_text(text: str, edges: list[int]) -> None:
    edges = [edge for edge in edges if edge <= len(text)]
    cuts = list(zip(edges[::2], edges[1::2], strict=False))
    stretches = sorted([*kept(text, cuts), *cuts])
    assert "".join(text[start:end] for start, end in stretches) == text


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_an_apostrophe_is_part_of_a_word_but_no_word(apostrophe: str) -> None:
    assert tokens(f"L{apostrophe}viv") == [f"L{apostrophe}viv"]
    assert tokens(f"{apostrophe}Kiev {apostrophe}") == ["Kiev"]
