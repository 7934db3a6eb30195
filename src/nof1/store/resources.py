"""Writes and reads resources: every change is a new version, and the rows by which they are found follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import NamedTuple

from nof1.fhir.indexing import Indexed
from nof1.store import indexes
from nof1.store.body import with_meta
from nof1.store.errors import Conflict
from nof1.store.schema import rid_of
from nof1.store.session import Heads, Reader, Row, Writer

METHODS = ("", "POST", "PUT", "PATCH", "DELETE")  # as numbered in the table of versions
_NUMBER = {name: number for number, name in enumerate(METHODS)}
_FEW = 8  # resources in one write up to which gathering its statements is quicker than COPY
_ASKED = 50  # keys asked for in one statement
_BODY = "SELECT v.vid, v.updated, v.body, v.method, v.seq FROM resource AS s JOIN version AS v ON v.rid = s.rid"
_VERSION = "rid, vid, kind, seq, updated, method, body"
_RESOURCE = "rid, kind, id, vid, seq, updated, deleted, at"
_UPDATE = "UPDATE resource SET vid = ?, seq = ?, updated = ?, deleted = ?, at = ? WHERE rid = ?"


class Stored(NamedTuple):
    """A version of a resource. ``updated``: microseconds since 1970 UTC. ``body``: empty for a deletion.

    ``method``: by which it was made, POST, PUT, PATCH or DELETE. ``seq``: its place in the sequence of all changes.
    """

    kind: str
    id: str
    vid: int
    updated: int
    body: bytes
    is_deleted: bool
    method: str = ""
    seq: int = 0


class Item(NamedTuple):
    """A resource to be stored; ``if_match``: the version it must be at, 0 for one that must not exist."""

    kind: str
    id: str
    body: bytes
    indexed: Indexed
    method: str = "PUT"
    if_match: int | None = None


class _Old(NamedTuple):
    """The version that a write finds."""

    rid: int
    vid: int
    is_deleted: bool
    body: bytes


def read(r: Reader, kind: str, id: str) -> Stored | None:  # noqa: A002
    """The last version of a resource, which may be a deletion; None when there never was one."""
    row = r.row(
        f"{_BODY} AND v.vid = s.vid WHERE s.kind = ? AND s.id = ?",
        (r.names.kind(r, kind) or 0, id),
    )
    return _stored(kind, id, row) if row else None


def vread(r: Reader, kind: str, id: str, vid: int) -> Stored | None:  # noqa: A002
    """One version of a resource; None when there is none."""
    row = r.row(
        f"{_BODY} WHERE s.kind = ? AND s.id = ? AND v.vid = ?",
        (r.names.kind(r, kind) or 0, id, vid),
    )
    return _stored(kind, id, row) if row else None


def number_of(r: Reader, kind: str) -> int:
    """How many resources of a type there are, without the deleted ones."""
    row = r.row("SELECT number FROM counted WHERE kind = ?", (r.names.kind(r, kind) or 0,))
    return row[0] if row else 0


def put(
    w: Writer,
    kind: str,
    id: str,  # noqa: A002
    body: bytes,
    indexed: Indexed,
    *,
    now: int,
    method: str = "PUT",
    if_match: int | None = None,
) -> Stored:
    """Stores a resource: its first version, or the one after the last. Returns it with the body as stored.

    ``now``: microseconds; the version's time is never before that of the change before it. ``if_match``: the version that
    must be the last one, 0 when there must be none. Raises ``Conflict`` otherwise.
    """
    return put_many(w, [Item(kind, id, body, indexed, method, if_match)], now=now)[0]


def put_many(w: Writer, items: Sequence[Item], *, now: int) -> list[Stored]:
    """Stores many resources in order, all or (as the transaction ends in an error) none; one id may come twice."""
    written: list[Stored] = []
    for some in _without_repeats(items):
        written += _put(w, some, now)
    return written


def delete(w: Writer, kind: str, id: str, *, now: int, if_match: int | None = None) -> Stored | None:  # noqa: A002
    """Stores that a resource is deleted. None when there is nothing to delete. Raises ``Conflict`` as ``put`` does."""
    number = w.numbers.kinds[kind]
    old = _old(w, [(number, id)]).get((number, id))
    _require(kind, id, if_match, old)
    if old is None or old.is_deleted:
        return None
    heads = _heads(w, now)
    heads.seq += 1
    gone = indexes.Gathered()
    gone.add({}, indexes.rows(indexes.extracted(old.body), w.numbers, number, old.rid))
    with w.together():
        w.copy("version", _VERSION, [(old.rid, old.vid + 1, number, heads.seq, heads.updated, _NUMBER["DELETE"], None)])
        w.run(_UPDATE, (old.vid + 1, heads.seq, heads.updated, 1, 0, old.rid))
        gone.write(w)
        _count(w, {number: -1})
    return Stored(kind, id, old.vid + 1, heads.updated, b"", True, "DELETE", heads.seq)


def _put(w: Writer, items: Sequence[Item], now: int) -> list[Stored]:
    """Stores resources of which none comes twice."""
    kinds = w.numbers.kinds
    keys = [(kinds[item.kind], item.id) for item in items]
    olds = _old(w, keys)
    heads = _heads(w, now)
    new, again, versions, counts = [], [], [], dict.fromkeys((kind for kind, _ in keys), 0)
    found_by, written = indexes.Gathered(), []
    for item, key in zip(items, keys, strict=True):
        old = olds.get(key)
        _require(item.kind, item.id, item.if_match, old)
        vid, seq, at = old.vid + 1 if old else 1, heads.seq + 1, item.indexed.at
        heads.seq = seq
        body = with_meta(item.body, item.id, vid, heads.updated)
        if old is None:
            rid = rid_of(key[0], seq)
            new.append((rid, *key, vid, seq, heads.updated, 0, at))
        else:
            rid = old.rid
            again.append((vid, seq, heads.updated, 0, at, rid))
        counts[key[0]] += old is None or old.is_deleted
        versions.append((rid, vid, key[0], seq, heads.updated, _NUMBER[item.method], body))
        before = indexes.rows(indexes.extracted(old.body), w.numbers, key[0], rid) if old and old.body else None
        found_by.add(indexes.rows(item.indexed, w.numbers, key[0], rid), before)
        written.append(Stored(item.kind, item.id, vid, heads.updated, body, False, item.method, seq))
    with w.together() if len(items) <= _FEW else nullcontext():
        w.copy("resource", _RESOURCE, new)
        w.many(_UPDATE, again)
        w.copy("version", _VERSION, versions)
        found_by.write(w)
        _count(w, counts)
    return written


def _without_repeats(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in order, in parts that name no resource twice."""
    seen: set[tuple[str, str]] = set()
    start = 0
    for at, item in enumerate(items):
        if (item.kind, item.id) in seen:
            yield items[start:at]
            start = at
            seen = set()
        seen.add((item.kind, item.id))
    if start < len(items):
        yield items[start:]


def _old(w: Writer, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], _Old]:
    """What there is of these (kind, id). Few sizes of statement, the last key repeated where there are fewer."""
    found = {}
    for kind, name, rid, vid, deleted, body in _old_rows(w, keys):
        found[kind, name] = _Old(rid, vid, bool(deleted), body or b"")
    return found


def _old_rows(w: Writer, keys: Sequence[tuple[int, str]]) -> Iterator[Row]:
    if w.dialect == "postgresql" and len(keys) > _FEW:
        yield from w.rows(_OLD_OF_ARRAYS, ([kind for kind, _ in keys], [name for _, name in keys]))
        return
    for start in range(0, len(keys), _ASKED):
        some = keys[start : start + _ASKED]
        size = 1 if len(some) == 1 else _ASKED
        some = [*some, *[some[-1]] * (size - len(some))]
        yield from w.rows(_OLD[size], [value for key in some for value in key])


def _asking(keys: str) -> str:
    """From the keys to the resources, in this order: left to choose, SQLite goes through all versions."""
    return (
        f"WITH k (kind, id) AS ({keys}) SELECT s.kind, s.id, s.rid, s.vid, s.deleted, v.body "  # noqa: S608
        "FROM k CROSS JOIN resource AS s CROSS JOIN version AS v "
        "WHERE s.kind = k.kind AND s.id = k.id AND v.rid = s.rid AND v.vid = s.vid"
    )


_OLD = {size: _asking(f"VALUES {', '.join(['(?, ?)'] * size)}") for size in (1, _ASKED)}
_OLD_OF_ARRAYS = _asking("SELECT * FROM unnest(?::bigint[], ?::text[])")


def _require(kind: str, id: str, if_match: int | None, old: _Old | None) -> None:  # noqa: A002
    found = old.vid if old and not old.is_deleted else 0
    if if_match is not None and if_match != found:
        raise Conflict(f"{kind}/{id}", if_match, found)


def _heads(w: Writer, now: int) -> Heads:
    """Where numbers stand. The time never goes back, so that what comes later in the sequence is never earlier."""
    if w.heads is None:
        w.heads = Heads(*(w.row("SELECT seq, updated FROM version ORDER BY seq DESC LIMIT 1") or (0, 0)))
    w.heads.updated = max(w.heads.updated, now)
    return w.heads


def _count(w: Writer, changes: dict[int, int]) -> None:
    w.many(
        "INSERT INTO counted (kind, number) VALUES (?, ?) "
        "ON CONFLICT (kind) DO UPDATE SET number = counted.number + excluded.number",
        [(kind, number) for kind, number in changes.items() if number],
    )


def _stored(kind: str, id: str, row: Row) -> Stored:  # noqa: A002
    vid, updated, body, method, seq = row
    return Stored(kind, id, vid, updated, body or b"", body is None, METHODS[method], seq)
