"""Stories: fingerprints in, stories out; kept in files that can always be made anew from the archive.

What takes room stays on the disk, and what is looked up there is little, so that neither memory nor the time for a few
new articles grows with all there are: fingerprints, ids and days are in a SQLite file (`records`), the keys in files
beside it (`key_files`). In memory are the keys of the newest and the links looked at last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from index.crash import step
from index.stories.candidates import entries, unsettled
from index.stories.components import Components
from index.stories.holders import Holders
from index.stories.ids import StoryId, story_number
from index.stories.key_files import KeyFiles
from index.stories.linking import Linker
from index.stories.prints import Prints
from index.stories.records import CHUNK, Records, StoriesError, parts
from index.stories.sketch import Fingerprint


@dataclass(frozen=True, slots=True)
class Changed:
    """Articles whose story differs from what was published last, or all that have company, by number."""

    numbers: NDArray[np.int64]       # ascending
    stories: NDArray[np.uint64]      # the number of the story's id, same shape; 0: the article is alone in its story
    is_all: bool                     # True: what was published is not known, and every article not listed is alone

    def __len__(self) -> int:
        return len(self.numbers)


class Stories:
    """All articles and their stories. One writer; after an exception open the file again.

    Numbers are the archive's version numbers (0 to 2^32 - 1). An article id stands under one number at a time:
    to change an article remove the old number and add the new one.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the files, or make them. Raises StoriesError when another version of this module made them, or when one
        of them is not whole."""
        self._records = Records(path)
        self._links = Components(self._records.links_of)
        self._is_told = True                # False: what was published is not known
        self._noted = 0                     # filings of the holders that the records know
        try:
            self._files = KeyFiles(None if path == ":memory:" else Path(f"{path}-keys-"), self._records.keys.runs())
            self._holders = Holders(self._files)
            self._linker = Linker(self._records, self._holders, self._links)
            self._load()
        except (FileNotFoundError, ValueError) as error:
            self._records.close()
            raise StoriesError(f"{error}: delete {path} and index again") from error

    def __enter__(self) -> Stories:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._records.close()

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, number: int) -> bool:
        return number in self._records

    def numbers(self) -> NDArray[np.int64]:
        """The numbers of all articles, ascending."""
        return self._records.numbers()

    def add(self, batch: Sequence[tuple[int, Fingerprint | bytes]]) -> None:
        """Take in articles by their fingerprints, or the bytes of these, in one transaction.

        Raises StoriesError for a number or an article id already there.
        """
        rows = [(number, one if isinstance(one, bytes) else one.to_bytes()) for number, one in batch]
        several = [Prints.of(some) for some in parts(rows)]
        self._records.check_new(several)
        with self._change():
            for prints in several:
                self._enter(prints)

    def add_missing(self, batch: Sequence[tuple[int, Fingerprint | bytes]]) -> None:
        """Take in those of the articles whose numbers are not there yet, as `add` does."""
        known = self._records.known([number for number, _ in batch])
        self.add([(number, one) for number, one in batch if number not in known])

    def remove(self, numbers: Iterable[int]) -> None:
        """Drop articles, one transaction. Numbers not there are passed over."""
        asked = list(numbers)
        if asked:
            with self._change():
                for some in parts(asked):
                    gone = self._records.fetch(some)
                    if len(gone):
                        self._leave(gone)

    def story_of(self, number: int) -> StoryId:
        """The story of an article. Raises KeyError for a number not there."""
        return f"{self._number_of(self._links.members(number)):016x}"

    def article(self, number: int) -> str:
        """The id of the article with this number. Raises KeyError for a number not there."""
        return self._records.ordered([number])[0][2]

    def members(self, story: StoryId) -> list[int]:
        """The articles of a story, first printed first. Raises KeyError if there is no such story (now)."""
        found = self._records.of_key(int(story, 16))
        if found is None or self.story_of(found) != story:
            raise KeyError(story)
        return [number for *_, number in self._records.ordered(self._links.members(found))]

    def changed(self) -> Changed:
        """The articles whose story is not what it was at the last `publish`; alone they began."""
        now: dict[int, int] = {}
        for some in parts(self._records.touched() if self._is_told else self._records.linked()):
            self._links.know(number for number in some if number not in now)
            several, held = list[Collection[int]](), 0      # stories of more than one article, numbers yet to be told
            for number in some:
                if number not in now:
                    members = self._links.members(number)
                    now.update(dict.fromkeys(members, 0))
                    if len(members) > 1:
                        several.append(members)
                        held += len(members)
                    if held > CHUNK:
                        now |= self._numbers_of(several)
                        several, held = [], 0
            now |= self._numbers_of(several)
            self._links.let_go()
        ordered = sorted(now)
        numbers, stories = np.array(ordered, np.int64), np.array([now[number] for number in ordered], np.uint64)
        if not self._is_told:
            return Changed(numbers, stories, is_all=True)
        differing = stories != np.array(self._records.told(ordered), np.uint64)
        return Changed(numbers[differing], stories[differing], is_all=False)

    def publish(self, publication: str = "", changed: Changed | None = None) -> None:
        """Note the stories as published, under this name: what `changed` told (None: asked anew) is taken over."""
        told = self.changed() if changed is None else changed
        stories = zip(told.numbers.tolist(), told.stories.tolist(), strict=True)
        self._records.note_told(publication, stories, told.is_all)
        self._is_told = True

    def believe(self, publication: str) -> bool:
        """Whether this is exactly what was published under this name.

        Where another was noted last, or something has changed since, as after a crash, nothing counts as published.
        """
        self._is_told = self._records.publication() == publication
        return self._is_told

    def _number_of(self, members: Collection[int]) -> int:
        return story_number(self._records.ordered(members)[0][2])

    def _numbers_of(self, stories: Sequence[Collection[int]]) -> dict[int, int]:
        """The number of the story of each of the members of several."""
        ordered = self._records.ordered([number for members in stories for number in members])
        places = {number: place for place, (*_, number) in enumerate(ordered)}
        return {number: story for members in stories
                for story in [story_number(ordered[min(map(places.__getitem__, members))][2])] for number in members}

    # -- articles come and go ---------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[None]:
        """All of it, or after an exception nothing; files of keys that are replaced go when it is on the disk."""
        filings = self._noted
        with self._records.change():
            yield
            self._records.change_links(self._links.dropped, self._links.made)
            if self._noted > filings:
                self._records.keys.change_runs(self._files.names())
        self._links.saved()
        if self._noted > filings and self._records.is_durable():
            step("keys:noted")
            self._files.remove_dropped()

    def _enter(self, prints: Prints) -> None:
        self._records.insert(prints)
        new = entries(prints)
        self._holders.add(new)
        self._note_filed()
        if self._holders.has_unfiled:
            self._records.keys.note_unfiled(prints.numbers.tolist())
        found = self._holders.find(new.keys)
        swapped, doubted = unsettled(found, new)
        self._linker.judge_found(new.numbers, found, doubted)
        # of the others no two begin to be alike: they have no more anchors than before, and no fewer common keys
        self._linker.judge(self._links.linked(swapped | doubted), doubted)

    def _leave(self, gone: Prints) -> None:
        keys, numbers = entries(gone), gone.numbers.tolist()
        swapped, doubted = unsettled(self._holders.find(keys.keys), keys)
        unseen = self._holders.remove(keys)
        self._note_filed()
        self._records.touch(self._links.remove(numbers))
        self._records.delete(numbers)
        self._records.keys.note_gone(keys, unseen.tolist())
        self._linker.judge(swapped | doubted, doubted)

    def _note_filed(self) -> None:
        """Where keys have gone from memory into files, note it."""
        if self._holders.filings > self._noted:
            self._noted = self._holders.filings
            self._records.keys.note_filed()
            if not self._holders.has_gone:
                self._records.keys.forget_gone()

    def _load(self) -> None:
        for some in parts(self._records.keys.unfiled()):
            self._holders.add(entries(self._records.fetch(some)))
        for gone in self._records.keys.gone():
            self._holders.note_gone(gone)
