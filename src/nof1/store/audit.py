"""The audit: events one after the other, each chained to the one before, committed in groups.

Deleting, changing or slipping in an event breaks the chain from there on; cutting off its end does not, unless the digest
of the last event (``head``) is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

from nof1.store.errors import StoreUnavailable
from nof1.store.session import Database, Reader, Row, Writer

_START = bytes(32)  # what the first event is chained to
_MOST = 2000  # events in one commit
_COLUMNS = "seq, at, body, digest"


class Event(NamedTuple):
    """An event as it stands in the audit. ``at``: microseconds since 1970 UTC."""

    seq: int
    at: int
    body: bytes
    digest: bytes


class _Waiting(NamedTuple):
    events: Sequence[tuple[int, bytes]]
    done: Future[int]


class Audit:
    """Takes events from any thread; one thread of its own commits whatever waits, all in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._is_closed = False
        self._lock = threading.Lock()  # so that nothing is taken in after the end was called
        self._thread = threading.Thread(target=self._run, name="nof1-audit", daemon=True)
        self._thread.start()

    def add(self, event: bytes, at: int) -> Future[int]:
        """Takes an AuditEvent; the future gives its sequence number once it is committed, not before.

        It ends in ``StoreUnavailable`` when the event could not be stored: then the access must not be answered.
        """
        return self.add_many([(at, event)])

    def add_many(self, events: Sequence[tuple[int, bytes]]) -> Future[int]:
        """Takes events (time, body) that are committed together; the future gives the sequence number of the first."""
        done: Future[int] = Future()
        with self._lock:
            if self._is_closed:
                raise StoreUnavailable("store: the audit is closed; the server is being stopped")
            self._waiting.put(_Waiting(events, done))
        return done

    def close(self) -> None:
        """Commits what waits, then ends."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_going_on = True
        while is_going_on:
            group, is_going_on = self._group()
            if group:
                self._commit(group)

    def _group(self) -> tuple[list[_Waiting], bool]:
        """What waits now, at least one event or the end."""
        group: list[_Waiting] = []
        number = 0
        first = self._waiting.get()
        while first is not None:
            if first.done.set_running_or_notify_cancel():
                group.append(first)
                number += len(first.events)
            if number >= _MOST:
                return group, True
            try:
                first = self._waiting.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            with self._database.write_audit() as w:
                seq = append(w, [event for one in group for event in one.events])
        except Exception as error:  # the edge of this thread: who waits must hear of it
            for one in group:
                one.done.set_exception(error)
        else:
            for one in group:
                one.done.set_result(seq)
                seq += len(one.events)


def append(w: Writer, events: Sequence[tuple[int, bytes]]) -> int:
    """Chains events (time, body) to the end within a transaction of ``write_audit``; the first one's sequence number."""
    last, digest = head(w)
    rows: list[Row] = []
    for seq, (at, body) in enumerate(events, last + 1):
        digest = chained(digest, body)
        rows.append((seq, at, body, digest))
    w.copy("audit", _COLUMNS, rows)
    return last + 1


def chained(digest: bytes, body: bytes) -> bytes:
    """The digest of an event after one with ``digest``."""
    return hashlib.sha256(digest + body).digest()


def head(r: Reader) -> tuple[int, bytes]:
    """Sequence number and digest of the last event."""
    row = r.row("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1")
    return (row[0], bytes(row[1])) if row else (0, _START)


def events(r: Reader, *, after: int = 0, count: int = 100) -> list[Event]:
    """At most ``count`` events after the sequence number ``after``."""
    rows = r.rows(f"SELECT {_COLUMNS} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", (after, count))  # noqa: S608
    return [Event(*row) for row in rows]


def verify(r: Reader) -> int | None:
    """The sequence number of the first event at which the chain is broken, None for a whole chain."""
    digest, expected = _START, 1
    for seq, body, found in r.each("SELECT seq, body, digest FROM audit ORDER BY seq"):
        digest = chained(digest, body)
        if seq != expected or digest != found:
            return expected
        expected += 1
    return None
