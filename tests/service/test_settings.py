"""Where settings come from, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.settings import FIELDS, Settings, SettingsError, load_settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_options_outdo_the_environment_which_outdoes_the_file_which_outdoes_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "exonym.toml").write_text('port = 1\nworkers = 1\nthreads = 1\ncors_origins = ["https://a.example"]\n')
    environment = {"EXONYM_DATA": str(tmp_path), "EXONYM_PORT": "2", "EXONYM_WORKERS": "2", "OTHER": "x"}
    found = load_settings({"port": 3, "host": None}, environment)
    assert (found.port, found.workers, found.threads, found.host) == (3, 2, 1, "127.0.0.1")
    assert found.cors_origins == ("https://a.example",)
    assert found.data == tmp_path


def test_lists_in_the_environment_are_separated_by_commas(tmp_path: Path) -> None:
    environment = {"EXONYM_DATA": str(tmp_path), "EXONYM_CORS_ORIGINS": "https://a.example, https://b.example"}
    assert load_settings({}, environment).cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(("name", "value", "words"), [
    pytest.param("EXONYM_PROT", "1", "unknown setting 'prot' in the environment variable EXONYM_PROT", id="unknown"),
    pytest.param("EXONYM_PORT", "many", "a whole number from 0 to 65535", id="no number"),
    pytest.param("EXONYM_PORT", "65536", "a whole number from 0 to 65535", id="too large"),
    pytest.param("EXONYM_READ_ACCESS", "some", "one of open, key", id="no choice"),
])
def test_what_a_setting_cannot_be_is_said_with_its_place_and_what_it_can(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)):
        load_settings({}, {name: value})


@pytest.mark.parametrize(("name", "near"), [("prot", "port"), ("rate", "rate_limit"), ("maxbody", "max_body")])
def test_for_an_unknown_setting_the_nearest_is_named(tmp_path: Path, name: str, near: str) -> None:
    (tmp_path / "exonym.toml").write_text(f"{name} = 1\n")
    with pytest.raises(SettingsError, match=re.escape(f"unknown setting {name!r} in {tmp_path / 'exonym.toml'}; "
                                                      f"the nearest there is: {near!r}")):
        load_settings({"data": tmp_path}, {})


def test_the_file_may_be_named_in_the_environment_and_the_environment_outdoes_it(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("port = 1\nthreads = 2\n")
    found = load_settings({}, {"EXONYM_CONFIG": str(own), "EXONYM_DATA": str(tmp_path), "EXONYM_PORT": "3"})
    assert (found.port, found.threads) == (3, 2)


@pytest.mark.parametrize("content", ["colour = 'red'", "port = true", "port = [1]", "port ="])
def test_a_file_with_a_fault_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=re.escape(str(path))):
        load_settings({"data": tmp_path, "config": path}, {})


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the settings file"):
        load_settings({"data": tmp_path, "config": tmp_path / "none.toml"}, {})


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    assert "geheim" not in repr(Settings(tmp_path, api_key="geheim"))
    with pytest.raises(SettingsError) as caught:
        load_settings({"api_key": ["geheim"], "data": tmp_path, "config": _file(tmp_path)}, {})
    assert "geheim" not in str(caught.value)


def _file(folder: Path) -> Path:
    path = folder / "secret.toml"
    path.write_text('api_key = ["geheim"]')
    return path


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(encoding="utf-8"), re.M))
    assert set(rows) == set(FIELDS)
    for name, field in FIELDS.items():
        default = field.default
        if name == "data":
            continue
        default = ",".join(default) if isinstance(default, tuple) else default
        shown = "none" if default in (None, "") else f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
        assert rows[name] == shown, name
