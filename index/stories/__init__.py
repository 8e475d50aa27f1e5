"""Which articles are copies or rewrites of one another.

A story is a connected component of the graph whose edges are pairs that `likeness.alike` accepts. The modules,
in the order of the data: `sketch` (article → two sketches), `prints` (those of many articles as columns), `holders`
(run → articles that hold it; large lists of them in files: `key_files`; those of many runs, looked up at once:
`found`), `candidates` (which pairs are compared), `screening` (most are told many at a time), `likeness` (are these two
the same text?), `linking` (articles → edges), `components` (edges → stories), `records` (what is kept, in SQLite;
of keys: `key_records`), `store` (all of it together).
"""

from index.stories.ids import StoryId, story_id, story_number
from index.stories.records import StoriesError
from index.stories.sketch import Fingerprint, Texts, fingerprint, fingerprints, rare_words
from index.stories.store import Changed, Stories

__all__ = [
    "Changed", "Fingerprint", "Stories", "StoriesError", "StoryId", "Texts", "fingerprint", "fingerprints",
    "rare_words", "story_id", "story_number",
]
