"""Names in headings, where every word has a capital: only what the article has elsewhere too, or what is well known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.names.recogniser_classes import SHORT
from index.names.recogniser_found import Strings
from index.names.recogniser_lexicon import NO_SCORES, Bit, Lexicon, Scores
from index.names.recogniser_resolve import Names

LONGEST = 5
"""Tokens of the longest name looked for in a heading."""
KNOWN = 4.0
"""Evidence from which a known name counts in a heading although its word may be another."""

CITY = 2.5
"""Evidence of a place that a word of SHORT letters in capitals may be: ROME, not ICO."""

_DOUBTFUL = Bit.COMMON | Bit.GIVEN | Bit.SURNAME | Bit.NOT_NAME


class Headings:
    """Looks for names in headings; `strings` numbers them."""

    def __init__(self, lexicon: Lexicon, strings: Strings) -> None:
        self._lexicon, self._strings = lexicon, strings

    def add(self, names: Names, known: dict[str, int], words: Mapping[int, str], bits: Sequence[int]
            ) -> list[tuple[int, int, int]]:
        """Start, end and name of each mention in the headings of an article; names that stand there alone are added.

        `words`: the tokens of its headings by position, in normal form without full stops, without those that are in a
        mention already; `known`: the names that the article has elsewhere, by the forms of their mentions; it gains the
        new ones. `bits`: the features of the batch's tokens.
        """
        found: list[tuple[int, int, int]] = []
        begins, listed = {form.partition(" ")[0] for form in known}, self._lexicon.first_words
        reached = -1
        for at, word in words.items():
            if at < reached or not (word in listed or word in begins):
                continue
            for end in range(at + LONGEST, at, -1):
                if not words.get(end - 1):
                    continue
                form = " ".join([part for place in range(at, end) if (part := words.get(place, ""))])
                name = known.get(form)
                if name is None:
                    scores = _known(form, bits[at] if end == at + 1 else 0, self._lexicon.names)
                    if scores is NO_SCORES:
                        continue
                    name = known[form] = names.add(self._strings[form], scores.index(max(scores)), at, end)
                found.append((at, end, name))
                reached = end
                break
        return found


def _known(form: str, flag: int, names: Mapping[str, Scores]) -> Scores:
    """The evidence of a listed name; `flag`: the bits of a name of one word, else 0."""
    scores = names.get(form, NO_SCORES)
    if scores is NO_SCORES:
        return NO_SCORES
    short = flag & Bit.UPPER and len(form) <= SHORT
    if max(scores) <= 0 or (flag & _DOUBTFUL and max(scores) < KNOWN) or (short and max(scores) < CITY):
        return NO_SCORES
    return scores
