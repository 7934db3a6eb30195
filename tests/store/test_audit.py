"""The audit: acknowledged only when committed, in one chain, which shows every change to it."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from nof1.store.audit import Audit, append, events, head, verify
from nof1.store.database import Database, StoreUnavailable, opened
from nof1.store.migrations import said


def test_each_event_of_many_threads_once_and_in_one_chain(url: str) -> None:
    databases = [opened(url) for _ in range(2)]
    audits = [Audit(database) for database in databases]

    def add(at: int) -> list[tuple[int, bytes]]:
        bodies = [f"{at} {step}".encode() for step in range(50)]
        return [(audits[at % 2].add(body, step).result(), body) for step, body in enumerate(bodies)]

    with ThreadPoolExecutor(8) as pool:
        acknowledged = [one for part in pool.map(add, range(8)) for one in part]
    for audit in audits:
        audit.close()
    digest = bytes(32)
    with databases[0].read_audit() as r:
        kept = events(r, count=1000)
        assert verify(r) is None
        assert head(r) == (400, kept[-1].digest)
        assert events(r, after=398, count=1) == kept[398:399]
    assert [(one.seq, one.body) for one in kept] == sorted(acknowledged)
    for seq, one in enumerate(kept, 1):
        digest = hashlib.sha256(digest + one.body).digest()
        assert (one.seq, one.digest) == (seq, digest)
    for database in databases:
        database.close()


_CHANGES = {
    "content changed": ("UPDATE audit SET body = ? WHERE seq = 4", (b"other",), 4),
    "digest changed": ("UPDATE audit SET digest = ? WHERE seq = 4", (bytes(32),), 4),
    "event taken out": ("DELETE FROM audit WHERE seq = ?", (4,), 4),
    "first taken out": ("DELETE FROM audit WHERE seq = ?", (1,), 1),
    "events exchanged": ("UPDATE audit SET seq = CASE seq WHEN 4 THEN -5 ELSE -4 END WHERE seq IN (4, ?)", (5,), 1),
    "beginning cut off": ("DELETE FROM audit WHERE seq < ?", (7,), 1),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_is_found(database: Database, change: str) -> None:
    with database.write_audit() as w:
        assert append(w, [(at, f"event {at}".encode()) for at in range(10)]) == 1
    sql, values, first = _CHANGES[change]
    with database.write_audit() as w:
        assert verify(w) is None
        w.run(sql, values)
        assert verify(w) == first


def test_a_forged_event_that_is_chained_anew_needs_all_after_it(database: Database) -> None:
    with database.write_audit() as w:
        append(w, [(at, f"event {at}".encode()) for at in range(10)])
        digest = w.row("SELECT digest FROM audit WHERE seq = 3")
        assert digest
        w.run("UPDATE audit SET body = ?, digest = ? WHERE seq = 4", (b"x", hashlib.sha256(digest[0] + b"x").digest()))
        assert verify(w) == 5


def test_closing_commits_what_waits_and_then_refuses(database: Database) -> None:
    audit = Audit(database)
    waiting = [audit.add(b"event", at) for at in range(5000)]
    audit.close()
    audit.close()
    assert [one.result(0) for one in waiting] == list(range(1, 5001))
    with pytest.raises(StoreUnavailable, match="being stopped"):
        audit.add(b"late", 1)


def test_an_event_that_fails_leaves_the_thread_at_work(database: Database) -> None:
    audit = Audit(database)
    with pytest.raises(Exception, match=r".+"):
        audit.add("no bytes", 1).result()  # type: ignore[arg-type]
    assert audit.add(b"event", 1).result() == 1
    given_up = audit.add(b"event", 1)
    given_up.cancel()
    assert audit.add(b"event", 2).result() in (2, 3)
    audit.close()


def test_awaited_by_many_coroutines(database: Database) -> None:
    audit = Audit(database)

    async def one(at: int) -> list[int]:
        return [await asyncio.wrap_future(audit.add(b"event", at)) for _ in range(10)]

    async def every() -> list[list[int]]:
        return await asyncio.gather(*(one(at) for at in range(32)))

    found = asyncio.run(every())
    assert sorted(seq for part in found for seq in part) == list(range(1, 321))
    assert all(part == sorted(part) for part in found)
    audit.close()


def test_it_waits_for_no_write_of_the_record(database: Database) -> None:
    audit = Audit(database)
    with database.write() as w:
        assert said(w, "version")
        assert audit.add(b"event", 1).result(timeout=5) == 1
    audit.close()
