"""An index on an OpenSearch cluster: mapping, documents, bulk writing, and the indexer that follows the archive."""
