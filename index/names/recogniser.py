"""Recogniser: the people, places and organisations that one article speaks of, for the facets.

1. Runs of capitalised words are found with array operations (`recogniser_runs`).
2. Runs are analysed: titles, heads, known names (`recogniser_parts`). What a rule sees of a word is its class
   (`recogniser_classes`), so each run is analysed once, and once those that differ only in words of one class
   (`recogniser_analysed`). All mentions of a batch are columns from then on (`recogniser_found`).
3. Spellings of the names files take the place of what they cover (`recogniser_known`); parts of one name are joined
   (`recogniser_joins`).
4. Words around a name add evidence for its type (`recogniser_context`).
5. All mentions of a name get one type, short names join the full ones (`recogniser_resolve`), headings follow
   (`recogniser_headings`). What has a type is told (`recogniser_output`).

A pure function of the article and the names: nothing is learnt from one article for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.analysis.vocabulary import Vocabulary
from index.names.batch import MARGIN, Batch
from index.names.matches import Barred, KnownEntities
from index.names.model import NameMatch
from index.names.recogniser_analysed import Analysed
from index.names.recogniser_context import contexts
from index.names.recogniser_features import Features
from index.names.recogniser_found import NONE, PERSON, TYPES, Found, Strings, of_codes
from index.names.recogniser_headings import Headings
from index.names.recogniser_joins import Joins
from index.names.recogniser_known import Known, Offers
from index.names.recogniser_known import Names as KnownNames
from index.names.recogniser_lexicon import Lexicon
from index.names.recogniser_output import EntityMention, EntityMentions, Output
from index.names.recogniser_resolve import Names, Resolver
from index.names.recogniser_runs import Runs, find_runs

KEPT = 200_000
"""Distinct runs, and names, whose analysis is kept; then all are forgotten, so that memory stays bounded."""


class Recogniser:
    """Finds the entities of articles; keeps only what is the same for all articles."""

    def __init__(self, names: KnownNames, vocabulary: Vocabulary, lexicon: Lexicon | None = None) -> None:
        """`vocabulary` is the one that numbers the articles' tokens; a recogniser belongs to it. Not for threads.

        `lexicon`: the lists, if they are loaded already (50 ms).
        """
        self._vocabulary = vocabulary
        self._lexicon = Lexicon.load() if lexicon is None else lexicon
        self._features = Features(self._lexicon, vocabulary)
        self._names = names
        self._forget()

    def _forget(self) -> None:
        self._strings = strings = Strings()
        self._analysed = Analysed(self._features, self._lexicon, strings)
        self._known = Known(self._names, self._vocabulary, strings)
        self._resolver, self._headings = Resolver(strings), Headings(self._lexicon, strings)
        self._output = Output(self._vocabulary, self._features, strings, self._known.outline)

    def mentions(self, numbers: NDArray[np.int32], matches: Sequence[NameMatch],
                 title_end: int = 0, barred: Sequence[Barred] = ()) -> list[EntityMention]:
        """Every mention of an entity in one article; see `of_batch`. The first `title_end` tokens are its title."""
        batch = Batch.of([(numbers[:title_end], numbers[title_end:])], self._vocabulary)
        entities = KnownEntities.of([(match.start + MARGIN, match.end + MARGIN, match.entity)
                                     for match in matches if match.entity is not None])
        taken = [(start + MARGIN, end + MARGIN, name) for start, end, name in barred]
        return list(self.of_batch(batch, entities, {0: taken} if taken else {})[0])

    def of_batch(self, batch: Batch, entities: KnownEntities,
                 barred: Mapping[int, Sequence[Barred]]) -> list[EntityMentions]:
        """Of each article every mention of an entity, in order, by its own tokens; none overlaps another.

        `entities`: the known spellings that are one. `barred` says what a guard took
        away, by article: (start, end, name id); the words there are not that entity. Both count the batch's tokens.
        """
        self._features.extend()
        if max(len(self._strings), len(self._output), len(self._analysed)) > KEPT:
            self._forget()
        runs = find_runs(batch, self._features)
        found, offers = self._known.apply(self._found(batch, runs), batch, runs.flags, entities)
        found, acronyms = Joins(batch, runs, found, self._vocabulary.normal, self._strings).join()
        context = contexts(batch, self._features, runs, np.array((found.start, found.end)),
                           found.scores.astype(np.float32))
        names = self._resolver.resolve(found, context, batch.of_position(found.start), len(batch), acronyms)
        self._take_up(names, found, offers)
        in_headings = self._in_headings(batch, runs, found, names, offers)
        return self._output.of_batch(batch, found, names, in_headings, barred)

    def _found(self, batch: Batch, runs: Runs) -> Found:
        """The names in the runs."""
        codes = self._analysed.codes(batch.tokens, runs.start, runs.end, runs.opens)
        return of_codes(codes, runs.start, self._analysed.rows)

    def _take_up(self, names: Names, found: Found, offers: Offers) -> None:
        """Give the names the entities offered for one of their mentions."""
        if offers and len(found.start):
            start, end = np.array(list(offers), np.intp).T
            at = np.minimum(np.searchsorted(found.start, start), len(found.start) - 1)
            same = (found.start[at] == start) & (found.end[at] == end)
            for name, entity, taken in zip(names.of[at].tolist(), offers.values(), same.tolist(), strict=True):
                if taken:
                    self._offer(names, name, entity)

    def _offer(self, names: Names, name: int, entity: str) -> None:
        """Give a name that has none an entity of its own type."""
        kind = names.type[name]
        if kind != NONE and names.entity[name] < 0 and not names.team[name] and (
                self._known.outline(entity).type is TYPES[kind]):
            names.entity[name] = self._strings[entity]

    def _in_headings(self, batch: Batch, runs: Runs, found: Found, names: Names, offers: Offers
                     ) -> dict[int, list[tuple[int, int, int]]]:
        """Article → start, end and name of the mentions in its headings; names that stand there alone are added."""
        places = np.flatnonzero(runs.heading)
        before = np.searchsorted(found.start, places, "right")      # mentions that begin before each place or there
        places = places[np.append(0, found.end)[before] <= places]
        if not len(places):
            return {}
        every, split, words_of = places.tolist(), batch.split(places), self._features.words
        mentions = np.argsort(names.of, kind="stable")
        of, forms = names.of[mentions].tolist(), found.name[mentions].tolist()
        begins = np.searchsorted(names.of[mentions], names.begins).tolist()
        answer, tokens = {}, batch.numbers
        for article, (first, last) in enumerate(pairwise(split)):
            if first == last:
                continue
            words = {at: words_of[tokens[at]] for at in every[first:last]}
            known = self._forms(names, zip(of[begins[article]:begins[article + 1]],
                                           forms[begins[article]:begins[article + 1]], strict=True),
                                range(names.begins[article], names.begins[article + 1]))
            own = answer[article] = self._headings.add(names, known, words, runs.bits)
            for start, end, name in own:
                if (start, end) in offers:
                    self._offer(names, name, offers[start, end])
        return answer

    def _forms(self, names: Names, mentions: Iterable[tuple[int, int]], own: range) -> dict[str, int]:
        """The forms by which an article's names with a type are known, and the last words of its persons."""
        text, types = self._strings.text, names.type
        known = {text[form]: name for name, form in mentions if types[name] != NONE}
        for name in own:
            if types[name] == PERSON and names.full[name] == name:
                known.setdefault(text[names.text[name]].rpartition(" ")[2], name)
        return known
