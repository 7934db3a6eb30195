"""How many resources have a code, kept beside the index of tokens, so that a total is there without counting.

Only for parameters whose tokens are all codes: of identifiers there are nearly as many as resources.
"""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from nof1.fhir.index_shared import is_of_codes
from nof1.store.schema import KIND_SPAN
from nof1.store.session import Reader, Row, Writer

_ADD = "INSERT INTO counted_code (parameter, code, system, kind, number) {} ON CONFLICT (parameter, code, system, kind) "
_ADD += "DO UPDATE SET number = counted_code.number + excluded.number"
_ADD_ONE = _ADD.format("VALUES (?, ?, ?, ?, ?)")
_ADD_ARRAYS = _ADD.format("SELECT * FROM unnest(?::integer[], ?::text[], ?::bigint[], ?::integer[], ?::bigint[])")
_FEW = 16
# what the index of tokens says
_COUNTED = (
    f"SELECT parameter, code, system, rid / {KIND_SPAN}, count(*) FROM i_token WHERE parameter = ? GROUP BY 1, 2, 3, 4"
)


def changes(parameters: Mapping[str, int], gone: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """What rows of ``i_token`` change in the counts: (parameter, code, system, kind, by how many)."""
    counted = {number for name, number in parameters.items() if is_of_codes(name)}
    found: Counter[Row] = Counter()
    for sign, rows in ((-1, gone), (1, new)):
        for parameter, code, system, rid, _ in rows:
            if parameter in counted:
                found[parameter, code, system, rid // KIND_SPAN] += sign
    return sorted((*key, number) for key, number in found.items() if number)


def add(w: Writer, rows: list[Row]) -> None:
    """Adds changes to the counts."""
    if w.dialect == "postgresql" and len(rows) > _FEW:
        w.run(_ADD_ARRAYS, [list(column) for column in zip(*rows, strict=True)])
    else:
        w.many(_ADD_ONE, rows)


def made_anew(w: Writer) -> None:
    """Counts all codes of the index."""
    w.run("DELETE FROM counted_code")
    for parameter in _parameters(w):
        w.run(f"INSERT INTO counted_code (parameter, code, system, kind, number) {_COUNTED}", (parameter,))


def number_of(r: Reader, parameter: int, code: str, system: int, kind: int) -> int:
    """How many resources of a type have a code."""
    row = r.row(
        "SELECT number FROM counted_code WHERE parameter = ? AND code = ? AND system = ? AND kind = ?",
        (parameter, code, system, kind),
    )
    return row[0] if row else 0


def faults(r: Reader) -> list[str]:
    """Where the counts are not those of the index."""
    kept = {row[:4]: row[4] for row in r.each("SELECT parameter, code, system, kind, number FROM counted_code") if row[4]}
    found = {row[:4]: row[4] for parameter in _parameters(r) for row in r.rows(_COUNTED, (parameter,))}
    names: dict[int, str] = dict(r.rows("SELECT parameter, id FROM parameter"))
    return [
        f"{names.get(key[0], f'parameter {key[0]}')}: {kept.get(key, 0)} resources are counted under a code that "
        f"{found.get(key, 0)} have"
        for key in sorted({*kept, *found})
        if kept.get(key, 0) != found.get(key, 0)
    ]


def _parameters(r: Reader) -> list[int]:
    return [number for number, name in r.rows("SELECT parameter, id FROM parameter ORDER BY 1") if is_of_codes(name)]
