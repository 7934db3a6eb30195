"""What can go wrong with the record store."""

from __future__ import annotations

from nof1.errors import InputError, Nof1Error


class StoreError(InputError):
    """The store cannot be used as it is: of a newer program, of another program, damaged, not empty."""


class StoreUnavailable(Nof1Error):
    """The store cannot serve now: connection lost, disk full, locked, too slow. The same may work later (HTTP 503)."""


class Conflict(InputError):
    """A resource is not at the version that was expected (HTTP 412). ``expected`` and ``found``: versions, 0 for none."""

    def __init__(self, name: str, expected: int, found: int) -> None:
        now = f"it is at version {found}" if found else "it does not exist"
        was = f"version {expected} was expected" if expected else "it was not to exist yet"
        super().__init__(f"{name}: {was}, {now}; read it again and repeat the change on that")
        self.expected, self.found = expected, found
