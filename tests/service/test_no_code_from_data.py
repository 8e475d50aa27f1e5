"""Opening a data folder never runs what somebody put into it: pickles wherever a file can lie, hostile JSON, triggers.

Files of every kind in a good data folder are replaced by poison, one at a time, and the folder is then checked, indexed
and searched by the real commands, in a process that reports every attempt to unpickle or to execute.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.article import Article
from index.backup import BackupError, back_up, restore
from index.folder import DataFolder
from index.manifest import FILE, read_manifest
from index.names.registry import Names
from index.writer import Indexer

ROOT = Path(__file__).parents[2]


class Poison:
    """What runs a command when it is unpickled: it makes the file CANARY in the working folder."""

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.system, ("touch CANARY",)


COMMANDS = """
import sys
calls = []
sys.addaudithook(lambda event, _: event in ("pickle.find_class", "os.system", "marshal.loads") and calls.append(event))
from click.testing import CliRunner
from service.cli import main
CliRunner().invoke(main, ["--help"])                    # imports load compiled modules, by marshal
for warm in ("search", "check", "index"):
    CliRunner().invoke(main, [warm, "--help"])
import index.writer, index.backup, index.inspection, search.searcher, index.names.registry
calls.clear()
for side in sys.argv[1:]:
    data = side + "/data"
    for command in (["check"], ["index", side + "/new.jsonl"], ["search", "Kiev"]):
        result = CliRunner().invoke(main, [*command, "--data", data])
        assert result.exit_code in (0, 1, 2), (side, command, result.output, result.exc_info)
print([event for event in calls if event != "marshal.loads"])
"""


def pickled() -> bytes:
    return pickle.dumps(Poison())


def object_array() -> bytes:
    """A NumPy file with a pickled object."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([Poison()], object), allow_pickle=True)
    return buffer.getvalue()


def deep_json() -> bytes:
    return b"[" * 200_000


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, all_names: Names) -> DataFolder:
    """A data folder with every kind of file in it. Not to be changed."""
    folder = DataFolder(tmp_path_factory.mktemp("good"))
    archive, indexer = Archive(folder.archive), Indexer(folder.path, names=all_names)
    archive.put([Article(id, "Talks in Kiev", "The ferry was late again. " * 20) for id in "abc"])
    indexer.catch_up()
    archive.delete(["b"])
    indexer.catch_up()
    indexer.close()
    archive.close()
    folder.keys.write_text("[]")
    folder.feeds.write_text("{}")
    return folder


def test_poison_is_poison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pickle.loads(pickled())
    assert (tmp_path / "CANARY").exists()


def test_poison_in_the_place_of_any_file_runs_nothing(good: DataFolder, tmp_path: Path) -> None:
    names = {path.suffix: str(path.relative_to(good.path)) for path in good.path.rglob("*.*") if path.is_file()}
    others = ("archive.sqlite", "saved.sqlite", "index/stories.sqlite", "names.yml", "index/_MAIN_1.toc")
    poisoned = [(name, pickled()) for name in {*names.values(), *others}]
    poisoned += [(name, object_array()) for name in names.values() if name.endswith(".npy")]
    poisoned += [(name, deep_json()) for name in ("index/manifest.json", "keys.json", names[".json"])]
    for number, (name, poison) in enumerate(poisoned):
        shutil.copytree(good.path, tmp_path / str(number) / "data")
        (tmp_path / str(number) / "data" / name).write_bytes(poison)
    run_commands([tmp_path / str(number) for number in range(len(poisoned))])


def run_commands(sides: list[Path]) -> None:
    """Run the commands on the folder `data` in each of `sides`; nothing in it may have been run."""
    for side in sides:
        (side / "new.jsonl").write_text(json.dumps({"id": "n", "title": "Kiev"}))
    found = subprocess.run([sys.executable, "-c", COMMANDS, *map(str, sides)], cwd=sides[0], text=True, check=False,
                           capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert found.stdout == "[]\n", found.stderr[-2000:]
    assert not (sides[0] / "CANARY").exists()


CHANGES = ({"name": "../../seg-0000000000000000"}, {"live": "/dev/zero"}, {"live": "live-1-seg-0000000000000000.npy\n"},
           {"docs": 1e308}, {"docs": 2**70})


def test_a_manifest_that_leads_elsewhere_is_refused_and_the_index_made_anew(good: DataFolder, tmp_path: Path) -> None:
    sides = [tmp_path / str(number) for number in range(len(CHANGES))]
    for side, change in zip(sides, CHANGES, strict=True):
        shutil.copytree(good.path, side / "data")
        manifest = side / "data" / "index" / FILE
        content = json.loads(manifest.read_text())
        content["segments"][0] |= change
        manifest.write_text(json.dumps(content))
    run_commands(sides)
    assert {read_manifest(side / "data" / "index").articles for side in sides} == {3}


def test_a_backup_with_code_in_its_schema_is_refused(good: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "evil.backup"
    back_up(good, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as evil:
        evil.execute("CREATE VIEW v AS SELECT load_extension('/tmp/evil.so')")
    with pytest.raises(BackupError, match="view 'v'"):
        restore(DataFolder(tmp_path / "new"), file)
