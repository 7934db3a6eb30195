"""Past versions, newest first, of one resource, of a type or of all; and what changed since, oldest first."""

from __future__ import annotations

from nof1.store.resources import METHODS, Stored
from nof1.store.session import Reader, Row

_BODY = (
    "SELECT v.kind, s.id, v.vid, v.updated, v.body, v.method, v.seq FROM version AS v JOIN resource AS s ON s.rid = v.rid"
)


def history(
    r: Reader,
    kind: str = "",
    id: str = "",  # noqa: A002
    *,
    since: int = 0,
    before: int | None = None,
    count: int = 100,
) -> list[Stored]:
    """At most ``count`` versions, newest first.

    ``since``: none from before this time in microseconds. ``before``: only those with a smaller ``seq``, for the next page:
    the ``seq`` of the last one of the page before.
    """
    where, values = _of(r, kind, id, _first_since(r, since))
    if before is not None:
        where, values = f"{where} AND v.seq < ?", [*values, before]
    rows = r.rows(f"{_BODY} WHERE {where} ORDER BY v.seq DESC LIMIT ?", [*values, count])
    return [_stored(r, row) for row in rows]


def number(r: Reader, kind: str = "", id: str = "", *, since: int = 0) -> int:  # noqa: A002
    """How many versions ``history`` has in all."""
    where, values = _of(r, kind, id, _first_since(r, since))
    row = r.row(f"SELECT count(*) FROM version AS v WHERE {where}", values)  # noqa: S608
    return row[0] if row else 0


def changes(r: Reader, after: int, *, kind: str = "", count: int = 100) -> list[Stored]:
    """At most ``count`` versions after the sequence number ``after``, oldest first; no later commit adds one before them."""
    where, values = _of(r, kind, "", after + 1)
    rows = r.rows(f"{_BODY} WHERE {where} ORDER BY v.seq LIMIT ?", [*values, count])
    return [_stored(r, row) for row in rows]


def last(r: Reader) -> int:
    """The sequence number of the last change, 0 for none."""
    row = r.row("SELECT max(seq) FROM version")
    return (row[0] if row else 0) or 0


def last_time(r: Reader) -> int:
    """The time of the last change in microseconds, 0 for none; no later commit has an earlier one."""
    row = r.row("SELECT updated FROM version ORDER BY seq DESC LIMIT 1")
    return row[0] if row else 0


def _of(r: Reader, kind: str, id: str, first: int) -> tuple[str, list[int]]:  # noqa: A002
    """The condition on versions from the sequence number ``first`` on, and its values."""
    where, values = "v.seq >= ?", [first]
    number = (r.names.kind(r, kind) or -1) if kind else 0
    if id:
        row = r.row("SELECT rid FROM resource WHERE kind = ? AND id = ?", (number, id))
        return f"v.rid = ? AND {where}", [row[0] if row else -1, *values]
    return (f"v.kind = ? AND {where}", [number, *values]) if kind else (where, values)


def _first_since(r: Reader, since: int) -> int:
    """The first sequence number of that time or later. Times never go back along the sequence: halving finds it."""
    low, high = 0, last(r) + 1 if since > 0 else 0
    while low < high:
        middle = (low + high) // 2
        row = r.row("SELECT seq, updated FROM version WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,))
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return low


def _stored(r: Reader, row: Row) -> Stored:
    number, name, vid, updated, body, method, seq = row
    return Stored(r.names.kind_name(r, number), name, vid, updated, body or b"", body is None, METHODS[method], seq)
