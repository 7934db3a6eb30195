"""How much one client may send: the size of a body, and requests a second by a token bucket for each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``body``: bytes of a request. ``rate``: requests a second of one client, 0 for any; ``burst``: how many at once."""

    body: int = 64 * 1024 * 1024
    rate: float = 0.0
    burst: int = 100


@dataclass(slots=True)
class Buckets:
    """How many requests each client may still make now."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, client: str) -> float:
        """Takes one request of ``client``; 0, or the seconds after which it may ask again.

        >>> buckets = Buckets(Limits(rate=1.0, burst=2), clock=lambda: 0.0)
        >>> [buckets.wait("ward") for _ in range(3)]
        [0.0, 0.0, 1.0]
        """
        if not self.limits.rate:
            return 0.0
        now = self.clock()
        tokens, last = self.left.get(client, (float(self.limits.burst), now))
        tokens = min(self.limits.burst, tokens + (now - last) * self.limits.rate)
        if len(self.left) >= _MOST_CLIENTS and client not in self.left:
            self.left.clear()
        if tokens < 1:
            self.left[client] = (tokens, now)
            return (1 - tokens) / self.limits.rate
        self.left[client] = (tokens - 1, now)
        return 0.0
