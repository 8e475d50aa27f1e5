"""Components: links between articles → the connected components, kept as links come and go.

New links merge components, the smaller into the larger. A link that goes may part one: it is then computed
again from its links. An article without links is a component of its own and costs nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator


class Components:
    """Directed links among numbers; components do not heed the direction."""

    def __init__(self) -> None:
        self.targets: dict[int, set[int]] = {}
        self.sources: dict[int, set[int]] = {}
        self.made: set[tuple[int, int]] = set()
        """The links made, and those dropped, since somebody emptied these two sets."""
        self.dropped: set[tuple[int, int]] = set()
        self._label: dict[int, int] = {}
        self._members: dict[int, set[int]] = {}
        self._next = 0

    def linked(self) -> Iterable[int]:
        """The numbers that have links."""
        return self._label.keys()

    def members(self, number: int) -> Collection[int]:
        """The component of a number, itself included."""
        label = self._label.get(number)
        return (number,) if label is None else self._members[label]

    def replace(self, numbers: Collection[int], links: Iterable[tuple[int, int]]) -> set[int]:
        """Put `links` in the place of every link that begins or ends at these numbers, and merge or part components.

        `links` are (source, target), one end or both among `numbers`. Returns the numbers whose own links or
        component may have changed.
        """
        old = {pair for number in numbers for pair in self._of(number)}
        new = set(links)
        for source, target in old - new:
            self._drop(source, target)
        parted = {member for pair in old - new for end in pair for member in self.members(end)}
        self._compute(parted)
        for source, target in new - old:
            self.targets.setdefault(source, set()).add(target)
            self.sources.setdefault(target, set()).add(source)
            self._merge(source, target)
        self._note(new - old, self.made, self.dropped)
        return parted | {end for pair in new - old for end in pair}

    def remove(self, numbers: Iterable[int]) -> set[int]:
        """Drop these numbers with every link; returns the remaining numbers of their components."""
        numbers = set(numbers)
        parted: set[int] = set()
        for number in numbers:
            parted.update(self.members(number))
            for pair in tuple(self._of(number)):
                self._drop(*pair)
        self._compute(parted)
        return parted - numbers

    def _of(self, number: int) -> Iterator[tuple[int, int]]:
        yield from ((number, target) for target in self.targets.get(number, ()))
        yield from ((source, number) for source in self.sources.get(number, ()))

    @staticmethod
    def _note(links: set[tuple[int, int]], there: set[tuple[int, int]], elsewhere: set[tuple[int, int]]) -> None:
        there |= links - elsewhere
        elsewhere -= links

    def _drop(self, source: int, target: int) -> None:
        self._note({(source, target)}, self.dropped, self.made)
        for table, key, value in ((self.targets, source, target), (self.sources, target, source)):
            table[key].discard(value)
            if not table[key]:
                del table[key]

    def _merge(self, one: int, other: int) -> None:
        for number in (one, other):
            if number not in self._label:
                self._label[number] = self._next
                self._members[self._next] = {number}
                self._next += 1
        small, large = sorted((self._label[one], self._label[other]), key=lambda label: len(self._members[label]))
        if small != large:
            moved = self._members.pop(small)
            self._members[large] |= moved
            self._label.update(dict.fromkeys(moved, large))

    def _compute(self, numbers: set[int]) -> None:
        for number in numbers:
            label = self._label.pop(number, None)
            if label is not None:
                self._members.pop(label, None)
        for number in numbers:
            for target in self.targets.get(number, ()):
                self._merge(number, target)
