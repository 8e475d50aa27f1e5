"""Components: links between articles → the connected components, kept as links come and go.

New links merge components, the smaller into the larger. A link that goes may part one: it is then computed
again from its links. An article without links is a component of its own.

The links are kept elsewhere. Here are those of the components that were asked for, each component whole, and what was
made and dropped and is not saved yet: so opening costs nothing, and memory stays small however many links there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

Link = tuple[int, int]
HELD = 50_000
"""Numbers whose links are held (about 1 KB each, if all have some)."""


class Components:
    """Directed links among numbers; components do not heed the direction."""

    def __init__(self, kept: Callable[[Collection[int]], Iterable[Link]]) -> None:
        """`kept`: the links, as saved, that begin or end at some numbers."""
        self._kept = kept
        self._known: set[int] = set()               # whole components
        self._targets: dict[int, set[int]] = {}
        self._sources: dict[int, set[int]] = {}
        self._made: set[Link] = set()
        self._dropped: set[Link] = set()
        self._label: dict[int, int] = {}
        self._members: dict[int, set[int]] = {}
        self._next = 0

    def know(self, numbers: Iterable[int]) -> None:
        """Read the components of these; many at a time are read faster than one by one."""
        unknown = set(numbers) - self._known
        while unknown:
            self._known |= unknown
            links = set(self._kept(unknown))
            for source, target in links:
                self._link(source, target)
            unknown = {end for link in links for end in link} - self._known

    def saved(self) -> None:
        """What was made and dropped is saved now; if much is held, it is let go."""
        self._made.clear()
        self._dropped.clear()
        self.let_go()

    def let_go(self) -> None:
        """Hold no more than `HELD` numbers, nor anything then, if all is saved."""
        if len(self._known) > HELD and not self._made and not self._dropped:
            for table in (self._known, self._targets, self._sources, self._label, self._members):
                table.clear()

    @property
    def made(self) -> Collection[Link]:
        """The links made since all was saved."""
        return self._made

    @property
    def dropped(self) -> Collection[Link]:
        """The links dropped since all was saved."""
        return self._dropped

    def linked(self, numbers: Iterable[int]) -> list[int]:
        """Those of some numbers that have links."""
        asked = list(numbers)
        self.know(asked)
        return [number for number in asked if number in self._targets or number in self._sources]

    def of(self, numbers: Iterable[int]) -> set[Link]:
        """The links that begin or end at some numbers."""
        return {link for number in self.linked(numbers) for link in self._of(number)}

    def members(self, number: int) -> Collection[int]:
        """The component of a number, itself included."""
        self.know((number,))
        label = self._label.get(number)
        return (number,) if label is None else self._members[label]

    def replace(self, numbers: Collection[int], links: Iterable[tuple[int, int]]) -> set[int]:
        """Put `links` in the place of every link that begins or ends at these numbers, and merge or part components.

        `links` are (source, target), one end or both among `numbers`. Returns the numbers whose own links or
        component may have changed.
        """
        new = set(links)
        self.know(end for pair in new for end in pair)
        old = self.of(numbers)
        for source, target in old - new:
            self._drop(source, target)
        parted = {member for pair in old - new for end in pair for member in self.members(end)}
        self._compute(parted)
        for source, target in new - old:
            self._link(source, target)
        self._note(new - old, self._made, self._dropped)
        return parted | {end for pair in new - old for end in pair}

    def remove(self, numbers: Iterable[int]) -> set[int]:
        """Drop these numbers with every link; returns the remaining numbers of their components."""
        numbers = set(numbers)
        self.know(numbers)
        parted: set[int] = set()
        for number in numbers:
            parted.update(self.members(number))
            for pair in tuple(self._of(number)):
                self._drop(*pair)
        self._compute(parted)
        return parted - numbers

    def _of(self, number: int) -> Iterator[tuple[int, int]]:
        yield from ((number, target) for target in self._targets.get(number, ()))
        yield from ((source, number) for source in self._sources.get(number, ()))

    @staticmethod
    def _note(links: set[Link], there: set[Link], elsewhere: set[Link]) -> None:
        there |= links - elsewhere
        elsewhere -= links

    def _drop(self, source: int, target: int) -> None:
        self._note({(source, target)}, self._dropped, self._made)
        for table, key, value in ((self._targets, source, target), (self._sources, target, source)):
            table[key].discard(value)
            if not table[key]:
                del table[key]

    def _link(self, source: int, target: int) -> None:
        self._targets.setdefault(source, set()).add(target)
        self._sources.setdefault(target, set()).add(source)
        self._merge(source, target)

    def _merge(self, one: int, other: int) -> None:
        for number in (one, other):
            if number not in self._label:
                self._label[number] = self._next
                self._members[self._next] = {number}
                self._next += 1
        small, large = self._label[one], self._label[other]
        if small != large:
            if len(self._members[small]) > len(self._members[large]):
                small, large = large, small
            moved = self._members.pop(small)
            self._members[large] |= moved
            self._label.update(dict.fromkeys(moved, large))

    def _compute(self, numbers: set[int]) -> None:
        for number in numbers:
            label = self._label.pop(number, None)
            if label is not None:
                self._members.pop(label, None)
        for number in numbers:
            for target in self._targets.get(number, ()):
                self._merge(number, target)
