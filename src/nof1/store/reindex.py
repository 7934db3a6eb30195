"""Makes the search indexes of a store anew, after a program came that extracts otherwise, or after a fault."""

from __future__ import annotations

from collections.abc import Callable

from nof1.fhir.indexing import INDEX_EDITION
from nof1.store import counts, indexes
from nof1.store.migrations import say
from nof1.store.schema import INDEXES
from nof1.store.session import Database, Row, Writer

Progress = Callable[[int, int], None]
_TOGETHER = 1000  # resources in one transaction


def reindex(database: Database, progress: Progress | None = None) -> int:
    """Makes all index rows anew; the number of resources. ``progress``: called with resources done and their number.

    To be run while nothing else writes. Interrupted, it is run again: until its end no program opens the store for use.
    """
    with database.write() as w:
        say(w, "index_edition", "being made anew")
        for table in INDEXES:
            w.run(f"DELETE FROM {table}")  # noqa: S608
        counts.emptied(w)
        row = w.row("SELECT count(*) FROM resource")
    of_all, done, after = (row[0] if row else 0), 0, 0
    while True:
        with database.write() as w:
            rows = w.rows(
                "SELECT s.rid, s.kind, v.body FROM resource AS s JOIN version AS v ON v.rid = s.rid AND v.vid = s.vid "
                "WHERE s.rid > ? ORDER BY s.rid LIMIT ?",
                (after, _TOGETHER),
            )
            _index(w, rows)
            if not rows:
                say(w, "index_edition", str(INDEX_EDITION))
                return done
        after, done = rows[-1][0], done + len(rows)
        if progress:
            progress(done, of_all)


def _index(w: Writer, rows: list[Row]) -> None:
    found_by, times = indexes.Gathered(), []
    for rid, kind, body in rows:
        if body is not None:
            of = indexes.extracted(body)
            found_by.add(indexes.rows(of, w.numbers, kind, rid))
            times.append((of.at, rid))
    found_by.write(w)
    w.many("UPDATE resource SET at = ? WHERE rid = ?", times)
