"""Short forms of names: looked up for a whole batch as for each article by a dictionary of strings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.names.recogniser_found import NONE, ORGANISATION, PERSON, PLACE, Strings
from index.names.recogniser_short import ShortForms

TEXTS = st.lists(st.sampled_from(["ann", "lee", "may", "bank", "of", "the", "kent", "a"]), min_size=1, max_size=4).map(
    " ".join)
NAMES = st.lists(st.tuples(TEXTS, st.sampled_from([PERSON, PLACE, ORGANISATION, NONE])), max_size=8)
ACRONYMS = st.dictionaries(st.sampled_from(["bk", "lee", "bank"]), TEXTS, max_size=2)
ARTICLES = st.lists(st.tuples(NAMES, ACRONYMS), max_size=4)


def spelt(words: list[str], kind: int) -> list[str]:
    """The short forms of a name, the first name of a person apart."""
    if kind == PERSON:
        return [f"{words[0]} {words[-1]}", *(" ".join(words[first:]) for first in range(1, len(words)))]
    if kind != ORGANISATION:
        return []
    content = [word for word in words if word not in ("of", "the")]
    initials = ["".join(word[0] for word in content)] if len(content) > 1 else []
    return [*initials, *(" ".join(words[:length]) for length in range(len(words) - 1, 0, -1)), words[-1]]


def expected(names: list[tuple[str, int]], acronyms: dict[str, str]) -> list[int]:
    """For each name of one article the one that it is short for: of equal forms the longest name's, mentioned first."""
    longer = sorted((-len(text.split()), at) for at, (text, kind) in enumerate(names) if " " in text and kind != NONE)
    full = [at for _, at in longer]
    by_name = {names[at][0]: at for at in full}
    short = {acronym: by_name[name] for acronym, name in acronyms.items() if name in by_name}
    for at in full:
        for form in spelt(names[at][0].split(), names[at][1]):
            short.setdefault(form, at)
    for at in full:
        if names[at][1] == PERSON:
            short.setdefault(names[at][0].split()[0], at)
    return [short.get(text, -1) for text, _ in names]


@given(ARTICLES)
def test_the_names_of_a_batch_are_joined_as_those_of_each_article(
        articles: list[tuple[list[tuple[str, int]], dict[str, str]]]) -> None:
    strings = Strings()
    names = [name for own, _ in articles for name in own]
    text = np.array([strings[text] for text, _ in names], np.intp)
    types = np.array([kind for _, kind in names], np.intp)
    article = np.repeat(np.arange(len(articles)), [len(own) for own, _ in articles])
    lengths = np.frombuffer(strings.lengths, np.intc)[text]
    full = np.flatnonzero((lengths > 1) & (types != NONE))
    full = full[np.lexsort((-lengths[full], article[full]))]
    acronyms = {number: own for number, (_, own) in enumerate(articles) if own}
    found = ShortForms(strings).full_names(text, types, article, full, acronyms).tolist()
    at = 0
    for own, introduced in articles:
        wanted = [row if row < 0 else row + at for row in expected(own, introduced)]
        assert found[at:at + len(own)] == wanted
        at += len(own)
