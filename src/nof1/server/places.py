"""How many requests are worked on at once, by kind: what lasts long leaves room for what does not.

Each kind has its own places, so that none can take those of another. A search that has lasted a second goes on in one of the
places for long ones, and searches like it begin there, until one of them is quick again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Literal

from nof1.fhir.outcome import Issue
from nof1.rest.requests import Request, Response, refusal

# large: bundles, validations and assessments, each of which is much work
Kind = Literal["read", "write", "large", "search", "long"]
PLACES: Mapping[Kind, int] = {"read": 8, "write": 8, "large": 4, "search": 6, "long": 4}
_READS = ("GET", "HEAD")
_MOST_FORMS = 1_000
_Form = tuple[tuple[str, ...], tuple[str, ...]]


def kind_of(request: Request) -> Kind:
    """Whose place a request takes.

    >>> kind_of(Request("GET", ("Patient", "1"))), kind_of(Request("GET", ("Patient",))), kind_of(Request("POST", ()))
    ('read', 'search', 'large')
    """
    last = request.parts[-1] if request.parts else ""
    if last.startswith("$") and not request.parts[0].startswith("$export"):
        return "search" if last == "$everything" else "read" if last == "$export" else "large"
    if request.method not in _READS:
        return "write" if request.parts else "large"
    is_of_many = last == "_history" and len(request.parts) < 3
    is_search = request.interaction[0] == "search" and request.parts != ("metadata",)
    return "search" if is_search or is_of_many else "read"


def _form(request: Request) -> _Form:
    """What searches have in common that last about as long: what is searched, and by which parameters."""
    return request.parts[:1] + request.parts[2:], tuple(sorted({name for name, _ in request.query}))


class Gate:
    """Places of one kind; who finds none waits, and who waits longest is next."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[Future[None]] = deque()
        self._lock = Lock()

    def enter(self) -> Future[None]:
        """Done as soon as there is a place; who can cancel it has none."""
        place: Future[None] = Future()
        with self._lock:
            if self._free:
                self._free -= 1
                place.set_result(None)
            else:
                self._waiting.append(place)
        return place

    def is_entered(self) -> bool:
        """Takes a place, if one is free."""
        with self._lock:
            is_free = self._free > 0
            self._free -= is_free
        return is_free

    def leave(self) -> None:
        """Gives a place to who waits, or back."""
        with self._lock:
            while self._waiting:
                place = self._waiting.popleft()
                if place.set_running_or_notify_cancel():
                    place.set_result(None)
                    return
            self._free += 1


class _Seat:
    """The place of one request: the gate that it will leave by."""

    def __init__(self, gate: Gate) -> None:
        self._gate: Gate | None = gate
        self._lock = Lock()

    def move(self, other: Gate) -> None:
        """Goes on in a place of another kind, if one is free."""
        with self._lock:
            if self._gate is not None and other.is_entered():
                self._gate.leave()
                self._gate = other

    def leave(self) -> None:
        """Ends."""
        with self._lock:
            if self._gate is not None:
                self._gate.leave()
            self._gate = None


class Places:
    """Where requests are worked on.

    ``patience_s``: how long one waits for a place; ``long_s``: after how long a search is a long one.
    """

    def __init__(self, places: Mapping[Kind, int] = PLACES, *, patience_s: float = 5.0, long_s: float = 1.0) -> None:
        self._gates = {kind: Gate(number) for kind, number in places.items()}
        self._threads = ThreadPoolExecutor(sum(places.values()), "nof1")
        self._patience_s, self._long_s = patience_s, long_s
        self._long: dict[_Form, None] = {}

    async def run(self, request: Request, work: Callable[[], Response]) -> Response:
        """What ``work`` gives, or that there was no place for it (503)."""
        kind = kind_of(request)
        form = _form(request) if kind == "search" else None
        until = time.monotonic() + self._patience_s
        while True:
            kind = self._kind(kind, form)
            gate = self._gates[kind]
            if not await _is_had(gate, until - time.monotonic()):
                return _busy(kind)
            if self._kind(kind, form) == kind:  # while it waited, searches like it may have shown to be long
                break
            gate.leave()
        return await self._worked(gate, form, work)

    def close(self) -> None:
        """Begins nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _kind(self, kind: Kind, form: _Form | None) -> Kind:
        return kind if form is None else "long" if form in self._long else "search"

    async def _worked(self, gate: Gate, form: _Form | None, work: Callable[[], Response]) -> Response:
        seat = _Seat(gate)
        try:
            begun = self._threads.submit(work)
        except RuntimeError:  # the server ends
            seat.leave()
            raise
        begun.add_done_callback(lambda _: seat.leave())  # also when nobody waits for the answer any more
        answer = asyncio.wrap_future(begun)
        if form is not None:
            done, _ = await asyncio.wait({answer}, timeout=self._long_s)
            if done:
                self._long.pop(form, None)
            else:
                self._remember(form)
                seat.move(self._gates["long"])
        return await answer

    def _remember(self, form: _Form) -> None:
        if len(self._long) >= _MOST_FORMS:
            self._long.clear()
        self._long[form] = None


async def _is_had(gate: Gate, patience_s: float) -> bool:
    """Whether there is a place in time."""
    place = gate.enter()
    try:
        if not place.done():
            await asyncio.wait({asyncio.wrap_future(place)}, timeout=max(0.0, patience_s))
    except asyncio.CancelledError:
        if not place.cancel():
            gate.leave()
        raise
    return not place.cancel()


def _busy(kind: Kind) -> Response:
    whose = {"long": "searches that last long", "search": "searches", "large": "bundles"}.get(kind, "requests")
    issue = Issue("throttled", f"too many {whose} are being answered now; ask again later, or for less")
    return refusal(503, [issue], {"Retry-After": "5"})
