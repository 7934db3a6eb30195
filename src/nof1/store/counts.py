"""How many rows of an index have a code or a text, kept beside it: a total without counting, the texts there are without
looking through all rows.

Codes only of parameters whose tokens are all codes: of identifiers there are nearly as many as resources.
"""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from nof1.fhir.index_shared import is_of_codes
from nof1.store.schema import KIND_SPAN
from nof1.store.session import Reader, Row, Writer

_FEW = 16


class Tally(NamedTuple):
    """A table of counts. ``key``: its columns with their types in PostgreSQL. ``source``: the index that is counted,
    ``said``: by which expressions, ``of``: the key of one row. ``is_counted``: whether the rows of a parameter are.
    """

    table: str
    key: Mapping[str, str]
    source: str
    said: str
    of: Callable[[Row], Row]
    is_counted: Callable[[str], bool]


CODES = Tally(
    "counted_code",
    {"parameter": "integer", "code": "text", "system": "bigint", "kind": "integer"},
    "i_token",
    f"parameter, code, system, rid / {KIND_SPAN}",
    lambda row: (*row[:3], row[3] // KIND_SPAN),
    is_of_codes,
)
TEXTS = Tally(
    "counted_text",
    {"parameter": "integer", "norm": "text"},
    "i_text",
    "parameter, norm",
    lambda row: row[:2],
    lambda _: True,
)
TALLIES = (CODES, TEXTS)


def change(w: Writer, gone: Mapping[str, Iterable[Row]], new: Mapping[str, Iterable[Row]]) -> None:
    """Follows rows that are taken out of the indexes and put in, by table."""
    for tally in TALLIES:
        counted = {number for name, number in w.numbers.parameters.items() if tally.is_counted(name)}
        found: Counter[Row] = Counter()
        for sign, rows in ((-1, gone.get(tally.source, ())), (1, new.get(tally.source, ()))):
            for row in rows:
                if row[0] in counted:
                    found[tally.of(row)] += sign
        _add(w, tally, sorted((*key, number) for key, number in found.items() if number))


def _add(w: Writer, tally: Tally, rows: list[Row]) -> None:
    if w.dialect == "postgresql" and len(rows) > _FEW:
        arrays = ", ".join(f"?::{kind}[]" for kind in (*tally.key.values(), "bigint"))
        w.run(_adding(tally, f"SELECT * FROM unnest({arrays})"), [list(column) for column in zip(*rows, strict=True)])
    elif rows:
        w.many(_adding(tally, f"VALUES ({', '.join('?' * len(rows[0]))})"), rows)


def _adding(tally: Tally, rows: str) -> str:
    key = ", ".join(tally.key)
    number = f"number = {tally.table}.number + excluded.number"
    return f"INSERT INTO {tally.table} ({key}, number) {rows} ON CONFLICT ({key}) DO UPDATE SET {number}"


def made_anew(w: Writer) -> None:
    """Counts all rows of the indexes."""
    emptied(w)
    for tally in TALLIES:
        for parameter in _parameters(w, tally):
            w.run(f"INSERT INTO {tally.table} ({', '.join(tally.key)}, number) {_counted(tally)}", (parameter,))


def emptied(w: Writer) -> None:
    """Leaves no count."""
    for tally in TALLIES:
        w.run(f"DELETE FROM {tally.table}")


def number_of_code(r: Reader, parameter: int, code: str, system: int, kind: int) -> int:
    """How many resources of a type have a code."""
    row = r.row(
        "SELECT number FROM counted_code WHERE parameter = ? AND code = ? AND system = ? AND kind = ?",
        (parameter, code, system, kind),
    )
    return row[0] if row else 0


def faults(r: Reader) -> list[str]:
    """Where the counts are not those of the index."""
    names: dict[int, str] = dict(r.rows("SELECT parameter, id FROM parameter"))
    told = []
    for tally in TALLIES:
        size = len(tally.key)
        said = r.each(f"SELECT {', '.join(tally.key)}, number FROM {tally.table}")
        kept = {row[:size]: row[size] for row in said if row[size]}
        found = {row[:size]: row[size] for one in _parameters(r, tally) for row in r.rows(_counted(tally), (one,))}
        told += [
            f"{names.get(key[0], f'parameter {key[0]}')}: {tally.table} tells {kept.get(key, 0)} rows where {tally.source} "
            f"has {found.get(key, 0)}"
            for key in sorted({*kept, *found})
            if kept.get(key, 0) != found.get(key, 0)
        ]
    return told


def _counted(tally: Tally) -> str:
    """The counts of one parameter as the index says them."""
    groups = ", ".join(str(at + 1) for at in range(len(tally.key)))
    return f"SELECT {tally.said}, count(*) FROM {tally.source} WHERE parameter = ? GROUP BY {groups}"


def _parameters(r: Reader, tally: Tally) -> list[int]:
    return [number for number, name in r.rows("SELECT parameter, id FROM parameter ORDER BY 1") if tally.is_counted(name)]
