"""The recogniser finds who and what an article speaks of, and leaves out what is no name."""

from __future__ import annotations

import pytest

from tests.names.recognising import entities, entity, recognise

FOUND = [
    pytest.param("General Serhiy Popko said on Tuesday that two drones had been shot down.",
                 {"person/serhiy-popko": "Serhiy Popko"}, id="a person after a title"),
    pytest.param("The house belonged to Deputy Finance Minister Ilona Marchuk.",
                 {"person/ilona-marchuk": "Ilona Marchuk"}, id="a title of three words"),
    pytest.param("Residents were thanked by Theresa May in person.", {"person/theresa-may": "Theresa May"},
                 id="a surname that is a month"),
    pytest.param('He ran the shop with William " Dusty " Marlowe for years.',
                 {"person/william-marlowe": "William Dusty Marlowe"}, id="a nickname inside a name"),
    pytest.param("Work began at the University of Westmark in March.",
                 {"organisation/university-of-westmark": "University of Westmark"}, id="a head with of"),
    pytest.param("Shares of Brightwater Holdings Ltd fell.",
                 {"organisation/brightwater-holdings-ltd": "Brightwater Holdings Ltd"}, id="a company's suffix"),
    pytest.param("The 65th Air Division moved on.", {"organisation/65th-air-division": "65th Air Division"},
                 id="an ordinal before a unit"),
    pytest.param("It was built by the Franklin and Megantic Railway in 1880.",
                 {"organisation/franklin-and-megantic-railway": "Franklin and Megantic Railway"},
                 id="two names that share a head"),
    pytest.param("Its centre lies in Velmora, a village in the hills.", {"place/velmora": "Velmora"},
                 id="an unknown village that is said to be one"),
    pytest.param("Quandorin is a Japanese game company.", {"organisation/quandorin": "Quandorin"},
                 id="an unknown company that is said to be one"),
    pytest.param("They crossed the Tarlow River at dawn.", {"place/tarlow-river": "Tarlow River"},
                 id="a river by its head"),
    pytest.param("VELMORA, Ukraine — Two people were hurt.", {"place/velmora": "VELMORA", "place/ukraine": "Ukraine"},
                 id="a dateline in capitals"),
    pytest.param("They flew from the U.S. to the UK.",
                 {"place/united-states": "U.S.", "place/united-kingdom": "UK"}, id="short forms of countries"),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_people_places_and_organisations_are_found(text: str, expected: dict[str, str]) -> None:
    assert entities(text) == expected


@pytest.mark.parametrize("text", [
    pytest.param("However, on Monday the Ukrainian and Russian delegations met. Meanwhile, nothing changed in May.",
                 id="days, months, nationalities, words that open a sentence"),
    pytest.param("He watched the World Cup and the Second World War films. The State of the Union followed.",
                 id="events and works"),
    pytest.param('Her song " Anarchy in Tokyo " was played twice.', id="a place in the title of a song"),
    pytest.param("We Were Told To Wait For The Morning Bus", id="a heading of ordinary words"),
    pytest.param("THE CEO SAID ON TV THAT GDP WAS UP", id="capitals throughout"),
    pytest.param("SIGN UP NOW OR CLICK HERE TODAY", id="calls to readers in capitals"),
    pytest.param("", id="an empty article"),
    pytest.param("...!? — (\n\n) “”", id="marks alone"),
])
def test_what_is_no_name_is_left_out(text: str) -> None:
    assert entities(text) == {}


def test_a_short_name_is_the_full_name_of_the_same_article() -> None:
    mentions = recognise("Mr. Popko spoke first. Serhiy Popko, the head of the city's administration, said no more. "
                         "Popko left.")
    assert [mention.entity for mention in mentions] == ["person/serhiy-popko"] * 3
    assert {mention.label for mention in mentions} == {"Serhiy Popko"}


def test_an_acronym_in_parentheses_is_the_name_before_it() -> None:
    mentions = recognise("The Council for Orchard and Meadow Affairs (COMA) met. The COMA will meet again.")
    assert {mention.entity for mention in mentions} == {"organisation/council-for-orchard-and-meadow-affairs"}
    assert len(mentions) == 3


def test_headings_are_read_by_the_names_of_the_text() -> None:
    title, text = "POPKO WARNS OF A COLD WINTER", "Serhiy Popko warned of a cold winter on Sunday."
    mentions = recognise(text, title)
    assert [(mention.start, mention.entity) for mention in mentions] == [
        (0, "person/serhiy-popko"), (7, "person/serhiy-popko")]


def test_a_city_in_a_table_of_results_is_its_club_and_a_country_is_a_country() -> None:
    assert entities("Boston 3 Oakland 1") == {"organisation/boston": "Boston", "organisation/oakland": "Oakland"}
    assert set(entities("England 3 Poland 1")) == {"place/england", "place/poland"}


def test_a_city_keeps_its_place_beside_its_club() -> None:
    text = ("The match was played in Boston on Sunday. Boston beat Oakland in the last inning of the season, "
            "their third game and third goal this league year.")
    assert {"place/boston", "organisation/boston"} <= set(entities(text))


def test_a_possessive_ends_a_name() -> None:
    assert entities("Ukraine's Olena Marchuk won.") == {"place/ukraine": "Ukraine",
                                                        "person/olena-marchuk": "Olena Marchuk"}


def test_every_token_of_a_mention_lies_in_the_article_and_none_in_two() -> None:
    text = "Mayor Vitali Klitschko of Kyiv met Olaf Scholz, the chancellor of Germany, at the European Union."
    mentions = recognise(text, "Klitschko Meets Scholz In Kyiv")
    ends = [0, *(mention.end for mention in mentions)]
    assert all(end <= mention.start < mention.end for end, mention in zip(ends, mentions, strict=False))


def test_the_names_files_say_who_a_person_is() -> None:
    person = entity("person/mykhailo-podolyak", "Mykhailo Podolyak")
    mentions = recognise("Mikhail Podoliak, an adviser, said so. Podoliak added nothing.",
                         known=(("Mikhail Podoliak", person),))
    assert {(mention.entity, mention.label) for mention in mentions} == {
        ("person/mykhailo-podolyak", "Mykhailo Podolyak")}
    assert len(mentions) == 2


def test_a_place_of_the_names_files_is_taken_where_it_is_a_place() -> None:
    kyiv = entity("place/kyiv", "Kyiv")
    assert {m.entity for m in recognise("Sirens were heard in Kiev.", known=(("Kiev", kyiv),))} == {"place/kyiv"}
    inside = recognise("The Kiev Brewery Company is small.", known=(("Kiev", kyiv),))
    assert [m.entity for m in inside] == ["organisation/kiev-brewery-company"]


def test_a_gazetteer_place_is_not_a_person_of_that_name() -> None:
    chad = entity("place/denver", "Denver", origin="gazetteer")
    mentions = recognise("John Denver sang. Denver was tired.", known=(("Denver", chad),))
    assert {mention.entity for mention in mentions} == {"person/john-denver"}
