"""What a write or a read of one resource costs does not grow with the store, counted in steps of SQLite's machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import contents

from nof1.store.audit import append, events
from nof1.store.database import opened
from nof1.store.history import changes, history, last, number
from nof1.store.resources import delete, number_of, put_many, read, vread
from nof1.store.sqlite import Sqlite


def _steps(connection: sqlite3.Connection, work: Callable[[], object]) -> int:
    counted = [0]

    def count() -> None:
        counted[0] += 1

    connection.set_progress_handler(count, 1)
    work()
    connection.set_progress_handler(None, 0)
    return counted[0]


def _costs(database: Sqlite, round_: int) -> dict[str, int]:
    costs = {}
    for name, write in {
        "create": lambda w: put_many(w, [contents.item("Patient", f"new{round_}", "a")], now=1),
        "update": lambda w: put_many(w, [contents.item("Observation", "n5", f"word{round_}", round_)], now=1),
        "some": lambda w: put_many(w, [contents.item("Patient", f"some{round_}-{at}", "a") for at in range(20)], now=1),
        "delete": lambda w: delete(w, "RiskAssessment", f"n{round_}", now=1),
    }.items():
        with database.write() as w:
            assert database._record._writer
            costs[name] = _steps(database._record._writer, lambda write=write, w=w: write(w))
    with database.write_audit() as w:
        append(w, [(1, b"event")] * 100)
        assert database._audit._writer
        costs["audit"] = _steps(database._audit._writer, lambda: append(w, [(1, b"event")]))
        costs["events"] = _steps(database._audit._writer, lambda: events(w, after=50, count=3))
    with database.read() as r:
        for name, work in {
            "read": lambda: read(r, "Observation", "n7"),
            "vread": lambda: vread(r, "Observation", "n5", 1),
            "history": lambda: history(r, count=10),
            "history of a type": lambda: history(r, "Observation", count=10),
            "history of one": lambda: history(r, "Observation", "n7"),
            "changes": lambda: changes(r, last(r) - 5, kind="RiskAssessment"),
            "number of": lambda: number_of(r, "Patient"),
            "number of versions": lambda: number(r, "Observation", "n7"),
        }.items():
            costs[name] = _steps(r._connection, work)
    return costs


def test_the_cost_of_one_stays_while_the_store_grows(tmp_path: Path) -> None:
    database = opened(str(tmp_path / "record.db"))
    assert isinstance(database, Sqlite)

    def grow(start: int, end: int) -> None:
        for kind in contents.KINDS:
            with database.write() as w:
                put_many(w, [contents.item(kind, f"n{at}", "few", at) for at in range(start, end)], now=1)

    grow(0, 100)
    _costs(database, 1)
    small = _costs(database, 2)
    grow(100, 1500)
    large = _costs(database, 3)
    database.close()
    grown = {name: (small[name], large[name]) for name in small if large[name] > 1.3 * small[name] + 10}
    assert grown == {}


def test_a_scan_would_be_seen(tmp_path: Path) -> None:
    database = opened(str(tmp_path / "record.db"))
    with database.write() as w:
        put_many(w, [contents.item("Patient", f"n{at}", "few") for at in range(300)], now=1)
    with database.read() as r:
        assert _steps(r._connection, lambda: r.rows("SELECT max(vid + 0) FROM resource")) > 300  # type: ignore[attr-defined]
    database.close()
