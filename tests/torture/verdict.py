"""Verdict: what a killed process left, compared with the acknowledgements and with an index made anew."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.archive import Archive, ArchiveError
from index.backup import BackupError, examine, restore
from index.folder import DataFolder
from index.inspection import inspect
from index.manifest import Manifest, ManifestError
from index.names.registry import Names
from index.segment import SegmentError
from index.writer import Indexer
from search.request import FACETS, Group, SearchRequest, Sort
from search.response import IndexState
from search.searcher import Searcher
from tests import random_news
from tests.torture.ledger import Ledger

ASKED = 8                   # random searches compared after a kill

WORDS = tuple(word for word in random_news.WORDS if not {"’", "'"} & set(word))
"""Without L’viv and Lviv's: a name that no list knows is labelled as one of its articles prints it, and which one
depends on the order in which they came, also without any crash."""
UNKNOWN = IndexState(0, 0, "")


@dataclass
class Verdict:
    """What is wrong, by kind: all lists are to be empty."""

    lost: list[str] = field(default_factory=list)
    unopenable: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)


def content(archive: Archive) -> dict[str, str]:
    """Article id → digest of what an archive holds."""
    numbers = archive.indexed(archive.position())
    return {article.id: article.digest().hex() for article in archive.versions(list(numbers)).values()}


def judge(data: DataFolder, side: Path, ledger: Ledger, rng: random.Random) -> Verdict:
    """Look at the data folder as the next start finds it, have the index catch up, and look again."""
    verdict = Verdict()
    try:
        archive = Archive(data.archive)
        grown = Searcher(data.path)
        grown.search(SearchRequest())               # the last generation, before anything is mended
        names = _names(data, grown)
    except (ArchiveError, ManifestError, SegmentError, sqlite3.Error) as error:
        verdict.unopenable.append(str(error))
        return verdict
    verdict.lost += ledger.settle(content(archive))
    indexer = Indexer(data.path, names=names)
    indexer.catch_up()
    verdict.disagreeing += [finding.what for finding in inspect(data).findings]
    verdict.disagreeing += _compare(grown, side, archive, names, rng)
    verdict.leftovers += _leftovers(data, indexer.generations)
    _judge_backup(side, ledger, verdict)
    indexer.close()
    archive.close()
    return verdict


def _names(data: DataFolder, searcher: Searcher) -> Names:
    """The names of the data folder: those of the searcher, unless they have changed since it was indexed."""
    kept = data.names_of_index(searcher.state().names)
    same = kept.exists() and kept.read_bytes() == data.names.read_bytes()
    return searcher.snapshot().names if same else Names.load(data.names)


def _compare(grown: Searcher, side: Path, archive: Archive, names: Names, rng: random.Random) -> list[str]:
    """Searches of the index as it grew against one made anew of the same archive."""
    fresh = DataFolder(side / "fresh")
    shutil.rmtree(fresh.path, ignore_errors=True)
    fresh.path.mkdir()
    with closing(sqlite3.connect(fresh.archive)) as copy:
        archive.copy_to(copy)
    anew = Indexer(fresh.path, names=names, processes=1)
    anew.catch_up()
    new = Searcher(fresh.path, names=names)
    wrong = []
    for request in _requests(rng):
        one, other = (replace(searcher.search(request), took_ms=0.0, index=UNKNOWN) for searcher in (grown, new))
        if one != other:
            found = differences(one.as_json(), other.as_json())
            wrong += [f"{request.q!r} by {request.group}, {what}" for what in found[:3]]
    everything = {hit.id for page in (1, 2) for hit in grown.search(SearchRequest(size=100, page=page)).hits}
    if everything != set(content(archive)):
        wrong.append(f"a search of everything gives {len(everything)} articles, the archive has {len(archive)}")
    for opened in (anew, grown, new):
        opened.close()
    return wrong


def differences(one: object, other: object, at: str = "") -> list[str]:
    """Where two JSON values differ: the path, and both values there."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        return [text for key in one for text in differences(one[key], other[key], f"{at}.{key}")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        return [text for number, pair in enumerate(zip(one, other, strict=True))
                for text in differences(*pair, f"{at}[{number}]")]
    return [] if one == other else [f"{at}: {str(one)[:200]}; made anew: {str(other)[:200]}"]


def _requests(rng: random.Random) -> list[SearchRequest]:
    terms = [" ".join(rng.sample(WORDS, rng.choice((1, 1, 2)))) for _ in range(ASKED)]
    facets = (*FACETS, "language")
    return [SearchRequest("", facets=facets, size=100, sort=Sort.NEWEST),
            SearchRequest("", facets=facets, size=100, group=Group.STORY),
            *(SearchRequest(term, facets=facets, size=10, group=rng.choice(list(Group))) for term in terms)]


def _leftovers(data: DataFolder, kept: Sequence[Manifest]) -> list[str]:
    """What lies in the data folder and belongs to none of the last generations, which readers may use."""
    wanted = {"manifest.json"}
    for manifest in kept:
        wanted.add(f"names-{manifest.names}.yml")
        for entry in manifest.segments:
            wanted |= {entry.name, entry.live or "", entry.stories or ""}
    parts = [path.name for path in data.index.iterdir()
             if path.name not in wanted and not path.name.startswith("stories.sqlite")]
    known = {"index", "names.yml", "saved.sqlite", "writer.lock", "indexing.lock", "indexing-fault.txt",
             "index-suspect"}
    return parts + [path.name for path in data.path.iterdir()
                    if path.name not in known and not path.name.startswith("archive.sqlite")]


def _judge_backup(side: Path, ledger: Ledger, verdict: Verdict) -> None:
    """A file that bears a backup's name is whole, and what it gives back is what was once sent."""
    made = side / "news.backup"
    if not made.exists():
        return
    restored = DataFolder(side / "restored")
    shutil.rmtree(restored.path, ignore_errors=True)
    try:
        found = examine(made)
        restore(restored, made)
    except BackupError as error:
        verdict.unopenable.append(str(error))
        return
    archive = Archive(restored.archive)
    held = content(archive)
    archive.close()
    if len(held) != found.articles:
        verdict.lost.append(f"{made} has {found.articles} articles and gives back {len(held)}")
    verdict.lost += [f"{id} in a backup was never sent so" for id in ledger.invented(held)]
    made.unlink()
