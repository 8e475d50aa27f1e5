"""Benchmarks: the same articles and the same questions, put to Exonym and to other engines in one run."""
