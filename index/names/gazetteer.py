"""Gazetteer: places made from GeoNames by tools/make_gazetteer.py; never edited by hand.

data/gazetteer.tsv: comment lines (#) with source and licence, then one place a line:
id, label, country, GeoNames ids (the largest first), population, spellings, keys of the spellings, keys of generated
case forms; the last four lists are joined by a bar. A key stands with one place only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from index.names.authority import DATA
from index.names.forms import is_cyrillic
from index.names.model import Entity, EntityType, Spelling, SpellingKind

PATH = DATA / "gazetteer.tsv"
_UKRAINIAN, _RUSSIAN = frozenset("іїєґ"), frozenset("ыэъё")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All gazetteer places as columns, row by row, and their keys: form key → row."""

    ids: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    geonames: list[tuple[int, ...]] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)
    inflected: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = PATH) -> Gazetteer:
        """The gazetteer of a file."""
        found = cls()
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line and line[0] != "#":
                row = line.split("\t")
                number = len(found.ids)
                found.ids.append(row[0])
                found.rows.append(row)
                found.geonames.append(tuple(map(int, row[3].split("|"))))
                found.forms.update(dict.fromkeys(row[6].split("|"), number))
                if row[7]:
                    found.inflected.update(dict.fromkeys(row[7].split("|"), number))
        return found

    def entity(self, row: int) -> Entity:
        """The place of a row."""
        name, label, country, _, population, spellings, _, _ = self.rows[row]
        forms = tuple(
            Spelling(form, language(form), SpellingKind.CURRENT if form == label else SpellingKind.ROMANISATION)
            for form in spellings.split("|"))
        return Entity(name, EntityType.PLACE, label, forms, subtype=f"populated place ({country})",
                      geonames=self.geonames[row][0], population=int(population), origin="gazetteer")


def language(form: str) -> str:
    """`en` for Latin letters; for Cyrillic ones `uk` if a letter says so, else `ru`."""
    if not is_cyrillic(form):
        return "en"
    return "uk" if _UKRAINIAN & set(form.casefold()) else "ru"
