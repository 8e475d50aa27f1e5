"""One module a format; every reader yields articles and rejects, one at a time."""
