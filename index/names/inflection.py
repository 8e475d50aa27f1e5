"""Case forms of Ukrainian and Russian names: *Києва*, *Кривого Рогу*, *Володимира Зеленського*.

In a name of several words the adjectives before the first noun agree with it, and so does an adjective right after it
(*Кам'янець-Подільський*); what follows stays (*Ростов-на-Дону*, *Служба безпеки України*). Indexes of case stand in the
order of `declension.Paradigm`, so words agree by taking the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from index.analysis.normal import exact_form, normal_form
from index.names.declension import CASES, Paradigm, adjective, is_woman, noun, person
from index.names.forms import form_key, words
from index.names.given import is_given_name
from index.names.model import Entity, EntityType, SpellingKind

LANGUAGES = ("uk", "ru")
_ADJECTIVAL = {"uk": ("ий", "ій"), "ru": ("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие")}
_AGREEING = (("а", ("а", "я", "ь")), ("е", ("о", "е", "я")), ("і", ("і", "и", "ї")))
_VARIANTS = 4
"""At most so many forms of one case of one name: agreement of many variants is not worth more."""


def place_keys(form: str, language: str) -> Iterator[str]:
    """The keys of the case forms of a place's or body's name."""
    yield from _joined([*_paradigms([exact_form(word).replace("ё", "е") for word in words(form)], language)], form)


def _person(form: str, language: str, woman: bool) -> Paradigm:
    found = [person(word, language, woman) or ((word,),) * CASES
             for word in (exact_form(word).replace("ё", "е") for word in words(form))]
    return tuple(tuple(" ".join(choice) for choice in product(*(paradigm[case] for paradigm in found)))
                 for case in range(CASES))


def given_keys(entity: Entity) -> Iterator[str]:
    """The keys of the case forms of a person's given names."""
    for given in entity.given:
        if given.language in LANGUAGES:
            woman = is_woman(exact_form(given.form))
            yield from _joined([_person(given.form, given.language, woman)], given.form)


def surname_keys(entity: Entity) -> Iterator[str]:
    """The keys of the case forms of a person's bare surname."""
    for surname in entity.surname:
        if surname.language in LANGUAGES:
            given = [exact_form(first.form) for first in entity.given if first.language == surname.language]
            woman = bool(given) and is_woman(given[0])
            yield from _joined([_person(surname.form, surname.language, woman)], surname.form)


def entity_keys(entity: Entity) -> Iterator[str]:
    """The keys of the case forms of a place's or body's Ukrainian and Russian names.

    Not of a form that is a given name too: *Володимира* is hardly ever the town."""
    for spelling in entity.spellings if entity.type != EntityType.PERSON else ():
        is_plain = spelling.kind != SpellingKind.ACRONYM and not spelling.case_sensitive and not spelling.only_with
        if spelling.language in LANGUAGES and is_plain and not is_given_name(form_key(spelling.form)):
            yield from place_keys(spelling.form, spelling.language)


def _paradigms(parts: Sequence[str], language: str) -> Iterator[Paradigm]:
    """The paradigm of every word: declined up to the head noun, unchanged after it."""
    headed = False
    for number, word in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else None
        found: Paradigm | None = None
        if not headed and following is not None and _is_adjective(word, following, language):
            found = adjective(word, language)
        elif not headed and not (following is not None and word.endswith("о") and not word.endswith("ство")):
            found = noun(word, language)
            headed = found is not None
        elif following is None and number == 1 and word.endswith(_ADJECTIVAL[language]):
            found = adjective(word, language)
        yield found or ((word,),) * CASES


def _is_adjective(word: str, following: str, language: str) -> bool:
    if word.endswith(_ADJECTIVAL[language]):
        return True
    return language == "uk" and any(word.endswith(end) and following.endswith(ends) for end, ends in _AGREEING)


def _joined(paradigms: Sequence[Paradigm], form: str) -> Iterator[str]:
    base = form_key(form)
    for case in range(CASES):
        for number, choice in enumerate(product(*(paradigm[case] for paradigm in paradigms))):
            key = " ".join(normal_form(word) for part in choice for word in part.split(" "))
            if number >= _VARIANTS:
                break
            if key != base:
                yield key
