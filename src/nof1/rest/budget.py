"""How long one bundle may take, so that nobody waits without end and no write lasts for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nof1.fhir.outcome import Issue
from nof1.rest.requests import Refused
from nof1.rest.service import Service


@dataclass(frozen=True, slots=True)
class Budget:
    """``seconds`` from the start on, until ``until`` of the clock."""

    seconds: float
    until: float
    clock: Callable[[], float]

    @property
    def is_spent(self) -> bool:
        """Whether the time is over."""
        return self.clock() >= self.until

    def check(self) -> None:
        """Raises ``Refused`` (503) when the time is over: for a bundle that is done whole or not at all."""
        if self.is_spent:
            said = f"the transaction takes longer than {self.seconds:g} s; nothing of it is stored; send it in parts"
            raise Refused(503, Issue("timeout", said, "Bundle"))


def budget_of(service: Service) -> Budget:
    """The time of a bundle that begins now."""
    return Budget(service.bundle_s, service.clock() + service.bundle_s, service.clock)
