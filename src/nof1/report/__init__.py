"""Writes an Assessment for a reader: a printable page, a terminal summary, a tree of reasons. Opens no user file."""
