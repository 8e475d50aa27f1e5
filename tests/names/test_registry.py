"""The registry: three sources as one table, queries looked up, the reader's own names over ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from index.names import compiled
from index.names.authority import DATA, NamesError, files, read_all
from index.names.check import check
from index.names.model import SpellingKind
from index.names.registry import Names

SAMPLE = Path(__file__).parent / "sample"


def looked_up(names: Names, text: str) -> set[str]:
    return {match.name for match in names.lookup(text)}


@pytest.mark.parametrize(("query", "expected"), [
    pytest.param("Kiev", {"place/kyiv"}, id="name"), pytest.param("kiev", {"place/kyiv"}, id="lower case"),
    pytest.param("київ", {"place/kyiv"}, id="lower-case Cyrillic"),
    pytest.param("Києва", {"place/kyiv"}, id="case form"),
    pytest.param("chicken Kiev", set(), id="guard"), pytest.param("Odessa Texas", set(), id="guard behind"),
    pytest.param("black sea", {"place/black-sea"}, id="words of a name"), pytest.param("bar", set(), id="word"),
    pytest.param("us", set(), id="acronym in lower case"), pytest.param("US", {"place/united-states"}, id="acronym"),
    pytest.param("Artyomovsk", {"place/bakhmut"}, id="needs no company in a query"),
    pytest.param("zelenskiy", {"surname/zelenskyy", "person/volodymyr-zelenskyy"}, id="surname"),
    pytest.param("vladimir zelensky", {"person/volodymyr-zelenskyy"}, id="full name"),
    pytest.param("talks kyiv region", {"place/kyiv-oblast"}, id="longest only"),
    pytest.param("", set(), id="empty"), pytest.param("()", set(), id="marks"),
])
def test_a_query_finds_its_names(sample_names: Names, query: str, expected: set[str]) -> None:
    assert looked_up(sample_names, query) == expected


def test_a_gazetteer_place_of_ours_gives_its_spellings_to_our_entity(sample_names: Names) -> None:
    forms = {spelling.form for spelling in sample_names.spellings("place/kyiv")}
    assert {"Kyiv", "Kiev", "Київ", "Kiyev"} <= forms
    assert sample_names.names_of("Kiyev") == ("place/kyiv",)
    assert sample_names.entities["place/kyiv"].population > 2_000_000


def test_places_that_only_the_gazetteer_knows_are_entities(sample_names: Names) -> None:
    [name] = sample_names.names_of("Poltava")
    entity = sample_names.entity(name)
    assert entity is not None
    assert (entity.origin, entity.label) == ("gazetteer", "Poltava")
    assert sample_names.names_of("Полтавы") == (name,)
    assert "Полтава" in {form.form for form in entity.spellings}


def test_every_entity_can_be_had_by_its_id(sample_names: Names) -> None:
    assert len(set(sample_names.entities)) == len(sample_names.entities)
    assert all(sample_names.entities[name].id == name for name in list(sample_names.entities)[::50])
    assert sample_names.entity("place/nowhere") is None
    assert sample_names.spellings("surname/nobody") == ()


def test_the_spellings_of_a_surname_are_its_bearers(sample_names: Names) -> None:
    assert [spelling.form for spelling in sample_names.spellings("surname/klymenko")] == [
        "Klymenko", "Klimenko", "Клименко", "Клименко"]


def test_the_reader_adds_spellings_entities_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_text("- id: place/kyiv\n  label: Kyiv City\n  names: [{forms: [Kyjiw], kind: romanisation}]\n"
                    "- id: person/anna-osada\n  label: Anna Osada\n  given: {en: [Anna]}\n  surname: {en: [Osada]}\n"
                    "  surname_alone: true\n", encoding="utf-8")
    names = Names.load(path, SAMPLE)
    assert looked_up(names, "Kyjiw") == looked_up(names, "Kiev") == {"place/kyiv"}
    assert names.entities["place/kyiv"].label == "Kyiv City"
    assert names.entities["place/kyiv"].origin == "reader"
    assert looked_up(names, "Osada") == {"surname/osada", "person/anna-osada"}
    assert names.digest != Names.load(data=SAMPLE).digest
    assert names.digest == Names.digest_of(tmp_path / "names.yml", SAMPLE)
    assert Names.load(data=SAMPLE).digest == Names.digest_of(None, SAMPLE)


def test_the_reader_may_replace_an_entity(tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_text("- id: place/black-sea\n  label: Black Sea\n  replace: true\n  names: [{forms: [Euxine]}]\n",
                    encoding="utf-8")
    names = Names.load(path, SAMPLE)
    assert looked_up(names, "Euxine") == {"place/black-sea"}
    assert "place/black-sea" not in looked_up(names, "Black Sea")


def test_a_reader_without_names_has_ours(tmp_path: Path) -> None:
    assert Names.load(tmp_path / "names.yml", SAMPLE).digest == Names.load(data=SAMPLE).digest


def test_a_faulty_readers_file_is_refused_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_text("- id: place/kyiv-two\n  label: Kyiv Two\n  names: [{forms: [Kyiv Two]}, {forms: [Черкасы]}]\n"
                    "- id: place/own\n  label: Own\n  names: [{forms: [Zavod]}]\n"
                    "- id: place/other\n  label: Other\n  names: [{forms: [Zavod]}]\n", encoding="utf-8")
    with pytest.raises(NamesError) as caught:
        Names.load(path, SAMPLE)
    assert [problem.line for _, problem in caught.value.problems] == [3, 7]
    assert [problem.line for problem in check(path)] == [3, 7]
    assert "Zavod".casefold() in str(caught.value)


@pytest.mark.parametrize(("example", "message"), [
    pytest.param("Nothing of the sort.", "holds none of the guard's forms", id="no form"),
    pytest.param("He saw Zavodsk and slept.", "the guard does not hold", id="not guarded"),
])
def test_a_guard_must_be_shown_by_its_example(tmp_path: Path, example: str, message: str) -> None:
    path = tmp_path / "names.yml"
    path.write_text("- id: place/zavodsk\n  label: Zavodsk\n  names: [{forms: [Zavodsk]}]\n"
                    f"  guards: [{{after: [Ohio], example: \"{example}\"}}]\n", encoding="utf-8")
    [problem] = check(path)
    assert message in problem.message


def test_compiled_names_are_the_names_of_the_files(tmp_path: Path) -> None:
    paths = files(SAMPLE)
    made = compiled.compile_entries(read_all(paths), compiled.source_digest(paths))
    compiled.save(made, tmp_path / compiled.FILE)
    loaded = compiled.load(paths, tmp_path / compiled.FILE)
    assert loaded == made
    entities = {entry.entity.id: entry.entity for entry in read_all(paths)}
    assert {name: compiled.decode(name, record) for name, record in made.records.items()} == entities


def test_compiled_names_are_not_used_after_a_change(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "names.yml", tmp_path)
    paths = files(tmp_path)
    compiled.save(compiled.compile_entries(read_all(paths), compiled.source_digest(paths)), tmp_path / compiled.FILE)
    with (tmp_path / "names.yml").open("a", encoding="utf-8") as file:
        file.write("- id: place/zavodsk\n  label: Zavodsk\n  names: [{forms: [Zavodsk]}]\n")
    assert compiled.load(paths, tmp_path / compiled.FILE) is None
    assert looked_up(Names.load(data=tmp_path), "Zavodsk") == {"place/zavodsk"}


def test_an_inflected_form_never_takes_another_entitys_own_form(tmp_path: Path) -> None:
    (tmp_path / "names.yml").write_text(
        "- id: place/kalyna\n  label: Kalyna\n  names: [{forms: [Калина], lang: uk}]\n"
        "- id: place/kalyny\n  label: Kalyny\n  names: [{forms: [Калини], lang: uk}]\n", encoding="utf-8")
    assert Names.load(data=tmp_path).names_of("Калини") == ("place/kalyny",)


def test_kinds_of_spellings_are_kept(sample_names: Names) -> None:
    kinds = {spelling.form: spelling.kind for spelling in sample_names.spellings("place/bakhmut")}
    assert (kinds["Bakhmut"], kinds["Artemivsk"]) == (SpellingKind.CURRENT, SpellingKind.FORMER)


def test_the_shipped_compiled_names_are_fresh() -> None:
    assert compiled.load(files(), DATA / compiled.FILE) is not None, "run PYTHONPATH=. python tools/compile_names.py"
