"""What stories cost: seconds of CPU an article, memory, size on disk, at a given number of articles.

    python benchmarks/stories.py [ARTICLES] [WORDS]

The articles are made up: words and names by Zipf's law, one in ten a copy of one of the thousand before it with a
tenth of its words changed, one in five with a common paragraph of background, and one text in a hundred articles.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import AT_ONCE
from index.stories import Fingerprint, Stories, Texts, fingerprint, fingerprints

BATCH = 1000
BACKGROUNDS, BACKGROUND_WORDS = 20, 60


def texts(articles: int, words: int) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.bool_]]]:
    """Word hashes and rare words of each article."""
    source = np.random.default_rng(1)
    vocabulary = source.integers(1, 1 << 63, 80_000, dtype=np.uint64)
    names, chance = 20_000, 1 / np.arange(1, 60_001)
    cumulated = np.cumsum(chance) / chance.sum()
    background = [np.searchsorted(cumulated, source.random(BACKGROUND_WORDS)) for _ in range(BACKGROUNDS)]
    recent: list[NDArray[np.int64]] = []
    everywhere = np.searchsorted(cumulated, source.random(words))
    for number in range(articles):
        ranks = np.searchsorted(cumulated, source.random(max(20, int(source.lognormal(np.log(words), 0.5)))))
        is_name = source.random(len(ranks)) < 0.12
        ranks = np.where(is_name, 60_000 + ranks % names, ranks)
        if number % 10 == 9:
            ranks = recent[int(source.integers(len(recent)))].copy()
            changed = source.random(len(ranks)) < 0.02
            ranks[changed] = source.integers(0, 60_000, int(changed.sum()))
        elif number % 5 == 1:
            ranks = np.concatenate((ranks, background[number % BACKGROUNDS]))
        elif number % 100 == 50:
            ranks = np.concatenate((everywhere, ranks[:10]))
        recent = [*recent[-999:], ranks]
        yield vocabulary[ranks], ranks >= 60_000


def main(articles: int, words: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stories.db"
        made, tokens, sketching, adding, slowest = 0, 0, 0.0, 0.0, 0.0
        no_title = np.zeros(0, np.uint64)
        with Stories(path) as stories:
            numbered = enumerate(texts(articles, words))
            while part := list(islice(numbered, BATCH)):
                begin = time.process_time()
                batch = [one for start in range(0, len(part), AT_ONCE)
                         for one in numbered_prints(part[start:start + AT_ONCE])]
                sketching += time.process_time() - begin
                tokens += sum(len(hashes) for _, (hashes, _) in part)
                spent = timed(stories, batch)
                adding, slowest, made = adding + spent, max(slowest, spent), made + len(batch)
            begin = time.process_time()
            changed = stories.changed()
            stories.publish()
            publishing = time.process_time() - begin
            count = made - len(changed) + len(set(changed.stories.tolist()))
            print(f"{made:,} articles, {tokens / made:.0f} words each, {count:,} stories")
            print(f"fingerprint   {sketching / made * 1e3:.3f} ms an article, {sketching / tokens * 1e6:.3f} µs a word")
            print(f"add           {adding / made * 1e3:.3f} ms an article in batches of {BATCH} "
                  f"(slowest batch {slowest / BATCH * 1e3:.3f})")
            print(f"publish all   {publishing / made * 1e3:.3f} ms an article")
            singly = [(articles + i, fingerprint(f"single-{i}", no_title, hashes, rare, None))
                      for i, (hashes, rare) in enumerate(texts(200, words))]
            spent = sum(timed(stories, [one]) for one in singly)
            print(f"add singly    {spent / len(singly) * 1e3:.3f} ms an article")
            begin = time.process_time()
            stories.remove([number for number, _ in singly])
            print(f"remove        {(time.process_time() - begin) * 1e3:.0f} ms for {len(singly)} at once")
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        begin = time.process_time()
        with Stories(path) as stories:
            opening = time.process_time() - begin
        print(f"open          {opening:.2f} s")
        print(f"files         {size / made:.0f} bytes an article; "
              f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def numbered_prints(numbered: Sequence[tuple[int, tuple[NDArray[np.uint64], NDArray[np.bool_]]]]
                    ) -> list[tuple[int, Fingerprint]]:
    """The fingerprints of articles, each given as its number and what `texts` made; 500 of them a day."""
    numbers = [number for number, _ in numbered]
    hashes, rare = zip(*(own for _, own in numbered), strict=True)
    counts = np.array([len(words) for words in hashes], np.int64)
    together = Texts(np.concatenate(hashes), np.concatenate(rare), np.zeros_like(counts), counts)
    ids, days = [f"article-{number}" for number in numbers], [738_000 + number // 500 for number in numbers]
    return list(zip(numbers, fingerprints(ids, days, together), strict=True))


def timed(stories: Stories, batch: list[tuple[int, Fingerprint]]) -> float:
    """Seconds of CPU to add the batch."""
    begin = time.process_time()
    stories.add(batch)
    return time.process_time() - begin


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    main(*(given + [20_000, 400][len(given):]))
