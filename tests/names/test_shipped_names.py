"""Our own names files and gazetteer: every guard holds, every spelling finds its entity."""

from __future__ import annotations

import pytest

from index.analysis.vocabulary import Vocabulary
from index.names import given
from index.names.authority import DATA, files, read
from index.names.check import guard_faults
from index.names.finder import Finder
from index.names.forms import form_key
from index.names.gazetteer import PATH, Gazetteer
from index.names.registry import Names
from index.names.words import is_word


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.load()


def test_every_guard_is_shown_by_its_example(names: Names) -> None:
    ours = (entity for entity in map(names.entities.__getitem__, names.entities) if entity.guards)
    assert [fault for entity in ours for fault in guard_faults(names, entity)] == []


@pytest.mark.slow
def test_every_spelling_finds_its_entity_typed_and_printed(names: Names) -> None:
    vocabulary = Vocabulary()
    finder = Finder(names, vocabulary)
    missed = []
    for name in names.entities:
        entity = names.entities[name]
        guarded = {form_key(form) for guard in entity.guards for form in guard.forms}
        shared = {form_key(form) for form in entity.ambiguous} | guarded
        for spelling in entity.spellings if entity.origin == "authority" else ():
            readings = names.readings(form_key(spelling.form))
            if len(readings) > 1 or form_key(spelling.form) in shared or any(reading.only_with for reading in readings):
                continue
            printed = finder.find(vocabulary.numbers(f"Officials said {spelling.form} was there."))
            if any(name not in {match.name for match in matches} for matches in (names.lookup(spelling.form), printed)):
                missed.append((name, spelling.form))
    assert missed == []


def test_every_gazetteer_spelling_finds_its_place(names: Names) -> None:
    places = [name for name in names.entities if names.entities[name].origin == "gazetteer"]
    wrong = [(name, spelling.form) for name in places[::7] for spelling in names.spellings(name)
             if name not in names.names_of(spelling.form) and not _is_ours(names, spelling.form)]
    assert wrong == []


def _is_ours(names: Names, form: str) -> bool:
    """Whether the names files claim a form of the gazetteer's."""
    found = [names.entity(name) for name in names.names_of(form)]
    return bool(found) and all(entity is None or entity.origin == "authority" for entity in found)


def test_a_gazetteer_key_is_one_places_and_never_a_case_form_as_well() -> None:
    gazetteer = Gazetteer.load()
    assert sum(len(row[6].split("|")) for row in gazetteer.rows) == len(gazetteer.forms)
    assert gazetteer.forms.keys().isdisjoint(gazetteer.inflected)
    assert len(set(gazetteer.ids)) == len(gazetteer.ids)
    assert all(form_key(form) in gazetteer.forms for row in gazetteer.rows[::20] for form in row[5].split("|"))


def test_the_gazetteer_names_its_source_and_licence() -> None:
    head = PATH.read_text(encoding="utf-8")[:600]
    assert "GeoNames" in head
    assert "CC BY 4.0" in head


@pytest.mark.parametrize(("one", "other"), [
    pytest.param("Mezhgor'e", "Mezgor'e", id="without the mark of ž"),
    pytest.param("Slyudyanka", "Sljudjanka", id="j for y"),
    pytest.param("Mizhhirya", "Mezhgor'e", id="one name in Russian"),
    pytest.param("Vasil'yevo", "Vasilevo", id="a small namesake abroad"),
])
def test_spellings_of_one_place_are_one_name(names: Names, one: str, other: str) -> None:
    assert names.names_of(one)
    assert names.names_of(one) == names.names_of(other)


def test_a_place_ten_times_larger_is_not_taken_for_its_namesake(names: Names) -> None:
    assert not set(names.names_of("Podilsk")) & set(names.names_of("Podolsk"))


def test_a_well_known_surname_is_no_place_that_was_called_after_it(names: Names) -> None:
    assert not [name for name in names.names_of("Brezhnev") if name.startswith("place/")]


@pytest.mark.parametrize(("word", "expected"), [
    pytest.param("turkey", True, id="turkey"), pytest.param("bar", True, id="bar"),
    pytest.param("kyiv", False, id="kyiv"), pytest.param("odessa", False, id="odessa")])
def test_ordinary_words_are_known(word: str, expected: bool) -> None:
    assert is_word(word) is expected


def test_the_files_of_names_are_without_problems() -> None:
    assert {path.name: problems for path in files() if (problems := read(path)[1])} == {}
    assert all(len(forms) > 1 for forms in given.sets())
    assert DATA.is_dir()
