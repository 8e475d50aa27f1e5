"""One name for each outlet, whatever it is called; agencies recognised by their credit."""

import pytest

from index.sources import agency, host_of, outlets, unify


@pytest.mark.parametrize(("printed", "outlet"), [
    ("Fox Online News", "Fox News"), ("Fox News (Online)", "Fox News"), ("Fox News Opinion", "Fox News"),
    ("CNN (Web News)", "CNN"), ("New York Times - News", "The New York Times"),
    ("The New York Times", "The New York Times"),
    ("BBC News", "BBC"), ("www.bbc.co.uk", "BBC"), ("news.bbc.co.uk", "BBC"),
    ("World news | The Guardian", "The Guardian"),
    ("Українська правда", "Ukrainska Pravda"), ("www.pravda.com.ua", "Ukrainska Pravda"),
    ("Радіо Свобода", "Radio Free Europe"),
    ("  Harbour   Post ", "Harbour Post"), ("Harbour Post | Front page", "Harbour Post"),
    ("www.example.org", "example.org"),
    ("notbbc.co.uk", "notbbc.co.uk"), ("Opinion", "Opinion"), ("", ""),
])
def test_outlets_are_unified(printed, outlet):
    assert unify(printed) == outlet


def test_unifying_twice_changes_nothing():
    names = {*outlets().names, *outlets().hosts, *outlets().names.values()}
    assert all(unify(unify(name)) == unify(name) for name in names)
    assert all(unify(outlet) == outlet for outlet in outlets().names.values())


@pytest.mark.parametrize(("text", "authors", "found"), [
    pytest.param("KYIV, May 18 (Reuters) - Talks went on.", (), "Reuters", id="dateline"),
    pytest.param("ODESA, Ukraine (AP) — Talks went on.", (), "AP", id="dash"),
    pytest.param("Talks went on.\n\n(AFP)", (), "AFP", id="last line"),
    pytest.param("Talks went on. Reuters", (), "Reuters", id="last word"),
    pytest.param("Talks went on.", ("Associated Press",), "AP", id="byline"),
    pytest.param("КИЇВ. Укрінформ - Переговори тривають.", (), None, id="no sign of a credit"),
    pytest.param("He told Reuters", (), None, id="in a sentence"),
    pytest.param("Officials spoke to AP. Then they left.", (), None, id="mentioned"),
])
def test_the_agency_a_text_is_credited_to(text, authors, found):
    assert agency(text, authors) == found


def test_hosts_of_addresses():
    assert host_of("https://www.Example.org:8080/x") == "example.org"
    assert host_of("http://[broken") is None
    assert host_of("mailto:x") is None
