"""Names files: what is read, and what is refused with a line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.names import authority
from index.names.authority import NamesError
from index.names.model import EntityType, SpellingKind

KYIV = "- id: place/kyiv\n  label: Kyiv\n  names:\n    - {forms: [Kyiv]}\n"


def written(tmp_path: Path, text: str, name: str = "names.yml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "line", "message"), [
    pytest.param("- id: Kyiv\n  label: Kyiv\n", 1, "an entity needs an id such as place/kyiv", id="id"),
    pytest.param("- id: place/kyiv\n", 1, "needs a label", id="label"),
    pytest.param("- id: place/kyiv\n  label: Kyiv\n  nmaes: []\n", 3, "'nmaes' is not known here", id="unknown key"),
    pytest.param("- id: place/kyiv\n  id: place/kiev\n  label: Kyiv\n", 2, "stands here twice", id="key twice"),
    pytest.param("- id: place/oslo\n  label: No\n", 2, "'No' in 'label' is read as bool; put it in quotes", id="bool"),
    pytest.param(KYIV + "    - {forms: [2016]}\n", 5, "is read as int; put it in quotes", id="number"),
    pytest.param(KYIV + "    - {forms: Kiev}\n", 5, "must be a list, such as [Kiev]", id="no list"),
    pytest.param(KYIV + "    - {forms: [Kiev], kind: old}\n", 5, "'old' is no kind", id="kind"),
    pytest.param(KYIV + "    - {forms: [Киев]}\n", 5, "is Cyrillic: say `lang: uk` or `lang: ru`", id="language"),
    pytest.param(KYIV + "    - {forms: [Kiev], lang: English}\n", 5, "is no language code", id="language code"),
    pytest.param(KYIV + "    - {forms: [Kiev], until: \"1995?\"}\n", 5, "must be a year, month or day", id="date"),
    pytest.param(KYIV + "    - {forms: [Kiev], case: perhaps}\n", 5, "must be true or false", id="flag"),
    pytest.param(KYIV + "    - {forms: [\"...\"]}\n", 5, "holds no word", id="no word"),
    pytest.param(KYIV + "  guards:\n    - {after: [Texas]}\n", 6, "a guard needs an example", id="guard example"),
    pytest.param(KYIV + "  guards:\n    - {example: Kyiv.}\n", 6, "a guard needs `before", id="guard words"),
    pytest.param(KYIV + "  surname: {en: [Kyiv]}\n", 5, "only a person has", id="place with surname"),
    pytest.param("place/kyiv: Kyiv\n", 1, "the file must be a list", id="mapping"),
    pytest.param("- place/kyiv\n", 1, "an entity must be a mapping", id="list of strings"),
    pytest.param("- id: [\n", 2, "not YAML", id="not YAML"),
])
def test_a_faulty_file_is_refused_with_line_and_remedy(tmp_path: Path, text: str, line: int, message: str) -> None:
    _, problems = authority.read(written(tmp_path, text))
    assert [(problem.line, message in problem.message) for problem in problems] == [(line, True)]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_bytes("- id: place/kyiv\n  label: Київ\n".encode("cp1251"))
    _, [problem] = authority.read(path)
    assert "not UTF-8" in problem.message


@pytest.mark.parametrize(("text", "message"), [
    pytest.param(KYIV + KYIV, "stands in names.yml, line 1, already", id="id twice"),
    pytest.param(KYIV + KYIV.replace("place/kyiv", "place/kyiv-village"), "give the rarer a guard", id="form of two"),
    pytest.param(KYIV + "  ambiguous: [Kiev]\n", "'Kiev' stands in a guard or under ambiguous", id="unknown form"),
    pytest.param("- id: person/a\n  label: A Bo\n  given: {en: [A]}\n  surname: {en: [Bo]}\n  surname_alone: true\n"
                 "- id: person/b\n  label: B Bo\n  given: {en: [B]}\n  surname: {en: [Bo]}\n  surname_alone: true\n",
                 "only one of them may have surname_alone", id="surname alone of two"),
])
def test_entities_that_contradict_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(NamesError, match=message):
        authority.read_all([written(tmp_path, text)])


@pytest.mark.parametrize("remedy", [
    pytest.param("  names:\n    - {forms: [Kyiv], case: true}\n", id="case"),
    pytest.param("  names:\n    - {forms: [Kyiv], only_with: [village]}\n", id="only_with"),
    pytest.param("  names:\n    - {forms: [Kyiv]}\n  guards:\n    - {after: [city], example: Kyiv city}\n", id="guard"),
    pytest.param("  names:\n    - {forms: [Kyiv]}\n  ambiguous: [Kyiv]\n", id="ambiguous"),
])
def test_a_form_of_two_entities_is_accepted_when_something_keeps_them_apart(tmp_path: Path, remedy: str) -> None:
    text = KYIV + "- id: place/kyiv-village\n  label: Kyiv\n" + remedy
    assert len(authority.read_all([written(tmp_path, text)])) == 2


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = written(tmp_path, "- id: Kyiv\n", "a.yml")
    second = written(tmp_path, KYIV + "    - {forms: [Киев]}\n", "b.yml")
    with pytest.raises(NamesError) as caught:
        authority.read_all([first, second])
    assert [(path.name, problem.line) for path, problem in caught.value.problems] == [("a.yml", 1), ("b.yml", 5)]


def test_a_person_has_every_given_name_with_every_surname_of_a_language(tmp_path: Path) -> None:
    [entry] = authority.read_all([written(tmp_path, (
        "- id: person/ihor-klymenko\n  label: Ihor Klymenko\n  given: {en: [Ihor, Igor], uk: [Ігор]}\n"
        "  surname: {en: [Klymenko, Klimenko], uk: [Клименко]}\n"))])
    assert entry.entity.type == EntityType.PERSON
    assert [spelling.form for spelling in entry.entity.spellings] == [
        "Ihor Klymenko", "Ihor Klimenko", "Igor Klymenko", "Igor Klimenko", "Ігор Клименко"]


def test_an_acronym_is_always_case_sensitive(tmp_path: Path) -> None:
    [entry] = authority.read_all([written(tmp_path, (
        "- id: organisation/sbu\n  label: SBU\n  names: [{forms: [SBU], kind: acronym}]\n"))])
    assert [(s.kind, s.case_sensitive) for s in entry.entity.spellings] == [(SpellingKind.ACRONYM, True)]
