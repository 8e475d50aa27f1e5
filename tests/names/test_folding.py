"""Folding of unknown names: tables of pairs by rule, and laws over any words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from index_kernels import each, using

from index.analysis.normal import normal_form
from index.names import given as given_names
from index.names.folding import SHORTEST, clean, coarse, given_name_sets, keys, same_person, same_place, sounds
from index.similar import key_hashes, key_hashes_of_all

SOUNDS = st.sampled_from([
    *"abcdefghijklmnopqrstuvwxyzй'", "shch", "szcz", "stch", "sch", "tch", "ch", "sh", "dzh", "dj", "zh", "ts", "tz",
    "kh", "gh", "ph", "th", "ck", "oye", "oie", "oe", "oy", "oi", "yo", "io", "ia", "aia", "yoa", "oleks",
    "kostia", "ff"])
NAMES = st.text("abcdefghijklmnopqrstuvwxyzабвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэё'- ", min_size=1, max_size=24)

SAME_PERSON = [
    pytest.param("Aksyonov", "Aksenov", id="yo, e: Aksyonov"),
    pytest.param("Malyar", "Maliar", id="ya, ia: Malyar"),
    pytest.param("Yusov", "Iusov", id="yu, iu: Yusov"),
    pytest.param("Zelenskyy", "Zelenskiy", id="yy, iy: Zelenskyy"),
    pytest.param("Zelenskyy", "Zelensky", id="yy, y: Zelenskyy"),
    pytest.param("Syrskyi", "Сырский", id="Cyrillic: Syrskyi"),
    pytest.param("Tschernyschow", "Tschernyschov", id="w, v: Tschernyschow"),
    pytest.param("Ihnat", "Ignat", id="h, g: Ihnat"),
    pytest.param("Khrushchov", "Hrushchov", id="kh, h: Khrushchov"),
    pytest.param("Khrushchev", "Khrushchov", id="e, o after shch: Khrushchev"),
    pytest.param("Smirnoff", "Smirnov", id="off, ov: Smirnoff"),
    pytest.param("Oleksandrenko", "Aleksandrenko", id="oleks: Oleksandrenko"),
    pytest.param("Volodymyrov", "Vladimirov", id="stem: Volodymyrov"),
    pytest.param("Yatsenyuk", "Yatseniuk", id="yu, iu: Yatsenyuk"),
    pytest.param("Dzhaparov", "Djaparov", id="dzh, dj: Dzhaparov"),
    pytest.param("Zhdanov", "Jdanov", id="zh, j: Zhdanov"),
    pytest.param("Boyko", "Boiko", id="oy, oi: Boyko"),
    pytest.param("Filippov", "Philipov", id="ph, pp: Filippov"),
    pytest.param("Lukashenka", "Лукашенка", id="letters: Lukashenka"),
    pytest.param("Kostyantynenko", "Konstantinenko", id="kostyan: Kostyantynenko"),
    pytest.param("Solov'yov", "Solovyov", id="apostrophe: Solov'yov"),
    pytest.param("Kuzmitch", "Kuzmich", id="tch: Kuzmitch"),
]
NOT_SAME_PERSON = [
    pytest.param("Popov", "Popova", id="feminine: Popov"),
    pytest.param("Orlov", "Orliv", id="ov, iv: Orlov"),
    pytest.param("Belov", "Bilov", id="e, i: Belov"),
    pytest.param("Kuleba", "Kaleba", id="a, u: Kuleba"),
    pytest.param("Yermak", "Yermakov", id="ending: Yermak"),
    pytest.param("Karpenko", "Karpenka", id="o, a: Karpenko"),
    pytest.param("Kirov", "Kerov", id="i, e: Kirov"),
    pytest.param("Lenko", "Lenke", id="o, e: Lenko"),
    pytest.param("Makarov", "Mokarov", id="a, o: Makarov"),
    pytest.param("Yanukovych", "Yankovych", id="u: Yanukovych"),
    pytest.param("Kim", "Kym", id="short: Kim"),
    pytest.param("Li", "Ly", id="short: Li"),
]
SAME_PLACE = [
    pytest.param("Kharkiv", "Kharkov", id="iv, ov: Kharkiv"),
    pytest.param("Horlivka", "Gorlovka", id="h-g and i-o one way: Horlivka"),
    pytest.param("Debaltseve", "Debaltsevo", id="end: Debaltseve"),
    pytest.param("Rivne", "Rovno", id="i, o: Rivne"),
    pytest.param("Mykolaiv", "Nikolaev", id="stem: Mykolaiv"),
    pytest.param("Chernihiv", "Chernigov", id="h, g: Chernihiv"),
    pytest.param("Lviv", "Lvov", id="iv, ov: Lviv"),
    pytest.param("Bila Tserkva", "Bela Tserkva", id="words: Bila Tserkva"),
    pytest.param("Ivano-Frankivsk", "Ivano Frankovsk", id="hyphen: Ivano-Frankivsk"),
]
NOT_SAME_PLACE = [
    pytest.param("Horlovka", "Gorlivka", id="two ways: Horlovka"),
    pytest.param("Kyiv", "Kyiv Oblast", id="words: Kyiv"),
    pytest.param("Donetsk", "Dontesk", id="letters: Donetsk"),
    pytest.param("Kremenchuk", "Kremenchug", id="k, g: Kremenchuk"),
    pytest.param("Poltava", "Pultava", id="o, u: Poltava"),
]


@given(st.one_of(NAMES, st.text(), st.text("aeiouyjhckszto.\0", max_size=9)))
def test_keys_are_the_classes_of_the_sounds(name: str) -> None:
    key = coarse(sounds(name))
    assert keys(name) == (() if len(key) < SHORTEST else tuple(sorted({key.replace("h", "g"), key.replace("h", "X")},
                                                                      reverse=True)))


@pytest.mark.parametrize(("a", "b"), SAME_PERSON)
def test_spellings_of_one_surname_agree(a: str, b: str) -> None:
    assert set(keys(a)) & set(keys(b))
    assert same_person(a, b)
    assert same_place(a, b)


@pytest.mark.parametrize(("a", "b"), NOT_SAME_PERSON)
def test_different_surnames_do_not_agree(a: str, b: str) -> None:
    assert not same_person(a, b)


@pytest.mark.parametrize(("a", "b"), SAME_PLACE)
def test_ukrainian_and_russian_forms_of_one_place_agree_at_place_level_only(a: str, b: str) -> None:
    assert same_place(a, b)


@pytest.mark.parametrize(("a", "b"), NOT_SAME_PLACE)
def test_different_places_do_not_agree(a: str, b: str) -> None:
    assert not same_place(a, b)


@pytest.mark.parametrize(("word", "expected"), [
    pytest.param("Хащенко", "khashchenko", id="Ukrainian"), pytest.param("Łódź", "lodz", id="Polish"),
    pytest.param("Ельцын", "eltsyn", id="Russian"), pytest.param("Mariupol'", "mariupol", id="apostrophe"),
    pytest.param("Äxel", "aksel", id="marks and x")])
def test_letters_are_made_latin_the_same_way_for_every_language(word: str, expected: str) -> None:
    assert clean(word) == expected


@pytest.mark.parametrize(("word", "number"), [
    pytest.param("cow", 0, id="three sounds"), pytest.param("Kyiv", 0, id="Kyiv"), pytest.param("Kovel", 1, id="Kovel"),
    pytest.param("Ihnat", 2, id="h is two keys")])
def test_a_key_is_for_four_sounds_or_more(word: str, number: int) -> None:
    assert len(keys(word)) == number


@given(NAMES)
def test_a_name_agrees_with_itself(name: str) -> None:
    assert same_person(name, name)
    assert same_place(name, name)


@given(NAMES, NAMES)
def test_agreement_is_symmetric_and_person_level_is_the_stricter(a: str, b: str) -> None:
    assert same_person(a, b) == same_person(b, a)
    assert same_place(a, b) == same_place(b, a)


@given(st.sampled_from([row.values for row in SAME_PERSON + SAME_PLACE]), st.booleans())
def test_agreement_does_not_depend_on_case_or_apostrophes(pair: tuple[str, str], upper: bool) -> None:
    a, b = pair
    changed = a.upper() if upper else a[0] + "'" + a[1:]
    assert same_place(changed, b)


@given(NAMES.filter(lambda name: " " not in name and "-" not in name))
def test_keys_are_those_of_the_normal_form(name: str) -> None:
    bare = name.strip("'")
    if "ё" not in name and not bare.endswith("'s"):      # normal form makes it е, and a possessive its owner
        assert keys(normal_form(name)) == keys(bare)


@given(NAMES, st.sampled_from(["Ivan", "Petro", "Olha"]))
def test_the_same_given_name_before_them_changes_nothing(name: str, first: str) -> None:
    other = name.replace("y", "i")
    if same_person(name, other):
        assert same_person(f"{first} {name}", f"{first} {other}")


@pytest.mark.skipif(not given_names.PATH.exists(), reason="the table of given names is not there yet")
@pytest.mark.parametrize(("a", "b", "same"), [
    pytest.param("Volodymyr Malyar", "Vladimir Maliar", True, id="Volodymyr"),
    pytest.param("Serhiy Popko", "Sergei Popko", True, id="Serhiy"),
    pytest.param("Mykola Popko", "Mikalai Popko", True, id="Mykola"),
    pytest.param("Mykola Popko", "Mykhailo Popko", False, id="Mykola and Mykhailo"),
    pytest.param("Serhiy", "Siarhei", False, id="not for a bare word"),
    pytest.param("Popko Serhiy", "Popko Siarhei", False, id="only the first word"),
])
def test_equivalent_given_names_are_one_before_a_surname(a: str, b: str, same: bool) -> None:
    assert same_person(a, b) is same


@pytest.mark.skipif(not given_names.PATH.exists(), reason="the table of given names is not there yet")
def test_a_given_name_belongs_to_its_sets_by_form_and_by_key() -> None:
    assert given_name_sets("Serhiy") & given_name_sets("Сергей")
    assert given_name_sets("Serhyy") == given_name_sets("Serhiy")
    assert given_name_sets("Bakhmut") == frozenset()


@each
@example(words=["", "mykola", "h" * 64, "ah" * 33, "x" * 64, "axo" * 21, "yoa", "iay", "lvov", "lvo", "koj", "Ahmad"])
@given(words=st.lists(st.lists(SOUNDS, max_size=8).map("".join)))
def test_the_keys_of_many_words_are_those_of_each(library: Any, words: list[str]) -> None:
    with using(library):
        hashes, counts = key_hashes_of_all(words)
    assert counts == [len(key_hashes(word)) for word in words]
    assert hashes == [one for word in words for one in key_hashes(word)]
