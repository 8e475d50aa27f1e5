"""Torture: `python -m tests.torture --kills 300`.

A process indexes, merges, publishes, reindexes, backs up and restores while writers send articles and note what is
acknowledged. It is killed at every named step (index/crash.py) and at random moments; after every kill the archive
is compared with the acknowledgements, and the index, once it has caught up, with one made anew. Ends 1 when anything
was lost, could not be opened, disagreed or was left over.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

from tests.torture.torture import Torture


def main() -> None:
    """Run and print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no new life after so many")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="exonym-torture-") as folder:
        torture = Torture(Path(folder), given.seed)
        torture.run(given.kills, given.minutes)
        torture.close()
        print(torture.report())
        log = (Path(folder) / "log.txt").read_text("utf-8", "replace")
    if torture.failed():
        print(log[-5000:], file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
