"""What the interactions work on: the store, its audit, the address of the server, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nof1.store.audit import Audit
from nof1.store.database import Database

BUNDLE_S = 60.0  # what clients and proxies wait for at most, mostly


def _now() -> int:
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class Service:
    """``base``: address of the API as clients see it, without a slash at its end. ``version``: of nof1.

    ``now``: microseconds since 1970, UTC; ``started``: when it began. ``bundle_s``: seconds that one batch or transaction
    may take, by ``clock``, which is never set back.
    """

    database: Database
    audit: Audit
    base: str
    version: str = ""
    now: Callable[[], int] = _now
    started: int = field(default_factory=_now)
    bundle_s: float = BUNDLE_S
    clock: Callable[[], float] = time.monotonic

    def close(self) -> None:
        """Ends the audit, then the store."""
        self.audit.close()
        self.database.close()
