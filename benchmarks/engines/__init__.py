"""The engines: one file each, one protocol (`benchmarks.engine`)."""
