"""Which spellings are one name: authority file, gazetteer, guards, folding, recogniser of entities."""
