"""The record store in a PostgreSQL database, through psycopg 3."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8BinaryDumper

from nof1.store.errors import StoreError, StoreUnavailable
from nof1.store.names import Names, Numbers
from nof1.store.schema import Dialect
from nof1.store.session import Heads, Row

_CONNECT_S = 5
_PREPARED = 500  # statements that a connection keeps planned
_FEW = 64  # rows up to here are sent as VALUES, which can be gathered; more by COPY
# locks that writes take so that numbers follow each other in the order of commits
_RECORD, _AUDIT = 0x6E6F6631, 0x6E6F6632
_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_READ_LONG = _READ + b"; SET LOCAL statement_timeout = 0"
_WRITE = b"BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT pg_advisory_xact_lock(%d)"
_CURSORS = count(1)
_DONE = (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK)
_Connection = psycopg.Connection[Row]


@lru_cache(maxsize=4096)
def _written(sql: str) -> str:
    """The statement as psycopg wants it."""
    return sql.replace("%", "%%").replace("?", "%s")


class Session:
    """A transaction on one connection: a ``Reader``, and a ``Writer`` where it was begun for writing."""

    __slots__ = ("_connection", "_cursor", "_is_together", "_numbers", "heads", "names")
    dialect: Dialect = "postgresql"

    def __init__(self, connection: _Connection, names: Names) -> None:
        self._connection, self.names = connection, names
        self._cursor = connection.cursor(binary=True)
        self._numbers: Numbers | None = None
        self._is_together = False
        self.heads: Heads | None = None

    @property
    def numbers(self) -> Numbers:
        """The numbers of names, with those that this write adds."""
        if self._numbers is None:
            self._numbers = Numbers(self)
        return self._numbers

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        return self._cursor.execute(_written(sql), values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row."""
        return self._cursor.execute(_written(sql), values).fetchone()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Row by row, through a cursor of the server."""
        with self._connection.cursor(f"each_{next(_CURSORS)}", binary=True) as cursor:
            cursor.itersize = 5000
            yield from cursor.execute(_written(sql), values)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        self._cursor.execute(_written(sql), values)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Runs one statement for each of ``rows``."""
        if rows:
            self._cursor.executemany(_written(sql), rows)

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        """Inserts ``rows``: a few by VALUES, many by COPY."""
        if self._is_together or len(rows) <= _FEW:
            for some in _by_powers_of_two(rows):
                places = ", ".join(["?"] * len(some[0]))
                values = ", ".join([f"({places})"] * len(some))
                self.run(f"INSERT INTO {table} ({columns}) VALUES {values}", [value for row in some for value in row])  # noqa: S608
            return
        with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def together(self) -> Iterator[object]:
        """What is sent within is answered at the end, in one way to the server and back."""
        self._is_together = True
        try:
            with self._connection.pipeline() as pipeline:
                yield pipeline
        finally:
            self._is_together = False


def _by_powers_of_two(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in parts of 64, 32, ... 1, so that there are few different statements to prepare.

    >>> [len(some) for some in _by_powers_of_two([(1,)] * 70)]
    [64, 4, 2]
    """
    at, size = 0, _FEW
    while at < len(rows):
        while at + size > len(rows):
            size //= 2
        yield rows[at : at + size]
        at += size


class Pool:
    """Connections of one purpose, made when needed; at most ``most`` at a time.

    A connection that the server has given up is left for another one as soon as it is noticed, so that work goes on with
    the first request after the server is back.
    """

    def __init__(self, url: str, most: int, wait_s: float, settings: str) -> None:
        self._url, self._wait_s, self._settings = url, wait_s, f"{_options(url)} {settings}"
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[_Connection] = []

    @contextmanager
    def begun(self, text: bytes) -> Iterator[_Connection]:
        """A connection after ``text``, which begins a transaction; what is not committed is taken back."""
        if not self._free.acquire(timeout=self._wait_s):
            raise StoreUnavailable("store: all connections to PostgreSQL are in use; try again")
        connection = None
        try:
            connection = self._begun(text)
            yield connection
        except psycopg.Error as error:
            raise _translated(error) from error
        finally:
            self._give_back(connection)
            self._free.release()

    def close(self) -> None:
        """Ends the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _begun(self, text: bytes) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            try:
                _send(connection, text)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                if not connection.closed:  # alive: the lock was not had in time
                    self._give_back(connection)
                    raise
                continue
            return connection
        connection = self._connected()
        try:
            _send(connection, text)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> _Connection:
        try:
            connection: _Connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=_CONNECT_S, options=self._settings, application_name="nof1"
            )
        except psycopg.OperationalError as error:  # names server, database and user; never the password
            why = " ".join(str(error).split())
            raise StoreUnavailable(f"store: no connection to PostgreSQL: {why}") from error
        # whole numbers always as BIGINT: one prepared statement each, and no small type that an array could outgrow
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        connection.prepared_max = _PREPARED
        return connection

    def _give_back(self, connection: _Connection | None) -> None:
        if connection is None:
            return
        if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                _send(connection, b"ROLLBACK")
        if connection.closed or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.close()
        else:
            self._idle.append(connection)


def _send(connection: _Connection, text: bytes) -> None:
    """Sends what begins or ends a transaction, below psycopg's cursors: those would forget their prepared statements."""
    result = connection.pgconn.exec_(text)
    if connection.broken or (result.status not in _DONE and not result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)):
        connection.close()  # libpq does not call every dead connection broken
        raise psycopg.OperationalError("the connection is lost")
    if result.status not in _DONE:
        raise errors.error_from_result(result)


def _options(url: str) -> str:
    try:
        return str(conninfo_to_dict(url).get("options") or "")
    except psycopg.ProgrammingError:  # its text may show parts of the address, and so of the password
        raise StoreError(
            "store: the address of PostgreSQL cannot be read; give postgresql://USER:PASSWORD@HOST/NAME"
        ) from None


class Postgresql:
    """A record store in a PostgreSQL database; several programs may read and write it at the same time.

    Writes of the record follow each other under one lock of the database, and so do those of the audit: their sequence
    numbers grow in the order of commits, and what a write has read stays true until it commits.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, *, wait_s: float = 10.0, deadline_s: float = 30.0, readers: int = 8) -> None:
        self.names = Names()
        self._audit_names = Names()
        limits = f"-c statement_timeout={int(deadline_s * 1000)} -c idle_in_transaction_session_timeout=600000"
        self._readers = Pool(url, readers, wait_s, limits)
        self._writers = Pool(url, 2, wait_s, f"-c lock_timeout={int(wait_s * 1000)}")
        self._turn = {_RECORD: threading.Lock(), _AUDIT: threading.Lock()}
        self._wait_s = wait_s

    @contextmanager
    def read(self, *, is_long: bool = False) -> Iterator[Session]:
        """A snapshot of the record."""
        with self._readers.begun(_READ_LONG if is_long else _READ) as connection:
            yield Session(connection, self.names)

    def write(self) -> AbstractContextManager[Session]:
        """A transaction on the record."""
        return self._writing(_RECORD, self.names)

    def read_audit(self, *, is_long: bool = False) -> AbstractContextManager[Session]:
        """A snapshot of the audit."""
        return self.read(is_long=is_long)

    def write_audit(self) -> AbstractContextManager[Session]:
        """A transaction on the audit."""
        return self._writing(_AUDIT, self._audit_names)

    def close(self) -> None:
        """Ends the connections."""
        self._readers.close()
        self._writers.close()

    @contextmanager
    def _writing(self, lock: int, names: Names) -> Iterator[Session]:
        if not self._turn[lock].acquire(timeout=self._wait_s):
            raise StoreUnavailable(f"store: another write has lasted longer than {self._wait_s:g} s; try again")
        try:
            with self._writers.begun(_WRITE % lock) as connection:
                session = Session(connection, names)
                yield session
                _send(connection, b"COMMIT")
                names.remember(session.numbers)
        finally:
            self._turn[lock].release()


def _translated(error: psycopg.Error) -> Exception:
    """The error that is raised for one of psycopg; it never carries values, which may be of a patient."""
    state = error.sqlstate or ""
    if isinstance(error, errors.QueryCanceled):
        return StoreUnavailable("store: the question takes too long; ask for less")
    if isinstance(error, errors.LockNotAvailable):
        return StoreUnavailable("store: another program is writing; try again")
    if isinstance(error, errors.DiskFull):
        return StoreUnavailable("store: the disk of PostgreSQL is full; make room")
    is_lost = type(error) is psycopg.DatabaseError and not state  # the end of a connection may be told as nothing more exact
    if is_lost or isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return StoreUnavailable(f"store: PostgreSQL does not answer ({state or type(error).__name__}); try again")
    return error
