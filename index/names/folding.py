"""Folding: relates spellings of names that no list knows (*Aksyonov* / *Aksenov*, *Malyar* / *Maliar*).

A word becomes a run of sounds, each with a coarse class and a fine value. Words with a common key (the classes joined)
are candidates; the fine values, compared sound by sound, decide. The rules, in the order applied:

1. clean     lower case, marks off, Cyrillic letter by letter into Latin ones, the same way for every language
2. stems     Oleks- → Aleks-, Mykola → Nikola, Volodymyr → Vladimir, -off → -ov …
3. consonants into classes, longest letters first; neighbours of one class are one sound
4. vowels    runs of a e i o u y into nuclei; i before a or u is no sound, at the start of a word it is Y
5. o         in a closed syllable, and at the end of a word, has the class of i (*Kharkiv* / *Kharkov*)
6. endings   -oye, -oe are e and -oy is i; h gives two keys, as g and as kh
7. fine      at person level few values may differ, at place level more; pairs that tell Ukrainian from Russian
             (h–g, i–o) must all point the same way in one word

A key is for words of four sounds or more, and never for a dictionary word: the caller sees to that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from index.names import given

SHORTEST = 4
"""Fewer sounds than this make no key."""

_DROPPED = re.compile("['’‘ʼʹʺ′″`´ʻʽ\"ъьЪЬ]")
_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye", "ё": "yo", "ж": "zh", "з": "z",
    "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y",
    "э": "e", "ю": "yu", "я": "ya", "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h",
    "ј": "y", "љ": "l", "њ": "n", "ћ": "ch", "џ": "dzh", "ђ": "dj", "ѣ": "e"})
_LATIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "ß": "ss", "ı": "i", "ə": "a", "ž": "zh", "š": "sh",
                        "č": "ch", "ŭ": "u", "x": "ks"})
_STEMMED = ("oleks", "mykola", "volodymyr", "olen", "kost")
_STEMS = tuple((re.compile(pattern), put) for pattern, put in (
    ("^oleks", "aleks"), ("^mykola", "nikola"), ("^volodymyr", "vladimir"), ("^olen(?=[aiy])", "elen"),
    ("^kost(?:ia|ya)n(?=tyn|tin)", "konstan"), ("([oe])ff$", r"\1v")))
_CONSONANTS = (
    ("shch", "W"), ("szcz", "W"), ("stch", "W"), ("sch", "W"), ("tch", "C"), ("ch", "C"), ("sh", "H"), ("dzh", "J"),
    ("dj", "J"), ("zh", "J"), ("ts", "T"), ("tz", "T"), ("kh", "X"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("ck", "k"),
    ("q", "k"), ("w", "v"))
_VOWELS = frozenset("aeiouy")
_SOFT = "\0"
"""Stands for a c that is an s, while a word is cut into pieces."""
_SOFT_C = re.compile("c(?=[eiy])")
_PIECES = re.compile(rf"(?:[aeiouy]|j\Z)+|{'|'.join(letters for letters, _ in _CONSONANTS)}|.", re.DOTALL)
_RUNS = re.compile("[aeiouy]+|[^aeiouy]+")
_CLOSED = re.compile(r"O(?=[^IAUOY](?:[^IAUOY]|\Z))|(?<=..)O\Z", re.DOTALL)
"""Rule 5 over the classes of a word."""
_ENDINGS = ((("oye", "oie", "oe"), "e"), (("oy", "oi"), "i"))
_SIBILANTS = frozenset("CHWJT")
_PERSON = frozenset(map(frozenset, (("h", "g"), ("h", "X"), ("yo", "e"), ("J", "j"))))
_PLACE = _PERSON | frozenset(map(frozenset, (("i", "o"), ("i", "e"), ("yo", "i"), ("yo", "o"))))
_UKRAINIAN_SIDE = {frozenset(("h", "g")): "h", frozenset(("i", "o")): "i"}
_PARTED = re.compile(r"[\s\-.,()\[\]]+")


class Sound(NamedTuple):
    """A sound: its coarse class and its fine value."""

    coarse: str
    fine: str


_SOUNDS = ({letters: Sound(coarse, coarse) for letters, coarse in _CONSONANTS}
           | {letter: Sound(letter, letter) for letter in "bdfghklmnprstv"}
           | {_SOFT: Sound("s", "s"), "c": Sound("k", "k")})
"""Consonants as they are written → their sounds."""
_CLOSED_O = Sound("I", "o")


def clean(word: str) -> str:
    """Rule 1: the word in the letters a to z."""
    if word.isascii() and word.isalpha():       # most words: nothing to drop
        return word.lower().replace("x", "ks")
    word = _DROPPED.sub("", unicodedata.normalize("NFC", word).lower())
    if word.isascii():
        return word.replace("x", "ks")
    word = word.translate(_CYRILLIC).translate(_LATIN)
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def sounds(word: str) -> tuple[Sound, ...]:
    """The sounds of one word, by rules 1 to 5 and the endings of 6."""
    return tuple(_closed(list(_parsed(_stemmed(clean(word))))))


def _stemmed(word: str) -> str:
    """Rule 2."""
    if word.startswith(_STEMMED) or "ff" in word:
        for pattern, put in _STEMS:
            word = pattern.sub(put, word)
    return word


def coarse(found: Iterable[Sound]) -> str:
    """The classes of sounds, joined."""
    return "".join(sound.coarse for sound in found)


def _parsed(word: str) -> Iterator[Sound]:
    """Rules 3, 4 and 6: classes in order, neighbours of one class as one."""
    last: Sound | None = None
    position = count = 0
    for piece in _PIECES.findall(_SOFT_C.sub(_SOFT, word)):
        end = position + len(piece)
        sound = _SOUNDS.get(piece)
        if sound is None and (piece[0] in _VOWELS or (piece[0] == "j" and end == len(word))):
            for last in _nuclei(piece.replace("j", "y"), position == 0, end == len(word) and count > 1):
                count += 1
                yield last
        else:
            if sound is None:
                sound = Sound("J", "j") if piece == "j" else Sound(piece, piece)
            if last is None or last.coarse != sound.coarse:
                count += 1
                last = sound
                yield sound
        position = end


@lru_cache(maxsize=4096)
def _nuclei(run: str, is_first: bool, is_ending: bool) -> tuple[Sound, ...]:
    """Rule 4 over one run of vowels; `is_ending`: it ends the word and is its third sound or later (rule 6)."""
    if is_ending:
        for endings, put in _ENDINGS:
            ending = next((ending for ending in endings if run.endswith(ending)), None)
            if ending is not None:
                run = run[:-len(ending)] + put
                break
    found: list[Sound] = []
    position = 0
    while position < len(run):
        if run[position:position + 2] in ("yo", "io"):
            nucleus, size = Sound("I", "yo"), 2
        elif run[position] in "iye":
            nucleus, size = Sound("I", "e" if run[position] == "e" else "i"), 1
        else:
            nucleus, size = Sound(run[position].upper(), run[position].upper()), 1
        position += size
        if nucleus.coarse in "AU" and found and found[-1].coarse == "I":
            glide = found.pop()
            if is_first and not found and glide.fine != "yo":
                found.append(Sound("Y", "Y"))
        if found and found[-1].coarse == nucleus.coarse:
            fine = {found[-1].fine, nucleus.fine}
            if nucleus.coarse == "I":
                found[-1] = Sound("I", "yo" if "yo" in fine else "e" if "e" in fine else "i")
        else:
            found.append(nucleus)
    return tuple(found)


def _closed(found: list[Sound]) -> list[Sound]:
    """Rule 5: an o in a closed syllable, or one that ends the word as its third sound or later."""
    vowels = "IAUOY"
    for number, sound in enumerate(found):
        if sound.coarse != "O":
            continue
        after = [later.coarse not in vowels for later in found[number + 1:number + 3]]
        ends = len(found) - number - 1
        if (ends == 0 and number >= 2) or (ends == 1 and after == [True]) or after == [True, True]:
            found[number] = _CLOSED_O
    return found


@lru_cache(maxsize=65536)
def keys(normal: str) -> tuple[str, ...]:
    """The folding keys of a word: one, or two when it holds an h; none when it is too short to be told apart."""
    found = _keys(normal)
    return found if len(found[0]) >= SHORTEST else ()


def _keys(word: str) -> tuple[str, ...]:
    key = _classes(_stemmed(clean(word)))
    return (key.replace("h", "g"), key.replace("h", "X")) if "h" in key else (key,)


def _classes(word: str) -> str:
    """The coarse classes of the sounds of a word after rules 1 and 2, without the sounds (a third of the time): run by
    run, for most runs of consonants or vowels are those of other words too."""
    if word.endswith("j"):      # a vowel there
        return coarse(_closed(list(_parsed(word))))
    classes, end = "", 0
    for run in _RUNS.findall(_SOFT_C.sub(_SOFT, word) if "c" in word else word):
        end += len(run)
        if run[0] in _VOWELS:
            classes += _vowel_classes(run, not classes, end == len(word) and len(classes) > 1)
        else:
            classes += _consonant_classes(run)
    return _CLOSED.sub("I", classes) if "O" in classes else classes


@lru_cache(maxsize=4096)
def _vowel_classes(run: str, is_first: bool, is_ending: bool) -> str:
    return coarse(_nuclei(run, is_first, is_ending))


@lru_cache(maxsize=4096)
def _consonant_classes(run: str) -> str:
    return coarse(_parsed(f"{run}a"))[:-1]       # the a: no j ends the word


def same_person(a: str, b: str) -> bool:
    """Whether two unknown names may be one person's: every word agrees at person level, or the first words of two
    names of several words are forms of one given name."""
    return _same(a, b, _PERSON, is_person=True)


def same_place(a: str, b: str) -> bool:
    """Whether two names may be one place's: every word agrees at place level. Only for finding a gazetteer entry."""
    return _same(a, b, _PLACE, is_person=False)


def _same(a: str, b: str, allowed: frozenset[frozenset[str]], is_person: bool) -> bool:
    first, second = parted(a), parted(b)
    if [clean(word) for word in first] == [clean(word) for word in second]:
        return True
    if len(first) != len(second) or min(sum(len(sounds(word)) for word in name) for name in (first, second)) < SHORTEST:
        return False
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        if is_person and number == 0 and len(first) > 1 and given_name_sets(one) & given_name_sets(other):
            continue
        if not _agree(one, other, allowed):
            return False
    return True


def parted(name: str) -> list[str]:
    """The words of a name."""
    return [word for word in _PARTED.split(name) if word]


def _agree(one: str, other: str, allowed: frozenset[frozenset[str]]) -> bool:
    """Rule 7 for two words."""
    if not set(_keys(one)) & set(_keys(other)):
        return False
    first, second = sounds(one), sounds(other)
    if len(first) != len(second):
        return False
    sides = set()
    for number, (left, right) in enumerate(zip(first, second, strict=True)):
        if left.fine == right.fine:
            continue
        pair = frozenset((left.fine, right.fine))
        if pair == frozenset("eo"):
            last = number + 1 == len(first) and allowed is _PLACE
            if not last and not (number and first[number - 1].coarse in _SIBILANTS):
                return False
        elif pair not in allowed:
            return False
        elif pair in _UKRAINIAN_SIDE:
            sides.add(left.fine == _UKRAINIAN_SIDE[pair])
    return len(sides) < 2


@cache
def _given_names() -> dict[str, frozenset[int]]:
    """Cleaned forms and keys of given names → numbers of the sets they stand in."""
    found: dict[str, set[int]] = {}
    for number, forms in enumerate(given.sets()):
        for form in forms:
            for key in (clean(form), *keys(form)):
                found.setdefault(key, set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def given_name_sets(form: str) -> frozenset[int]:
    """The sets of equivalent given names that a form stands in, itself or by its key. Empty: no listed name."""
    table = _given_names()
    return frozenset().union(*(table.get(key, frozenset()) for key in (clean(form), *keys(form))))
