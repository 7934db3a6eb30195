"""The tables of the record store, one schema for SQLite and PostgreSQL, and the migrations between its versions.

Index tables are clustered by what is searched and hold no way back from a resource: an update takes the rows of the old
version away by extracting them again (``index_edition`` says by which code they were made). Small numbers stand for resource
types (``kind``), search parameters (``parameter``) and systems of codes (``system``); number 0 is the empty text.

Times are microseconds since 1970 in UTC. ``part`` groups rows of one composite; 0 for ordinary parameters.

A ``rid`` carries its type and its age: ``kind * KIND_SPAN + seq`` of the first version (``rid_of``). So the resources of one
type are a range of rids in every index, without a look at ``resource``; and of two resources the later has the higher seq.
"""

from __future__ import annotations

from typing import Literal

Dialect = Literal["sqlite", "postgresql"]
VERSION = 2
# changes that a store can number: 6.9e10; a rid stays below 2**47, six bytes in SQLite
KIND_SPAN = 2**36
# what of the schema differs: the words of a dialect for the words used below
_WORDS: dict[Dialect, dict[str, str]] = {
    "sqlite": {
        "TEXT_": "TEXT",
        "BYTES": "BLOB",
        "WIDE": "INTEGER",
        "SMALL": "INTEGER",
        "REAL_": "REAL",
        "CLUSTERED": "WITHOUT ROWID",
    },
    "postgresql": {
        "TEXT_": 'TEXT COLLATE "C"',
        "BYTES": "BYTEA",
        "WIDE": "BIGINT",
        "SMALL": "INTEGER",
        "REAL_": "DOUBLE PRECISION",
        "CLUSTERED": "",
    },
}
# name -> (columns, key); every index table ends with rid, most with rid and part
INDEXES: dict[str, tuple[str, str]] = {
    "i_token": ("parameter SMALL, code TEXT_, system WIDE, rid WIDE, part SMALL", "parameter, code, system, rid, part"),
    # display and text of a token (modifier :text), under the same parameter
    "i_text": ("parameter SMALL, norm TEXT_, rid WIDE, part SMALL", "parameter, norm, rid, part"),
    "i_string": (
        "parameter SMALL, norm TEXT_, exact TEXT_, rid WIDE, part SMALL",
        "parameter, norm, exact, rid, part",
    ),
    # three letters of any string but words of narratives (grams.py)
    "i_gram": ("gram TEXT_, rid WIDE", "gram, rid"),
    "i_date": ("parameter SMALL, low WIDE, high WIDE, rid WIDE, part SMALL", "parameter, low, high, rid, part"),
    # code: as written (system and code, or system 0 and the unit); canon: UCUM code of the canonical unit, with its values
    "i_quantity": (
        "parameter SMALL, code TEXT_, system WIDE, low REAL_, high REAL_, rid WIDE, part SMALL",
        "parameter, code, system, low, high, rid, part",
    ),
    "i_canonical": (
        "parameter SMALL, canon TEXT_, low REAL_, high REAL_, rid WIDE, part SMALL",
        "parameter, canon, low, high, rid, part",
    ),
    "i_number": ("parameter SMALL, low REAL_, high REAL_, rid WIDE, part SMALL", "parameter, low, high, rid, part"),
    # target: id within kind; an address of elsewhere has kind 0 and the whole address in target
    "i_reference": ("parameter SMALL, target TEXT_, kind SMALL, rid WIDE, part SMALL", "parameter, target, kind, rid, part"),
    "i_uri": ("parameter SMALL, value TEXT_, rid WIDE, part SMALL", "parameter, value, rid, part"),
    # owner: id of the patient, encounter, ...; kind: type of the resource; at: its clinical time, 0 without one
    "i_compartment": (
        "compartment SMALL, owner TEXT_, kind SMALL, at WIDE, rid WIDE",
        "compartment, owner, kind, at, rid",
    ),
    # what a resource is about with when and how much: answers population queries by code without sorting
    "i_code_date": (
        "parameter SMALL, code TEXT_, system WIDE, at WIDE, rid WIDE",
        "parameter, code, system, at, rid",
    ),
    "i_code_quantity": (
        "parameter SMALL, code TEXT_, system WIDE, canon TEXT_, value REAL_, rid WIDE",
        "parameter, code, system, canon, value, rid",
    ),
}
_TABLES = """
CREATE TABLE about (name TEXT_ PRIMARY KEY, value TEXT_ NOT NULL);
CREATE TABLE kind (kind SMALL PRIMARY KEY, name TEXT_ NOT NULL UNIQUE);
CREATE TABLE parameter (parameter SMALL PRIMARY KEY, id TEXT_ NOT NULL UNIQUE);
CREATE TABLE system (system WIDE PRIMARY KEY, uri TEXT_ NOT NULL UNIQUE);
CREATE TABLE resource (
  rid WIDE PRIMARY KEY, kind SMALL NOT NULL, id TEXT_ NOT NULL, vid SMALL NOT NULL, seq WIDE NOT NULL,
  updated WIDE NOT NULL, deleted SMALL NOT NULL, at WIDE NOT NULL, UNIQUE (kind, id)
);
CREATE INDEX resource_by_time ON resource (kind, updated, rid);
CREATE TABLE version (
  rid WIDE NOT NULL, vid SMALL NOT NULL, kind SMALL NOT NULL, seq WIDE NOT NULL UNIQUE, updated WIDE NOT NULL,
  method SMALL NOT NULL, body BYTES, PRIMARY KEY (rid, vid)
);
CREATE INDEX version_by_kind ON version (kind, seq);
CREATE TABLE counted (kind SMALL PRIMARY KEY, number WIDE NOT NULL);
CREATE TABLE counted_code (
  parameter SMALL NOT NULL, code TEXT_ NOT NULL, system WIDE NOT NULL, kind SMALL NOT NULL, number WIDE NOT NULL,
  PRIMARY KEY (parameter, code, system, kind)
) CLUSTERED;
CREATE TABLE counted_text (
  parameter SMALL NOT NULL, norm TEXT_ NOT NULL, number WIDE NOT NULL, PRIMARY KEY (parameter, norm)
) CLUSTERED;
CREATE TABLE audit (seq WIDE PRIMARY KEY, at WIDE NOT NULL, body BYTES NOT NULL, digest BYTES NOT NULL);
"""
# microseconds; longer times (stays, plans, months) are few and have an index of their own by their end
LONG = 86_400_000_000
# to find what a resource refers to, how much it says, its sort keys; and times that began long before they ended
_BY_RESOURCE = f"""
CREATE INDEX i_date_by_resource ON i_date (rid, parameter);
CREATE INDEX i_date_long ON i_date (parameter, high) WHERE high - low > {LONG};
CREATE INDEX i_quantity_by_resource ON i_quantity (rid, parameter);
CREATE INDEX i_reference_by_resource ON i_reference (rid, parameter);
CREATE INDEX i_string_by_resource ON i_string (rid, parameter);
"""


def rid_of(kind: int, seq: int) -> int:
    """The rid of a resource of type number ``kind`` whose first version is change number ``seq``.

    >>> rid_of(2, 5) - 2 * KIND_SPAN
    5
    """
    return kind * KIND_SPAN + seq


def rids_of(kind: int) -> tuple[int, int]:
    """The lowest and the highest rid that a resource of type number ``kind`` can have, both inclusive."""
    return kind * KIND_SPAN, (kind + 1) * KIND_SPAN - 1


def statement(dialect: Dialect, beginning: str) -> str:
    """The one statement of ``statements`` that begins so."""
    (found,) = (text for text in statements(dialect) if text.startswith(beginning))
    return found


def statements(dialect: Dialect) -> list[str]:
    """The statements that make an empty store of this version."""
    tables = [text.strip() for text in (_TABLES + _BY_RESOURCE).split(";") if text.strip()]
    made = [text for text in tables if not text.startswith("CREATE INDEX i_")]
    made += [
        f"CREATE TABLE {name} ({_required(columns)}, PRIMARY KEY ({key})) CLUSTERED"
        for name, (columns, key) in INDEXES.items()
    ]
    made += [text for text in tables if text.startswith("CREATE INDEX i_")]
    return [_in(dialect, text) for text in made]


def _required(columns: str) -> str:
    return ", ".join(f"{column.strip()} NOT NULL" for column in columns.split(","))


def _in(dialect: Dialect, text: str) -> str:
    for word, own in _WORDS[dialect].items():
        text = text.replace(word, own)
    return text.strip()
