"""Several writers at once, each with a store opened on its own: one wins, and changes come in the order of commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import contents

from nof1.store.check import check
from nof1.store.database import Conflict, Database, StoreUnavailable, opened
from nof1.store.history import changes, history
from nof1.store.resources import put, put_many, read


def _update(database: Database, word: str, expected: int, start: threading.Barrier) -> bool:
    content = contents.body("Patient", word)
    found = contents.of(content, "a")
    start.wait()
    try:
        with database.write() as w:
            put(w, "Patient", "a", content, found, now=1, if_match=expected)
    except Conflict as conflict:
        return (conflict.expected, conflict.found) != (expected, expected + 1)
    return True


def test_one_of_several_with_the_same_if_match_wins(url: str) -> None:
    databases = [opened(url) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        for version in range(25):
            start = threading.Barrier(4)
            runs = [pool.submit(_update, databases[at % 2], f"w{at}", version, start) for at in range(4)]
            assert sum(run.result() for run in runs) == 1
    with databases[0].read() as r:
        assert [one.vid for one in history(r, "Patient", "a")] == list(range(25, 0, -1))
    assert check(databases[0]) == []
    for database in databases:
        database.close()


def test_who_follows_the_changes_misses_none(url: str) -> None:
    """A reader asks only for what comes after the last change it saw, while four writers commit."""
    databases = [opened(url) for _ in range(2)]

    def write(at: int) -> None:
        for step in range(20):
            with databases[at % 2].write() as w:
                put_many(w, [contents.item("Patient", f"{at}-{step}-{part}", "x") for part in range(1 + step % 3)], now=step)

    seen: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(write, at) for at in range(4)]
        is_over = False
        while not is_over:
            is_over = all(run.done() for run in runs)
            with databases[0].read() as r:
                seen += [one.seq for one in changes(r, seen[-1] if seen else 0, count=1000)]
        for run in runs:
            run.result()
    with databases[1].read() as r:
        assert seen == [one.seq for one in changes(r, 0, count=10**6)]
        assert len({one.id for one in changes(r, 0, count=10**6)}) == len(seen) == 4 * 39
    assert check(databases[0]) == []
    for database in databases:
        database.close()


def test_a_snapshot_stays_as_it_was(database: Database) -> None:
    def store(number: int) -> None:
        content = contents.body("Observation", "x", number)
        with database.write() as w:
            put(w, "Observation", "a", content, contents.of(content, "a"), now=number)

    store(1)
    with database.read() as r:
        assert (before := read(r, "Observation", "a"))
        store(2)
        assert read(r, "Observation", "a") == before
        with database.read() as other:
            assert (after := read(other, "Observation", "a"))
            assert after.vid == 2


def test_a_writer_that_waits_too_long_is_told(url: str) -> None:
    first, second = opened(url), opened(url, wait_s=0.2)
    for waiting in (second, first):
        with first.write():
            if waiting is first:
                _shorten(first)
            started = time.monotonic()
            _refused(waiting)
            assert time.monotonic() - started < 5
    content = contents.body("Patient", "x")
    with second.write() as w:
        put(w, "Patient", "a", content, contents.of(content, "a"), now=1)
    first.close()
    second.close()


def _shorten(database: Database) -> None:
    for owner in (database, getattr(database, "_record", database)):
        if hasattr(owner, "_wait_s"):
            owner._wait_s = 0.2


def _refused(database: Database) -> None:
    """From another thread: a thread does not wait for itself."""
    caught: list[str] = []

    def write() -> None:
        try:
            with database.write():
                pass
        except StoreUnavailable as error:
            caught.append(str(error))

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert len(caught) == 1 and "writ" in caught[0]


def test_numbers_of_a_failed_write_are_forgotten(database: Database, url: str) -> None:
    """A name gets its number with the commit; another one may get that number after the failure."""

    def broken(make: Callable[[], None]) -> None:
        try:
            with database.write() as w:
                put_many(w, [contents.item("RiskAssessment", "a", "lost")], now=1)
                make()
        except ZeroDivisionError:
            return

    broken(lambda: print(1 // 0))
    other = opened(url)
    with other.write() as w:
        put_many(w, [contents.item("Patient", "a", "x"), contents.item("Observation", "b", "y")], now=1)
    with database.write() as w:
        put_many(w, [contents.item("RiskAssessment", "c", "z"), contents.item("Patient", "d", "lost")], now=1)
    assert check(database) == []
    assert check(other) == []
    other.close()
