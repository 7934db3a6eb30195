"""OperationOutcome: what went wrong, or that something went well, as FHIR says it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Severity = Literal["fatal", "error", "warning", "information"]


class Issue(NamedTuple):
    """One issue: FHIR's issue type (``invalid``, ``not-found``, ...), the text for a reader, and where."""

    code: str
    text: str
    path: str = ""
    severity: Severity = "error"


_LONGEST = 2_000  # characters of a text


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The OperationOutcome of ``issues``, each told on one line.

    >>> outcome([Issue("not-found", "there is no Patient/1")])["issue"][0]["code"]
    'not-found'
    """
    listed = [
        {
            "severity": one.severity,
            "code": one.code,
            "diagnostics": _line(one.text),
            **({"expression": [_line(one.path)]} if one.path else {}),
        }
        for one in issues
    ]
    return {"resourceType": "OperationOutcome", "issue": listed}


def _line(text: str) -> str:
    """The text on one line, and no longer than a reader wants: it may quote what a client sent.

    >>> _line("there is no path a\\nb")
    'there is no path a b'
    """
    if not text.isprintable():
        text = "".join([sign if sign.isprintable() else " " for sign in text])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
