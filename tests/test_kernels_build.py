"""Installing compiles the files of C where there is a compiler, and goes on with a warning where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from index.compiled_library import compiled_library

ROOT = Path(__file__).parents[1]
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
LIBRARIES = ["index/_kernels.so", "search/_kernels.so"]
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what an installation reads, with no library in it."""
    tree = tmp_path / "tree"
    for package in WHEEL["packages"]:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__", "_kernels*"))
    for file in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "Makefile", WHEEL["hooks"]["custom"]["path"]):
        (tree / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tree / file)
    return tree


@pytest.fixture
def libraries(tree: Path) -> list[Path]:
    """Where the libraries of the copy belong."""
    return [tree / library for library in LIBRARIES]


def is_of_its_source(library: Path) -> bool:
    """Whether a library, in a folder named as its package, was made of our source."""
    return compiled_library(ROOT / library.parent.name / "kernels.c", {}, library) is not None


def run(tree: Path, *command: str, compiler: str = "cc") -> subprocess.CompletedProcess[str]:
    """A command in a tree, as if no `make` were above it; all it says is in stdout."""
    return subprocess.run(command, cwd=tree, env=os.environ | {"CC": compiler, "MAKEFLAGS": ""}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wheel_of(tree: Path, compiler: str) -> tuple[Path, str]:
    """The wheel pip makes of a tree, and what it said meanwhile."""
    made = run(tree, sys.executable, "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-build-isolation",
               "--no-index", "--no-cache-dir", "--disable-pip-version-check", "--wheel-dir", "..", ".",
               compiler=compiler)
    assert made.returncode == 0, made.stdout
    (wheel,) = tree.parent.glob("*.whl")
    return wheel, made.stdout


@needs_compiler
def test_a_wheel_holds_the_library_and_is_for_any_python_of_the_platform(tree: Path, tmp_path: Path) -> None:
    wheel, said = wheel_of(tree, "cc")
    (tag,) = parse_wheel_filename(wheel.name)[3]
    assert (tag.interpreter, tag.abi) == ("py3", "none")
    assert tag.platform != "any"
    assert tag in set(sys_tags())
    assert "is not compiled" not in said
    with zipfile.ZipFile(wheel) as files:
        (about,) = (name for name in files.namelist() if name.endswith(".dist-info/WHEEL"))
        assert b"Root-Is-Purelib: false" in files.read(about)
        assert sorted(name for name in files.namelist() if "_kernels" in name and name.endswith(".so")) == LIBRARIES
        assert all(is_of_its_source(Path(files.extract(library, tmp_path / "installed"))) for library in LIBRARIES)


def test_without_a_compiler_the_wheel_is_a_pure_one_and_the_warning_says_what_is_missing(
        tree: Path, libraries: list[Path]) -> None:
    for library in libraries:
        library.write_bytes(b"of an older version")
    wheel, said = wheel_of(tree, "/nonexistent/cc")
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as files:
        assert not set(LIBRARIES) & set(files.namelist())
    assert "index/kernels.c and search/kernels.c are not compiled, because '/nonexistent/cc' could not do it" in said
    assert "the same results" in said
    assert "install a C compiler (Debian: gcc and libc6-dev" in said
    assert not any(library.exists() for library in libraries)


@needs_compiler
def test_an_editable_installation_compiles_in_place(tree: Path, libraries: list[Path]) -> None:
    made = run(tree, sys.executable, "-c", "from hatchling.build import build_editable; build_editable('..')")
    assert made.returncode == 0, made.stdout
    assert all(map(is_of_its_source, libraries))


@needs_compiler
@pytest.mark.parametrize("which", [0, 1])
def test_a_process_keeps_the_library_it_has_when_another_is_compiled(
        tree: Path, libraries: list[Path], which: int) -> None:
    library = libraries[which]
    library.write_bytes(b"of an older version")
    with library.open("rb") as held:
        made = run(tree, sys.executable, "tools/compile_kernels.py")
        assert (made.returncode, made.stdout) == (0, "")       # nor does the compiler warn of anything
        assert held.read() == b"of an older version"
    assert all(map(is_of_its_source, libraries))
    assert sorted(tree.glob("*/_kernels*")) == libraries


@pytest.mark.parametrize(("compiler", "reason"), [
    pytest.param("/nonexistent/cc -m64", "No such file or directory: '/nonexistent/cc'", id="missing"),
    pytest.param("false", "it ended 1", id="failing"),
    pytest.param("true", "_kernels.so", id="making nothing"),
    pytest.param("cc -c", "_kernels.so", id="making no library", marks=needs_compiler),
    pytest.param("'cc", "No closing quotation", id="not a command"),
])
def test_by_hand_a_failure_is_told_and_leaves_no_library(
        tree: Path, libraries: list[Path], compiler: str, reason: str) -> None:
    for library in libraries:
        library.write_bytes(b"of an older version")
    made = run(tree, sys.executable, "tools/compile_kernels.py", compiler=compiler)
    assert made.returncode == 1
    assert reason in made.stdout
    assert "Traceback" not in made.stdout
    assert list(tree.glob("*/_kernels*")) == []


@needs_compiler
@needs_make
@pytest.mark.parametrize("which", [0, 1])
def test_make_compiles_a_changed_source_and_keeps_the_environment(
        tree: Path, libraries: list[Path], which: int) -> None:
    library = libraries[which]
    (tree / "requirements.txt").touch()
    environment = tree / ".venv" / ".run"
    environment.parent.mkdir()
    environment.touch()
    made_at = environment.stat().st_mtime_ns
    make = ("make", ".venv/.run", f"PYTHON={sys.executable}")
    assert run(tree, *make).returncode == 0
    first = library.stat().st_mtime_ns
    assert run(tree, *make).returncode == 0
    assert library.stat().st_mtime_ns == first
    os.utime(library.with_name("kernels.c"), ns=(first + 1, first + 1))
    made = run(tree, *make)
    assert made.returncode == 0, made.stdout
    assert library.stat().st_mtime_ns > first
    assert environment.stat().st_mtime_ns == made_at
    assert list(environment.parent.iterdir()) == [environment]
