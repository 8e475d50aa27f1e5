"""Write index/names/data/authority.json from the names files, and tell which case forms give way to another name.

    PYTHONPATH=. python tools/compile_names.py
"""

from __future__ import annotations

from index.names import authority, compiled
from index.names.registry import Names


def main() -> None:
    """Problems in a names file stop it, each with file and line."""
    paths = authority.files()
    made = compiled.compile_entries(authority.read_all(paths), compiled.source_digest(paths))
    path = authority.DATA / compiled.FILE
    compiled.save(made, path)
    print(f"{len(made.keys)} entities, {path.stat().st_size:,} bytes")
    for key, name, owner in Names.load().overruled():
        print(f"{key!r}, a case form of {name}, is {owner}")


if __name__ == "__main__":
    main()
