"""Backups: online, of one moment, restored equal on either database, and nothing at all from a damaged one."""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contents
import pytest

from nof1.store.audit import append, verify
from nof1.store.backup import backup, restore, verified
from nof1.store.check import check
from nof1.store.database import Database, StoreError, opened
from nof1.store.migrations import said
from nof1.store.resources import delete, put_many
from nof1.store.schema import INDEXES

_TABLES = (
    "about",
    "kind",
    "parameter",
    "system",
    "resource",
    "version",
    "counted",
    "counted_code",
    "counted_text",
    *INDEXES,
)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as w:
        items = [contents.item(kind, f"n{at}", f"wörd {at}\t\\", at) for kind in contents.KINDS for at in range(40)]
        put_many(w, items, now=1)
        put_many(w, [contents.item("Patient", "n1", "other")], now=2)
        delete(w, "Observation", "n3", now=3)
    with database.write_audit() as w:
        append(w, [(at, b"event %d" % at) for at in range(50)])
    return database


def _content(database: Database) -> dict[str, Any]:
    with database.read() as r:
        found: dict[str, Any] = {table: set(r.rows(f"SELECT * FROM {table}")) for table in _TABLES}
    with database.read_audit() as r:
        found["audit"] = r.rows("SELECT * FROM audit ORDER BY seq")
        assert verify(r) is None
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "restored.db")
    make: Callable[[], str] = request.getfixturevalue("new_database")
    return make()


def test_restored_equal_on_either_database(filled: Database, target: str, tmp_path: Path) -> None:
    rows: list[int] = []
    digest = backup(filled, tmp_path / "b.nof1", rows.append)
    assert rows == sorted(rows) and rows[-1] > 500
    assert digest == verified(tmp_path / "b.nof1") == restore(tmp_path / "b.nof1", target)
    restored = opened(target)
    assert _content(restored) == _content(filled)
    with restored.write() as w:  # and work goes on
        put_many(w, [contents.item("Patient", "n1", "again"), contents.item("RiskAssessment", "new", "x")], now=4)
    assert check(restored) == []
    restored.close()
    assert sorted(path.name for path in tmp_path.iterdir() if "b.nof1" in path.name) == ["b.nof1"]


def test_taken_while_a_writer_writes(filled: Database, tmp_path: Path) -> None:
    is_over = threading.Event()

    def write() -> None:
        at = 0
        while not is_over.is_set():
            at += 1
            with filled.write() as w:
                put_many(
                    w,
                    [contents.item("Patient", f"busy{at % 7}", f"x{at}"), contents.item("Patient", f"busy{at}", "y")],
                    now=at,
                )

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    for at in range(5):
        backup(filled, tmp_path / f"b{at}.nof1")
    is_over.set()
    thread.join()
    restore(tmp_path / "b4.nof1", str(tmp_path / "restored.db"))
    restored = opened(str(tmp_path / "restored.db"))
    assert check(restored) == []
    with restored.read() as r:
        assert r.row("SELECT count(*), max(seq) FROM version WHERE seq > 122") != (0, None)
    restored.close()


def test_only_into_an_empty_store(filled: Database, url: str, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b.nof1")
    before = _content(filled)
    with pytest.raises(StoreError, match="not; give a new file or database"):
        restore(tmp_path / "b.nof1", url)
    assert _content(filled) == before
    with pytest.raises(StoreError, match="exists; give the backup another name"):
        backup(filled, tmp_path / "b.nof1")


def test_a_damaged_backup_restores_nothing(filled: Database, target: str, tmp_path: Path) -> None:
    whole = tmp_path / "b.nof1"
    backup(filled, whole)
    packed, plain = whole.read_bytes(), gzip.decompress(whole.read_bytes())
    rng = random.Random(3)
    damaged = tmp_path / "d.nof1"
    cases = [
        packed[: len(packed) // 2],
        b"",
        b"text",
        packed[:-9],
        gzip.compress(plain[:-1]),
        gzip.compress(plain[: len(plain) // 2]),
    ]
    for _ in range(30):  # a byte changed, packed anew so that the file itself is sound
        at = rng.randrange(len(plain))
        cases.append(gzip.compress(plain[:at] + bytes([plain[at] ^ (1 << rng.randrange(8))]) + plain[at + 1 :], 1))
    for case in cases:
        damaged.write_bytes(case)
        with pytest.raises(StoreError) as caught:
            restore(damaged, target)
        assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="No such file"):
        restore(tmp_path / "absent", target)
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        backup(filled, tmp_path / "no" / "b.nof1")
    store = opened(target)
    with store.read() as r:
        assert r.row("SELECT count(*) FROM resource") == (0,)
        assert said(r, "version")
    store.close()
    restore(whole, target)


def test_a_backup_of_a_newer_program(filled: Database, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nof1.store.schema.VERSION", 99)
    backup(filled, tmp_path / "b.nof1")
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"version 99.*restore it with the nof1 that made it"):
        restore(tmp_path / "b.nof1", target)
