"""A request in, an answer out: query language, plan, execution, facets, snippets, reasons."""
