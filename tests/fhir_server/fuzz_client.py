"""Sends requests as they are written, also such as no client would, and judges what comes back."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fuzz_cases import Case

MOST_S = 10.0
_LONGEST = 65_000
_BREAKS = tuple("\n\r\0\x0b\x0c\x1b\x85\u2028\u2029")


class Connection(http.client.HTTPConnection):
    """Does not look at what it sends."""

    def _validate_path(self, _url: str) -> None:
        pass

    def _validate_method(self, _method: str) -> None:
        pass

    def _encode_request(self, request: str) -> bytes:
        return request.encode("latin-1", "replace")


class Told(NamedTuple):
    """What came back; ``status`` 0 for no answer, ``body`` then says why."""

    status: int
    media: str
    body: bytes
    seconds: float


class Sender:
    """One connection that stays open, made anew where the server closes it."""

    def __init__(self, port: int, base: str = "/fhir") -> None:
        self._port, self._base = port, base
        self._connection: Connection | None = None

    def send(self, case: Case) -> Told:
        """The answer to one request; sent again once where an idle connection was closed meanwhile."""
        start = time.monotonic()
        for is_last in (False, True):
            is_new = self._connection is None
            try:
                found = self._sent(case)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if is_last or is_new or isinstance(error, TimeoutError):
                    return Told(0, "", f"{type(error).__name__}: {error}".encode(), time.monotonic() - start)
            else:
                return Told(*found, time.monotonic() - start)
        raise AssertionError("not reached")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _sent(self, case: Case) -> tuple[int, str, bytes]:
        if self._connection is None:
            self._connection = Connection("127.0.0.1", self._port, timeout=2 * MOST_S)
        one = self._connection
        named = {name for name, _ in case.headers}
        one.putrequest(case.method, self._base + case.target, skip_host="host" in named, skip_accept_encoding=True)
        for name, value in case.headers:
            one.putheader(name, value.encode("latin-1", "replace"))
        if case.body or case.method in ("POST", "PUT", "PATCH"):
            one.putheader("content-length", str(len(case.body)))
        one.endheaders(case.body or None)
        found = one.getresponse()
        body = found.read()
        if found.getheader("content-encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        return found.status, found.getheader("content-type", ""), body


class Tally:
    """How many answers of each status, the longest wait, and what was wrong, with the request that did it."""

    def __init__(self) -> None:
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.slowest = (0.0, "")
        self.faults: list[str] = []
        self._lock = threading.Lock()

    def add(self, case: Case, told: Told) -> None:
        faults = list(judged(case, told))
        with self._lock:
            self.statuses[case.about, told.status] += 1
            self.slowest = max(self.slowest, (told.seconds, shown(case)))
            self.faults += [f"{fault}\n    {shown(case)}" for fault in faults]

    @property
    def number(self) -> int:
        return sum(self.statuses.values())


def judged(case: Case, told: Told) -> Iterator[str]:
    """What is wrong with an answer."""
    if told.seconds > MOST_S:
        yield f"took {told.seconds:.1f} s"
    if told.status in (0, 414, 431) and len(case.target) > _LONGEST and b"Timeout" not in told.body:
        return  # refused by the HTTP library itself, perhaps before it was sent whole
    if told.status == 0:
        yield f"no answer: {told.body.decode()}"
    elif told.status >= 500:
        yield f"{told.status}: {told.body[:200]!r}"
    elif case.method == "HEAD":
        if told.body:
            yield "a body after HEAD"
    elif told.status >= 400:
        yield from _of_refusal(told)
    elif told.body and "json" in told.media and "ndjson" not in told.media:
        yield from _of_content(told)


def _of_refusal(told: Told) -> Iterator[str]:
    try:
        found = json.loads(told.body)
    except ValueError:
        yield f"{told.status} without an OperationOutcome: {told.body[:100]!r}"
        return
    yield from _of_outcome(found, told.status)


def _of_outcome(found: Any, status: int) -> Iterator[str]:
    if not isinstance(found, dict) or found.get("resourceType") != "OperationOutcome" or not found.get("issue"):
        yield f"{status} is no OperationOutcome"
        return
    for issue in found["issue"]:
        said = issue.get("diagnostics", "")
        if not said or len(said) > 4000:
            yield f"{status} says nothing, or {len(said)} characters"
        if any(sign in said for sign in _BREAKS) or any("\n" in one for one in issue.get("expression", ())):
            yield f"{status} says more than one line: {said[:100]!r}"
        if any(word in said for word in ("Traceback", "site-packages", "psycopg", "SELECT ", "object at 0x")):
            yield f"{status} shows the inside: {said[:100]!r}"


def _of_content(told: Told) -> Iterator[str]:
    try:
        found = json.loads(told.body)
    except (ValueError, RecursionError) as error:
        yield f"{told.status} with a body that is no JSON: {error}"
        return
    if isinstance(found, dict) and str(found.get("type", "")).endswith("-response"):
        for entry in found.get("entry", []):
            status = int(entry["response"]["status"])
            if status >= 500:
                yield f"an entry was answered {status}"
            elif status >= 400:
                yield from _of_outcome(entry["response"].get("outcome"), status)


def shown(case: Case) -> str:
    headers = {name: value[:60] for name, value in case.headers}
    return f"[{case.about}] {case.method[:20]} {case.target[:300]!r} {headers} {len(case.body)} bytes {case.body[:900]!r}"


def fired(port: int, every: Iterable[Case], threads: int = 4) -> Tally:
    """Sends all of ``every`` from ``threads`` clients at once."""
    tally, lock, left = Tally(), threading.Lock(), iter(every)

    def work() -> None:
        sender = Sender(port)
        while True:
            with lock:
                case = next(left, None)
            if case is None or len(tally.faults) > 200:
                break
            tally.add(case, sender.send(case))
        sender.close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return tally
