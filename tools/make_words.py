"""Write index/names/data/words.txt.z: the lower-case words of SCOWL's American English list (Debian's wamerican).

    python tools/make_words.py /usr/share/dict/american-english
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from index.analysis.normal import normal_form
from index.names.words import PATH


def main(source: str) -> None:
    """Keep what is printed in lower case, and *I've* and the like; names are capitalised in the source."""
    lines = Path(source).read_text(encoding="utf-8").split()
    kept = sorted({normal_form(word) for word in lines
                   if (word.islower() or word.startswith("I'")) and not word.endswith("'s")})
    PATH.write_bytes(zlib.compress("\n".join(kept).encode(), 9))
    print(f"{len(kept)} words, {PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
