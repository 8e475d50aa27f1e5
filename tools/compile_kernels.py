"""Compile kernels.c of index/ and search/ into _kernels.so beside it: a step of every installation with a compiler.

    python tools/compile_kernels.py

The compiler is $CC or else `cc`. Where it does not succeed the installation goes on without the libraries, which are
only a faster way to the same results; run by hand, this ends 1 then. No Python is linked in, so they serve every
version; nothing of this very processor is used, so they may move to another machine of the kind.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SOURCES = [Path(__file__).parents[1] / package / "kernels.c" for package in ("index", "search")]
LIBRARIES = [source.with_name("_kernels.so") for source in SOURCES]
OPTIONS = ("-std=c11", "-O3", "-Wall", "-Wextra", "-shared", "-fPIC", "-falign-functions=64", "-falign-loops=32")
"""Aligned, so that how quick a loop is does not hang on what stands before it."""
WARNING = """\
WARNING: index/kernels.c and search/kernels.c are not compiled, because {compiler} could not do it: {why}.
Exonym works without them and gives the same results, but queries with many matches take three to six times as long,
and indexing three quarters as long again.
To have them, install a C compiler (Debian: gcc and libc6-dev; macOS: xcode-select --install), or name yours in CC, and
install Exonym again."""


def compile_kernels() -> str | None:
    """None when the libraries are made, else the warning to give: then there is none, not an older one either.

    They are made elsewhere and moved, so that a process that runs on those before keeps them. Each holds the digest of
    its source, so that index/compiled_library.py can tell one of another version.
    """
    compiler = os.environ.get("CC") or "cc"
    try:
        for source, library in zip(SOURCES, LIBRARIES, strict=True):
            with tempfile.TemporaryDirectory(prefix="_kernels-", dir=source.parent) as folder:
                made = Path(folder) / library.name
                digest = hashlib.sha256(source.read_bytes()).hexdigest()
                command = [*shlex.split(compiler), *OPTIONS, f'-DDIGEST="{digest}"', "-o", str(made), str(source)]
                subprocess.run(command, check=True)  # noqa: S603
                ctypes.CDLL(str(made))        # raises OSError when it is one for another system
                made.replace(library)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        for library in LIBRARIES:
            library.unlink(missing_ok=True)
        why = f"it ended {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else str(error)
        return WARNING.format(compiler=repr(compiler), why=why)
    return None


def get_build_hook() -> type:
    """What hatchling runs before it makes a wheel or an editable one; by hand it is not needed, nor is hatchling."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    from packaging.tags import platform_tags

    class KernelsHook(BuildHookInterface[Any]):
        """Puts the libraries into the wheel, which then is one for this platform and any Python 3."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """On Windows nothing is tried."""
            if sys.platform == "win32":
                return
            warning = compile_kernels()
            if warning is not None:
                self.app.display_warning(warning)
                return
            platform = next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))
            build_data.update(pure_python=False, tag=f"py3-none-{platform}")
            build_data["artifacts"] += [f"/{library.parent.name}/{library.name}" for library in LIBRARIES]

    return KernelsHook


def main() -> int:
    """Compile in place."""
    warning = compile_kernels()
    if warning is not None:
        print(warning, file=sys.stderr)
    return int(warning is not None)


if __name__ == "__main__":
    sys.exit(main())
