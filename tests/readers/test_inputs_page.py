"""docs/inputs.md says what the code does: formats, endings, limits with their defaults, rules of cleaning."""

import dataclasses
import re
from pathlib import Path

from index.cleaning import RULES
from index.readers import FORMATS, Limits
from index.readers.text import TITLE_LIMIT

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "inputs.md").read_text(encoding="utf-8")
UNITS = {"MiB": 1 << 20, "GiB": 1 << 30}


def rows(heading: str) -> dict[str, str]:
    """First cell (without its marks) → second cell of the table under a heading."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([\w-]+)` \| ([^|]*?) *\|", section, re.MULTILINE))


def test_every_format_is_described():
    assert {"auto", *rows("Formats")} == set(FORMATS) | {"file", "source_printed", "date_printed", "agency", "guid"}


def test_every_limit_stands_there_with_its_default():
    stated = {}
    for name, value in rows("Limits").items():
        number, _, unit = value.partition(" ")
        stated[name] = int(number.replace(",", "")) * UNITS.get(unit, 1)
    assert stated == dataclasses.asdict(Limits())


def test_every_rule_of_cleaning_is_described():
    assert list(rows("Cleaning")) == [name for name, _ in RULES]


def test_the_length_of_a_title_is_the_one_stated():
    assert f"longer than {TITLE_LIMIT} characters" in PAGE
