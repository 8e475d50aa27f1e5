"""Names of outlets: one for each, whatever a page or feed calls it; and the agencies that texts are credited to.

`unify` compares names in these steps:
1. blanks and Unicode composition are made alike; of parts that ` | ` or a dash keeps apart, a listed outlet is
   taken (`World news | The Guardian`), else what stands before the bar;
2. the endings of desks and sections are cut (`… - Opinion`, `… (Online)`), a leading *The* is not looked at;
3. a host is looked up with its parent domains (`news.bbc.co.uk` → `bbc.co.uk`);
4. a name in `sources.yml` becomes that outlet's; any other stays as it is after steps 1 and 2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple
from urllib.parse import urlsplit

import yaml

AGENCIES = {
    "Reuters": ("Reuters", "Thomson Reuters"), "AP": ("AP", "Associated Press", "The Associated Press"),
    "AFP": ("AFP", "Agence France-Presse"), "dpa": ("dpa", "DPA"), "Bloomberg": ("Bloomberg",), "ANI": ("ANI",),
    "PTI": ("PTI",), "IANS": ("IANS",), "TASS": ("TASS", "ТАСС"), "Interfax": ("Interfax", "Интерфакс"),
    "Interfax-Ukraine": ("Interfax-Ukraine", "Інтерфакс-Україна"), "Ukrinform": ("Ukrinform", "Укрінформ"),
    "RIA Novosti": ("RIA Novosti", "РИА Новости"), "UPI": ("UPI",), "EFE": ("EFE",), "ANSA": ("ANSA",),
    "Xinhua": ("Xinhua",), "Kyodo": ("Kyodo", "Kyodo News"), "PA": ("PA Media", "Press Association"), "APA": ("APA",),
    "Anadolu": ("Anadolu Agency", "Anadolu"), "CNN": ("CNN",), "UNIAN": ("UNIAN", "УНІАН", "УНИАН"),
}
"""Agency → the ways its credit is printed."""
_AGENCY_OF = {printed: agency for agency, names in AGENCIES.items() for printed in names}
_PRINTED = "|".join(re.escape(name) for name in sorted(_AGENCY_OF, key=len, reverse=True))
_DATELINE = re.compile(rf"^[^\n]{{0,80}}?[(/]\s?({_PRINTED})\s?[)/]\s*[-–—:]|^({_PRINTED})\s?[-–—]\s")
_SIGNATURE = re.compile(rf"(?:[.!?”\"’»)]\s+|\n\s*)[(/\[©–—-]?\s?({_PRINTED})[)/\]]?\.?\s*$")
_SECTION = re.compile(r"\s*(?:[-–—:]\s*(?:news|opinion|editorial|world news|live|latest news|online)"
                      r"|\((?:web |online )?(?:news|opinion|online)(?: news)?\)|\sopinion)$", re.IGNORECASE)
_BAR = re.compile(r"\s[|•»]\s")
_PART = re.compile(r"\s[|•»–—-]\s")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_PREFIXES = re.compile(r"^(?:www\d?|m|mobile|amp|edition|en|old)\.")


class Outlets(NamedTuple):
    """Outlets by compared name and by host."""

    names: dict[str, str]
    hosts: dict[str, str]


@cache
def outlets() -> Outlets:
    """The outlets of `sources.yml`. Raises ValueError if two outlets claim one name or host."""
    text = (resources.files("index") / "sources.yml").read_text(encoding="utf-8")
    table: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    found = Outlets({}, {})
    for outlet, entry in table.items():
        for name in {_key(name) for name in (outlet, *entry.get("names", ()))}:
            _claim(found.names, name, outlet)
        for host in entry.get("hosts", ()):
            _claim(found.hosts, host, outlet)
    return found


def unify(source: str) -> str:
    """The outlet that is meant by a printed name or host; one that is not known comes back merely tidied."""
    name = " ".join(unicodedata.normalize("NFC", source).split())
    for candidate in (name, *_PART.split(name)):
        known = _known(candidate)
        if known is not None:
            return known
    name = _BAR.split(name)[0] or name
    while (cut := _SECTION.sub("", name)) != name and cut:
        name = cut
        known = _known(name)
        if known is not None:
            return known
    return _PREFIXES.sub("", name.lower()) if _HOST.fullmatch(name) and name == name.lower() else name


def host_of(url: str) -> str | None:
    """The host of an address without `www.`, or None if it has none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return _PREFIXES.sub("", host) or None if host else None


def outlet_of_host(host: str) -> str | None:
    """The listed outlet to which a host or one of its parent domains belongs, or None."""
    parts = host.lower().split(".")
    hosts = outlets().hosts
    parents = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((hosts[parent] for parent in parents if parent in hosts), None)


def agency(text: str, authors: Iterable[str] = ()) -> str | None:
    """The news agency a text is credited to in its dateline, its last words or its byline; None if to none."""
    for author in authors:
        if (found := _AGENCY_OF.get(author.strip())) is not None:
            return found
    match = _DATELINE.search(text[:200]) or _SIGNATURE.search(text[-80:])
    return _AGENCY_OF[next(name for name in match.groups() if name)] if match else None


def _known(name: str) -> str | None:
    found = outlets().names.get(_key(name))
    return found if found is not None or not _HOST.fullmatch(name) else outlet_of_host(name)


def _key(name: str) -> str:
    return re.sub(r"^the ", "", unicodedata.normalize("NFC", name).casefold())


def _claim(table: dict[str, str], key: str, outlet: str) -> None:
    if table.setdefault(key, outlet) != outlet:
        raise ValueError(f"sources.yml: {key!r} is claimed by {table[key]!r} and {outlet!r}")
