"""The stored resources of row numbers, in the order of the numbers."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence

from nof1.store.resources import METHODS, Stored
from nof1.store.session import Reader

_SIZES = (512, 64, 8, 1)


def fetched(r: Reader, rids: Sequence[int]) -> list[Stored]:
    """The current versions of resources by their row numbers; deleted ones are left out."""
    found: dict[int, Stored] = {}
    for some in in_sizes(rids):
        places = ", ".join("?" * len(some))
        rows = r.rows(
            "SELECT s.rid, s.kind, s.id, s.vid, s.updated, v.body, v.method, v.seq FROM resource s CROSS JOIN version v "
            f"WHERE s.rid IN ({places}) AND v.rid = s.rid AND v.vid = s.vid AND s.deleted = 0",
            some,
        )
        for rid, kind, id_, vid, updated, body, method, seq in rows:
            found[rid] = Stored(r.names.kind_name(r, kind), id_, vid, updated, body, False, METHODS[method], seq)
    return [found[rid] for rid in rids if rid in found]


def in_sizes(rids: Sequence[int]) -> list[list[int]]:
    """The numbers in parts of few different sizes, so that few different statements are prepared.

    >>> [len(some) for some in in_sizes(range(75))]
    [64, 8, 1, 1, 1]
    """
    found, at = [], 0
    while at < len(rids):
        size = next(one for one in _SIZES if at + one <= len(rids))
        found.append(list(rids[at : at + size]))
        at += size
    return found
