"""What the finder sees in a text: every spelling, the longest first, and nothing that a guard takes away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.analysis.vocabulary import Vocabulary
from index.names.finder import Finder
from index.names.model import NameMatch
from index.names.registry import Names

Found = Callable[[str], list[NameMatch]]
ZELENSKYY = "person/volodymyr-zelenskyy"
PUTIN = "person/vladimir-putin"


def entities(matches: list[NameMatch]) -> list[tuple[str, str]]:
    return [(match.spelling, match.entity) for match in matches if match.entity is not None]


@pytest.mark.parametrize(("text", "spelling"), [
    pytest.param("Shelling near Kyiv.", "kyiv", id="current"),
    pytest.param("Shelling near KIEV.", "kiev", id="capitals"),
    pytest.param("shelling near kyiv", "kyiv", id="lower case"),
    pytest.param("Kyiv’s mayor spoke.", "kyiv", id="possessive"),
    pytest.param("У Києві тихо.", "києві", id="Ukrainian case form"),
    pytest.param("Он уехал из Киева.", "киева", id="Russian case form"),
])
def test_a_place_is_found_under_every_spelling(found: Found, text: str, spelling: str) -> None:
    assert entities(found(text)) == [(spelling, "place/kyiv")]


def test_the_longest_match_is_the_entity_and_what_lies_inside_is_none(found: Found) -> None:
    matches = found("The Kyiv Post reported from Kyiv region.")
    assert [(match.spelling, match.name, match.entity) for match in matches] == [
        ("kyiv post", "organisation/kyiv-post", "organisation/kyiv-post"), ("kyiv", "place/kyiv", None),
        ("kyiv region", "place/kyiv-oblast", "place/kyiv-oblast"), ("kyiv", "place/kyiv", None)]


def test_matches_stand_in_order_and_their_spans_are_tokens(found: Found) -> None:
    [name, surname] = found("“Volodymyr Zelensky,” he said.")
    assert (name.start, name.end, surname.start, surname.end) == (1, 3, 2, 3)
    assert (name.spelling, surname.spelling) == ("volodymyr zelensky", "zelensky")


@pytest.mark.parametrize("text", [
    pytest.param("He ate chicken Kiev.", id="word before"),
    pytest.param("A shooting in Odessa, Texas, left two dead.", id="after a comma"),
    pytest.param("A shooting in Odessa (Texas) left two dead.", id="after a bracket"),
    pytest.param("A shooting in Odessa Florida left two dead.", id="no mark"),
])
def test_a_guarded_mention_is_left_out(found: Found, text: str) -> None:
    assert {match.name for match in found(text)}.isdisjoint({"place/kyiv", "place/odesa"})


@pytest.mark.parametrize("text", [
    pytest.param("He left Odessa. Texas was next.", id="another sentence"),
    pytest.param("The chicken farm near Kiev burned.", id="not beside it"),
    pytest.param("He ate chicken Odesa.", id="another form"),
])
def test_a_guard_holds_only_beside_its_form(found: Found, text: str) -> None:
    assert {"place/kyiv", "place/odesa"} & {match.entity for match in found(text)}


def test_a_risky_form_counts_only_with_its_company_anywhere_in_the_article(found: Found) -> None:
    assert found("They fled Artyomovsk.") == []
    assert ("artyomovsk", "place/bakhmut") in entities(found("They fled Artyomovsk. Later, in Donetsk, they rested."))


@pytest.mark.parametrize(("text", "number"), [
    pytest.param("The US said so.", 1, id="acronym"), pytest.param("They told us so.", 0, id="word"),
    pytest.param("He came to Bar by train.", 1, id="name"), pytest.param("He came to a bar.", 0, id="bar"),
    pytest.param("The U.S. said so.", 1, id="dots"), pytest.param("the Black Sea fleet", 1, id="two words"),
    pytest.param("a black sea of oil", 0, id="two words in lower case"),
])
def test_names_that_are_ordinary_words_need_their_capitals(found: Found, text: str, number: int) -> None:
    assert len(entities(found(text))) == number


@pytest.mark.parametrize("text", [
    pytest.param("Kyiv, region of plenty", id="comma"), pytest.param("in Kyiv. Region heads met", id="sentence end"),
    pytest.param("in Kyiv\nRegion heads met", id="line break")])
def test_a_mark_parts_the_words_of_a_name(found: Found, text: str) -> None:
    assert [entity for _, entity in entities(found(text))] == ["place/kyiv"]


def test_a_mark_that_belongs_to_a_form_does_not_part_it(found: Found) -> None:
    assert ("rfe rl", "organisation/rfe-rl") in entities(found("He told RFE/RL this."))


def test_a_form_that_both_its_entities_call_ambiguous_is_each_of_them_and_no_entity(found: Found) -> None:
    assert [(match.name, match.entity) for match in found("Protests in Georgia went on.")] == [
        ("place/georgia", None), ("place/georgia-us", None)]


@pytest.mark.parametrize(("text", "spelling", "person"), [
    pytest.param("Volodymyr Zelensky spoke.", "volodymyr zelensky", ZELENSKYY, id="full"),
    pytest.param("Vladimir Zelenskiy spoke.", "vladimir zelenskiy", ZELENSKYY, id="another given name"),
    pytest.param("Vladimir V. Putin spoke.", "vladimir v putin", PUTIN, id="initial"),
    pytest.param("Vladimir Vladimirovich Putin spoke.", "vladimir vladimirovich putin", PUTIN, id="patronymic"),
    pytest.param("Володимира Зеленського чекали.", "володимира зеленського", ZELENSKYY, id="case form"),
    pytest.param("Зеленський Володимир Олександрович", "зеленський володимир", ZELENSKYY, id="surname first"),
    pytest.param("Olena Zelenska spoke.", "olena zelenska", "person/olena-zelenska", id="wife"),
    pytest.param("Igor Klimenko spoke.", "igor klimenko", "person/ihor-klymenko", id="one of two bearers"),
])
def test_a_full_name_is_the_person(found: Found, text: str, spelling: str, person: str) -> None:
    assert entities(found(text)) == [(spelling, person)]


def test_the_surname_in_a_full_name_is_a_name_of_its_own(found: Found) -> None:
    assert [(m.name, m.entity) for m in found("Volodymyr Zelensky spoke.")][1:] == [("surname/zelenskyy", None)]


@pytest.mark.parametrize(("text", "person"), [
    pytest.param("Mr Zelensky spoke.", ZELENSKYY, id="known by surname alone"),
    pytest.param("Mr Klymenko spoke.", None, id="two bearers"),
    pytest.param("Ihor Klymenko came. Klymenko spoke.", "person/ihor-klymenko", id="named in full before"),
    pytest.param("Klymenko spoke, and Oleksandr Klymenko.", "person/oleksandr-klymenko", id="named in full after"),
    pytest.param("Ihor Klymenko and Oleksandr Klymenko came. Klymenko spoke.", None, id="both named"),
    pytest.param("Ms Zelenska spoke.", None, id="not by surname alone"),
    pytest.param("Рассказ Путина длился час.", PUTIN, id="case form that is a woman's surname"),
    pytest.param("Людмила Путина пришла. Рассказ Путиной длился час.", "person/lyudmila-putina", id="the woman"),
])
def test_a_bare_surname_is_the_person_it_must_be(found: Found, text: str, person: str | None) -> None:
    bare = [match for match in found(text) if match.end == match.start + 1 and match.name.startswith("person/")]
    assert [match.entity for match in bare] == ([] if person is None else [person])


def test_a_surname_of_a_person_not_known_is_still_the_surname(found: Found) -> None:
    assert {match.name for match in found("Mr Klimenko spoke.")} == {"surname/klymenko"}


def test_feminine_surnames_are_other_names(sample_names: Names) -> None:
    assert sample_names.names_of("Zelenska") == ("surname/zelenska",)
    assert sample_names.names_of("Zelensky") == ("surname/zelenskyy",)


def test_a_case_form_that_is_an_adjective_is_no_place_before_its_noun(found: Found) -> None:
    assert entities(found("Донецька міська рада")) == []
    assert entities(found("Він приїхав до Донецька вчора")) == [("донецька", "place/donetsk")]


def test_words_that_come_into_the_vocabulary_later_are_found_too(sample_names: Names) -> None:
    vocabulary = Vocabulary()
    finder = Finder(sample_names, vocabulary)
    assert finder.find(vocabulary.numbers("Nothing here")) == []
    assert len(finder.find(vocabulary.numbers("Shelling near Kyiv"))) == 1
    assert finder.find(vocabulary.numbers("")) == []


@pytest.mark.parametrize(("text", "entity"), [
    pytest.param("He was held in Poltava.", "place/poltava", id="after in"),
    pytest.param("Poltava won. Crowds in Poltava sang.", "place/poltava", id="once after in"),
    pytest.param("Poltava told reporters so.", None, id="never"),
])
def test_a_gazetteer_place_is_an_entity_where_the_article_uses_it_as_one(
        found: Found, text: str, entity: str | None) -> None:
    matches = [match for match in found(text) if match.spelling == "poltava"]
    assert {(match.name, match.entity) for match in matches} == {("place/poltava", entity)}


@pytest.mark.parametrize("text", [pytest.param("I’ve seen it.", id="I've"), pytest.param("They can't.", id="can't")])
def test_contractions_are_no_names(found: Found, text: str) -> None:
    assert found(text) == []
