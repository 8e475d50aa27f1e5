"""The engine on an OpenSearch cluster: plans as queries, facets as aggregations, answers as of one point in time."""
