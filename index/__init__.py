"""Articles in, an index out: readers, cleaning, archive, analysis, names, stories, the Whoosh side."""
