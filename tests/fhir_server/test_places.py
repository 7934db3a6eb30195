"""Searches that last long leave room for everybody else: no test of times, only of who is answered while others are held."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import served

from nof1.rest.requests import Request, Response
from nof1.server.places import PLACES, Gate, Places, kind_of

SLOW = Request("GET", ("Observation",), (("value-quantity", "gt1"),))
OTHER_SLOW = Request("GET", ("Patient", "1", "Observation"), (("_content", "x"),))
QUICK = Request("GET", ("Patient",), (("name", "a"),))
READ, WRITE, BUNDLE = Request("GET", ("Patient", "1")), Request("PUT", ("Patient", "1")), Request("POST", ())

MOST = PLACES["search"] + PLACES["long"]  # searches at once


class Held:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.end = threading.Event()

    def __call__(self) -> Response:
        self.begun.release()
        assert self.end.wait(20)
        return Response(200)

    def has_begun(self, number: int) -> None:
        for _ in range(number):
            assert self.begun.acquire(timeout=60)


async def told(places: Places, request: Request) -> int:
    return (await places.run(request, lambda: Response(200))).status


def held(places: Places, request: Request, work: Held, number: int) -> list[asyncio.Task[Response]]:
    return [asyncio.create_task(places.run(request, work)) for _ in range(number)]


async def until(is_so: Any) -> None:
    while not is_so():
        await asyncio.sleep(0.01)


@pytest.fixture
def places() -> Iterator[Places]:
    one = Places(patience_s=0.3, long_s=0.05)
    yield one
    one.close()


def test_twenty_long_searches_hold_nobody_else_up(places: Places) -> None:
    async def main() -> None:
        work = Held()
        searches = held(places, SLOW, work, 20)
        await asyncio.to_thread(work.has_begun, PLACES["search"])
        for request in (READ, WRITE, BUNDLE):
            assert [await told(places, request) for _ in range(40)] == [200] * 40
        await until(lambda: sum(one.done() for one in searches) >= 20 - MOST)
        assert await told(places, QUICK) == 200  # also searches of another form go on
        work.end.set()
        found = [(await one).status for one in searches]
        assert PLACES["search"] <= found.count(200) <= MOST  # of which some went on, or began, as long ones
        assert found.count(200) + found.count(503) == 20
        assert await told(places, SLOW) == 200

    asyncio.run(main())


def test_searches_like_one_that_was_long_begin_in_few_places(places: Places) -> None:
    async def main() -> None:
        first = Held()
        begun = held(places, SLOW, first, 1)
        await until(lambda: places._long)
        work = Held()
        more = held(places, SLOW, work, 10)
        await asyncio.to_thread(work.has_begun, PLACES["long"] - 1)
        await until(lambda: sum(one.done() for one in more) == 10 - (PLACES["long"] - 1))
        refused = [one.result() for one in more if one.done()]
        assert {(one.status, one.headers["Retry-After"]) for one in refused} == {(503, "5")}
        assert b"searches that last long" in refused[0].body
        assert [await told(places, QUICK) for _ in range(20)] == [200] * 20
        first.end.set()
        work.end.set()
        await asyncio.gather(*begun, *more)
        assert await told(places, SLOW) == 200
        assert not places._long  # it was quick again

    asyncio.run(main())


def test_long_searches_of_many_forms_leave_reads_and_writes_alone(places: Places) -> None:
    async def main() -> None:
        work = Held()
        forms = [Request("GET", ("Observation",), ((f"p{at}", "x"),)) for at in range(20)]
        searches = [asyncio.create_task(places.run(one, work)) for one in forms]
        await asyncio.to_thread(work.has_begun, MOST)
        assert [await told(places, READ), await told(places, WRITE), await told(places, QUICK)] == [200, 200, 503]
        work.end.set()
        await asyncio.gather(*searches)

    asyncio.run(main())


def test_who_goes_away_leaves_a_place(places: Places) -> None:
    async def main() -> None:
        work = Held()
        searches = held(places, SLOW, work, PLACES["search"])
        await asyncio.to_thread(work.has_begun, PLACES["search"])
        waiting = held(places, QUICK, work, 3)
        await asyncio.sleep(0.1)
        for one in (*waiting, *searches):
            one.cancel()
        await asyncio.gather(*waiting, *searches, return_exceptions=True)
        assert await told(places, READ) == 200
        work.end.set()
        await until(lambda: all(gate._free == PLACES[kind] for kind, gate in places._gates.items()))

    asyncio.run(main())


def test_a_fault_leaves_its_place(places: Places) -> None:
    def fault() -> Response:
        raise OSError("disk")

    async def main() -> None:
        for _ in range(20):
            with pytest.raises(OSError, match="disk"):
                await places.run(QUICK, fault)
        assert await told(places, QUICK) == 200

    asyncio.run(main())


def test_many_at_a_gate_never_are_more_than_it_has_places() -> None:
    gate, lock, inside, most = Gate(3), threading.Lock(), 0, 0

    def one(at: int) -> None:
        nonlocal inside, most
        place: Future[None] = gate.enter()
        if at % 5 == 0 and place.cancel():
            return
        place.result(60)
        with lock:
            inside += 1
            most = max(most, inside)
        with lock:
            inside -= 1
        gate.leave()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(one, range(4000)))
    assert (most <= 3, inside, gate._free) == (True, 0, 3)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (READ, "read"),
        (Request("HEAD", ("Patient", "1")), "read"),
        (Request("GET", ("metadata",)), "read"),
        (Request("GET", ("Patient", "1", "_history")), "read"),
        (Request("GET", ("Patient", "1", "_history", "2")), "read"),
        (Request("GET", ("Patient", "$export")), "read"),
        (Request("GET", ("$export-status", "a")), "read"),
        (WRITE, "write"),
        (Request("DELETE", ("Patient",), (("name", "a"),)), "write"),
        (Request("DELETE", ("$export-status", "a")), "write"),
        (BUNDLE, "large"),
        (Request("POST", ("Patient", "$validate")), "large"),
        (Request("POST", ("Patient", "1", "$nof1-assess")), "large"),
        (QUICK, "search"),
        (OTHER_SLOW, "search"),
        (Request("GET", (), (("_type", "Patient"),)), "search"),
        (Request("GET", ("_history",)), "search"),
        (Request("GET", ("Patient", "_history")), "search"),
        (Request("GET", ("Patient", "1", "$everything")), "search"),
    ],
)
def test_whose_place_a_request_takes(request_: Request, kind: str) -> None:
    assert kind_of(request_) == kind


@contextmanager
def locked(address: str, *tables: str) -> Iterator[None]:
    """Tables that nobody can read: who searches in them waits, as one does whose search is slow."""
    import psycopg

    with psycopg.connect(address) as connection:
        connection.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def test_a_real_server_reads_and_writes_while_twenty_searches_do_not_end(database_server: Any, tmp_path: Path) -> None:
    from embedded import new_database

    address = new_database(database_server, "places")
    person = {"resourceType": "Patient", "id": "a", "name": [{"family": "A"}]}
    amount = {"value": 2, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    measured = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": amount}
    with served(tmp_path, database=address) as server, httpx.Client(base_url=server.base, timeout=60) as client:
        assert client.put("/Patient/a", json=person).status_code == 201
        assert client.post("/Observation", json=measured).status_code == 201
        with ThreadPoolExecutor(20) as threads:
            with locked(address, "i_quantity", "i_canonical", "i_code_quantity"):
                url = f"{server.base}/Observation?value-quantity=gt1||mg"
                searches = [threads.submit(httpx.get, url, timeout=60) for _ in range(20)]
                while sum(one.done() for one in searches) < 20 - MOST:
                    assert client.get("/Patient/a").status_code == 200
                    assert client.put("/Patient/a", json=person).status_code == 200
                assert client.get("/Patient?name=a").status_code == 200
                bundle = {
                    "resourceType": "Bundle",
                    "type": "batch",
                    "entry": [{"request": {"method": "GET", "url": "Patient/a"}}],
                }
                assert client.post("/", json=bundle).json()["entry"][0]["response"]["status"] == "200"
                refused = [one.result() for one in searches if one.done()]
                assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "5")}
            found = [one.result().status_code for one in searches]
            assert PLACES["search"] <= found.count(200) <= MOST
            assert found.count(200) + found.count(503) == 20
        assert client.get("/Observation?value-quantity=gt1||mg").status_code == 200
