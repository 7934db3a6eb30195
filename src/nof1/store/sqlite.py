"""The record store in SQLite files: one for the record and, beside it, ``*.audit`` for the audit."""

from __future__ import annotations

import math
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from nof1.store.errors import StoreError, StoreUnavailable
from nof1.store.names import Names, Numbers
from nof1.store.schema import Dialect
from nof1.store.session import Heads, Row

AUDIT_ENDING = ".audit"
# a disk is never filled to its end by the record: no access is answered without its event, and those need room
_ROOM_MIB = 64
_IDLE_READERS = 16
_STEPS = 100_000  # of SQLite's machine between two looks at the clock, about a millisecond
# FULL: what was acknowledged outlives a loss of power. The cache of a reader is small: the system's own cache serves all.
_PRAGMAS = """
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
PRAGMA journal_size_limit = 134217728;
"""
# pages written until they are brought into the file: many for the record, where one page is written again and again, and few
# for the audit, which only grows and for whose commits everybody waits
_TOGETHER, _TOGETHER_OF_AUDIT = 16_000, 1_000
# code of SQLite -> what is the matter, for what may be over by itself or by the operator's hand
_PASSING = {
    sqlite3.SQLITE_BUSY: "another program is writing to it",
    sqlite3.SQLITE_LOCKED: "another program is writing to it",
    sqlite3.SQLITE_FULL: "the disk is full; make room",
    sqlite3.SQLITE_IOERR: "the disk fails or is full",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened; check folder and rights",
    sqlite3.SQLITE_READONLY: "its file may not be written; check its rights",
    sqlite3.SQLITE_INTERRUPT: "the question takes too long; ask for less",
    sqlite3.SQLITE_NOMEM: "memory is short",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Session:
    """A transaction on one connection: a ``Reader``, and a ``Writer`` where it was begun for writing."""

    __slots__ = ("_connection", "_numbers", "heads", "names")
    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self._connection, self.names = connection, names
        self._numbers: Numbers | None = None
        self.heads: Heads | None = None

    @property
    def numbers(self) -> Numbers:
        """The numbers of names, with those that this write adds."""
        if self._numbers is None:
            self._numbers = Numbers(self)
        return self._numbers

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row."""
        found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Row by row."""
        return iter(self._connection.execute(sql, values))

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        self._connection.execute(sql, values)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Runs one statement for each of ``rows``."""
        self._connection.executemany(sql, rows)

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        """Inserts ``rows``."""
        if rows:
            places = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608

    def together(self) -> AbstractContextManager[object]:
        """Nothing to gather here: no way to a server."""
        return nullcontext()


class File:
    """One SQLite file: a connection that writes, and idle ones that read."""

    def __init__(
        self, path: str, names: Names, *, wait_s: float, deadline_s: float, cache_mib: int, together: int, room_mib: int = 0
    ) -> None:
        self.path, self._names, self._wait_s, self._deadline_s = path, names, wait_s, deadline_s
        self._room_mib, self._together = room_mib, together
        self._cache_kib = cache_mib * 1024
        self._lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._readers: list[tuple[sqlite3.Connection, list[float]]] = []

    @contextmanager
    def read(self, *, is_long: bool = False) -> Iterator[Session]:
        """A snapshot."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._reader()
        connection, deadline = reader
        deadline[0] = math.inf if is_long else time.monotonic() + self._deadline_s
        try:
            connection.execute("BEGIN")
            yield Session(connection, self._names)
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error
        finally:
            self._give_back(reader)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that writes; waits for the one before it."""
        if not self._lock.acquire(timeout=self._wait_s):
            raise StoreUnavailable(f"store: another write has lasted longer than {self._wait_s:g} s; try again")
        try:
            self._check_room()
            connection = self._writer = self._writer or self._connected(self._cache_kib)
            connection.execute("BEGIN IMMEDIATE")
            session = Session(connection, self._names)
            yield session
            connection.execute("COMMIT")
            self._names.remember(session.numbers)
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error
        finally:
            self._settle()
            self._lock.release()

    def close(self) -> None:
        """Closes all idle connections and the writer."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()
            self._writer = None
        while self._readers:
            self._readers.pop()[0].close()

    def _check_room(self) -> None:
        """Raises ``StoreUnavailable`` where writing would leave no room for the audit."""
        if self._room_mib and shutil.disk_usage(Path(self.path).absolute().parent).free < self._room_mib << 20:
            name = Path(self.path).name
            raise StoreUnavailable(f"store: {name} takes no writes now: its disk has less than {self._room_mib} MiB left")

    def _settle(self) -> None:
        """Takes back what was not committed; a connection that cannot even do that is given up."""
        if self._writer is not None and self._writer.in_transaction:
            try:
                self._writer.execute("ROLLBACK")
            except sqlite3.Error:
                with suppress(sqlite3.Error):
                    self._writer.close()
                self._writer = None

    def _give_back(self, reader: tuple[sqlite3.Connection, list[float]]) -> None:
        connection, _ = reader
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            return
        if len(self._readers) < _IDLE_READERS:
            self._readers.append(reader)
        else:
            connection.close()

    def _reader(self) -> tuple[sqlite3.Connection, list[float]]:
        connection, deadline = self._connected(cache_kib=4096), [0.0]
        connection.set_progress_handler(lambda: time.monotonic() > deadline[0], _STEPS)
        return connection, deadline

    def _connected(self, cache_kib: int) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path, timeout=self._wait_s, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            # WAL: readers see the last commit while the writer goes on; it stays set in the file
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.executescript(
                f"{_PRAGMAS} PRAGMA cache_size = -{cache_kib}; PRAGMA wal_autocheckpoint = {self._together};"
            )
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error
        return connection


class Sqlite:
    """A record store in a file and its ``*.audit``; other programs may read both at the same time."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str, *, wait_s: float = 10.0, deadline_s: float = 30.0, cache_mib: int = 32) -> None:
        self.names = Names()
        self.path = path
        of = partial(File, wait_s=wait_s, deadline_s=deadline_s)
        self._record = of(path, self.names, cache_mib=cache_mib, together=_TOGETHER, room_mib=_ROOM_MIB)
        self._audit = of(path + AUDIT_ENDING, Names(), cache_mib=4, together=_TOGETHER_OF_AUDIT)

    def read(self, *, is_long: bool = False) -> AbstractContextManager[Session]:
        """A snapshot of the record."""
        return self._record.read(is_long=is_long)

    def write(self) -> AbstractContextManager[Session]:
        """A transaction on the record."""
        return self._record.write()

    def read_audit(self, *, is_long: bool = False) -> AbstractContextManager[Session]:
        """A snapshot of the audit."""
        return self._audit.read(is_long=is_long)

    def write_audit(self) -> AbstractContextManager[Session]:
        """A transaction on the audit."""
        return self._audit.write()

    def close(self) -> None:
        """Closes the files."""
        self._record.close()
        self._audit.close()


def _translated(error: sqlite3.Error, path: str) -> Exception:
    """The error that is raised for one of SQLite; what is a fault of ours stays as it is."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = Path(path).name
    if code in _PASSING:
        return StoreUnavailable(f"store: {name} cannot serve now: {_PASSING[code]}")
    if code in _DAMAGED:
        return StoreError(f"store: {name} is no store or is damaged ({error}); restore a backup")
    return error
