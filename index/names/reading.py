"""Reading: one thing that a key may mean, and the conditions under which it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from index.names.forms import form_key
from index.names.model import Guard


@dataclass(frozen=True, slots=True)
class KeyGuard:
    """A guard over keys. `before`: phrases, the word next to the mention first; `after`: phrases in order.

    `beside` holds the first words of both, so that a mention far from all of them is passed at one glance.
    """

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    beside: frozenset[str]
    everywhere: bool = False

    @classmethod
    def of(cls, guard: Guard) -> KeyGuard:
        """The guard over the keys of its phrases."""
        before, after = tuple(_words(guard.before, -1)), tuple(_words(guard.after, 1))
        return cls(before, after, frozenset(phrase[0] for phrase in (*before, *after)), guard.everywhere)

    def holds(self, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
        """Whether a phrase stands before (words given nearest first) or after."""
        return (any(before[:len(phrase)] == phrase for phrase in self.before)
                or any(after[:len(phrase)] == phrase for phrase in self.after))


def _words(phrases: Iterable[str], step: int) -> Iterable[tuple[str, ...]]:
    return (tuple(form_key(phrase).split(" "))[::step] for phrase in phrases)


@dataclass(frozen=True, slots=True)
class Reading:
    """A name that a key may mean.

    `entity` is None for a surname and for a form that several entities share. `case`: the printed forms that count
    (empty: all). `only_with`: keys of which the article must hold one (empty: none). `is_adjectival`: a case form that
    is an adjective too (*Донецька*: of Donetsk, or Donetsk's own region). `is_ambiguous`: listed under ambiguous.
    """

    name: str
    entity: str | None
    case: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    guards: tuple[KeyGuard, ...] = ()
    is_gazetteer: bool = False
    is_inflected: bool = False
    is_surname: bool = False
    is_adjectival: bool = False
    is_ambiguous: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it holds in any context."""
        return not (self.only_with or self.guards or self.is_adjectival)
