"""The nouns that cross floors: frozen, without I/O. Their names and meanings are frozen (docs/reference/model.md)."""
