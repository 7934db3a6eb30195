"""What a transaction offers on either database. SQL is written once, with ``?`` for values and no literal ``?``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from nof1.store.names import Names, Numbers
from nof1.store.schema import Dialect

Row = tuple[Any, ...]


@dataclass(slots=True)
class Heads:
    """The last sequence number and its time, as a write goes on."""

    seq: int
    updated: int


class Reader(Protocol):
    """A consistent view of the store, from its first statement on."""

    names: Names

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows."""

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row."""

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Row by row, for what may not fit in memory; to be read to its end or left before the next statement."""


class Writer(Reader, Protocol):
    """A transaction that writes: all of it or, after any error, nothing; one at a time for each store."""

    heads: Heads | None

    @property
    def numbers(self) -> Numbers:
        """The numbers of names, with those that this write adds."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Runs one statement."""

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Runs one statement for each of ``rows``."""

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        """Inserts ``rows``; ``columns`` as in SQL."""

    def together(self) -> AbstractContextManager[object]:
        """Within it, ``run``, ``many`` and ``copy`` may be sent in one go; errors may come at its end."""


class Database(Protocol):
    """A record store. The audit is a line of its own: its writes wait for none of the record's."""

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""

    @property
    def names(self) -> Names:
        """The numbers of resource types, parameters and systems."""

    def read(self, *, is_long: bool = False) -> AbstractContextManager[Reader]:
        """A snapshot of the record; may be taken within another. ``is_long``: it may last as long as it takes."""

    def write(self) -> AbstractContextManager[Writer]:
        """A transaction on the record. Not within another of the same thread."""

    def read_audit(self, *, is_long: bool = False) -> AbstractContextManager[Reader]:
        """A snapshot of the audit."""

    def write_audit(self) -> AbstractContextManager[Writer]:
        """A transaction on the audit."""

    def close(self) -> None:
        """Ends all connections."""


def in_chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows, ``size`` at a time.

    >>> list(in_chunks([(1,), (2,), (3,)], 2))
    [[(1,), (2,)], [(3,)]]
    """
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
