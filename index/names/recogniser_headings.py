"""Names in headings, where every word has a capital: only what the article has elsewhere too, or what is well known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.names.model import EntityType
from index.names.recogniser_lexicon import NO_SCORES, Bit, Lexicon, Scores
from index.names.recogniser_resolve import TYPES, Mention, Name
from index.names.recogniser_run import SHORT

LONGEST = 5
"""Tokens of the longest name looked for in a heading."""
KNOWN = 4.0
"""Evidence from which a known name counts in a heading although its word may be another."""

CITY = 2.5
"""Evidence of a place that a word of SHORT letters in capitals may be: ROME, not ICO."""

_DOUBTFUL = Bit.COMMON | Bit.GIVEN | Bit.SURNAME | Bit.NOT_NAME


def add_headings(names: list[Name], bits: Sequence[int], words: Mapping[int, str],
                 lexicon: Lexicon) -> None:
    """Add the mentions in headings to the `names` of an article, and the names that stand in headings alone.

    `words`: the tokens of its headings by position, in normal form without full stops; `bits`: of the whole batch.
    """
    known = {mention.name: name for name in names if name.type is not None for mention in name.mentions}
    for person in names:
        if person.type is EntityType.PERSON and person.full is None:
            known.setdefault(person.words[-1], person)
    taken = {at for name in names for mention in name.mentions for at in range(mention.start, mention.end)}
    words = {at: word for at, word in words.items() if at not in taken}
    reached = -1
    for at, word in words.items():
        if at < reached or not word:
            continue
        for end in range(at + LONGEST, at, -1):
            if not words.get(end - 1):
                continue
            form = " ".join(words[place] for place in range(at, end) if words.get(place))
            name, scores = known.get(form), NO_SCORES
            if name is None:
                scores = _known(form, bits[at] if end == at + 1 else 0, lexicon.names)
                if scores is NO_SCORES:
                    continue
                name = known[form] = Name(form, form.split(" "), type=TYPES[scores.index(max(scores))])
                names.append(name)
            name.mentions.append(Mention(at, end, form, scores))
            reached = end
            break


def _known(form: str, flag: int, names: Mapping[str, Scores]) -> Scores:
    """The evidence of a listed name; `flag`: the bits of a name of one word, else 0."""
    scores = names.get(form, NO_SCORES)
    short = flag & Bit.UPPER and len(form) <= SHORT
    if max(scores) <= 0 or (flag & _DOUBTFUL and max(scores) < KNOWN) or (short and max(scores) < CITY):
        return NO_SCORES
    return scores
