"""The way of events from requests to the audit: those that come while others are being committed go there together."""

from __future__ import annotations

import asyncio
import threading

from nof1.store.audit import Audit


class AuditLine(threading.local):
    """Takes events within an event loop, one in each thread. One word to the audit and one back serve all that wait."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._waiting: list[tuple[tuple[int, bytes], asyncio.Future[None]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def add(self, event: bytes, at: int) -> None:
        """Returns once the event is committed. Raises ``StoreUnavailable``: then the access must not be answered."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        if self._sending is not None and self._sending.get_loop() is not loop:  # of a loop that has ended
            self._sending, self._waiting = None, []
        self._waiting.append(((at, event), done))
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        await done

    async def _send(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            error: Exception | None = None
            try:
                await asyncio.wrap_future(self._audit.add_many([event for event, _ in group]))
            except Exception as found:  # who waits must hear of it
                error = found
            for _, done in group:
                if done.done():  # nobody waits for the answer any more; the event stands all the same
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        self._sending = None
