"""The record store: versions of resources, their indexes, history and audit, on SQLite or PostgreSQL."""
