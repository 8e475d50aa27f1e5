"""Articles: a seeded stream of news-like texts, the same for the same seed, names in several spellings among them.

Words are made up and follow Zipf's law (100,000 of them, exponent 1); about 300 an article, in sentences. Known names
come from the names files, each mention in its usual spelling or, one time in three, in another; unknown people are a
known given name with a made-up surname. One article in ten is a copy of one shortly before it, one word in twenty
changed, in another outlet a day later at most: the two are one story. Articles have a day within ten years and one
of 40 sources.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.names.model import Entity, SpellingKind
from index.names.registry import Names

WORDS = 100_000
LENGTH = 300
SOURCES = 40
FIRST_DAY = dt.date(2014, 1, 1)
DAYS = 3652
BATCH = 1000
UNKNOWN = 20_000
COPIED_FROM = 50
"""A copy stands at most so many articles after what it is a copy of."""
CHANGED = 20
_GIVEN = ("Oksana", "Peter", "Maria", "Taras", "Helen", "Igor", "Anna", "David")


def words(count: int = WORDS) -> list[str]:
    """Made-up words, the short ones first: two or three syllables, some closed by a consonant."""
    open_syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    rng = np.random.default_rng(1)
    short = [a + b for a in open_syllables for b in open_syllables]
    made = dict.fromkeys(short[i] for i in rng.permutation(len(short)))
    while len(made) < count:
        a, b, c = (open_syllables[i] for i in rng.integers(0, len(open_syllables), 3))
        made.setdefault(a + b + c + "nrlkt  "[rng.integers(0, 7)].strip())
    return list(made)[:count]


@dataclass(frozen=True, slots=True)
class NamePool:
    """Entities as lists of spellings, the usual one first; those at the front are printed most often."""

    spellings: list[list[str]]
    known: list[str]                 # ids of the entities of the names files, in the order of `spellings`

    @classmethod
    def load(cls, names: Names, made_up: list[str]) -> NamePool:
        """The names files' entities that have several Latin spellings, and made-up people after them."""
        rng = np.random.default_rng(2)
        several = [(entity.id, forms) for entity in map(names.entity, names.entities)
                   if entity is not None and entity.origin == "authority" and len(forms := _latin(entity)) > 1]
        several = [several[i] for i in rng.permutation(len(several))]
        unknown = [[f"{_GIVEN[i % len(_GIVEN)]} {made_up[-1 - i].capitalize()}"] for i in range(UNKNOWN)]
        return cls([forms for _, forms in several] + unknown, [id for id, _ in several])


def _latin(entity: Entity) -> list[str]:
    return [spelling.form for spelling in entity.spellings
            if spelling.language == "en" and not spelling.only_with and spelling.form.isascii()
            and spelling.kind not in (SpellingKind.ACRONYM, SpellingKind.NICKNAME) and spelling.form[0].isupper()]


def zipf(count: int) -> NDArray[np.float64]:
    """Cumulated probabilities of `count` ranks under Zipf's law with exponent 1."""
    weights = np.cumsum(1 / np.arange(1, count + 1))
    cumulated: NDArray[np.float64] = weights / weights[-1]
    return cumulated


def articles(count: int, pool: NamePool, vocabulary: list[str], seed: int = 7, first: int = 0) -> Iterator[Article]:
    """`count` articles from number `first` (a multiple of BATCH) on; the stream does not depend on where it is cut."""
    word_ranks, known, unknown = zipf(len(vocabulary)), zipf(len(pool.known)), zipf(UNKNOWN)
    sources, source_ranks = [f"Outlet {number:02d}" for number in range(SOURCES)], zipf(SOURCES)
    for start in range(first, first + count, BATCH):
        rng = np.random.default_rng((seed, start))
        lengths = np.clip(rng.lognormal(np.log(LENGTH * 0.92), 0.4, BATCH), 40, 1500).astype(int)
        ranks = np.searchsorted(word_ranks, rng.random(int(lengths.sum())))
        plural = rng.random(len(ranks)) < 0.1
        edges = np.concatenate([[0], np.cumsum(lengths)])
        days = rng.integers(0, DAYS, BATCH)
        outlets = np.searchsorted(source_ranks, rng.random(BATCH))
        bodies: list[list[str]] = []
        for row in range(min(BATCH, first + count - start)):
            part = slice(edges[row], edges[row + 1])
            body = [vocabulary[rank] + "s" if many else vocabulary[rank]
                    for rank, many in zip(ranks[part].tolist(), plural[part].tolist(), strict=True)]
            if row > COPIED_FROM and row % 10 == 0:
                back = int(rng.integers(1, COPIED_FROM))
                body = _copy(bodies[row - back], body, rng)
                days[row] = min(days[row - back] + int(rng.integers(0, 2)), DAYS - 1)
            else:
                _mention(body, rng, pool, known, unknown)
            bodies.append(body)
            day = (FIRST_DAY + dt.timedelta(days=int(days[row]))).isoformat()
            yield Article(f"{start + row:08d}", _sentence(body[:8]), _sentences(body[8:], rng), day,
                          sources[outlets[row]], language="en")


def _copy(body: list[str], others: list[str], rng: np.random.Generator) -> list[str]:
    """The same words but for one in CHANGED, which come from another article."""
    copied = list(body)
    for at in rng.integers(0, len(body), len(body) // CHANGED).tolist():
        copied[at] = others[at % len(others)]
    return copied


def _mention(body: list[str], rng: np.random.Generator, pool: NamePool, known: NDArray[np.float64],
             unknown: NDArray[np.float64]) -> None:
    """Put up to eight entities in the place of words, each one to three times."""
    chosen = np.searchsorted(known, rng.random(int(rng.integers(0, 6)))).tolist()
    chosen += (len(pool.known) + np.searchsorted(unknown, rng.random(int(rng.integers(0, 4))))).tolist()
    for entity in chosen:
        forms = pool.spellings[entity]
        for _ in range(int(rng.integers(1, 4))):
            other = len(forms) > 1 and rng.random() < 1 / 3
            at = int(rng.integers(1, len(body)))
            body[at] = forms[int(rng.integers(1, len(forms)))] if other else forms[0]


def _sentences(body: list[str], rng: np.random.Generator) -> str:
    """Sentences of 8 to 30 words, paragraphs of about five of them."""
    found, at = [], 0
    for number, length in enumerate(rng.integers(8, 31, len(body) // 8 + 1).tolist()):
        if at >= len(body):
            break
        found.append(_sentence(body[at:at + length]) + (".\n\n" if number % 5 == 4 else ". "))
        at += length
    return "".join(found).rstrip()


def _sentence(body: list[str]) -> str:
    text = " ".join(body)
    return text[:1].upper() + text[1:]
