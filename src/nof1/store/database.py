"""Opens a record store: an SQLite file or a PostgreSQL database, made or brought up to date on the way."""

from __future__ import annotations

from nof1.fhir.indexing import INDEX_EDITION
from nof1.store.errors import Conflict, StoreError, StoreUnavailable
from nof1.store.migrations import STEPS, Steps, is_current, made_current, said
from nof1.store.session import Database, Reader, Writer
from nof1.store.sqlite import Sqlite

__all__ = ["Conflict", "Database", "Reader", "StoreError", "StoreUnavailable", "Writer", "opened"]
_POSTGRESQL = ("postgresql://", "postgres://")


def opened(
    url: str,
    *,
    wait_s: float = 10.0,
    deadline_s: float = 30.0,
    readers: int = 8,
    cache_mib: int = 32,
    is_any_edition: bool = False,
    steps: Steps = STEPS,
) -> Database:
    """The store at ``url``: ``sqlite:///path``, a plain path, or ``postgresql://…``.

    ``wait_s``: how long a write waits for another one. ``deadline_s``: how long one read may last. ``readers``: most
    connections to PostgreSQL that read. ``cache_mib``: of the connection that writes to SQLite. ``is_any_edition``: also
    where the search indexes are not those of this program, to make them anew. Raises ``StoreError`` for a store that this
    program cannot use, ``StoreUnavailable`` when the database does not answer.
    """
    database = _connected(url, wait_s, deadline_s, readers, cache_mib)
    try:
        _made_current(database, steps)
        with database.read() as r:
            edition = said(r, "index_edition")
    except BaseException:
        database.close()
        raise
    if edition != str(INDEX_EDITION) and not is_any_edition:
        database.close()
        raise StoreError(
            f"store: its search indexes are of edition {edition or 'unknown'}, this program makes {INDEX_EDITION}; "
            "make them anew with: nof1 record reindex"
        )
    return database


def _connected(url: str, wait_s: float, deadline_s: float, readers: int, cache_mib: int) -> Database:
    if url.startswith(_POSTGRESQL):
        from nof1.store.postgresql import Postgresql  # its driver is needed only here

        return Postgresql(url, wait_s=wait_s, deadline_s=deadline_s, readers=readers)
    if "://" in url and not url.startswith("sqlite:///"):
        scheme = url.partition("://")[0]
        raise StoreError(f"store: {scheme!r} is no database that nof1 knows; give sqlite:///FILE, a file, or postgresql://…")
    return Sqlite(url.removeprefix("sqlite:///"), wait_s=wait_s, deadline_s=deadline_s, cache_mib=cache_mib)


def _made_current(database: Database, steps: Steps) -> None:
    with database.read() as r:
        is_ready = is_current(r)
    if not is_ready:
        with database.write() as w:
            made_current(w, INDEX_EDITION, steps=steps)
    if database.dialect == "sqlite":
        with database.read_audit() as r:
            is_ready = is_current(r)
        if not is_ready:
            with database.write_audit() as w:
                made_current(w, INDEX_EDITION, is_audit=True, steps={})
