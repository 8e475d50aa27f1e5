"""Opening a data folder never runs what somebody put into it: pickles wherever a file can lie, hostile JSON, triggers.

Every file of a good data folder is replaced, one at a time and by each kind of poison, and the folder then checked,
searched, indexed and backed up by the real commands in a process that reports every attempt to unpickle or execute.
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
from collections.abc import Callable
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
for warm in ("search", "check", "index", "backup"):
    CliRunner().invoke(main, [warm, "--help"])
import index.writer, index.backup, index.inspection, search.searcher, index.names.registry
calls.clear()
for side in sys.argv[1:]:
    data = side + "/data"
    for command in (["search", "Kiev"], ["check"], ["index", side + "/new.jsonl"], ["search", "Kiev"],
                    ["backup", side + "/made.backup"]):
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


@pytest.mark.parametrize("poison", [pickled, object_array, deep_json])
def test_poison_in_the_place_of_any_file_runs_nothing(good: DataFolder, tmp_path: Path,
                                                      poison: Callable[[], bytes]) -> None:
    names = {path.suffix: str(path.relative_to(good.path)) for path in good.path.rglob("*.*") if path.is_file()}
    files = {*names.values(), "index/manifest.json", "index/stories.sqlite", "archive.sqlite", "keys.json",
             "feeds.json", "saved.sqlite", "names.yml", "index/_MAIN_1.toc"}
    for number, name in enumerate(sorted(files)):
        shutil.copytree(good.path, tmp_path / str(number) / "data")
        (tmp_path / str(number) / "data" / name).write_bytes(poison())
    run_commands([tmp_path / str(number) for number in range(len(files))])


def run_commands(sides: list[Path]) -> None:
    """Run the commands on the folder `data` in each of `sides`; nothing in it may have been run."""
    for side in sides:
        (side / "new.jsonl").write_text(json.dumps({"id": "n", "title": "Kiev"}))
    found = subprocess.run([sys.executable, "-c", COMMANDS, *map(str, sides)], cwd=sides[0], text=True, check=False,
                           capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert found.stdout == "[]\n", found.stderr[-2000:]
    assert not (sides[0] / "CANARY").exists()


@pytest.mark.parametrize("change", [
    pytest.param({"name": "../../seg-0000000000000000"}, id="a path out of the index"),
    pytest.param({"live": "/dev/zero"}, id="a device"),
    pytest.param({"live": "live-1-seg-0000000000000000.npy\n"}, id="a line break"),
    pytest.param({"docs": 1e308}, id="no count"),
    pytest.param({"docs": 2**70}, id="a count beyond all"),
])
def test_a_manifest_that_leads_elsewhere_is_refused(good: DataFolder, tmp_path: Path,
                                                    change: dict[str, object]) -> None:
    data = tmp_path / "data"
    shutil.copytree(good.path, data)
    content = json.loads((data / "index" / FILE).read_text())
    content["segments"][0] |= change
    (data / "index" / FILE).write_text(json.dumps(content))
    run_commands([tmp_path])
    assert read_manifest(data / "index").articles == 3, "it was made anew from the archive"


def test_a_backup_with_code_in_its_schema_is_refused(good: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "evil.backup"
    back_up(good, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as evil:
        evil.execute("CREATE VIEW v AS SELECT load_extension('/tmp/evil.so')")
    with pytest.raises(BackupError, match="view 'v'"):
        restore(DataFolder(tmp_path / "new"), file)
