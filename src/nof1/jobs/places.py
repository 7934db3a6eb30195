"""Where files that belong to a record store are kept."""

from __future__ import annotations

from pathlib import Path


def beside(database: str, what: str) -> Path:
    """The folder for ``what`` of a store: beside an SQLite file, else in the working folder.

    >>> beside("sqlite:///data/record.sqlite", "exports").as_posix(), beside("postgresql://h/d", "exports").as_posix()
    ('data/record.sqlite.exports', 'nof1-exports')
    """
    own = database.removeprefix("sqlite:///")
    return Path(f"nof1-{what}") if "://" in own else Path(f"{own}.{what}")
