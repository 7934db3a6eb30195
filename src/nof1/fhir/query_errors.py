"""Why a search is refused: the parameter, the value, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from nof1.errors import RequestError

_LONGEST = 60
_ALIKE = 0.6


class QueryError(RequestError):
    """A search that cannot be answered as it is written. ``parameter`` and ``value``: as they came."""

    def __init__(self, parameter: str, value: str, reason: str) -> None:
        self.parameter, self.value = parameter, value
        shown = f"{_short(parameter)}={_short(value)}" if value else _short(parameter)
        super().__init__(f"search: {shown}: {reason}")


def near(name: str, known: Iterable[str]) -> str:
    """The way out of a misspelled name: those like it, else all when they are few.

    >>> near("famly", ["family", "given"])
    "did you mean 'family'?"
    """
    names = sorted(known)
    lowered = {one.lower(): one for one in names}
    alike = [lowered[one] for one in get_close_matches(name.lower(), lowered, n=3, cutoff=_ALIKE)]
    if alike:
        return f"did you mean {' or '.join(repr(one) for one in alike)}?"
    return f"known: {', '.join(names)}" if names else "none is known here"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
