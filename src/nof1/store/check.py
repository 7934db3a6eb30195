"""Checks a store against itself: versions, counters, and every index row against the content it was made of, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from nof1.fhir.indexing import indexed
from nof1.store import counts, indexes
from nof1.store.body import instant
from nof1.store.indexes import COLUMNS
from nof1.store.names import TABLES
from nof1.store.schema import KIND_SPAN
from nof1.store.session import Database, Reader, Row
from nof1.store.texts import kept

Progress = Callable[[int, int], None]
_BLOCK = 4096  # resources whose rows are summed up together
_MASK = (1 << 64) - 1
_MOST_TOLD = 20  # of one kind of fault
_EVERY = 1000
_DECODER = msgspec.json.Decoder()


def check(database: Database, progress: Progress | None = None) -> list[str]:
    """One line for each fault, empty for a whole store. ``progress``: called with resources checked and their number.

    Lines name resources by type and id, and tables; nothing of their content. All of it sees one snapshot: the store may be
    written meanwhile. Memory does not grow with the store, but for a few numbers for each 4,096 resources and for the
    different codes and texts that are counted.
    """
    with database.read(is_long=True) as r:
        faults = [*_of_versions(r), *_of_counters(r)]
        sums, more = _made_sums(r, progress or (lambda _done, _all: None))
        faults += more
        kept = _kept_sums(r)
        differing = {key for key in {*sums, *kept} if sums.get(key, 0) != kept.get(key, 0)}
        faults += _of_rows(r, differing)
    return faults


class _Found(NamedTuple):
    rid: int
    kind: int
    id: str
    vid: int
    updated: int
    at: int
    body: bytes | None


_STATEMENTS = {
    "{0}/{1}: its versions are not numbered one after the other to its last": (
        "SELECT k.name, s.id FROM resource AS s JOIN kind AS k ON k.kind = s.kind LEFT JOIN "
        "(SELECT rid, count(*) AS number, min(vid) AS low, max(vid) AS high FROM version GROUP BY rid) AS v "
        "ON v.rid = s.rid WHERE v.rid IS NULL OR v.low <> 1 OR v.high <> v.number OR v.high <> s.vid"
    ),
    "{0}/{1}: it and its last version do not agree": (
        "SELECT k.name, s.id FROM resource AS s JOIN kind AS k ON k.kind = s.kind JOIN version AS v "
        "ON v.rid = s.rid AND v.vid = s.vid WHERE v.seq <> s.seq OR v.updated <> s.updated OR v.kind <> s.kind "
        "OR (v.body IS NULL) <> (s.deleted = 1)"
    ),
    "{0}/{1}: a version comes in the sequence before the one it follows": (
        "SELECT k.name, s.id FROM version AS a JOIN version AS b ON b.rid = a.rid AND b.vid = a.vid + 1 "
        "JOIN resource AS s ON s.rid = a.rid JOIN kind AS k ON k.kind = s.kind WHERE b.seq <= a.seq OR b.updated < a.updated"
    ),
    "change {0}: two changes have this number": "SELECT seq FROM version GROUP BY seq HAVING count(*) > 1",
    "change {0}: it is of a resource that does not exist": (
        "SELECT v.seq FROM version AS v LEFT JOIN resource AS s ON s.rid = v.rid WHERE s.rid IS NULL"
    ),
    "row {0} of the table of resources: its type has no name, or its number is not of its type": (
        "SELECT s.rid FROM resource AS s LEFT JOIN kind AS k ON k.kind = s.kind "  # noqa: S608
        f"WHERE k.kind IS NULL OR s.rid / {KIND_SPAN} <> s.kind"
    ),
}


def _of_versions(r: Reader) -> list[str]:
    faults = []
    for text, sql in _STATEMENTS.items():
        faults += [text.format(*row) for row in r.rows(f"{sql} LIMIT {_MOST_TOLD}")]
    last = None
    for seq, updated in r.each("SELECT seq, updated FROM version ORDER BY seq"):
        if last is not None and updated < last:
            return [*faults, f"change {seq}: its time is before that of the change before it"]
        last = updated
    return faults


def _of_counters(r: Reader) -> list[str]:
    counted: dict[int, int] = dict(r.rows("SELECT kind, number FROM counted WHERE number <> 0"))
    found: dict[int, int] = dict(r.rows("SELECT kind, count(*) FROM resource WHERE deleted = 0 GROUP BY kind"))
    names: dict[int, str] = dict(r.rows("SELECT kind, name FROM kind"))
    differing = [kind for kind in sorted({*counted, *found}) if counted.get(kind, 0) != found.get(kind, 0)]
    return [
        *(
            f"{names.get(kind, f'type {kind}')}: {counted.get(kind, 0)} are counted, there are {found.get(kind, 0)}"
            for kind in differing
        ),
        *counts.faults(r)[:_MOST_TOLD],
    ]


class _Known(dict[str, int]):
    """name -> number as the store has them; -1 for what it lacks, which no row can have."""

    def __missing__(self, name: str) -> int:
        return self.get(kept(name), -1)


class _Numbers:
    """What ``indexes.rows`` asks, without adding to the store."""

    def __init__(self, r: Reader) -> None:
        self.kinds: dict[str, int] = _known(r, "kind")
        self.parameters: dict[str, int] = _known(r, "parameter")
        self.systems: dict[str, int] = _known(r, "system")


def _known(r: Reader, table: str) -> _Known:
    number, name = TABLES[table]
    return _Known((text, one) for one, text in r.rows(f"SELECT {number}, {name} FROM {table}"))  # noqa: S608


def _resources(r: Reader) -> Iterator[_Found]:
    """The last versions, in the order of their row numbers."""
    for row in r.each(
        "SELECT s.rid, s.kind, s.id, s.vid, s.updated, s.at, v.body FROM resource AS s "
        "JOIN version AS v ON v.rid = s.rid AND v.vid = s.vid ORDER BY s.rid"
    ):
        yield _Found(*row)


def _made_sums(r: Reader, progress: Progress) -> tuple[dict[tuple[str, int], int], list[str]]:
    """(table, block of resources) -> sum over the rows that their contents give; and what is wrong with contents."""
    numbers, sums, faults = _Numbers(r), dict[tuple[str, int], int](), list[str]()
    row = r.row("SELECT count(*) FROM resource")
    of_all, done = row[0] if row else 0, 0
    names = {number: name for name, number in numbers.kinds.items()}
    for found in _resources(r):
        if found.body is not None:
            body = _DECODER.decode(found.body)
            of = indexed(body)
            faults += _of_body(found, body, of.at, names.get(found.kind, "?"))
            for table, rows in indexes.rows(of, numbers, found.kind, found.rid).items():
                key = (table, found.rid // _BLOCK)
                sums[key] = (sums.get(key, 0) + sum(map(hash, rows))) & _MASK
        done += 1
        if done % _EVERY == 0:
            progress(done, of_all)
    progress(done, of_all)
    return sums, faults[:_MOST_TOLD]


def _of_body(found: _Found, body: dict[str, Any], at: int, kind: str) -> list[str]:
    meta = body.get("meta", {})
    stamped = (body.get("resourceType"), body.get("id"), meta.get("versionId"), meta.get("lastUpdated"))
    faults = []
    if stamped != (kind, found.id, str(found.vid), instant(found.updated)):
        faults.append(f"{kind}/{found.id}: its body is not that of this resource and version")
    if at != found.at:
        faults.append(f"{kind}/{found.id}: its clinical time is not that of its content")
    return faults


def _kept_sums(r: Reader) -> dict[tuple[str, int], int]:
    """(table, block of resources) -> sum over the rows that stand in the tables."""
    sums: dict[tuple[str, int], int] = {}
    for table, columns in COLUMNS.items():
        place = columns.index("rid")
        for row in _of_table(r, table):
            key = (table, row[place] // _BLOCK)
            sums[key] = (sums.get(key, 0) + hash(row)) & _MASK
    return sums


def _of_table(r: Reader, table: str) -> Iterator[Row]:
    return r.each(f"SELECT {', '.join(COLUMNS[table])} FROM {table}")  # noqa: S608


def _of_rows(r: Reader, differing: set[tuple[str, int]]) -> list[str]:
    """What exactly differs in the tables and blocks whose sums do."""
    faults: list[str] = []
    for table in sorted({table for table, _ in differing}):
        blocks = sorted(block for of, block in differing if of == table)
        faults += _of_blocks(r, table, blocks[:_MOST_TOLD])
    return faults


def _of_blocks(r: Reader, table: str, blocks: list[int]) -> list[str]:
    place, numbers = COLUMNS[table].index("rid"), _Numbers(r)
    wanted = set(blocks)
    kept = {row for row in _of_table(r, table) if row[place] // _BLOCK in wanted}
    made: set[Row] = set()
    names = {number: name for name, number in numbers.kinds.items()}
    named: dict[int, str] = {}
    for found in _resources(r):
        if found.rid // _BLOCK in wanted:
            if found.body is not None:
                of = indexes.extracted(found.body)
                made |= indexes.rows(of, numbers, found.kind, found.rid).get(table, set())
            named[found.rid] = f"{names.get(found.kind, '?')}/{found.id}"
    return [
        *_told({row[place] for row in made - kept}, named, f"{table} lacks a row of its content"),
        *_told({row[place] for row in kept - made}, named, f"{table} has a row that its content does not give"),
    ]


def _told(rids: set[int], named: dict[int, str], fault: str) -> list[str]:
    told = [f"{named.get(rid, f'row {rid}, no resource')}: {fault}" for rid in sorted(rids)[:_MOST_TOLD]]
    return [*told, f"{len(rids) - _MOST_TOLD} more: {fault}"] if len(rids) > _MOST_TOLD else told
