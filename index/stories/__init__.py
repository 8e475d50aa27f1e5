"""Which articles are copies or rewrites of one another.

A story is a connected component of the graph whose edges are pairs that `likeness.alike` accepts. The modules,
in the order of the data: `sketch` (article → two sketches), `holders` (run → articles that hold it;
large lists of them in files: `key_files`), `candidates` (which pairs are compared),
`likeness` (are these two the same text?), `components` (edges → stories), `store` (all of it, kept in SQLite).
"""

from index.stories.sketch import Fingerprint, fingerprint, rare_words
from index.stories.store import Stories, StoryId

__all__ = ["Fingerprint", "Stories", "StoryId", "fingerprint", "rare_words"]
