"""Disk full, server gone, connection cut, question too long: ``StoreUnavailable``, and work goes on once it is over."""

from __future__ import annotations

import re
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contents
import psycopg
import pytest

from nof1.store.audit import Audit, verify
from nof1.store.check import check
from nof1.store.database import Database, StoreError, StoreUnavailable, opened
from nof1.store.history import history
from nof1.store.resources import put, put_many, read
from nof1.store.sqlite import Sqlite


def _store(database: Database, name: str) -> None:
    content = contents.body("Patient", name)
    with database.write() as w:
        put(w, "Patient", name, content, contents.of(content, name), now=1)


def _names(database: Database) -> set[str]:
    with database.read() as r:
        return {one.id for one in history(r, count=10**6)}


def test_disk_full_on_sqlite(tmp_path: Path) -> None:
    database = opened(str(tmp_path / "record.db"))
    assert isinstance(database, Sqlite)
    _store(database, "a")
    for file in (database._record, database._audit):
        with file.write():
            pass
        assert file._writer
        [pages] = file._writer.execute("PRAGMA page_count").fetchone()
        file._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    audit = Audit(database)
    written: list[str] = []

    def fill() -> None:
        for at in range(1000):
            _store(database, f"n{at}")
            written.append(f"n{at}")

    with pytest.raises(StoreUnavailable, match="disk is full"):
        fill()
    with pytest.raises(StoreUnavailable, match="disk is full"):
        audit.add(b"x" * 100_000, 1).result()
    assert _names(database) == {"a", *written}
    for file in (database._record, database._audit):
        assert file._writer
        file._writer.execute("PRAGMA max_page_count = 1000000")
    _store(database, "z")
    assert audit.add(b"y", 1).result() == 1
    audit.close()
    assert _names(database) == {"a", "z", *written}
    assert check(database) == []
    with database.read_audit() as r:
        assert verify(r) is None
    database.close()


_SMALL_DISK = """
import resource, sys
sys.path.insert(0, {folder!r})
import conftest, contents
from nof1.store.check import check
from nof1.store.database import StoreUnavailable, opened
from nof1.store.resources import put_many
database = opened({path!r})
most = 3_000_000
resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        with database.write() as w:
            put_many(w, [contents.item("Patient", f"{{done}}-{{at}}", "x" * 500) for at in range(20)], now=1)
        done += 1
except StoreUnavailable as error:
    print(error)
assert done
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with database.write() as w:
    put_many(w, [contents.item("Patient", "last", "x")], now=1)
assert check(database) == [], check(database)
with database.read() as r:
    assert r.row("SELECT count(*) FROM resource") == (done * 20 + 1,)
print("whole")
"""


def test_a_file_that_may_not_grow_on_sqlite(tmp_path: Path) -> None:
    """The system itself refuses the bytes, as a full disk or a quota does."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    program = _SMALL_DISK.format(folder=str(Path(__file__).parent), path=str(tmp_path / "record.db"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told, end = done.stdout.splitlines()
    assert "cannot serve now" in told and end == "whole"


def test_sqlite_locked_by_another_program(tmp_path: Path) -> None:
    path = str(tmp_path / "record.db")
    database = opened(path, wait_s=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="another program is writing"):
        _store(database, "a")
    other.execute("ROLLBACK")
    other.close()
    _store(database, "a")
    assert _names(database) == {"a"}
    database.close()


def test_a_question_that_takes_too_long(url: str) -> None:
    database = opened(url, deadline_s=0.3)
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) SELECT count(*) FROM n"
    with pytest.raises(StoreUnavailable, match="too long"), database.read() as r:
        r.row(endless, (10**11,))
    with database.read() as r:
        assert r.row(endless, (1000,)) == (1000,)
    with database.read(is_long=True) as r:  # what is meant to last does
        assert r.row(endless, (3_000_000,)) == (3_000_000,)
    database.close()


@pytest.fixture
def on_postgresql(new_database: Callable[[], str]) -> str:
    return new_database()


def _cut_all(url: str) -> None:
    """Ends every other connection to the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_idle_connections_that_were_cut_are_not_noticed(on_postgresql: str) -> None:
    database = opened(on_postgresql)
    audit = Audit(database)
    for at in range(4):
        with database.read() as one, database.read() as other:
            assert one.row("SELECT 1") == other.row("SELECT 1")
        assert audit.add(b"event", at).result() == at + 1
        _store(database, f"n{at}")
        _cut_all(on_postgresql)
    assert len(_names(database)) == 4
    audit.close()
    database.close()


def test_a_connection_cut_within_a_transaction(on_postgresql: str) -> None:
    database = opened(on_postgresql)
    _store(database, "a")
    items = [contents.item("Patient", f"lost{at}", "x") for at in range(100)]

    def before_the_commit() -> None:
        with database.write() as w:
            put_many(w, items[:1], now=1)
            _cut_all(on_postgresql)

    def within_the_writing() -> None:
        with database.write() as w:
            put_many(w, items, now=1)
            _cut_all(on_postgresql)
            put_many(w, items, now=1)

    def within_the_reading() -> None:
        with database.read() as r:
            assert read(r, "Patient", "a")
            _cut_all(on_postgresql)
            read(r, "Patient", "a")

    for work in (before_the_commit, within_the_writing, within_the_reading):
        with pytest.raises(StoreUnavailable, match="does not answer"):
            work()
    _store(database, "b")
    assert _names(database) == {"a", "b"}
    assert check(database) == []
    database.close()


def test_a_server_that_crashes_and_comes_back(new_server: Callable[[], Any]) -> None:
    """Its processes are killed while writers write; who was acknowledged is found after the recovery."""
    server = new_server()
    database = opened(server.get_uri())
    stored: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        at = 0
        while not is_over.is_set():
            at += 1
            try:
                _store(database, f"n{at}")
            except StoreUnavailable:
                is_over.wait(0.02)
            else:
                stored.append(f"n{at}")

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    for _ in range(2):
        number = len(stored)
        while len(stored) < number + 20:
            is_over.wait(0.01)
        server.crash()
        with pytest.raises(StoreUnavailable):
            _names(database)
        server.start()
    number = len(stored)
    while len(stored) < number + 20:  # the same store object goes on
        is_over.wait(0.01)
    is_over.set()
    thread.join()
    assert set(stored) <= _names(database)
    assert check(database) == []
    database.close()


def test_addresses_that_lead_nowhere(tmp_path: Path, on_postgresql: str) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened; check folder"):
        opened(str(tmp_path / "no" / "record.db"))
    with pytest.raises(StoreUnavailable, match=r"no connection to PostgreSQL.*No such file") as caught:
        opened(f"postgresql://nobody:secret@/x?host={tmp_path}")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreUnavailable, match='database "absent" does not exist'):
        opened(re.sub(r"@/\w+", "@/absent", on_postgresql))
    with pytest.raises(StoreError, match="cannot be read") as refused:
        opened("postgresql://nobody:sec%ret@/x")
    assert "sec" not in str(refused.value)
    with pytest.raises(StoreError, match="'mysql' is no database"):
        opened("mysql://somewhere/x")
