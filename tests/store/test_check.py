"""The check of a store finds every kind of fault, names where it is, and shows nothing of the content."""

from __future__ import annotations

import contents
import pytest

from nof1.store.check import check
from nof1.store.database import Database
from nof1.store.resources import delete, put_many
from nof1.store.schema import INDEXES


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as w:
        put_many(w, [contents.item(kind, f"n{at}", f"secret{at}", at) for kind in contents.KINDS for at in range(30)], now=1)
        put_many(w, [contents.item("Patient", "n1", "other"), contents.item("Patient", "n2", "again")], now=2)
        delete(w, "Observation", "n3", now=3)
    return database


def test_a_sound_store_and_its_progress(filled: Database) -> None:
    told: list[tuple[int, int]] = []
    assert check(filled, lambda done, of_all: told.append((done, of_all))) == []
    assert told[-1] == (90, 90)


def test_the_contents_reach_every_index_table(filled: Database) -> None:
    with filled.read() as r:
        empty = {table for table in INDEXES if not r.row(f"SELECT 1 FROM {table} LIMIT 1")}
    assert empty == set()


@pytest.mark.parametrize("table", INDEXES)
def test_a_row_that_is_lacking(filled: Database, table: str) -> None:
    columns = INDEXES[table][1]
    with filled.write() as w:
        row = w.row(f"SELECT {columns} FROM {table} ORDER BY rid LIMIT 1")
        assert row
        w.run(f"DELETE FROM {table} WHERE " + " AND ".join(f"{column} = ?" for column in columns.split(", ")), row)
    [fault] = _but_counts(check(filled))
    assert fault.endswith(f": {table} lacks a row of its content") and "/n" in fault
    assert "secret" not in fault


@pytest.mark.parametrize("table", INDEXES)
def test_a_row_too_many(filled: Database, table: str) -> None:
    """A row of one resource given to a deleted one as well, and one of no resource."""
    columns = INDEXES[table][1]
    with filled.write() as w:
        row = w.row(f"SELECT {columns} FROM {table} ORDER BY rid LIMIT 1")
        [deleted] = w.row("SELECT rid FROM resource WHERE deleted = 1") or ()
        assert row
        for rid in (deleted, deleted + 500):
            copied = [rid if column == "rid" else value for column, value in zip(columns.split(", "), row, strict=True)]
            w.copy(table, columns, [tuple(copied)])
    faults = _but_counts(check(filled))
    assert faults[0] == f"Observation/n3: {table} has a row that its content does not give"
    assert faults[1] == f"row {deleted + 500}, no resource: {table} has a row that its content does not give"
    assert len(faults) == 2


def _but_counts(faults: list[str]) -> list[str]:
    """Without what follows from an index of tokens that is wrong."""
    return [one for one in faults if ": counted_" not in one]


_BROKEN = {
    "UPDATE counted_code SET number = number + 2 WHERE code = 'final' AND number = 29": (
        "Observation-status: counted_code tells 31 rows where i_token has 29"
    ),
    "DELETE FROM counted_code WHERE code = 'final' AND number = 29": (
        "Observation-status: counted_code tells 0 rows where i_token has 29"
    ),
    "UPDATE counted SET number = number + 1 WHERE kind = (SELECT kind FROM kind WHERE name = 'Patient')": "Patient: 31 are counted, there are 30",
    "DELETE FROM counted": "Patient: 0 are counted, there are 30",
    "UPDATE counted_text SET number = 9 WHERE norm = 'display secret7'": (
        "clinical-code: counted_text tells 9 rows where i_text has 1"
    ),
    "UPDATE resource SET vid = 3 WHERE id = 'n1'": "Patient/n1: its versions are not numbered one after the other to its last",
    "DELETE FROM version WHERE vid = 1 AND rid = (SELECT rid FROM version WHERE vid = 2 AND method = 4)": (
        "Observation/n3: its versions are not numbered one after the other to its last"
    ),
    "UPDATE version SET rid = 5 WHERE vid = 1 AND seq = 1": "change 1: it is of a resource that does not exist",
    "UPDATE resource SET deleted = 0 WHERE id = 'n3'": "Observation/n3: it and its last version do not agree",
    "UPDATE resource SET seq = seq + 1 WHERE id = 'n1'": "Patient/n1: it and its last version do not agree",
    "UPDATE resource SET updated = 9 WHERE id = 'n4'": "Patient/n4: it and its last version do not agree",
    "UPDATE version SET seq = seq + 1000 WHERE seq = 2": "Patient/n1: a version comes in the sequence before the one it follows",
    "UPDATE version SET updated = 99 WHERE seq = 5": "change 6: its time is before that of the change before it",
    "UPDATE resource SET at = at + 1 WHERE id = 'n5'": "Observation/n5: its clinical time is not that of its content",
    "UPDATE resource SET id = 'other' WHERE id = 'n6'": "Patient/other: its body is not that of this resource and version",
    "UPDATE version SET body = (SELECT body FROM version WHERE seq = 8) WHERE seq = 9": (
        "Patient/n8: its body is not that of this resource and version"
    ),
    "UPDATE resource SET kind = 77 WHERE seq = 8": "its type has no name, or its number is not of its type",
}


@pytest.mark.parametrize("sql", _BROKEN)
def test_other_faults(filled: Database, sql: str) -> None:
    with filled.write() as w:
        w.run(sql)
    faults = check(filled)
    assert any(_BROKEN[sql] in fault for fault in faults), faults
    assert not any("secret" in fault for fault in faults)
